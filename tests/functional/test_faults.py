"""Every fault of the field against the real daemon: no link dropped that need not be, no message and no receipt lost, a second
copy only where the outcome was unknown, at most one, and flagged."""

import pathlib
import subprocess
import tempfile
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until

# A carrier that answers, however late on a slow machine, is not one that doesn't: what must cost nothing is played against limits that no machine
# meets, and what must be found out against short ones.
PATIENT = {"response_timeout_seconds": 60, "enquire_link_seconds": 1, "enquire_link_timeout_seconds": 60, "bind_timeout_seconds": 60,
           "reconnect_min_seconds": 0.2, "reconnect_max_seconds": 0.4}
IMPATIENT = {**PATIENT, "response_timeout_seconds": 1}
ROUTE = '[[route]]\nname = "main"\ncarriers = ["primary", "backup"]\nfailover_after_seconds = {}\n'

# Faults that a link survives, and that cost nothing: one copy by the first carrier, delivered.
HARMLESS = ["one-segment", "split-writes=0", "response-tlv", "receipt-before-response", "receipt-twice", "receipt-id=hex",
            "receipt-id=decimal", "receipt-id=padded", "receipt-id=upper", "receipt-id=uuid", "receipt-missing-fields",
            "receipt-in-payload", "receipt-text-only", "receipt-tlv-only", "receipt-wide-state", "receipt-intermediate", "unknown-tlvs",
            "receipt-national=3", "receipt-data-sm", "receipt-not-turned", "receipt-other-phone", "receipt-foreign-id", "receipt-word",
            "receipt-overruled", "id-blanks",
            "unknown-command-every=1", "long-message-every=1", "lying-length-every=1", "latency-ms=300",
            "max-tps=1", "slow-reader=4000", "delayed-acks"]
# The carrier has too much to do: one copy, by whichever carrier can take it sooner, unflagged.
SLOWED = ["throttle=2x", "queue-full=2x"]
# Refusals: the message leaves by the second carrier at once, unflagged, and the link stays.
REFUSALS = ["header-only-error", "error-body", "status=0x55F", "nack", "status=0x45", "status=0x0A", "status=0x64"]
# No answer, but the receipt tells, or a late answer: one copy.
TOLD_LATER = ["drop-response", "late-response=1300"]
# What ends the connection with the message on it: it goes by the other carrier, flagged, at most one copy each.
BREAKS = ["rst-every=1", "disconnect-every=1"]


class Stage(unittest.TestCase):
    """What every test of a fault leans on; the classes below say how patient the daemon is."""

    settings, failover_after_seconds = PATIENT, 60

    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=2, carrier_arguments=["--receipt-delay-ms", "50", "--receipt-retry-ms", "100", "--seed", "7"],
                                                    carrier_settings=cls.settings, routes=ROUTE.format(cls.failover_after_seconds),
                                                    overrides=["cooldown_seconds=none", "sends_per_phone=none", "fraud=off"]))
        cls.number = 0

    @property
    def primary(self):
        return self.gateway.carriers[0]

    @property
    def backup(self):
        return self.gateway.carriers[1]

    def link(self, name="primary"):
        return self.gateway.told("carrier show", name=name)

    def phone(self):
        type(self).number += 1
        return f"+3749920{self.number:04}"

    def rebind(self):
        """The primary rests after it was slowed down or refused; each fault begins with one that is used again."""
        wait_until("the primary is used again",
                   lambda: self.gateway.told("route explain", phone="+37499200000")["chosen"] == "primary")

    def copies(self, phone):
        return [len(carrier.inbox(phone, wait=0)) for carrier in self.gateway.carriers]

    def submissions(self, request_id):
        events = self.gateway.ctl("otp", "trace", request_id)["events"]
        return [event for event in events if event["type"] in ("submitting", "failed_over")]

    def assert_all_receipts_acknowledged(self):
        for carrier in self.gateway.carriers:
            stats = wait_until(f"{carrier.name}: every receipt is acknowledged",
                               lambda: (lambda s: s if s["receiptsPending"] == 0 else None)(carrier.stats()))
            self.assertEqual(stats["windowExceeded"], 0)

    def play(self, fault, phone=None, **fields):
        """Sends one code while a fault is on, and gives the answer once the code is delivered."""
        phone = phone or self.phone()
        self.rebind()
        self.primary.fault(fault)
        try:
            sent = self.gateway.send(phone, **fields)
            self.assertEqual(sent.status, 202, sent)
            answer = self.gateway.wait_delivery(sent["requestId"], "delivered")
        finally:
            self.primary.fault(fault.partition("=")[0] + "=off")
        return phone, sent["requestId"], answer

    def wait_breaker(self):
        """A carrier that refused may rest for a while; each fault begins with one that is used again."""
        self.gateway.run_ctl("carrier", "reconnect", "primary")
        self.rebind()


