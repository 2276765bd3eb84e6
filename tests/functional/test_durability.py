"""What was accepted survives: kill -9, lost links, and the carrier's own troubles."""

import collections
import unittest

from harness import Gateway, wait_until

QUIET = ["cooldown_seconds=none", "sends_per_phone=none"]


class Durability(unittest.TestCase):
    def test_what_was_accepted_without_a_carrier_is_sent_when_one_comes(self):
        with Gateway(overrides=QUIET) as gateway:
            gateway.carriers[0].stop()
            wait_until("the link is down", lambda: gateway.told("carrier list")[0]["state"] != "bound")
            phones = [f"+3749912{n:04}" for n in range(20)]
            for phone in phones:
                self.assertEqual(gateway.send(phone).status, 202)
            gateway.kill()
            gateway.carriers[0].start()
            gateway.start()
            for phone in phones:
                self.assertEqual(gateway.verify(phone, gateway.handset(phone)).status, 200)

    def test_kill_9_under_load_loses_no_accepted_code(self):
        with Gateway(overrides=QUIET, carrier_arguments=["--latency-ms", "30"]) as gateway:
            accepted = []
            for round_number in range(3):
                for n in range(40):
                    phone = f"+3749{round_number}13{n:04}"
                    if gateway.send(phone, ttlSeconds=600).status == 202:
                        accepted.append(phone)
                gateway.kill()
                gateway.start()
            copies = collections.defaultdict(list)

            def all_have_theirs():
                copies.clear()
                for line in gateway.carriers[0].codes():
                    phone, code = line.split()[:2]
                    copies[phone].append(code)
                return set(accepted) <= set(copies)
            # All of them at once: a code lives for ten minutes, in which a slow machine does not ask for each in turn.
            wait_until("every phone has its code", all_have_theirs)
            for phone in accepted:
                self.assertEqual(len(set(copies[phone])), 1, "every copy carries the same code")
                self.assertLessEqual(len(copies[phone]), 2, "at most one duplicate")
                self.assertEqual(gateway.verify(phone, copies[phone][0]).status, 200)

    def test_single_use_holds_across_a_crash(self):
        with Gateway(overrides=QUIET) as gateway:
            phone = "+37499140001"
            gateway.send(phone)
            code = gateway.handset(phone)
            self.assertEqual(gateway.verify(phone, code).status, 200)
            gateway.kill()
            gateway.start()
            self.assertEqual(gateway.verify(phone, code)["code"], "code_used")

    def test_the_other_carrier_takes_over_when_the_first_is_down(self):
        with Gateway(carriers=2, overrides=QUIET) as gateway:
            gateway.send("+37499150001")
            gateway.handset("+37499150001", carrier=0)
            gateway.carriers[0].stop()
            sent = gateway.send("+37499150002")
            gateway.handset("+37499150002", carrier=1)
            self.assertEqual(gateway.wait_delivery(sent["requestId"])["delivery"]["status"], "delivered")

    def test_the_other_carrier_takes_what_the_first_refuses(self):
        with Gateway(carriers=2, overrides=QUIET) as gateway:
            gateway.carriers[0].fault("status=0x45")
            sent = gateway.send("+37499150003")
            gateway.handset("+37499150003", carrier=1)
            trace = gateway.ctl("otp", "trace", sent["requestId"])
            self.assertIn("refused", [event["type"] for event in trace["events"]])

    def test_a_lost_response_leads_to_one_flagged_copy(self):
        with Gateway(carriers=2, overrides=QUIET, carrier_settings={"response_timeout_seconds": 1},
                     routes='[[route]]\nname = "main"\ncarriers = ["primary", "backup"]\nfailover_after_seconds = 1\n') as gateway:
            gateway.carriers[0].fault("drop-response", "receipt-never")
            sent = gateway.send("+37499150004")
            code = gateway.handset("+37499150004", carrier=1)
            self.assertEqual(gateway.handset("+37499150004", carrier=0), code)
            events = gateway.read(sent["requestId"])["events"]
            self.assertIn("outcome_unknown", [event["type"] for event in events])
            self.assertEqual(gateway.verify("+37499150004", code).status, 200)

    def test_a_receipt_before_its_response_is_joined(self):
        with Gateway(overrides=QUIET) as gateway:
            gateway.carriers[0].fault("receipt-before-response")
            sent = gateway.send("+37499150005")
            self.assertEqual(gateway.wait_delivery(sent["requestId"])["delivery"]["status"], "delivered")

    def test_a_clean_stop_unbinds_and_exits_0(self):
        with Gateway(overrides=QUIET) as gateway:
            gateway.send("+37499150006")
            gateway.handset("+37499150006")
            gateway.stop()
            gateway.await_log('reason="unbound" lost=0')


if __name__ == "__main__":
    unittest.main()
