"""Nodes of two releases on one database, and a data file that goes from release to release. The later ones are this program with records of later
formats: xiond_later_1 reads a format more, as the next release would, and xiond_later_2 writes it."""

import unittest

from harness import PATIENCE, Gateway, wait_until
from test_cluster import nodes

NOW, NEXT, AFTER = "xiond", "xiond_later_1", "xiond_later_2"
LEASE = 3
NEWER = r"otp records of format 2, of which it reads 1"


def become(node, release):
    node.stop()
    node.program = release
    node.start()


def is_refused(node, release, words):
    node.program = release
    node.start(wait=False)
    code = node.process.wait(PATIENCE)
    node.process = None
    last = node.log().splitlines()[-1]
    unittest.TestCase().assertRegex(last, words)
    return code


class Releases(unittest.TestCase):
    def setUp(self):
        self.phones = iter(f"+374991231{number:02}" for number in range(100))

    def live(self, sender, verifier):
        """A code's whole life over two nodes: its request."""
        phone = next(self.phones)
        sent = sender.send(phone)
        self.assertEqual(sent.status, 202, sent)
        self.assertEqual(verifier.verify(phone, sender.handset(phone)).status, 200)
        self.assertEqual(sender.verify(phone, "000000")["code"], "code_used")
        return sent["requestId"]

    def test_nodes_are_upgraded_one_by_one_and_go_back_by_one(self):
        with nodes("releases", lease=LEASE) as (a, b):
            lives = [self.live(a, b), self.live(b, a)]
            for node, release in ((b, NEXT), (a, NEXT), (b, AFTER), (a, AFTER), (b, NEXT), (a, NEXT)):
                waiting = next(self.phones)
                self.assertEqual(a.send(waiting).status, 202)
                code = a.handset(waiting)
                become(node, release)
                self.assertEqual(b.verify(waiting, code).status, 200)
                lives += [self.live(a, b), self.live(b, a)]
                key = b.ctl("key", "create", "shop")["key"]
                wait_until("a takes b's key", lambda: a.request("GET", "/v1/usage", key=key).status == 200)
            for each in lives:
                self.assertEqual([node.read(each)["status"] for node in (a, b)], ["verified"] * 2)
            # What the release after the next one wrote is nothing to this one, which says so before it writes anything.
            b.stop()
            self.assertEqual(is_refused(b, NOW, f"a newer release wrote to the store, with {NEWER}: start that release"), 2)
            lives.append(self.live(a, a))

    def test_who_writes_what_a_living_node_does_not_read_does_not_join(self):
        with nodes("skipped", lease=LEASE) as (a, b):
            b.stop()
            self.assertEqual(is_refused(b, AFTER, f"node a .* lives and this release writes {NEWER}: upgrade that node"), 3)
            self.live(a, a)
            a.kill()
            # The beat of who is dead is there still, and keeps nobody out.
            become(b, AFTER)
            self.live(b, b)
            self.assertEqual(is_refused(a, NOW, "a newer release wrote to the store"), 2)
            a.program = NEXT
            a.start()
            self.live(a, b)

    def test_a_data_file_goes_back_by_one_release_and_not_by_two(self):
        with Gateway() as gateway:
            lives = [self.live(gateway, gateway)]
            for release in (NEXT, AFTER, NEXT):
                become(gateway, release)
                lives.append(self.live(gateway, gateway))
                self.assertEqual([gateway.read(each)["status"] for each in lives], ["verified"] * len(lives))
            gateway.stop()
            self.assertEqual(is_refused(gateway, NOW, f"made by a newer xiond, with {NEWER}: install that version"), 2)
            become(gateway, NEXT)
            self.assertEqual([gateway.read(each)["status"] for each in lives], ["verified"] * len(lives))


if __name__ == "__main__":
    unittest.main()
