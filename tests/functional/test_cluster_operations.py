"""What operators do to the nodes of a cluster, and what they see of them, on real daemons and a real database."""

import os
import re
import time
import unittest

from cluster import Node
from harness import BIN, PATIENCE, Gateway, wait_until
from test_cluster import LEASE, at_once, bound, nodes

PHONE, OTHER_PHONE = "+37499123070", "+37499123071"
ALL = ["bind:primary/1", "role:housekeeper"]
CLOCK = BIN.parent / "lib" / "libwall_clock.so"


def seen(by, name):
    """A node as another one's `cluster status` has it."""
    return next((each for each in by.told("cluster status")["nodes"] if each["node"] == name), None)


def refused(node, *words):
    """What xionctl says to whoever may not."""
    done = node.run_ctl(*words, check=False)
    assert done.returncode == 1, (words, done)
    return done.stderr


def carrier_at(node):
    return next(each for each in node.told("carrier list") if each["name"] == "primary")


def metric(node, name):
    found = re.search(rf"(?m)^{name} (-?[0-9.e+-]+)$", node.request("GET", "/metrics", port=node.operator_port).text)
    return found and float(found[1])


def rewrite(node, before, after):
    text = node.config_path.read_text()
    assert before in text, (before, text)
    node.config_path.write_text(text.replace(before, after, 1))


def moved_clock(seconds):
    """The environment of a daemon whose wall clock is so far ahead of everybody's."""
    ahead = int(os.environ.get("XION_CLOCK_AHEAD", 0)) + seconds
    asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return {"LD_PRELOAD": str(CLOCK), "XION_CLOCK_AHEAD": str(ahead), "ASAN_OPTIONS": asan}


