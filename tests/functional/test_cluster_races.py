"""What may happen once happens once, whichever of three nodes is asked, and while one of them goes, or is cut off from the database."""

import collections
import contextlib
import itertools
import resource
import threading
import time
import unittest

from cluster import Node, first_node
from database import Database, SilentProxy
from harness import Gateway, answers_at_once, wait_until, within_one_month, wrong
from test_cluster import bound, metric, nodes
from test_races import counted, post
from test_webhooks import ALLOWED, Receiver

CLIENTS = 1_000
TINY = "[plans.tiny]\nsms_per_month = 100\nrequests_per_second = 0\n"


def spread(over, path, bodies, *lines):
    """A client for each, who asks the next node."""
    return answers_at_once([(node.api_port, post(node, path, body, *lines)) for node, body in zip(itertools.cycle(over), bodies)])


class Traffic:
    """Sends to one phone after the other at some nodes, until it is told to stop. What a node does not answer with 202 is not counted on."""

    numbers = itertools.count()

    def __init__(self, over):
        self.over, self.accepted, self.refused = over, {}, collections.Counter()
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.send, args=(node,)) for node in over]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def send(self, node):
        while not self.is_over.is_set():
            phone = f"+3749138{next(self.numbers):04}"
            with contextlib.suppress(OSError):
                answer = node.send(phone)
                if answer.status == 202:
                    self.accepted[phone] = answer["requestId"]
                else:
                    self.refused[answer["code"]] += 1
            self.is_over.wait(0.02)

    def await_more(self, count):
        wanted = len(self.accepted) + count
        wait_until(f"{count} more are accepted", lambda: len(self.accepted) >= wanted)


