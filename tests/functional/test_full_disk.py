"""A full disk: the daemon reads on, refuses what it can't keep and says why, loses nothing, and goes on by itself."""

import os
import re
import subprocess
import tempfile
import time
import unittest

from harness import Gateway, wait_until
from test_webhooks import ALLOWED, Receiver

QUIET = ["cooldown_seconds=none", "sends_per_phone=none"]


class SmallDisk:
    """A file system of its own, of a few MiB, that can be filled and freed."""

    def __init__(self, mib):
        self.mib = mib

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="xionid-disk.")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.mib}m,mode=0700", "xionid-test", self.folder], capture_output=True, text=True)
        if done.returncode != 0:
            os.rmdir(self.folder)
            raise unittest.SkipTest(f"no file system can be mounted here: {done.stderr.strip()}")
        return self

    def __exit__(self, *what):
        subprocess.run(["umount", self.folder], check=True)
        os.rmdir(self.folder)

    def fill(self):
        """To the last octet, whatever else is written meanwhile."""
        with open(f"{self.folder}/filler", "ab", buffering=0) as filler:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass

    def free(self):
        os.unlink(f"{self.folder}/filler")


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.disk = SmallDisk(8)
        self.disk.__enter__()
        self.addCleanup(self.disk.__exit__)
        self.gateway = Gateway(overrides=QUIET, config=ALLOWED)
        write_config = self.gateway.write_config

        def on_the_small_disk():
            write_config()
            text = self.gateway.config_path.read_text()
            self.gateway.config_path.write_text(text.replace(f'"{self.gateway.folder}/data"', f'"{self.disk.folder}"'))
        self.gateway.write_config = on_the_small_disk
        self.gateway.__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)
        self.count = 0

    def phone(self):
        self.count += 1
        return f"+374991{self.count:05}"

    def metric(self, name):
        text = self.gateway.request("GET", "/metrics", port=self.gateway.operator_port).text
        return float(re.search(rf"(?m)^{name} (\S+)$", text)[1])

    def fill(self):
        """Until a send is refused: pages that were freed before are used first."""
        self.disk.fill()
        for _ in range(2000):
            answer = self.gateway.send(self.phone())
            if answer.status != 202:
                return answer
            self.sent.append(answer["requestId"])
        self.fail("it never ran out of room")

    def test_it_reads_on_says_why_loses_nothing_and_recovers_by_itself(self):
        gateway = self.gateway
        live = self.phone()
        self.sent = [gateway.send(live)["requestId"]]
        code = gateway.handset(live)
        gateway.wait_delivery(self.sent[0])
        kept = gateway.request("POST", "/v1/otp/send", {"phone": self.phone()}, headers={"Idempotency-Key": "kept-before"})
        self.sent += [gateway.send(self.phone())["requestId"] for _ in range(4)]

        refused = self.fill()
        self.assertEqual((refused.status, refused["code"]), (503, "store_unavailable"))
        self.assertIn("the disk of the data directory is full", refused["detail"])
        self.assertGreaterEqual(int(refused.headers["retry-after"]), 1)
        verified = gateway.verify(live, code)
        self.assertEqual((verified.status, verified["code"]), (503, "store_unavailable"))

        # What is on disk is read.
        for request in self.sent:
            self.assertEqual(gateway.read(request).status, 200)
        self.assertEqual(gateway.request("GET", "/v1/otp?limit=5").status, 200)
        self.assertEqual(gateway.request("GET", "/v1/usage").status, 200)
        again = gateway.request("POST", "/v1/otp/send", {"phone": f"+374991{2:05}"}, headers={"Idempotency-Key": "kept-before"})
        self.assertEqual((again.status, again["requestId"]), (202, kept["requestId"]))
        self.assertEqual(len(gateway.ctl("otp", "list", "--limit", "5")), 5)
        self.assertEqual(gateway.ctl("app", "list")[0]["name"], "shop")

        # Everybody is told.
        store = gateway.told("status")["store"]
        self.assertFalse(store["writable"])
        self.assertRegex(store["trouble"], r"^read-only: the disk of the data directory is full \(\d+ KiB free\)$")
        ready = gateway.request("GET", "/readyz", port=gateway.operator_port)
        self.assertEqual((ready.status, ready["missing"]), (503, "store"))
        self.assertIn("is full", ready["detail"])
        self.assertEqual(gateway.request("GET", "/healthz", port=gateway.operator_port).status, 200)
        self.assertEqual(self.metric("xionid_store_writable"), 0)
        self.assertLess(self.metric("xionid_store_disk_free_bytes"), 1 << 20)
        gateway.await_log('store.read_only reason="the disk of the data directory is full')
        done = gateway.run_ctl("app", "add", "late", check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))

        # It stays so, however long: a send that was refused is nowhere.
        self.assertEqual(gateway.send(self.phone()).status, 503)
        self.assertEqual(gateway.told("status")["store"]["requests"], len(self.sent) + 1)

        self.disk.free()
        wait_until("it can be written again", lambda: gateway.told("status")["store"]["writable"])
        gateway.await_log("store.recovered")
        self.assertEqual(self.metric("xionid_store_writable"), 1)
        self.assertEqual(gateway.verify(live, code).status, 200)
        self.assertEqual(gateway.verify(live, code)["code"], "code_used")
        self.sent.append(gateway.send(self.phone())["requestId"])
        for request in self.sent:
            gateway.wait_delivery(request)
        gateway.kill()
        gateway.start()
        for request in self.sent:
            self.assertEqual(gateway.read(request)["delivery"]["status"], "delivered")

    def test_delivery_reports_are_asked_for_again_and_none_is_lost(self):
        gateway = self.gateway
        are_submitted = lambda: [self.gateway.read(each)["delivery"]["status"] == "submitted" for each in self.sent[:10]]
        # The disk has to be full before the reports are there, which takes as long as it takes.
        for delay_ms in (1500 << n for n in range(8)):
            gateway.carriers[0].fault(f"receipt-delay-ms={delay_ms}", "receipt-retry-ms=300")
            self.sent = [gateway.send(self.phone())["requestId"] for _ in range(10)]
            wait_until("the carrier has them", lambda: "queued" not in [gateway.read(each)["delivery"]["status"] for each in self.sent])
            self.fill()
            if any(are_submitted()):
                break
            self.disk.free()
            wait_until("it can be written again", lambda: gateway.told("status")["store"]["writable"])
        before = gateway.carriers[0].stats()
        wait_until("reports were refused", lambda: "receipt.not_stored" in gateway.log())
        self.assertTrue(any(are_submitted()), before)
        self.disk.free()
        for request in self.sent:
            gateway.wait_delivery(request)

    def test_webhooks_wait_where_what_they_answer_cannot_be_kept(self):
        with Receiver() as receiver:
            webhook = self.gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "otp.canceled")["id"]
            deliveries = lambda: self.gateway.ctl("webhook", "deliveries", webhook)
            # The disk has to be full before they are tried again, some seconds later. Each time less of it is left that has to be filled.
            for _ in range(8):
                receiver.received.clear()
                self.sent = [self.gateway.send(self.phone())["requestId"] for _ in range(2)]
                receiver.answers = [500, 500]
                for request in self.sent:
                    self.gateway.request("POST", f"/v1/otp/{request}/cancel", {})
                wait_until("both were tried", lambda: len(receiver.received) >= 2)
                self.fill()
                if len(receiver.received) == 2:
                    break
                self.disk.free()
                wait_until("it can be written again", lambda: self.gateway.told("status")["store"]["writable"])
                wait_until("they are delivered", lambda: all(each["state"] == "delivered" for each in deliveries()))
            due = max(each["nextAt"] for each in deliveries() if each["state"] == "pending")
            wait_until("they are due", lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3)) > due)
            self.assertEqual(len(receiver.received), 2)
            self.disk.free()
            # Told, and kept as told: nothing is left that could be told twice.
            wait_until("they are delivered", lambda: all(each["state"] == "delivered" for each in deliveries()))
            self.assertEqual(len(receiver.received), 4)

    def test_it_starts_on_a_full_disk_and_says_so(self):
        self.sent = [self.gateway.send(self.phone())["requestId"]]
        self.gateway.wait_delivery(self.sent[0])
        self.fill()
        self.gateway.stop()
        self.gateway.wait_bound = False
        self.gateway.start()
        read = self.gateway.read(self.sent[0])
        self.assertEqual(read.status, 200, read)
        self.assertEqual(self.gateway.send(self.phone()).status, 503)
        self.disk.free()
        wait_until("it can be written", lambda: self.gateway.send(self.phone()).status == 202)


if __name__ == "__main__":
    unittest.main()
