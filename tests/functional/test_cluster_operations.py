"""What operators do to the nodes of a cluster, and what they see of them, on real daemons and a real database."""

import unittest

from cluster import Node
from harness import Gateway, wait_until
from test_cluster import LEASE, bound, nodes

PHONE, OTHER_PHONE = "+37499123070", "+37499123071"
ALL = ["bind:primary/1", "role:housekeeper"]


def seen(by, name):
    """A node as another one's `cluster status` has it."""
    return next((each for each in by.ctl("cluster", "status")["nodes"] if each["node"] == name), None)


def refused(node, *words):
    """What xionctl says to whoever may not."""
    done = node.run_ctl(*words, check=False)
    assert done.returncode == 1, (words, done)
    return done.stderr


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
            waiting = b.send(OTHER_PHONE)
            self.assertEqual(waiting.status, 202, waiting)
            b.ctl("cluster", "drain", "a", "--undo")
            wait_until("a has all", lambda: bound(a) == 1 and seen(a, "a")["leases"] == ALL)
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



if __name__ == "__main__":
    unittest.main()
