"""The master key of three nodes is changed while codes are sent and verified: each has its file, and none is left behind."""

import shutil
import unittest

from harness import wait_until
from test_cluster import nodes

LEASE = 3


class ClusterKeys(unittest.TestCase):
    def setUp(self):
        # A code is good for as long as the test is.
        self.nodes = self.enterContext(nodes(f"keys_{self._testMethodName[-12:]}", "abc", lease=LEASE, overrides=["ttl_seconds=3600"]))
        wait_until("a sees them all", lambda: len(self.nodes[0].told("cluster status")["nodes"]) == 3)
        self.numbers = iter(range(1_000))

    def rotate(self, node, *step, check=True):
        return node.run_ctl("rotate-master-key", "--config", node.config_path, *step, check=check)

    def key_of(self, node):
        return (node.folder / "master.key").read_text()

    def hand_over(self, to):
        """What an operator does: the new file in the old one's place."""
        shutil.copy2(self.nodes[0].folder / "master.key", to.folder / "master.key")

    def send(self, node):
        phone = f"+3749129{next(self.numbers):04}"
        self.assertEqual(node.send(phone).status, 202)
        return phone, self.nodes[0].handset(phone)

    def each_verifies_the_others(self):
        for sender in self.nodes:
            for verifier in self.nodes:
                self.assertEqual(verifier.verify(*self.send(sender)).status, 200)

    def test_step_by_step_and_nobody_is_left_behind(self):
        a, b, c = self.nodes
        codes = [self.send(each) for each in self.nodes]
        old_key = self.key_of(a)
        self.rotate(a, "--step", "begin")
        self.assertNotEqual(self.key_of(a), old_key)
        self.each_verifies_the_others()

        refused = self.rotate(a, "--step", "finish", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("b, c work with another master key", refused.stderr)

        refused = self.rotate(b, "--step", "take", check=False)   # Its file is the old one still: nothing happens.
        self.assertEqual(refused.returncode, 0, refused.stderr)
        self.hand_over(b)
        self.rotate(b, "--step", "take")
        self.hand_over(c)
        wait_until("b's beat tells it", lambda: "c works with another master key" in self.rotate(a, "--step", "finish", check=False).stderr)
        c.stop()    # A restart does it as well.
        c.start()
        self.each_verifies_the_others()
        wait_until("c's beat tells it", lambda: self.rotate(a, "--step", "finish", check=False).returncode == 0)

        for each in (b, c):
            each.await_log("key.ring.adopted")
        self.each_verifies_the_others()
        for phone, code in codes:
            self.assertEqual(c.verify(phone, code).status, 200)
        kept, = (a.folder / "old-master-keys").iterdir()
        self.assertEqual(kept.read_text(), old_key)
        for each in self.nodes:
            self.assertNotIn("out_of_use", each.log())
            for secret in (old_key.strip(), self.key_of(a).strip()):
                self.assertNotIn(secret, each.log())
        for each in self.nodes:
            each.stop()
            each.start()
        self.each_verifies_the_others()

    def test_all_at_once_is_refused_and_changes_nothing(self):
        a = self.nodes[0]
        old_key = self.key_of(a)
        refused = self.rotate(a, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("b, c work with another master key", refused.stderr)
        self.assertIn("--step take", refused.stderr)
        self.assertEqual(self.key_of(a), old_key)
        self.assertEqual(sorted(each.name for each in a.folder.glob("master.key*")), ["master.key"])
        self.each_verifies_the_others()

    def test_who_was_away_starts_with_the_new_file_alone(self):
        a, b, c = self.nodes
        old_key = self.key_of(a)
        c.stop()
        self.rotate(a, "--step", "begin")
        self.hand_over(b)
        self.rotate(b, "--step", "take")
        wait_until("the two of them suffice", lambda: self.rotate(a, "--step", "finish", check=False).returncode == 0)
        c.start(wait=False)
        self.assertNotEqual(c.process.wait(), 0)
        self.assertIn("the master key is not the one", c.log())
        self.assertEqual(self.key_of(c), old_key)
        self.hand_over(c)
        c.start()
        self.each_verifies_the_others()

    def test_a_step_that_is_none_is_refused(self):
        misused = self.rotate(self.nodes[0], "--step", "jump", check=False)
        self.assertEqual(misused.returncode, 2)
        self.assertIn("expected begin, take or finish", misused.stderr)


if __name__ == "__main__":
    unittest.main()