class Harmless(Stage):
    """A carrier that answers loses nothing by it, however it does."""

    def test_what_a_link_survives_costs_nothing(self):
        for fault in HARMLESS:
            with self.subTest(fault):
                self.rebind()
                before = self.link()["reconnects"]
                phone, request, _ = self.play(fault)
                self.assertEqual(self.copies(phone), [1, 0])
                self.assertEqual(len(self.submissions(request)), 1)
                self.assertEqual(self.link()["reconnects"], before, "the link was dropped")
        self.assert_all_receipts_acknowledged()

    def test_a_throttled_bind_is_slowed_down_and_its_message_leaves_once(self):
        for fault in SLOWED:
            with self.subTest(fault):
                self.rebind()
                before = self.link()["reconnects"]
                phone, request, _ = self.play(fault)
                self.assertEqual(sum(self.copies(phone)), 1)
                self.assertFalse([each for each in self.submissions(request) if each.get("detail") == "possible_duplicate"])
                self.assertEqual(self.link()["reconnects"], before, "the link was dropped")

    def test_refused_is_not_accepted_so_the_next_carrier_has_it_at_once(self):
        for fault in REFUSALS:
            with self.subTest(fault):
                self.rebind()
                before = self.link()["reconnects"]
                phone, request, _ = self.play(fault)
                self.assertEqual(self.copies(phone), [0, 1])
                tries = self.submissions(request)
                self.assertEqual([each["carrier"] for each in tries], ["primary", "backup"])
                self.assertNotEqual(tries[1].get("detail"), "possible_duplicate")
                self.assertEqual(self.link()["reconnects"], before, "the link was dropped")
                self.wait_breaker()
        self.assert_all_receipts_acknowledged()

    def test_accepted_without_an_id_is_not_sent_twice(self):
        phone = self.phone()
        self.rebind()
        self.primary.fault("missing-id=2x")
        sent = self.gateway.send(phone)
        wait_until("it is taken", lambda: self.gateway.read(sent["requestId"])["delivery"]["status"] in ("submitted", "delivered"))
        self.assertEqual(self.copies(phone), [1, 0])
        self.primary.fault("missing-id=off")

    def test_bursts_of_throttling_and_refusals_lose_nothing(self):
        self.rebind()
        self.primary.fault("status-burst=3")
        phones = [self.phone() for _ in range(12)]
        requests = [self.gateway.send(phone)["requestId"] for phone in phones]
        try:
            for request in requests:
                self.gateway.wait_delivery(request, "delivered")
        finally:
            self.primary.fault("status-burst=off")
        for phone in phones:
            self.assertEqual(sum(self.copies(phone)), 1)
        self.assert_all_receipts_acknowledged()

    def test_enquire_link_before_the_bind_is_answered_and_a_refused_bind_is_tried_again(self):
        self.primary.fault("enquire-before-bind=1x", "bind-fail=2x")
        self.primary.command("drop", "rst")
        wait_until("it went down", lambda: self.primary.stats()["bindsRefused"] >= 2)
        self.rebind()
        self.primary.fault("already-bound=1")
        refused = self.primary.stats()["bindsRefused"]
        self.primary.command("drop", "rst")
        wait_until("the old session blocks the new one", lambda: self.primary.stats()["bindsRefused"] > refused)
        wait_until("bound again", lambda: self.link()["state"] == "bound")
        self.primary.fault("already-bound=off")

    def test_a_phone_can_have_faults_of_its_own(self):
        marked, plain = self.phone(), self.phone()
        self.rebind()
        self.primary.command("script", marked, "fault=status=0x45", "outcome=UNDELIV")
        first, second = self.gateway.send(marked), self.gateway.send(plain)
        self.gateway.wait_delivery(first["requestId"])
        self.gateway.wait_delivery(second["requestId"])
        self.assertEqual((self.copies(marked), self.copies(plain)), ([0, 1], [1, 0]))

    def test_a_receipt_of_nobody_is_acknowledged_and_shown(self):
        phone = self.phone()
        self.rebind()
        self.primary.command("script", phone, "outcome=UNDELIV", "err=011")
        sent = self.gateway.send(phone)
        answer = self.gateway.wait_delivery(sent["requestId"], "undelivered")
        self.assertEqual(answer["delivery"]["error"], "011")
        receipt = [event for event in self.gateway.ctl("otp", "trace", sent["requestId"])["events"] if event["type"] == "receipt"][0]
        self.assertIn("teleservice", receipt["errorMeaning"])
        self.assertGreaterEqual(receipt["latencyMs"], 0)

    def test_stop_from_a_phone_blocks_it_and_other_words_do_not(self):
        phone = self.phone()
        self.rebind()
        self.gateway.wait_delivery(self.gateway.send(phone)["requestId"])
        self.primary.command("say", phone, "XionID", "I don't want to stop")
        self.primary.command("say", phone, "XionID", "id:1 sub:001 dlvrd:001 stat:UNDELIV err:001 text:stop")
        self.assertEqual(self.gateway.send(phone).status, 202)
        self.primary.command("say", phone, "XionID", "Stop!")
        wait_until("it is blocked", lambda: self.gateway.send(phone).status == 403)
        self.assertEqual(self.gateway.send(phone)["code"], "phone_blocked")
        self.assertNotIn("Stop!", self.gateway.log())

    # --- the trace ----------------------------------------------------------------------------------------------

    def test_a_trace_shows_both_directions_and_no_code_or_number(self):
        phone, other = self.phone(), self.phone()
        self.rebind()
        out = tempfile.TemporaryFile()
        self.addCleanup(out.close)
        tracer = subprocess.Popen([BIN / "xionctl", "--json", "--socket", self.gateway.socket_path, "carrier", "trace", "primary",
                                   "--phone", phone], stdout=out, stderr=subprocess.PIPE)
        wait_until("it traces", lambda: "carrier trace" in self.gateway.log())
        self.gateway.wait_delivery(self.gateway.send(other)["requestId"])
        self.gateway.wait_delivery(self.gateway.send(phone)["requestId"])
        code = self.gateway.handset(phone)

        def lines():
            out.seek(0)
            return out.read().decode()
        wait_until("the receipt is traced", lambda: "deliver_sm_resp" in lines())
        tracer.terminate()
        tracer.communicate(timeout=PATIENCE)
        text = lines()
        for command in ("submit_sm", "submit_sm_resp", "deliver_sm", "deliver_sm_resp"):
            self.assertEqual(text.count(f'"command_id":"{command}"'), 1, text)
        self.assertNotIn(code, text)
        self.assertNotIn(phone[1:], text)
        self.assertIn('"receipt.stat"', text)
        self.assertEqual(self.gateway.run_ctl("carrier", "trace", "nobody", check=False).returncode, 1)


