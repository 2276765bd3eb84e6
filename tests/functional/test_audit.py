"""Who did what: kept with who, from what to what, and outliving a restart; and carriers that stay paused."""

import csv
import io
import os
import subprocess
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until


class Audit(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(carriers=2, overrides=["cooldown_seconds=none"], log_level="info").__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def audit(self, *words):
        return self.gateway.ctl("audit", *words)

    def carrier(self, name):
        return next(each for each in self.gateway.told("carrier list") if each["name"] == name)

    def test_a_change_is_kept_with_who_and_from_what_to_what(self):
        gateway = self.gateway
        gateway.ctl("app", "set", "shop", "ttl_seconds=120")
        event = self.audit("--what", "app set")[0]
        self.assertEqual((event["command"], event["outcome"], event["uid"]), ("app set", "done", os.getuid()))
        self.assertIn("name=shop", event["arguments"])
        self.assertNotIn("120", event["before"])
        self.assertIn('"ttl_seconds":"120"', event["after"])
        self.assertRegex(event["from"], r"^pid \d+$")
        self.assertEqual(gateway.run_ctl("app", "set", "none", "ttl_seconds=120", check=False).returncode, 1)
        refused = self.audit("--what", "app set")[0]
        self.assertEqual((refused["outcome"], refused["after"]), ("refused", ""))
        self.assertIn("there is no app none", refused["reason"])

    def test_it_is_found_by_time_person_and_command_and_comes_as_csv(self):
        gateway = self.gateway
        gateway.ctl("block", "add", "+37499123001", "--reason", "test")
        gateway.ctl("carrier", "pause", "backup")
        self.assertEqual([each["command"] for each in self.audit("--what", "carrier")], ["carrier pause"])
        self.assertEqual(self.audit("--by", "nobody-of-this-name"), [])
        self.assertGreaterEqual(len(self.audit("--since", "1h", "--limit", "100")), 4)   # The app and its key, too.
        text = subprocess.run([BIN / "xionctl", "--socket", gateway.socket_path, "audit", "--csv"], capture_output=True, text=True, timeout=PATIENCE).stdout
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual(rows[0]["command"], "carrier pause")
        self.assertNotIn("+37499123001", text)

    def test_secrets_and_numbers_are_in_it_nowhere_and_looking_at_them_is(self):
        gateway = self.gateway
        sent = gateway.send("+37499123002")["requestId"]
        before = len(self.audit("--limit", "1000"))
        gateway.ctl("otp", "show", sent)
        gateway.told("status")
        self.assertEqual(len(self.audit("--limit", "1000")), before, "who looks is not kept")
        gateway.ctl("otp", "show", sent, "--reveal")
        self.assertIn("reveal=yes", self.audit()[0]["arguments"])
        gateway.run_ctl("rotate-master-key", "--config", gateway.config_path)
        key = (gateway.folder / "master.key").read_text().strip()
        events = str(self.audit("--limit", "1000"))
        self.assertNotIn(key, events)
        self.assertNotIn("+37499123002", events)

    def test_it_outlives_a_restart(self):
        self.gateway.ctl("carrier", "pause", "backup", "--reason", "their maintenance")
        before = self.audit("--limit", "1000")
        self.gateway.kill()
        self.gateway.start()
        self.assertEqual(self.audit("--limit", "1000"), before)

    def test_a_pause_outlives_a_restart_and_says_who_and_why(self):
        gateway = self.gateway
        gateway.ctl("carrier", "pause", "primary", "--reason", "their maintenance", "--wait")
        gateway.stop()
        gateway.start()
        held = self.carrier("primary")
        self.assertEqual((held["state"], held["hold"]["kind"], held["hold"]["reason"]), ("paused", "pause", "their maintenance"))
        self.assertTrue(held["hold"]["by"])
        self.assertEqual(gateway.ctl("send", "+37499123003")["delivery"]["carrier"], "backup")
        why = {each["carrier"]: each["reason"] for each in gateway.told("route explain", phone="+37499123004")["options"]}
        self.assertIn("their maintenance", why["primary"])
        gateway.ctl("carrier", "resume", "primary", "--wait")
        self.assertNotIn("hold", self.carrier("primary"))
        gateway.stop()
        gateway.start()
        wait_until("it is bound", lambda: self.carrier("primary")["state"] == "bound")

    def test_a_drain_outlives_a_restart_and_a_reload(self):
        gateway = self.gateway
        gateway.ctl("carrier", "drain", "primary", "--wait")
        self.assertEqual(self.carrier("primary")["binds"], 0)
        gateway.stop()
        gateway.start()
        self.assertEqual((self.carrier("primary")["state"], self.carrier("primary")["binds"]), ("draining", 0))
        gateway.config_path.write_text(gateway.config_path.read_text().replace('system_id = "xion"', 'system_id = "xion"\nwindow = 3', 1))
        gateway.ctl("config", "apply")
        wait_until("the new block is in force", lambda: self.carrier("primary")["window"] == 3)
        self.assertEqual((self.carrier("primary")["state"], self.carrier("primary")["binds"]), ("draining", 0))
        gateway.ctl("carrier", "resume", "primary", "--wait")
        self.assertEqual(self.carrier("primary")["state"], "bound")

    def test_a_pause_ends_by_itself_and_all_paused_is_not_ready(self):
        gateway = self.gateway
        gateway.ctl("carrier", "pause", "primary")
        gateway.ctl("carrier", "pause", "backup", "--for", "1s")
        wait_until("its time is over", lambda: self.carrier("backup")["state"] == "bound")
        gateway.ctl("carrier", "pause", "backup", "--for", "1h")
        ready = gateway.request("GET", "/readyz", port=gateway.operator_port)
        self.assertEqual(ready.status, 503)
        self.assertIn("paused", ready["detail"])
        self.assertEqual(gateway.run_ctl("carrier", "pause", "backup", "--for", "soon", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