class ClusterOperations(unittest.TestCase):
    def test_a_drained_node_holds_nothing_and_its_calls_go_on(self):
        with nodes("drained", lease=LEASE) as (a, b):
            wait_until("b knows both", lambda: seen(b, "a") is not None)
            self.assertEqual((bound(a), bound(b)), (1, 0))
            told = b.ctl("cluster", "drain", "a")
            self.assertEqual((told["node"], told["drained"], "warning" in told), ("a", True, False), told)
            wait_until("b has all", lambda: bound(b) == 1 and seen(b, "b")["leases"] == ALL)
            self.assertEqual(bound(a), 0)
            self.assertEqual([seen(each, "a")["drained"] for each in (a, b)], [True, True])
            self.assertFalse(seen(a, "b")["drained"])

            sent = a.send(PHONE)
            self.assertEqual(sent.status, 202, sent)
            self.assertEqual(a.verify(PHONE, a.handset(PHONE)).status, 200)

            a.stop()
            a.start()
            wait_until("a is back", lambda: seen(b, "a") is not None)
            self.assertEqual(seen(b, "a")["leases"], [])
            told = a.ctl("cluster", "drain", "b")
            self.assertIn("no other node lives", told["warning"])
            wait_until("nobody has anything", lambda: not seen(a, "a")["leases"] and not seen(a, "b")["leases"])
            self.assertEqual(metric(a, "xionid_cluster_binds_unheld"), 1)
            waiting = b.send(OTHER_PHONE)
            self.assertEqual(waiting.status, 202, waiting)
            b.ctl("cluster", "drain", "a", "--undo")
            wait_until("a has all", lambda: bound(a) == 1 and seen(a, "a")["leases"] == ALL)
            self.assertEqual(metric(a, "xionid_cluster_binds_unheld"), 0)
            a.handset(OTHER_PHONE)
            self.assertEqual(len(a.carriers[0].inbox(OTHER_PHONE)), 1)

    def test_a_node_that_nobody_knows_is_not_drained_and_who_is_alone_is_told_so(self):
        with nodes("unknown_node", "ab") as (a, b):
            for words in (("drain", "nobody"), ("drain", "nobody", "--undo"), ("forget", "nobody")):
                self.assertIn("there is no node nobody; there are a, b", refused(a, "cluster", *words))
            self.assertIn("did you mean", refused(b, "cluster", "drain", "A"))
        with Gateway() as alone:
            if "postgresql" not in alone.store:
                for verb in ("drain", "forget"):
                    self.assertIn("shares its store with nobody", refused(alone, "cluster", verb, "a"))
            self.assertNotIn("nodes", carrier_at(alone))

    def test_a_node_that_is_gone_is_forgotten_and_its_number_is_another_s(self):
        with nodes("forgotten", lease=LEASE) as (a, b):
            wait_until("a knows both", lambda: seen(a, "b") is not None)
            number = seen(a, "b")["number"]
            self.assertIn("the node b lives", refused(a, "cluster", "forget", "b"))
            b.ctl("cluster", "drain", "b")
            a.ctl("carrier", "pause", "primary")
            wait_until("b knows that nobody takes messages", lambda: seen(b, "a")["carriers"] == [{"name": "primary", "binds": 0}])
            left = b.send(PHONE)   # It waits at b.
            self.assertEqual(left.status, 202, left)
            b.kill()
            wait_until("b is taken for dead", lambda: seen(a, "b") is None)
            a.await_log("cluster.inherited")
            a.ctl("carrier", "resume", "primary")
            a.handset(PHONE)
            self.assertEqual(a.ctl("cluster", "forget", "b"), {"node": "b", "number": number})
            self.assertIn("there are a", refused(a, "cluster", "forget", "b"))
            with Node(a, "c") as c:
                wait_until("a knows c", lambda: seen(a, "c") is not None)
                self.assertEqual(seen(a, "c")["number"], number)
                self.assertFalse(seen(a, "c")["drained"])
                self.assertEqual(c.send(OTHER_PHONE).status, 202)
                c.handset(OTHER_PHONE)
                self.assertEqual(c.request("GET", f"/v1/otp/{left['requestId']}").status, 200)

    def test_a_carrier_is_bound_by_its_nodes_alone_and_is_told_where(self):
        with nodes("pinned", carrier_settings={"binds": 2, "nodes": ["a"]}) as (a, b):
            wait_until("b knows both", lambda: seen(b, "a") is not None)
            self.assertEqual((bound(a), bound(b)), (2, 0))
            wait_until("b is told", lambda: carrier_at(b)["nodes"] == ["a"])
            self.assertEqual(carrier_at(b)["bindsElsewhere"], 2)
            self.assertEqual((carrier_at(a)["nodes"], carrier_at(a)["bindsElsewhere"]), (["a"], 0))
            self.assertEqual([each.told("status")["node"] for each in (a, b)], ["a", "b"])
            self.assertIn("only for the nodes a", str(b.ctl("route", "explain", PHONE)))
            self.assertEqual(b.send(PHONE).status, 202)
            b.first.handset(PHONE)
            for node in (a, b):
                rewrite(node, 'nodes = ["a"]', 'nodes = ["b"]')
                node.ctl("config", "apply")
            wait_until("b has the binds", lambda: (bound(a), bound(b)) == (0, 2))
            self.assertEqual(a.send(OTHER_PHONE).status, 202)
            a.handset(OTHER_PHONE)

    def test_a_route_s_order_holds_wherever_its_carriers_are_bound(self):
        with nodes("route_order", carriers=2) as (a, b):
            for node in (a, b):
                rewrite(node, 'name = "primary"', 'name = "primary"\nnodes = ["a"]')
                rewrite(node, 'name = "backup"', 'name = "backup"\nnodes = ["b"]')
                node.ctl("config", "apply")
            binds = lambda node: {each["name"]: each["binds"] for each in node.told("carrier list")}
            wait_until("each has one", lambda: (binds(a), binds(b)) == ({"primary": 1, "backup": 0}, {"primary": 0, "backup": 1}))
            explained = lambda: b.ctl("route", "explain", PHONE)
            wait_until("b hears of a's bind", lambda: explained()["chosen"] == "primary")
            self.assertIn("bound at another node", str(explained()))
            sent = b.send(PHONE)
            self.assertEqual(sent.status, 202, sent)
            b.wait_delivery(sent["requestId"])
            self.assertEqual([len(each.inbox(PHONE, wait=0)) for each in a.carriers], [1, 0])
            # What primary's node can't get rid of goes on to the next, and stays there.
            b.ctl("carrier", "pause", "primary")
            a.await_log("smsc.held")
            for node, phone in ((a, OTHER_PHONE), (b, "+37499123059")):
                sent = node.send(phone)
                node.wait_delivery(sent["requestId"])
                self.assertEqual([len(each.inbox(phone, wait=0)) for each in a.carriers], [0, 1])

    def test_a_clock_that_is_off_is_told_and_one_that_is_far_off_does_not_join(self):
        with nodes("clocks", lease=LEASE) as (a, b):
            wait_until("a measures", lambda: metric(a, "xionid_cluster_clock_skew_seconds") is not None)
            self.assertLess(abs(metric(a, "xionid_cluster_clock_skew_seconds")), 1)
            b.stop()
            b.environment.update(moved_clock(3))
            b.start()
            b.await_log("cluster.clock.skewed")
            wait_until("a is told", lambda: 2_500 < (seen(a, "b") or {}).get("clockAheadMs", 0) < 3_500)
            self.assertNotIn("cluster.clock.skewed", a.log())
            b.stop()
            for seconds, way in ((60, "ahead of"), (-60, "behind")):
                b.environment.update(moved_clock(seconds))
                b.start(wait=False)
                self.assertEqual(b.process.wait(PATIENCE), 3)
                b.process = None
                self.assertRegex(b.log().splitlines()[-1], rf"clock is (59|60)\.[0-9] seconds {way} the database's.*NTP")

    def test_a_configuration_that_is_another_one_is_told_once(self):
        with nodes("configs") as (a, b):
            wait_until("a knows both", lambda: seen(a, "b") is not None)
            self.assertFalse(seen(a, "b")["configDiffers"])
            rewrite(b, 'system_id = "xion"', 'system_id = "xion"\nwindow = 3')
            b.ctl("config", "apply")
            wait_until("it differs", lambda: seen(a, "b")["configDiffers"])
            self.assertEqual(metric(a, "xionid_cluster_config_differs"), 1)
            for node, other in ((a, "b"), (b, "a")):
                node.await_log("cluster.config.differs")
                self.assertEqual(re.findall(r"cluster\.config\.differs nodes=(\S+)", node.log()), [other])
            rewrite(b, "\nwindow = 3", "")
            b.ctl("config", "apply")
            a.await_log("cluster.config.agrees")
            self.assertEqual(metric(a, "xionid_cluster_config_differs"), 0)

    def test_a_plan_s_rate_holds_over_all_nodes_and_whole_where_one_is_asked(self):
        rate = 20
        with nodes("rates") as (a, b):
            a.ctl("app", "set", "shop", f"requests_per_second={rate}")
            wait_until("b knows the rate", lambda: b.request("GET", "/v1/usage").headers.get("ratelimit"))
            wait_until("both know both", lambda: all(len(each.told("cluster status")["nodes"]) == 2 for each in (a, b)))
            deadline = time.monotonic() + 4
            while time.monotonic() < deadline:
                answer = b.request("GET", "/v1/usage")
                self.assertEqual(answer.status, 200, answer)
                time.sleep(1 / (rate * 0.8))

            def calls_until(node, end):
                statuses = []
                while time.monotonic() < end():
                    statuses.append(node.request("GET", "/v1/usage"))
                return statuses

            # Until the parts are told, and what was saved is used up; then for a while.
            warm = time.monotonic() + 6
            at_once([lambda node=node: calls_until(node, lambda: warm) for node in (a, b)])
            began = time.monotonic()
            answers = sum(at_once([lambda node=node: calls_until(node, lambda: began + 8) for node in (a, b)]), [])
            took = time.monotonic() - began
            taken = sum(each.status == 200 for each in answers)
            self.assertLess(taken, rate * took * 1.5, f"{taken} in {took} s")
            refusal = next((each for each in answers if each.status == 429), None)
            if refusal is not None:   # On a machine that is quick enough to be refused.
                self.assertIn(f"The plan allows {rate} requests a second", refusal.text)


if __name__ == "__main__":
    unittest.main()
