"""Sending again while a code lives: what is new is sent, what can't change under one code is refused, and a retry sends nothing."""

import unittest

from harness import Gateway, wait_until

FREE = ["cooldown_seconds=none", "sends_per_phone=none", "requests_per_second=none"]
HASH, OTHER_HASH = "FA+9qCX9VSu", "AAAAAAAAAAA"


class Resend(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(overrides=FREE))
        for name, locale, text in (("default", "", "{code} is your shop code"), ("pay", "", "{code} pays {amount} to {payee}"),
                                   ("pay", "de", "{code} zahlt {amount} an {payee}"), ("hi", "", "{code} hi"), ("hi", "de", "{code} hallo")):
            cls.gateway.ctl("template", "add", "shop", name, "--text", text, *(["--locale", locale] if locale else []))
        cls.last = 37499420000

    def phone(self):
        Resend.last += 1
        return f"+{Resend.last}"

    def texts(self, phone, count):
        """What came to a phone, oldest first, once so many have."""
        return [message["text"] for message in self.gateway.carriers[0].messages(phone, count)]

    def sent(self, phone, **fields):
        answer = self.gateway.send(phone, **fields)
        self.assertEqual(answer.status, 202, answer)
        return answer

    def test_a_resend_says_what_the_call_says_under_the_same_code(self):
        phone = self.phone()
        pays = {"template": "pay", "variables": {"amount": "5 EUR", "payee": "ACME"}}
        first = self.sent(phone, **pays, reference="r1", metadata={"a": "1"}, userId="u1")
        again = self.sent(phone, template="pay", variables={"amount": "500 EUR", "payee": "ACME"}, reference="r2", metadata={"b": "2"}, userId="u2")
        self.assertEqual((again["requestId"], again["resend"], again["sends"], again["reference"], again["metadata"]),
                         (first["requestId"], True, 2, "r2", {"b": "2"}))
        self.sent(phone, template="pay", locale="de", variables={"amount": "1 EUR", "payee": "ACME"})
        self.sent(phone)                                             # As it was last.
        texts = self.texts(phone, 4)
        code = texts[0].split()[0]
        self.assertEqual(texts, [f"{code} pays 5 EUR to ACME", f"{code} pays 500 EUR to ACME", f"{code} zahlt 1 EUR an ACME", f"{code} zahlt 1 EUR an ACME"])
        read = self.gateway.read(first["requestId"])
        self.assertEqual((read["reference"], read["metadata"], read["userId"], read["expiresAt"]), ("r2", {"b": "2"}, "u2", first["expiresAt"]))
        for query in ("reference=r2", "userId=u2", "metadata.b=2"):
            self.assertEqual([item["requestId"] for item in self.gateway.request("GET", f"/v1/otp?{query}")["items"]], [first["requestId"]], query)
        for query in ("reference=r1", "userId=u1", "metadata.a=1"):
            self.assertEqual(self.gateway.request("GET", f"/v1/otp?{query}")["items"], [], query)
        self.assertEqual(self.gateway.verify(phone, code).status, 200)

    def test_what_a_resend_leaves_out_stays_as_it_was(self):
        greeted, paid, german = self.phone(), self.phone(), self.phone()
        self.sent(greeted, template="hi")
        self.sent(greeted, locale="de")
        self.assertEqual([text.split(maxsplit=1)[1] for text in self.texts(greeted, 2)], ["hi", "hallo"])
        self.sent(paid, template="pay", variables={"amount": "5", "payee": "ACME"})
        dry = self.gateway.send(paid, variables={"amount": "500"}, dryRun=True)
        self.assertTrue(dry["text"].endswith("pays 500 to ACME"), dry)
        self.sent(paid, variables={"amount": "500"})
        self.assertEqual([text.split(maxsplit=1)[1] for text in self.texts(paid, 2)], ["pays 5 to ACME", "pays 500 to ACME"])
        self.sent(german, template="pay", locale="de", variables={"amount": "5", "payee": "ACME"})
        self.sent(german, template="pay")
        self.sent(german, template="hi")
        self.assertEqual([text.split(maxsplit=1)[1] for text in self.texts(german, 3)], ["zahlt 5 an ACME", "zahlt 5 an ACME", "hallo"])
        for fields, field in (({"variables": {"amuont": "5"}}, "variables.amuont"), ({"template": "pay", "variables": {"amount": "1"}}, "variables")):
            refused = self.gateway.send(greeted, **fields)
            self.assertEqual((refused.status, refused["code"], refused["field"]), (422, "template_error", field), refused)
        self.assertEqual(len(self.texts(greeted, 2)), 2)

    def test_a_resend_counts_for_the_address_that_it_was_asked_from(self):
        phone = self.phone()
        for fields in ({"userIp": "203.0.113.7"}, {"userIp": "203.0.113.8"}, {}):
            self.sent(phone, **fields)
        for address in ("203.0.113.7", "203.0.113.8"):
            shown = self.gateway.ctl("limit", "show", address, "--app", "shop")
            used = [row["used"] for row in shown["limits"] if row["policy"] == "sends_per_user_ip"]
            self.assertEqual(used, [1], (address, shown))

    def test_what_cannot_change_under_one_code_is_refused_by_name(self):
        given = {"ttlSeconds": 120, "codeLength": 6, "appHash": HASH, "webOrigin": "shop.example"}
        for field, other in (("ttlSeconds", 121), ("codeLength", 8), ("appHash", OTHER_HASH), ("webOrigin", "other.example")):
            with self.subTest(field):
                phone = self.phone()
                first = self.sent(phone, **given)
                self.assertEqual(self.sent(phone, **given)["requestId"], first["requestId"])       # The same again is a resend.
                self.assertEqual(self.sent(phone)["requestId"], first["requestId"])                # Nothing said differs in nothing.
                for dry in (True, False):
                    refused = self.gateway.send(phone, **{**given, field: other}, dryRun=dry)
                    self.assertEqual((refused.status, refused["code"], refused["fields"], refused["requestId"]),
                                     (422, "live_request_differs", [field], first["requestId"]), refused)
                self.assertEqual(self.gateway.read(first["requestId"])["sends"], 3)
                rotated = self.sent(phone, **{**given, field: other}, resend="rotate")
                self.assertEqual((rotated["requestId"], rotated["resend"]), (first["requestId"], True))
                if field == "ttlSeconds":
                    self.assertEqual(rotated["ttlSeconds"], 121)
                    self.assertGreater(rotated["expiresAt"], first["expiresAt"])
                self.texts(phone, rotated["sends"])
                code = self.gateway.handset(phone)
                self.assertEqual(len(code), 8 if field == "codeLength" else 6)
                self.assertEqual(self.sent(phone, **{**given, field: other})["sends"], 5)          # From now on these are the live one's.
                self.assertEqual(self.gateway.verify(phone, code).status, 200)
        phone = self.phone()
        self.sent(phone, codeLength=6)
        refused = self.gateway.send(phone, codeLength=7, ttlSeconds=60, appHash=HASH)
        self.assertEqual(refused["fields"], ["ttlSeconds", "codeLength", "appHash"], refused)

    def test_an_expiry_that_a_rotation_moved_comes_when_it_says(self):
        phone = self.phone()
        first = self.sent(phone, ttlSeconds=600)
        self.sent(phone, ttlSeconds=30, resend="rotate")
        wait_until("it has expired", lambda: self.gateway.read(first["requestId"])["status"] == "expired", 90)
        self.assertEqual(self.gateway.told("status")["queue"]["size"], 0)

    def test_camara_s_second_message_is_sent(self):
        phone = self.phone()
        ids = {self.gateway.request("POST", "/one-time-password-sms/v1/send-code", {"phoneNumber": phone, "message": text})["authenticationId"]
               for text in ("{{code}} is the first", "{{code}} is the second")}
        self.assertEqual(len(ids), 1)
        self.assertEqual([text.split(maxsplit=1)[1] for text in self.texts(phone, 2)], ["is the first", "is the second"])

    def test_a_retry_in_the_cooldown_sends_nothing_where_the_live_request_is_wanted(self):
        self.gateway.ctl("app", "add", "retrying", "--plan", "custom", "--set", "cooldown_seconds=600", "--set", "requests_per_second=none")
        key = self.gateway.ctl("key", "create", "retrying")["key"]
        phone = self.phone()
        first = self.gateway.send(phone, key=key, onPending="return", reference="r1")
        self.assertEqual(first.status, 202, first)
        for dry in (False, True):
            again = self.gateway.send(phone, key=key, onPending="return", dryRun=dry)
            self.assertEqual(again.status, 200, again)
            self.assertEqual({name: again[name] for name in ("requestId", "resend", "sends", "expiresAt", "resendAvailableAt", "reference")},
                             {"requestId": first["requestId"], "resend": False, "sends": 1, "expiresAt": first["expiresAt"],
                              "resendAvailableAt": first["resendAvailableAt"], "reference": "r1"})
            self.assertEqual(again.headers["location"], f"/v1/otp/{first['requestId']}")
        self.assertEqual(self.gateway.send(phone, key=key)["code"], "cooldown_active")
        self.assertEqual(self.gateway.send(phone, key=key, onPending="refuse").status, 429)
        self.gateway.ctl("app", "set", "retrying", "on_pending=return")
        self.assertEqual(self.gateway.send(phone, key=key).status, 200)
        self.assertEqual(self.gateway.send(phone, key=key, onPending="refuse").status, 429)
        self.assertEqual(len(self.gateway.carriers[0].inbox(phone)), 1)
        self.assertEqual(self.gateway.send(phone, key=key, codeLength=8).status, 422)
        code = self.gateway.handset(phone)
        self.assertEqual(self.gateway.verify(phone, code, key=key).status, 200)
        self.assertEqual(self.gateway.send(phone, key=key)["code"], "cooldown_active")   # Nothing lives that could be given.
        wrong = self.gateway.send(phone, key=key, onPending="ignore")
        self.assertEqual((wrong.status, wrong["field"]), (400, "onPending"), wrong)

    def test_a_variable_that_the_text_has_no_place_for_is_refused(self):
        for variables, field, suggestion in (({"amount": "5", "payee": "A", "amout": "5"}, "variables.amout", "amount"),
                                             ({"ammount": "5", "payee": "A"}, "variables.ammount", "amount"),
                                             ({"amount": "5", "payee": "A", "weather": "fine"}, "variables.weather", None)):
            refused = self.gateway.send(self.phone(), template="pay", variables=variables)
            self.assertEqual((refused.status, refused["code"], refused["field"], refused.json.get("suggestion")),
                             (422, "template_error", field, suggestion), refused)
        refused = self.gateway.send(self.phone(), variables={"name": "Ani"})
        self.assertEqual((refused.status, refused["field"]), (422, "variables.name"), refused)

    def test_a_link_comes_into_a_text_only_where_its_template_says_so(self):
        self.gateway.ctl("template", "add", "shop", "visit", "--text", "{code}: see {page:link}, {name}")
        for value in ("https://evil.example/x", "http://a", "evil.example", "www.evil.example", "see evil.example/now", "bit.ly/abc", "HTTPS://EVIL.EXAMPLE",
                      "evil。example", "t.me/x"):
            refused = self.gateway.send(self.phone(), template="visit", variables={"page": "https://shop.example", "name": value})
            self.assertEqual((refused.status, refused["code"], refused["field"]), (422, "template_error", "variables.name"), (value, refused))
        phone = self.phone()
        for value in ("Ani", "5.00 EUR", "J. R. Smith", "ACME Inc.", "12.05.2026", "v1.2", "3.5%"):
            allowed = self.gateway.send(self.phone(), template="visit", variables={"page": "https://shop.example/a", "name": value})
            self.assertEqual(allowed.status, 202, (value, allowed))
        self.sent(phone, template="visit", variables={"page": "https://shop.example/a", "name": "Ani"})
        self.assertTrue(self.texts(phone, 1)[0].endswith(": see https://shop.example/a, Ani"))


if __name__ == "__main__":
    unittest.main()
