"""A new configuration in a running daemon: taken over whole or not at all, and nobody notices who need not."""

import signal
import threading
import unittest

from harness import Gateway, wait_until

PHONE = "+374991230{:02d}"


class Reload(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(carriers=2, overrides=["sends_per_phone=none", "cooldown_seconds=none"]).__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)
        wait_until("both bind", lambda: all(each["state"] == "bound" for each in self.gateway.told("carrier list")))

    def edit(self, old, new):
        text = self.gateway.config_path.read_text()
        self.assertIn(old, text)
        self.gateway.config_path.write_text(text.replace(old, new, 1))

    def carrier(self, name):
        return next((each for each in self.gateway.told("carrier list") if each["name"] == name), None)

    def test_diff_tells_and_apply_does(self):
        gateway = self.gateway
        self.assertEqual(gateway.ctl("config", "diff"), [])
        before = gateway.told("status")["configHash"]
        self.edit("\n[api]", "queue_limit = 5000\nretention_days = 30\n[api]")
        self.edit(f'listen = "127.0.0.1:{gateway.operator_port}"', 'listen = "127.0.0.1:1"')
        changes = {each["key"]: each for each in gateway.ctl("config", "diff")}
        self.assertEqual(set(changes), {"daemon.queue_limit", "daemon.retention_days", "operator.listen"})
        self.assertEqual(changes["daemon.queue_limit"]["after"], "5000")
        self.assertEqual(changes["daemon.queue_limit"]["takesEffect"], "now")
        self.assertEqual(changes["operator.listen"]["takesEffect"], "next start")
        self.assertEqual(gateway.told("status")["queue"]["limit"], 100000)
        self.assertEqual(len(gateway.ctl("config", "apply")), 3)
        status = gateway.told("status")
        self.assertEqual(status["queue"]["limit"], 5000)
        self.assertNotEqual(status["configHash"], before)

    def test_a_changed_carrier_binds_anew_and_the_other_stays(self):
        gateway = self.gateway
        self.edit('system_id = "xion"', 'system_id = "xion"\nwindow = 3')
        gateway.ctl("config", "apply")
        wait_until("the changed one is back", lambda: self.carrier("primary")["state"] == "bound" and self.carrier("primary")["window"] == 3)
        self.assertEqual(self.carrier("backup")["reconnects"], 0)
        gateway.await_log("smsc.link.closed")
        closed = [line for line in gateway.log().splitlines() if "smsc.link.closed" in line]
        self.assertTrue(closed and all("smsc=primary" in line for line in closed), closed)
        sent = gateway.send(PHONE.format(1))
        gateway.wait_delivery(sent["requestId"])

    def test_a_removed_carrier_drains_and_goes_and_comes_back(self):
        gateway = self.gateway
        whole = gateway.config_path.read_text()
        start = whole.index("[[carrier]]")
        end = whole.index("[[carrier]]", start + 1)
        gateway.config_path.write_text((whole[:start] + whole[end:]).replace('"primary", ', ""))
        gateway.process.send_signal(signal.SIGHUP)
        wait_until("primary is gone", lambda: self.carrier("primary") is None)
        sent = gateway.send(PHONE.format(2))
        gateway.wait_delivery(sent["requestId"])
        self.assertTrue(gateway.handset(PHONE.format(2), carrier=1))
        gateway.config_path.write_text(whole)
        gateway.ctl("config", "apply")
        wait_until("primary is back", lambda: (self.carrier("primary") or {}).get("state") == "bound")

    def test_a_bad_file_changes_nothing_and_every_finding_is_told(self):
        gateway = self.gateway
        before = gateway.ctl("config", "show")
        self.edit('sender = "XionID"', 'sennder = "XionID"\nwindow = 0')
        self.edit("\n[api]", "queue_limit = 5000\n[api]")
        for verb in ("diff", "apply"):
            done = gateway.run_ctl("config", verb, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("sennder", done.stderr)
            self.assertIn("window = 0", done.stderr)
            self.assertIn("xionid.toml:", done.stderr)
        self.assertEqual(gateway.ctl("config", "show"), before)
        gateway.await_log("config.refused")

    def test_reloads_under_load_fail_no_request_and_drop_no_bind_of_others(self):
        gateway = self.gateway
        stop, failures, sent = threading.Event(), [], []

        def load(number):
            count = 0
            while not stop.is_set():
                answer = gateway.send(f"+37499{number}{count:05d}")
                count += 1
                (sent if answer.status == 202 else failures).append(answer)

        threads = [threading.Thread(target=load, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        text = gateway.config_path.read_text()
        try:
            for turn in range(30):
                window = 4 + turn % 2   # Of the first carrier, which binds anew each time.
                gateway.config_path.write_text(text.replace('system_id = "xion"', f'system_id = "xion"\nwindow = {window}', 1))
                gateway.ctl("config", "apply")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(len(sent), 30)
        self.assertEqual(self.carrier("backup")["reconnects"], 0)
        for answer in sent:
            gateway.wait_delivery(answer["requestId"])


class Verbs(unittest.TestCase):
    def test_the_log_level_changes_at_run_time(self):
        with Gateway(log_level="info") as gateway:
            self.assertEqual(gateway.ctl("log", "level")["level"], "info")
            gateway.send(PHONE.format(3))
            self.assertNotIn("smsc.pdu", gateway.log())
            self.assertEqual(gateway.ctl("log", "level", "debug"), {"level": "debug", "configured": "info"})
            gateway.send(PHONE.format(4))
            wait_until("PDUs are logged", lambda: "smsc.pdu" in gateway.log())
            self.assertEqual(gateway.run_ctl("log", "level", "loud", check=False).returncode, 2)

    def test_a_rotated_key_leaves_the_old_one_its_time(self):
        with Gateway() as gateway:
            old = gateway.ctl("key", "list")[0]["id"]
            new = gateway.ctl("key", "rotate", old)
            self.assertEqual((new["app"], new["replaces"]), ("shop", old))
            self.assertEqual(gateway.send(PHONE.format(5)).status, 202)
            self.assertEqual(gateway.send(PHONE.format(6), key=new["key"]).status, 202)
            newest = gateway.ctl("key", "rotate", new["id"], "--keep", "0")
            self.assertEqual(gateway.send(PHONE.format(7), key=new["key"]).status, 401)
            self.assertEqual(gateway.send(PHONE.format(7), key=newest["key"]).status, 202)
            self.assertEqual(gateway.run_ctl("key", "rotate", "key_none", check=False).returncode, 1)
            self.assertEqual(gateway.run_ctl("key", "rotate", new["id"], check=False).returncode, 1)


if __name__ == "__main__":
    unittest.main()
