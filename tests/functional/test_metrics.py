"""/metrics: what a round trip leaves behind, in a form that Prometheus's own tool accepts."""

import re
import shutil
import subprocess
import unittest

from harness import PATIENCE, Gateway, wait_until, wrong

PHONE = "+37499123056"


def values(text):
    """{'name{labels}': value}"""
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line and line[0] != "#"}


class Metrics(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(carriers=2).__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def scrape(self):
        answer = self.gateway.request("GET", "/metrics", port=self.gateway.operator_port)
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.headers["content-type"].startswith("text/plain; version=0.0.4"))
        return answer.text

    def test_a_round_trip_is_counted_at_every_stage(self):
        gateway = self.gateway
        sent = gateway.send(PHONE)
        gateway.wait_delivery(sent["requestId"])
        code = gateway.handset(PHONE)
        gateway.verify(PHONE, wrong(code))
        gateway.verify(PHONE, code)
        gateway.send("+37499123057", userIp="198.51.100.7")
        self.assertEqual(gateway.send("+37499123057").status, 429)
        now = wait_until("the second receipt", lambda: (lambda v: v if sum(
            value for name, value in v.items() if name.startswith("xionid_receipts_total")) == 2 else None)(values(self.scrape())))
        for name, value in {
                'xionid_carrier_state{carrier="primary",state="bound"}': 1,
                'xionid_bind_window{carrier="primary",bind="1"}': 10,
                'xionid_bind_window_in_use{carrier="primary",bind="1"}': 0,
                'xionid_submits_total{carrier="primary",bind="1"}': 2,
                'xionid_submit_responses_total{carrier="primary",bind="1",status="ESME_ROK"}': 2,
                'xionid_submit_round_trip_seconds_count{carrier="primary",bind="1"}': 2,
                'xionid_accept_to_wire_seconds_count{carrier="primary"}': 2,
                'xionid_accept_to_delivered_seconds_count{carrier="primary"}': 2,
                'xionid_receipts_total{carrier="primary",state="delivered"}': 2,
                'xionid_submits_total{carrier="backup",bind="1"}': 0,
                'xionid_sends_total{result="sent"}': 2,
                'xionid_sends_total{result="cooldown_active"}': 1,
                'xionid_limits_hit_total{limit="cooldown"}': 1,
                'xionid_verifies_total{result="verified"}': 1,
                'xionid_verifies_total{result="invalid_code"}': 1,
                'xionid_http_requests_total{route="/v1/otp/send",status="202"}': 2,
                'xionid_store_writable': 1,
                'xionid_queue_messages': 0}.items():
            self.assertEqual(now.get(name), value, name)
        self.assertGreater(now["xionid_store_commit_seconds_count"], 4)
        self.assertGreater(now["process_resident_memory_bytes"], 1 << 20)

    def test_phones_and_codes_are_in_no_label(self):
        self.gateway.send(PHONE)
        code = self.gateway.handset(PHONE)
        text = self.scrape()
        self.assertNotIn(PHONE[1:], text)
        self.assertIsNone(re.search(rf'="{code}"', text))

    def test_prometheus_finds_nothing_to_criticise(self):
        promtool = shutil.which("promtool")
        if promtool is None:
            self.skipTest("promtool is not installed")
        done = subprocess.run([promtool, "check", "metrics"], input=self.scrape(), capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
