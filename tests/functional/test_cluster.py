"""Nodes that share a database are one gateway: any takes any call, a bind is one's, and who dies costs seconds."""

import collections
import concurrent.futures
import contextlib
import re
import signal
import time
import unittest

from cluster import Node, first_node
from harness import PATIENCE, wait_until, wrong

PHONE = "+37499123056"
LEASE = 5


def bound(node):
    return next(each["binds"] for each in node.told("carrier list") if each["name"] == "primary")


def metric(node, name):
    return int(re.search(rf"(?m)^{name} (\d+)$", node.request("GET", "/metrics", port=node.operator_port).text)[1])


def at_once(calls):
    """All of them, from as many clients; their answers in order."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as clients:
        return list(clients.map(lambda call: call(), calls))


@contextlib.contextmanager
def nodes(schema, names="ab", lease=20, **more):
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(first_node(schema, lease=lease, name=names[0], **more))
        yield [first] + [stack.enter_context(Node(first, name)) for name in names[1:]]


class Cluster(unittest.TestCase):
    def test_any_node_takes_any_call_and_the_bind_is_one_s(self):
        with nodes("any_call", "abc") as (a, b, c):
            self.assertEqual([bound(each) for each in (a, b, c)], [1, 0, 0])
            self.assertEqual(a.carriers[0].stats()["binds"], 1)
            wait_until("b knows all three", lambda: len(b.told("cluster status")["nodes"]) == 3)
            status = b.told("cluster status")
            self.assertEqual([each["node"] for each in status["nodes"]], ["b", "a", "c"])
            self.assertEqual([each["leases"] for each in status["nodes"]], [[], ["bind:primary/1", "role:housekeeper"], []])
            self.assertEqual({each["node"] for each in c.ctl("cluster", "leases")}, {"a"})
            self.assertEqual(metric(c, "xionid_cluster_nodes"), 3)
            for number, (sender, verifier) in enumerate(((a, b), (b, c), (c, a))):
                phone = f"+3749912306{number}"
                sent = sender.send(phone)
                self.assertEqual(sent.status, 202, sent)
                code = a.handset(phone)
                self.assertEqual(len(a.carriers[0].inbox(phone)), 1)
                self.assertEqual(verifier.verify(phone, wrong(code))["code"], "invalid_code")
                self.assertEqual(verifier.verify(phone, code).status, 200)
                self.assertEqual(sender.verify(phone, code)["code"], "code_used")
                self.assertEqual(verifier.wait_delivery(sent["requestId"])["status"], "verified")
            self.assertEqual(metric(b, "xionid_messages_handed_over_total"), 1)
            self.assertEqual(metric(a, "xionid_messages_handed_over_total"), 0)

    def test_what_one_node_is_told_the_others_know(self):
        with nodes("told") as (a, b):
            key = a.ctl("key", "create", "shop")
            wait_until("b takes the key", lambda: b.request("GET", "/v1/usage", key=key["key"]).status == 200)
            b.ctl("key", "revoke", key["id"])
            wait_until("a refuses it", lambda: a.request("GET", "/v1/usage", key=key["key"]).status == 401)
            b.ctl("block", "add", PHONE)
            wait_until("a blocks it", lambda: "blocked" in a.send(PHONE).text)
            b.ctl("block", "remove", PHONE)
            wait_until("a blocks it no more", lambda: "blocked" not in a.send(PHONE).text)

    def test_of_many_at_once_one_is_first(self):
        with nodes("races", "abc") as (a, b, c):
            spread = [a, b, c]
            sent = at_once([lambda node=spread[n % 3]: node.send(PHONE) for n in range(60)])
            self.assertEqual(collections.Counter(each.status for each in sent), {202: 1, 429: 59}, sent)
            self.assertEqual({each["code"] for each in sent if each.status == 429}, {"cooldown_active"})
            self.assertEqual(len(a.carriers[0].inbox(PHONE)), 1)
            code = a.handset(PHONE)
            verified = at_once([lambda node=spread[n % 3]: node.verify(PHONE, code) for n in range(60)])
            self.assertEqual(collections.Counter(each.status for each in verified)[200], 1, verified)

            other = "+37499123057"
            a.send(other)
            code = a.handset(other)
            guesses = at_once([lambda node=spread[n % 3], n=n: node.verify(other, str(n).zfill(len(code))) for n in range(60)])
            self.assertLessEqual(collections.Counter(each["code"] for each in guesses)["invalid_code"], 5)
            self.assertEqual({each["code"] for each in guesses} - {"invalid_code", "code_locked", "phone_locked", "no_active_code"}, set(), guesses)

    def test_a_bind_is_another_s_soon_after_its_holder_was_killed(self):
        with nodes("killed", lease=LEASE) as (a, b):
            self.assertEqual((bound(a), bound(b)), (1, 0))
            b.ctl("carrier", "pause", "primary")
            a.await_log("smsc.held")
            left = a.send(PHONE)   # It waits at a.
            self.assertEqual(left.status, 202, left)
            a.kill()
            began = time.monotonic()
            b.ctl("carrier", "resume", "primary")
            waiting = b.send("+37499123057")
            self.assertEqual(waiting.status, 202)
            wait_until("b has the bind", lambda: bound(b) == 1)
            self.assertLess(time.monotonic() - began, LEASE + 2 + PATIENCE / 10)
            for phone, sent in ((PHONE, left), ("+37499123057", waiting)):
                self.assertEqual(b.verify(phone, b.handset(phone)).status, 200)
                self.assertEqual(len(b.carriers[0].inbox(phone)), 1)
                b.wait_delivery(sent["requestId"])
            a.start()
            wait_until("a is seen", lambda: a.is_answering("/readyz"))
            self.assertLessEqual(b.carriers[0].stats()["binds"], 1)

    def test_what_two_nodes_leave_one_after_the_other_is_the_third_s(self):
        with nodes("killed_twice", "abc", lease=LEASE) as (a, b, c):
            c.ctl("cluster", "drain", "c")
            wait_until("c stands aside", lambda: all(each["node"] != "c" for each in a.ctl("cluster", "leases")))
            c.ctl("carrier", "pause", "primary")
            for node in (a, b):
                node.await_log("smsc.held")
            at_a, at_b = a.send(PHONE), b.send("+37499123057")
            self.assertEqual([at_a.status, at_b.status], [202, 202])
            a.kill()
            wait_until("b has what a left", lambda: bound(b) == 1)
            b.kill()
            c.ctl("cluster", "drain", "c", "--undo")
            c.ctl("carrier", "resume", "primary")
            wait_until("c has what both left", lambda: bound(c) == 1)
            for phone, sent in ((PHONE, at_a), ("+37499123057", at_b)):
                self.assertEqual(c.verify(phone, c.handset(phone)).status, 200)
                self.assertEqual(len(c.carriers[0].inbox(phone)), 1)
                c.wait_delivery(sent["requestId"])

    def test_a_bind_is_another_s_at_once_where_its_holder_stops(self):
        with nodes("stopped") as (a, b):
            a.stop()
            wait_until("b has the bind", lambda: bound(b) == 1)
            b.send(PHONE)
            b.handset(PHONE)

    def test_who_was_frozen_finds_that_it_was_taken_for_dead_and_begins_anew(self):
        with nodes("frozen", lease=LEASE) as (a, b):
            a.process.send_signal(signal.SIGSTOP)
            wait_until("b has the bind", lambda: bound(b) == 1)
            self.assertEqual(b.send(PHONE).status, 202)
            b.handset(PHONE)
            a.process.send_signal(signal.SIGCONT)
            a.await_log("daemon.taken_over")
            wait_until("a is a node again", lambda: a.is_answering("/readyz"))
            self.assertIsNone(a.process.poll())   # By itself, in the same process.
            self.assertEqual((bound(a), bound(b)), (0, 1))
            self.assertEqual(b.carriers[0].stats()["binds"], 1)
            phone = "+37499123058"
            self.assertEqual(a.send(phone).status, 202)
            self.assertEqual(b.verify(phone, b.handset(phone)).status, 200)

    def test_who_was_frozen_under_systemd_ends_and_is_started_again(self):
        with nodes("frozen_unit", lease=LEASE) as (a, b):
            a.stop()
            a.environment["NOTIFY_SOCKET"] = str(a.folder / "nobody-listens")
            a.start()
            a.process.send_signal(signal.SIGSTOP)
            wait_until("b has taken it for dead", lambda: metric(b, "xionid_cluster_nodes") == 1)
            a.process.send_signal(signal.SIGCONT)
            self.assertEqual(a.process.wait(PATIENCE), 3)
            self.assertIn("begins_again=false", a.log())
            a.process = None

    def test_binds_are_shared_out_when_a_node_comes(self):
        with nodes("shares", binds=2) as (a, b):
            wait_until("each has one", lambda: (bound(a), bound(b)) == (1, 1))
            self.assertEqual(a.carriers[0].stats()["binds"], 2)
            for node, phone in ((a, PHONE), (b, "+37499123057")):
                self.assertEqual(node.send(phone).status, 202)
                a.handset(phone)
            self.assertEqual([metric(each, "xionid_messages_handed_over_total") for each in (a, b)], [0, 0])


if __name__ == "__main__":
    unittest.main()