class Unanswered(Stage):
    """A carrier that doesn't answer is found out, and its message goes on."""

    settings, failover_after_seconds = IMPATIENT, 2

    def test_an_answer_that_does_not_come_is_told_by_the_receipt(self):
        for fault in TOLD_LATER:
            with self.subTest(fault):
                self.rebind()
                before = self.link()["reconnects"]
                phone, request, _ = self.play(fault)
                self.assertLessEqual(sum(self.copies(phone)), 2)
                self.assertEqual(self.copies(phone)[0], 1)
                flagged = [each for each in self.submissions(request)[1:]]
                self.assertTrue(all(each.get("detail") == "possible_duplicate" for each in flagged))
                self.assertEqual(self.link()["reconnects"], before, "the link was dropped")
        self.assert_all_receipts_acknowledged()

    def test_no_answer_and_no_receipt_is_sent_again_once_and_flagged(self):
        self.primary.fault("receipt-never")
        try:
            phone, request, _ = self.play("drop-response")
        finally:
            self.primary.fault("receipt-never=off")
        self.assertEqual(self.copies(phone), [1, 1])
        tries = self.submissions(request)
        self.assertEqual([each["carrier"] for each in tries], ["primary", "backup"])
        self.assertEqual(tries[1]["detail"], "possible_duplicate")

    def test_a_nack_without_a_sequence_number_answers_nothing(self):
        phone, request, _ = self.play("nack-zero=1x")
        self.assertLessEqual(sum(self.copies(phone)), 2)
        self.assertEqual(self.link()["state"], "bound")

    def test_a_connection_that_breaks_moves_its_message_on(self):
        for fault in BREAKS + ["unbind-every=1", "command-length=4", "command-length=2^31", "silent-after=1"]:
            with self.subTest(fault):
                phone, request, _ = self.play(fault)
                one, other = self.copies(phone)
                self.assertLessEqual(one, 1)
                self.assertLessEqual(other, 1)
                tries = self.submissions(request)
                self.assertTrue(all(each.get("detail") == "possible_duplicate" for each in tries[1:]), tries)
                self.primary.command("drop")   # What is silent or spoilt has no future.
                wait_until("the primary is bound again", lambda: self.link()["state"] == "bound")
        self.assert_all_receipts_acknowledged()


