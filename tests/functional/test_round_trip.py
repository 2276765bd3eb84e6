"""The main job: a code leaves by SMPP, is delivered, is verified; and what it must not do."""

import re
import unittest

from harness import Gateway, wait_until, wrong

PHONE = "+37499123056"


class RoundTrip(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carrier_arguments=["--receipt-delay-ms", "20"],
                                                    overrides=["cooldown_seconds=none", "sends_per_phone=none"]))

    def test_the_two_sample_calls_work_to_the_letter(self):
        phone = "+37499123001"
        sent = self.gateway.send(phone, channel="sms", ttlSeconds=120)
        self.assertEqual(sent.status, 202, sent)
        self.assertEqual(list(sent.json)[:4], ["ok", "status", "requestId", "phone"])
        self.assertEqual((sent["ok"], sent["status"], sent["phone"], sent["country"], sent["ttlSeconds"]),
                         (True, "pending", "+374•••••001", "AM", 120))
        self.assertRegex(sent["requestId"], r"^OTP-[0-9A-HJKMNP-TV-Z]{13,16}$")
        self.assertEqual(sent.headers["location"], f"/v1/otp/{sent['requestId']}")
        verified = self.gateway.verify(phone, self.gateway.handset(phone))
        self.assertEqual(verified.status, 200, verified)
        self.assertRegex(verified.text, r'^\{"ok":true,"status":"verified","verifiedAt":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"\}\s*$')

    def test_a_code_verifies_once(self):
        phone = "+37499123002"
        self.gateway.send(phone)
        code = self.gateway.handset(phone)
        self.assertEqual(self.gateway.verify(phone, code).status, 200)
        again = self.gateway.verify(phone, code)
        self.assertEqual((again.status, again["ok"], again["code"]), (410, False, "code_used"))

    def test_a_wrong_code_is_counted_and_the_last_one_locks(self):
        phone = "+37499123003"
        self.gateway.send(phone)
        code = self.gateway.handset(phone)
        for left in (4, 3, 2, 1, 0):
            answer = self.gateway.verify(phone, wrong(code))
            self.assertEqual((answer.status, answer["code"], answer["attemptsRemaining"]), (422, "invalid_code", left))
        right = self.gateway.verify(phone, code)
        self.assertEqual((right.status, right["code"]), (423, "code_locked"))
        self.assertIn("retry-after", right.headers)

    def test_a_resend_is_the_same_request_and_the_same_code(self):
        phone = "+37499123004"
        first = self.gateway.send(phone)
        code = self.gateway.handset(phone)
        second = self.gateway.send(phone)
        self.assertEqual((second["requestId"], second["resend"], second["sends"], second["expiresAt"]),
                         (first["requestId"], True, 2, first["expiresAt"]))
        messages = wait_until("two messages", lambda: (lambda m: m if len(m) == 2 else None)(self.gateway.carriers[0].inbox(phone)))
        self.assertEqual(len({re.search(r"\d{6}", each["text"]).group() for each in messages}), 1)
        self.assertEqual(self.gateway.verify(phone, code).status, 200)

    def test_rotate_kills_the_old_code(self):
        phone = "+37499123005"
        self.gateway.send(phone)
        old = self.gateway.handset(phone)
        self.gateway.send(phone, resend="rotate")
        wait_until("two messages", lambda: len(self.gateway.carriers[0].inbox(phone)) == 2)
        new = self.gateway.handset(phone)
        if new != old:
            self.assertEqual(self.gateway.verify(phone, old)["code"], "invalid_code")
        self.assertEqual(self.gateway.verify(phone, new).status, 200)

    def test_a_canceled_code_is_gone(self):
        phone = "+37499123006"
        sent = self.gateway.send(phone)
        code = self.gateway.handset(phone)
        canceled = self.gateway.request("POST", f"/v1/otp/{sent['requestId']}/cancel")
        self.assertEqual((canceled.status, canceled["status"]), (200, "canceled"), canceled)
        self.assertEqual(self.gateway.verify(phone, code)["code"], "code_canceled")

    def test_the_timeline_tells_the_whole_story(self):
        phone = "+37499123007"
        sent = self.gateway.send(phone, reference="order-7")
        code = self.gateway.handset(phone)
        self.gateway.wait_delivery(sent["requestId"])
        self.gateway.verify(phone, code)
        view = self.gateway.read(sent["requestId"])
        self.assertEqual((view["status"], view["delivery"]["status"], view["reference"]), ("verified", "delivered", "order-7"))
        types = [event["type"] for event in view["events"]]
        for expected in ("created", "queued", "submitted", "receipt", "verified"):
            self.assertIn(expected, types)
        trace = self.gateway.ctl("otp", "trace", sent["requestId"])
        self.assertEqual((trace["requestId"], trace["status"]), (sent["requestId"], "verified"))
        self.assertEqual([event["type"] for event in trace["events"]], types)

    def test_an_idempotency_key_replays_the_answer(self):
        phone = "+37499123008"
        headers = {"Idempotency-Key": "k-8"}
        first = self.gateway.send(phone, headers=headers)
        again = self.gateway.send(phone, headers=headers)
        self.assertEqual((again.status, again.text, again.headers.get("idempotency-replayed")), (202, first.text, "true"))
        other = self.gateway.send("+37499123009", headers=headers)
        self.assertEqual((other.status, other["code"]), (422, "idempotency_key_reused"))
        code = self.gateway.handset(phone)
        verified = self.gateway.verify(phone, code, headers={"Idempotency-Key": "v-8"})
        replayed = self.gateway.verify(phone, code, headers={"Idempotency-Key": "v-8"})
        self.assertEqual((verified.status, replayed.status, replayed.text), (200, 200, verified.text))
        self.assertEqual(len(self.gateway.carriers[0].inbox(phone)), 1)

    def test_an_unknown_phone_has_no_active_code(self):
        answer = self.gateway.verify("+37499123099", "123456")
        self.assertEqual((answer.status, answer["code"]), (404, "no_active_code"))

    def test_a_test_key_touches_no_carrier(self):
        key = self.gateway.ctl("key", "create", "shop", "--test")["key"]
        self.assertTrue(key.startswith("xk_test_"))
        sent = self.gateway.send("+37499000001", key=key)
        self.assertEqual((sent.status, sent["test"]), (202, True), sent)
        self.assertEqual(self.gateway.verify("+37499000001", "000000", key=key).status, 200)
        self.assertEqual(self.gateway.send("+37499000004", key=key)["code"], "country_not_allowed")
        self.assertEqual(self.gateway.carriers[0].inbox("+37499000001", wait=0), [])


if __name__ == "__main__":
    unittest.main()
