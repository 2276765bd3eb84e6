"""Codes that the caller brings, codes that are bound to a payment, and phones of an app-store review that get no message."""

import datetime
import unittest

from harness import Gateway, wait_until, wrong

FREE = ["cooldown_seconds=none", "sends_per_phone=none", "requests_per_second=none"]


def in_days(days):
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=days)).isoformat()


class OwnCodes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=2, overrides=[*FREE, "own_codes=true"]))
        cls.gateway.ctl("template", "add", "shop", "pay", "--text", "{code} pays {amount} to {payee}")
        cls.last = 37499430000

    def phone(self):
        OwnCodes.last += 1
        return f"+{OwnCodes.last}"

    def test_a_code_of_the_caller_s_own_is_what_arrives_and_verifies(self):
        for code in ("0042", "123456", "9876543210"):
            phone = self.phone()
            sent = self.gateway.send(phone, code=code)
            self.assertEqual(sent.status, 202, sent)
            self.assertNotIn(code, sent.text)
            self.assertEqual(self.gateway.handset(phone), code)
            again = self.gateway.send(phone, code=code)
            self.assertEqual((again.status, again["resend"]), (202, True), again)
            self.assertEqual(self.gateway.send(phone)["resend"], True)                      # The same one, without saying it again.
            wait_until("all three came", lambda: len(self.gateway.carriers[0].inbox(phone)) == 3)
            self.assertTrue(all(message["text"].startswith(code) for message in self.gateway.carriers[0].inbox(phone)))
            self.assertEqual(self.gateway.verify(phone, wrong(code)).status, 422)
            self.assertEqual(self.gateway.verify(phone, code).status, 200)

    def test_it_survives_a_crash_and_a_failover(self):
        phone, code = self.phone(), "445566"
        self.gateway.carriers[0].fault("status=0x0B")                                       # The first carrier refuses it.
        try:
            self.assertEqual(self.gateway.send(phone, code=code).status, 202)
            self.assertEqual(self.gateway.handset(phone, carrier=1), code)
        finally:
            self.gateway.carriers[0].fault("status=off")
        self.gateway.kill()
        self.gateway.start()
        self.assertEqual(self.gateway.send(phone)["resend"], True)
        self.assertEqual(self.gateway.handset(phone), code)
        self.assertEqual(self.gateway.verify(phone, code).status, 200)

    def test_another_code_while_one_lives_needs_a_rotation(self):
        phone = self.phone()
        first = self.gateway.send(phone, code="111111")
        other = self.gateway.send(phone, code="222222")
        self.assertEqual((other.status, other["code"], other["fields"]), (422, "live_request_differs", ["code"]), other)
        longer = self.gateway.send(phone, code="2222222")
        self.assertEqual(longer["fields"], ["codeLength", "code"])
        rotated = self.gateway.send(phone, code="222222", resend="rotate")
        self.assertEqual((rotated.status, rotated["requestId"]), (202, first["requestId"]), rotated)
        self.assertEqual(self.gateway.verify(phone, "111111").status, 422)
        self.assertEqual(self.gateway.verify(phone, "222222").status, 200)

    def test_who_may_bring_none_is_told(self):
        self.gateway.ctl("app", "add", "plain", "--plan", "custom")
        key = self.gateway.ctl("key", "create", "plain")["key"]
        for code, codes in (("123456", ("invalid_field", "code")), ("123", ("invalid_field", "code")), ("12345678901", ("invalid_field", "code")),
                            ("12a456", ("invalid_field", "code")), ("１２３４", ("invalid_field", "code"))):
            refused = self.gateway.send(self.phone(), code=code, key=key)
            self.assertEqual((refused.status, refused["code"], refused["field"]), (400, *codes), refused)
        refused = self.gateway.send(self.phone(), code="123456", codeLength=8)
        self.assertEqual((refused.status, refused["field"]), (400, "codeLength"), refused)

    def test_no_code_of_anybody_s_is_in_the_data_file_once_its_request_is_over(self):
        phone, code = self.phone(), "7391846205"
        sent = self.gateway.send(phone, code=code)
        self.gateway.handset(phone)
        self.assertEqual(self.gateway.verify(phone, code).status, 200)
        self.assertNotIn(code, self.gateway.read(sent["requestId"]).text)
        self.assertNotIn(code.encode(), (self.gateway.folder / "data" / "data.mdb").read_bytes())
        self.assertNotIn(code, self.gateway.log())

    def test_a_code_verifies_only_with_what_it_is_bound_to(self):
        bind = {"amount": "500 EUR", "payee": "ACME"}
        phone = self.phone()
        sent = self.gateway.send(phone, template="pay", bind=bind)
        self.assertEqual(sent.status, 202, sent)
        code = self.gateway.handset(phone)
        self.assertEqual(self.gateway.carriers[0].inbox(phone)[0]["text"], f"{code} pays 500 EUR to ACME")
        tries = [{"amount": "5 EUR", "payee": "ACME"}, {"amount": "500 EUR"}, None, {**bind, "more": "x"}]
        for left, other in zip((4, 3, 2, 1), tries):
            refused = self.gateway.verify(phone, code, bind=other)
            self.assertEqual((refused.status, refused["code"], refused["attemptsRemaining"]), (422, "invalid_code", left), (other, refused))
        differs = self.gateway.send(phone, template="pay", bind={"amount": "5 EUR", "payee": "ACME"})
        self.assertEqual((differs.status, differs["fields"]), (422, ["bind"]), differs)
        self.assertEqual(self.gateway.send(phone, template="pay", bind=dict(reversed(bind.items())))["resend"], True)   # The order says nothing.
        self.assertEqual(self.gateway.verify(phone, code, bind=dict(reversed(bind.items()))).status, 200)

    def test_a_bound_code_never_stands_beside_another_payment(self):
        phone, bind = self.phone(), {"amount": "500 EUR", "payee": "ACME"}
        first = self.gateway.send(phone, template="pay", bind=bind)
        for text in ({"template": "pay", "variables": {"amount": "5 EUR", "payee": "ACME"}}, {"template": "default"}, {"locale": "de"}):
            refused = self.gateway.send(phone, **text)
            self.assertEqual((refused.status, refused["code"], refused["fields"]), (422, "live_request_differs", ["bind"]), (text, refused))
        self.assertEqual(self.gateway.send(phone)["resend"], True)                                      # The message as it was.
        wait_until("both came", lambda: len(self.gateway.carriers[0].inbox(phone)) == 2)
        self.assertEqual({message["text"][7:] for message in self.gateway.carriers[0].inbox(phone)}, {"pays 500 EUR to ACME"})
        # A new code is bound to what is said with it: the new text's own pairs, or nothing.
        rotated = self.gateway.send(phone, template="pay", variables={"amount": "5 EUR", "payee": "B"}, resend="rotate")
        self.assertEqual(rotated["requestId"], first["requestId"])
        wait_until("it came", lambda: len(self.gateway.carriers[0].inbox(phone)) == 3)
        self.assertEqual(self.gateway.carriers[0].inbox(phone)[-1]["text"][7:], "pays 5 EUR to B")
        code = self.gateway.handset(phone)
        self.assertEqual(self.gateway.verify(phone, code, bind=bind)["code"], "invalid_code")
        self.assertEqual(self.gateway.send(phone, template="pay", bind=bind, resend="rotate").status, 202)
        wait_until("it came", lambda: len(self.gateway.carriers[0].inbox(phone)) == 4)
        self.assertEqual(self.gateway.carriers[0].inbox(phone)[-1]["text"][7:], "pays 500 EUR to ACME")  # No variable of before stands in for it.
        self.assertEqual(self.gateway.verify(phone, self.gateway.handset(phone), bind=bind).status, 200)

    def test_another_payment_within_the_cooldown_is_not_the_live_one(self):
        self.gateway.ctl("app", "add", "paying", "--plan", "custom", "--set", "cooldown_seconds=600")
        self.gateway.ctl("template", "add", "paying", "pay", "--text", "{code} pays {amount}")
        key, phone = self.gateway.ctl("key", "create", "paying")["key"], self.phone()
        asked = {"template": "pay", "resend": "rotate", "onPending": "return"}
        self.assertEqual(self.gateway.send(phone, key=key, bind={"amount": "5 EUR"}, **asked).status, 202)
        self.assertEqual(self.gateway.send(phone, key=key, bind={"amount": "5 EUR"}, **asked).status, 200)
        other = self.gateway.send(phone, key=key, bind={"amount": "500 EUR"}, **asked)
        self.assertEqual((other.status, other["code"]), (429, "cooldown_active"), other)

    def test_a_bind_that_the_text_does_not_show_is_refused(self):
        for fields, field in (({"bind": {"amount": "5"}}, "bind.amount"),
                              ({"template": "pay", "bind": {"amount": "5", "payee": "A", "purpose": "x"}}, "bind.purpose"),
                              ({"template": "pay", "bind": {"amount": "5"}}, "variables"),
                              ({"template": "pay", "bind": {"amount": "5", "payee": "A"}, "variables": {"payee": "B"}}, "variables.payee"),
                              ({"template": "pay", "bind": {"amount": "{code}", "payee": "A"}}, "bind.amount")):
            refused = self.gateway.send(self.phone(), **fields)
            self.assertEqual((refused.status, refused["code"], refused["field"]), (422, "template_error", field), refused)
        for bind in ({}, {"a b": "1"}, {"amount": 5}, {f"n{n}": "1" for n in range(6)}, "5 EUR"):
            refused = self.gateway.send(self.phone(), template="pay", bind=bind)
            self.assertEqual((refused.status, refused["code"], refused["field"]), (400, "invalid_field", "bind"), refused)

    def test_a_test_phone_gets_nothing_and_has_its_own_code(self):
        review, gone = "+37499431001", "+37499431002"
        self.gateway.ctl("app", "set", "shop", f"test_phones={review}:424242:{in_days(0)},{gone}:424242:{in_days(-1)}")
        self.assertEqual(self.gateway.ctl("app", "show", "shop")["policy"]["test_phones"],
                         [f"{review}:424242:{in_days(0)}", f"{gone}:424242:{in_days(-1)}"])
        before = self.gateway.request("GET", "/v1/usage")["used"]
        for _ in range(12):                                                                 # No limit meets a reviewer.
            sent = self.gateway.send(review)
            self.assertEqual((sent.status, sent["test"]), (202, True), sent)
        read = self.gateway.read(sent["requestId"])
        self.assertEqual((read.status, read["status"], read["delivery"]["status"]), (200, "pending", "delivered"), read)
        self.assertEqual(self.gateway.verify(review, "424241").status, 422)
        self.assertEqual(self.gateway.verify(review, "424242").status, 200)
        self.assertEqual(self.gateway.verify(review, "424242").status, 410)
        self.assertEqual(self.gateway.carriers[0].inbox(review, wait=1), [])
        self.assertEqual(self.gateway.request("GET", "/v1/usage")["used"], before)
        self.gateway.await_log("otp.test_phone")
        # That one code, whatever a send asks for; and it is told before that nothing would go.
        for fields in ({"code": "99887766"}, {"codeLength": 8}, {"codeLength": 8}):
            sent = self.gateway.send(review, **fields)
            self.assertEqual((sent.status, sent["test"]), (202, True), (fields, sent))
        self.assertEqual(self.gateway.send(review, dryRun=True)["test"], True)
        self.assertEqual(self.gateway.verify(review, "99887766").status, 422)
        self.assertEqual(self.gateway.verify(review, "424242").status, 200)
        self.assertNotIn("424242", self.gateway.log())
        self.assertEqual(self.gateway.send(gone)["test"], False)                            # Its last day is over.
        self.assertNotEqual(self.gateway.handset(gone), "424242")
        for wish in ("+37499431001", "12:424242:2030-01-01", f"{review}:42:2030-01-01", f"{review}:424242:2030-02-30", f"{review}:42a242:2030-01-01",
                     ",".join(f"+3749943110{n}:424242:2030-01-01" for n in range(10)) + f",{review}:424242:2030-01-01"):
            self.assertEqual(self.gateway.run_ctl("app", "set", "shop", f"test_phones={wish}", check=False).returncode, 1, wish)
        self.gateway.ctl("app", "set", "shop", "test_phones=none")


if __name__ == "__main__":
    unittest.main()
