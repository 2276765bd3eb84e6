"""What an operator asks when something may be amiss, and what he hands over: doctor, smpp-status, lookup, app onboard."""

import json
import os
import re
import subprocess
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=2, log_level="info"))

    def examine(self):
        done = self.gateway.run_ctl("doctor", "--config", self.gateway.config_path, check=False)
        return done.returncode, json.loads(done.stdout)

    def plain(self, *words):
        return subprocess.run([BIN / "xionctl", "--socket", self.gateway.socket_path, *words], capture_output=True, text=True, timeout=PATIENCE)

    def found(self, check):
        return next(each for each in self.examine()[1] if each["check"] == check)

    def test_each_finding_has_its_state_and_what_to_do(self):
        code, all_found = self.examine()
        checks = {each["check"] for each in all_found}
        self.assertLessEqual({"clock", "config", "master key", "disk", "disk speed", "daemon", "store", "in force", "backup", "queue",
                              "carrier primary"}, checks)
        self.assertEqual(code, 1 if any(each["state"] != "ok" for each in all_found) else 0)
        for each in all_found:
            self.assertIn(each["state"], ("ok", "warning", "error"))
            self.assertTrue(each["state"] == "ok" or each["do"], each)
        self.assertEqual([name for name in os.listdir(self.gateway.folder / "data") if "doctor" in name], [])

    def test_a_backup_that_is_missing_and_one_that_is_there(self):
        self.assertEqual(self.found("backup")["state"], "warning")
        folder = self.gateway.folder / "backups"
        folder.mkdir(exist_ok=True)
        self.gateway.ctl("backup", folder)
        self.assertEqual(self.found("backup")["state"], "ok")
        self.assertIn("xionid_backup_last_success_timestamp_seconds", self.gateway.request("GET", "/metrics", port=self.gateway.operator_port).text)

    def test_a_carrier_that_is_held_and_a_file_that_is_not_in_force(self):
        self.gateway.ctl("carrier", "pause", "backup")
        self.assertEqual(self.found("carrier backup")["state"], "warning")
        self.gateway.ctl("carrier", "resume", "backup")
        whole = self.gateway.config_path.read_text()
        self.gateway.config_path.write_text(whole.replace("\n[api]", "queue_limit = 5000\n[api]", 1))
        self.assertIn("config diff", self.found("in force")["do"])
        self.gateway.config_path.write_text(whole)
        self.assertEqual(self.found("in force")["state"], "ok")

    def test_a_status_of_smpp_in_words(self):
        for word in ("0x58", "88", "ESME_RTHROTTLED", "rthrottled"):
            told = self.gateway.ctl("smpp-status", word)
            self.assertEqual((told["status"], told["name"], told["disposition"]), ("0x00000058", "ESME_RTHROTTLED", "slow_down"))
        self.assertEqual(self.plain("smpp-status", "nothing").returncode, 2)

    def test_a_number_is_looked_up(self):
        told = self.gateway.ctl("lookup", "099 123 456", "--country", "AM")
        self.assertEqual((told["phone"], told["country"], told["valid"]), ("+37499123456", "AM", True))
        self.assertEqual(self.plain("lookup", "12").returncode, 1)

    def test_a_customer_is_onboarded_by_one_command_whose_page_works(self):
        page = self.gateway.folder / "bank.html"
        done = self.plain("app", "onboard", "bank", "--plan", "growth", "--country", "AM", "--url", f"http://127.0.0.1:{self.gateway.api_port}",
                          "--contact", "support@example.net", "--html", str(page))
        self.assertEqual(done.returncode, 0, done.stderr)
        for expected in ("support@example.net", "/v1/otp/send", "/v1/otp/verify", "countries_allowed", "/dashboard/"):
            self.assertIn(expected, done.stdout)
        self.assertIn("support@example.net", page.read_text())
        calls = re.findall(r"curl -X POST (?:.*\\\n)+.*\n", done.stdout)   # As far as its lines go on.
        self.assertEqual(len(calls), 2, done.stdout)
        for call, ok in zip(calls, (b'"status":"pending"', b'"status":"verified"')):
            answer = subprocess.run(["bash", "-c", call], capture_output=True, timeout=PATIENCE)
            self.assertIn(ok, answer.stdout, call)
        self.assertEqual(self.plain("app", "onboard", "bank").returncode, 1)

    def test_lists_are_narrowed(self):
        gateway = self.gateway
        sent = gateway.send("+37499123001")["requestId"]
        gateway.wait_delivery(sent)
        gateway.verify("+37499123001", gateway.handset("+37499123001"))
        refused = gateway.send("+37499123001", purpose="other")
        ids = lambda *words: [each["requestId"] for each in gateway.ctl("otp", "list", *words)]
        self.assertIn(sent, ids("--status", "verified", "--carrier", "primary", "--since", "1h", "--app", "shop"))
        self.assertNotIn(sent, ids("--status", "pending"))
        self.assertNotIn(sent, ids("--carrier", "backup"))
        self.assertEqual(self.plain("otp", "list", "--status", "lost").returncode, 2)
        del refused


class Waiting(unittest.TestCase):
    def test_a_code_that_dies_in_the_queue_says_why_it_waited(self):
        with Gateway(carriers=1, carrier_settings={"window": 1}, config="[otp]\nttl_seconds = 30\n") as gateway:
            gateway.ctl("carrier", "pause", "primary", "--reason", "their maintenance")
            sent = gateway.send("+37499123009", ttlSeconds=30)
            self.assertEqual(sent.status, 202, sent)
            waits = gateway.ctl("queue", "show")["waiting"][0]
            self.assertEqual((waits["requestId"], waits["app"]), (sent["requestId"], "shop"))
            self.assertIn("•", waits["phone"])
            self.assertIn("their maintenance", waits["reason"])
            self.assertRegex(gateway.request("GET", "/metrics", port=gateway.operator_port).text, r"xionid_queue_oldest_seconds \d")
            events = wait_until("it has died", lambda: [each for each in gateway.ctl("otp", "trace", sent["requestId"])["events"] if each["type"] == "waited"])
            self.assertIn("their maintenance", events[0]["detail"])
            self.assertEqual(gateway.read(sent["requestId"])["delivery"]["status"], "expired")
            self.assertIn('xionid_messages_died_unsent_total{route="main"} 1', gateway.request("GET", "/metrics", port=gateway.operator_port).text)


if __name__ == "__main__":
    unittest.main()
