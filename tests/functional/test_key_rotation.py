"""The master key is changed while codes are sent and verified; afterwards only the new file opens the data."""

import os
import subprocess
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until

QUIET = ["cooldown_seconds=none", "sends_per_phone=none"]


class KeyRotation(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(overrides=QUIET)
        self.gateway.__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)
        self.key_file = self.gateway.folder / "master.key"

    def rotate(self, check=True):
        return self.gateway.run_ctl("rotate-master-key", "--config", self.gateway.config_path, check=check)

    def round_trip(self, phone):
        self.assertEqual(self.gateway.send(phone).status, 202)
        self.assertEqual(self.gateway.verify(phone, self.gateway.handset(phone)).status, 200)

    def test_codes_of_before_verify_and_everything_goes_on(self):
        gateway = self.gateway
        before = gateway.send("+37499180001")
        code = gateway.handset("+37499180001")
        gateway.run_ctl("block", "add", "+37499180009")
        old_key = self.key_file.read_bytes()
        self.rotate()
        self.assertNotEqual(self.key_file.read_bytes(), old_key)
        self.assertEqual(self.key_file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(sorted(each.name for each in gateway.folder.glob("master.key*")), ["master.key"])
        self.assertEqual(gateway.verify("+37499180001", code).status, 200)
        self.round_trip("+37499180002")
        kept = list((gateway.folder / "old-master-keys").iterdir())
        self.assertEqual([each.read_bytes() for each in kept], [old_key], "backups from before need it")
        self.assertEqual(kept[0].stat().st_mode & 0o777, 0o600)
        self.assertNotEqual(gateway.send("+37499180009").status, 202, "the block list knows the phone")

        gateway.stop()
        gateway.start()
        self.round_trip("+37499180003")
        shown = gateway.ctl("otp", "show", before["requestId"], "--reveal")
        self.assertEqual((shown["phone"], shown["status"]), ("+37499180001", "verified"))
        self.assertNotEqual(gateway.send("+37499180009").status, 202)
        for secret in (old_key.decode().strip(), self.key_file.read_text().strip()):
            self.assertNotIn(secret, gateway.log())

        gateway.stop()
        new_key = self.key_file.read_bytes()
        self.key_file.write_bytes(old_key)
        refused = subprocess.run([BIN / "xiond", "--config", gateway.config_path], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("the master key is not the one", refused.stderr)
        self.key_file.write_bytes(new_key)
        gateway.start()
        self.round_trip("+37499180004")

    def test_it_can_be_done_again_at_once(self):
        for number in range(3):
            self.rotate()
            self.round_trip(f"+3749918001{number}")
        self.assertEqual(len(list((self.gateway.folder / "old-master-keys").iterdir())), 3)

    def test_what_is_wrong_changes_nothing(self):
        old_key = self.key_file.read_bytes()
        left_over = self.key_file.with_suffix(".key.old")
        left_over.write_text("x")
        done = self.rotate(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cut off", done.stderr)
        left_over.unlink()
        self.gateway.stop()
        done = self.rotate(check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(self.key_file.read_bytes(), old_key)
        self.assertEqual([each.name for each in self.gateway.folder.glob("master.key*")], ["master.key"])
        self.gateway.start()
        self.round_trip("+37499180021")

    def test_either_file_opens_the_data_while_the_rotation_is_cut_off(self):
        """As if this end had died after its first step."""
        new_key = os.urandom(32).hex()
        line = '{"command":"rotate-master-key","args":{"key":"%s","step":"begin"}}\n' % new_key
        self.assertTrue(self.gateway.control(line)["ok"])
        old_key = self.key_file.read_text()
        for text in (new_key + "\n", old_key, new_key + "\n"):
            self.gateway.stop()
            self.key_file.write_text(text)
            self.gateway.start()
            self.round_trip("+37499180031")


if __name__ == "__main__":
    unittest.main()