class HalfOpen(Stage):
    settings = {**PATIENT, "enquire_link_timeout_seconds": 1}

    def test_a_half_open_connection_is_found_out(self):
        before = self.link()["reconnects"]
        self.primary.fault("ignore-enquire-link")
        self.primary.command("drop")
        wait_until("the link was given up", lambda: self.link()["reconnects"] >= before + 2)
        self.primary.fault("ignore-enquire-link=off")
        self.primary.command("drop")
        wait_until("bound again", lambda: self.link()["state"] == "bound")


class Queue(unittest.TestCase):
    def test_what_waits_can_be_given_up(self):
        with Gateway(overrides=["cooldown_seconds=none"]) as gateway:
            gateway.run_ctl("carrier", "pause", "primary")
            sent = gateway.send("+37499300001")
            wait_until("it waits", lambda: gateway.ctl("queue", "show")["size"] == 1)
            self.assertEqual(gateway.run_ctl("queue", "expire", check=False).returncode, 2)
            self.assertEqual(gateway.ctl("queue", "expire", sent["requestId"])["expired"], 1)
            self.assertEqual(gateway.read(sent["requestId"])["delivery"]["status"], "expired")
            gateway.run_ctl("carrier", "resume", "primary")
            self.assertEqual(gateway.carriers[0].inbox("+37499300001", wait=0), [])


class Encrypted(unittest.TestCase):
    def test_faults_are_played_over_tls_and_an_expired_certificate_is_refused(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="xionid-test."))
        certificate = folder / "carrier.pem"
        for fault, is_bound in ((), True), (("--fault", "expired-certificate"), False):
            with self.subTest(fault):
                arguments = ["--tls-self-signed", str(certificate), "--fault", "split-writes=0", "--receipt-delay-ms", "20", *fault]
                gateway = Gateway(carrier_arguments=arguments, wait_bound=is_bound)
                carrier = gateway.carriers[0]
                carrier.host = "localhost"
                plain = carrier.settings
                carrier.settings = lambda **more: plain(**more).replace("127.0.0.1", "localhost") + f'tls = {{ ca = "{certificate}" }}\n'
                with gateway:
                    sent = gateway.send("+37499300002")
                    if is_bound:
                        gateway.wait_delivery(sent["requestId"])
                    else:
                        wait_until("it says why", lambda: "expired" in gateway.told("carrier show", name="primary").get("lastError", ""))
                        self.assertEqual(carrier.inbox("+37499300002", wait=0), [])


if __name__ == "__main__":
    unittest.main()