class Races(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
        cls.receiver = cls.enterClassContext(Receiver())
        cls.nodes = cls.enterClassContext(nodes("cluster_races", "abc", log_level="info", config=TINY + ALLOWED))

    def test_of_a_thousand_right_codes_one_gets_in(self):
        a, _, c = self.nodes
        phone = "+37499281001"
        sent = c.send(phone)["requestId"]
        answers = spread(self.nodes, "/v1/otp/verify", [{"phone": phone, "code": a.handset(phone)}] * CLIENTS)
        self.assertEqual(counted(answers), {(200, None): 1, (410, "code_used"): CLIENTS - 1})
        self.assertEqual({each.read(sent)["status"] for each in self.nodes}, {"verified"})

    def test_a_thousand_wrong_codes_are_five_guesses(self):
        a, b, _ = self.nodes
        phone = "+37499281002"
        sent = b.send(phone)["requestId"]
        code = a.handset(phone)
        answers = spread(self.nodes, "/v1/otp/verify", [{"phone": phone, "code": wrong(code)}] * CLIENTS)
        self.assertEqual(counted(answers), {(422, "invalid_code"): 5, (423, "code_locked"): CLIENTS - 5})
        self.assertEqual(sorted(answer["attemptsRemaining"] for answer in answers if answer.status == 422), [0, 1, 2, 3, 4])
        self.assertEqual({each.verify(phone, code)["code"] for each in self.nodes}, {"code_locked"})
        self.assertEqual(sum(event["type"] == "attempt" for event in a.read(sent)["events"]), 5)

    def test_a_thousand_sends_to_one_phone_are_one_message(self):
        a = self.nodes[0]
        phone = "+37499281003"
        answers = spread(self.nodes, "/v1/otp/send", [{"phone": phone}] * CLIENTS)
        self.assertEqual(counted(answers), {(202, None): 1, (429, "cooldown_active"): CLIENTS - 1})
        sent, = {answer["requestId"] for answer in answers}
        a.wait_delivery(sent)
        self.assertEqual(len(a.carriers[0].inbox(phone)), 1)

    def test_a_thousand_of_one_idempotency_key_are_one_request(self):
        within_one_month()
        a = self.nodes[0]
        phone = "+37499281004"
        used = a.request("GET", "/v1/usage")["used"]
        answers = spread(self.nodes, "/v1/otp/send", [{"phone": phone}] * CLIENTS, "Idempotency-Key: one-of-three")
        self.assertEqual(set(counted(answers)) - {(202, None), (409, "idempotency_in_progress")}, set())
        taken = [answer for answer in answers if answer.status == 202]
        self.assertEqual(len({answer.text for answer in taken}), 1)
        self.assertEqual(sum("idempotency-replayed" not in answer.headers for answer in taken), 1)
        self.assertEqual({each.request("GET", "/v1/usage")["used"] for each in self.nodes}, {used + 1})
        a.wait_delivery(taken[0]["requestId"])
        self.assertEqual(len(a.carriers[0].inbox(phone)), 1)

    def test_a_plan_s_month_is_used_up_exactly(self):
        within_one_month()
        a = self.nodes[0]
        a.ctl("app", "add", "small", "--plan", "tiny", "--set", "fraud=record")
        key = a.ctl("key", "create", "small")["key"]
        for each in self.nodes:
            wait_until("each knows the key", lambda each=each: each.request("GET", "/v1/usage", key=key).status == 200)
        requests = [(node.api_port, post(node, "/v1/otp/send", {"phone": f"+3749928{n:04}"}).replace(node.key.encode(), key.encode()))
                    for n, node in zip(range(300), itertools.cycle(self.nodes))]
        self.assertEqual(counted(answers_at_once(requests)), {(202, None): 100, (402, "plan_limit_reached"): 200})
        for each in self.nodes:
            usage = each.request("GET", "/v1/usage", key=key)
            self.assertEqual((usage["used"], usage["included"]), (100, 100))

    def test_each_change_is_one_event_by_one_id(self):
        a = self.nodes[0]
        a.ctl("app", "add", "told", "--plan", "custom", "--set", "fraud=record")
        hook = a.ctl("webhook", "add", "told", self.receiver.url)["id"]
        key = a.ctl("key", "create", "told")["key"]
        sent = {}
        for n, (sender, verifier) in enumerate(itertools.islice(itertools.permutations(self.nodes, 2), 6)):
            phone = f"+3749928900{n}"
            wait_until("it is known", lambda sender=sender: sender.request("GET", "/v1/usage", key=key).status == 200)
            answer = sender.send(phone, key=key)
            self.assertEqual(answer.status, 202, answer)
            code = a.handset(phone)
            wait_until("its receipt", lambda answer=answer: a.request("GET", f"/v1/otp/{answer['requestId']}", key=key)["delivery"]["status"] == "delivered")
            wait_until("it is known", lambda verifier=verifier: verifier.request("GET", "/v1/usage", key=key).status == 200)
            self.assertEqual(verifier.verify(phone, code, key=key).status, 200)
            sent[answer["requestId"]] = phone
        life = ["otp.created", "otp.delivered", "otp.submitted", "otp.verified"]
        wait_until("all is told", lambda: len(self.receiver.events()) >= len(life) * len(sent))
        a.ctl("webhook", "remove", hook)
        told = collections.defaultdict(list)
        for event in self.receiver.events():
            told[event["data"]["requestId"]].append(event["type"])
        self.assertEqual({request: sorted(types) for request, types in told.items()}, {request: life for request in sent})
        ids = [headers["webhook-id"] for headers, _ in self.receiver.received]
        self.assertEqual(len(set(ids)), len(ids))


class Departures(unittest.TestCase):
    """One of them goes under traffic. The carrier refuses a bind that it doesn't allow, so what it refused tells whether there ever was one."""

    def check(self, node, traffic):
        """All that was accepted is there, and came to its phone once; again only where nobody could know whether it had."""
        carrier = node.carriers[0]
        for phone, sent in traffic.accepted.items():
            story = node.wait_delivery(sent)["events"]
            unknown = sum(event["type"] == "outcome_unknown" for event in story)
            self.assertLessEqual(unknown, 1, story)
            self.assertIn(len(carrier.inbox(phone)), (1, 1 + unknown), story)
        self.assertEqual((carrier.stats()["bindsRefused"], carrier.stats()["binds"]), (0, 1))

    def test_the_carrier_sees_a_bind_that_it_does_not_allow(self):
        with Gateway(carrier_settings={"binds": 2}, carrier_arguments=["--binds", "1"]) as gateway:
            wait_until("the second is refused", lambda: gateway.carriers[0].stats()["bindsRefused"] > 0)
            self.assertEqual(gateway.carriers[0].stats()["binds"], 1)

    def test_who_stops_hands_its_bind_over_without_a_lease_s_silence(self):
        lease = 30
        with nodes("cluster_stop", lease=lease, log_level="info", carrier_arguments=["--binds", "1"]) as (a, b):
            with Traffic([b]) as traffic:
                traffic.await_more(20)
                began = time.monotonic()
                a.stop()
                wait_until("b has the bind", lambda: bound(b) == 1)
                self.assertLess(time.monotonic() - began, lease)
                traffic.await_more(20)
            b.carriers = a.carriers
            self.check(b, traffic)
            self.assertEqual(traffic.refused, {})

    def test_who_is_cut_off_from_the_database_lets_go_before_another_binds(self):
        lease = 3
        with contextlib.ExitStack() as stack:
            proxy = stack.enter_context(SilentProxy(Database.shared().port))
            a = stack.enter_context(first_node("cluster_cut", lease=lease, log_level="info", ports=[proxy.port], carrier_arguments=["--binds", "1"]))
            b = Node(a, "b")
            b.extra = b.extra.replace(str(proxy.port), str(Database.shared().port))
            stack.enter_context(b)
            self.assertEqual((bound(a), bound(b)), (1, 0))
            with Traffic([b]) as traffic:
                traffic.await_more(20)
                proxy.fall_silent()
                began = time.monotonic()
                wait_until("b has the bind", lambda: bound(b) == 1)
                took = time.monotonic() - began
                self.assertGreater(took, 0.7 * lease)   # Not before a's hold is over by its own clock.
                self.assertEqual(a.send("+37491000001").status, 503)
                traffic.await_more(20)
                proxy.speak()
                a.await_log("daemon.taken_over")
                wait_until("a is a node again", lambda: a.is_answering("/readyz"))
                traffic.await_more(20)
            self.check(b, traffic)
            self.assertEqual(metric(b, "xionid_cluster_nodes"), 2)


if __name__ == "__main__":
    unittest.main()
