"""One handset is one identity, from outside: a number in every spelling that people use is one request, one set of limits, and one message to the
number that the plan has today."""

import json
import re
import unittest

from harness import Gateway, wrong

# country, the number as it is, its national form, and other forms of the same number: with `country` where they don't begin with + or 00.
HANDSETS = (
    ("AM", "+37499123056", "099 123056", ("+374 099 123056", "+374 (0)99 12-30-56")),
    ("DE", "+4915123456789", "01512 3456789", ("+490151 23456789", "0049 (0)1512 3456789", "4915123456789")),
    ("MX", "+525512345671", "55 1234 5671", ("+52 1 55 1234 5671", "+52 044 55 1234 5671", "045 55 1234 5671", "01 55 1234 5671")),
    ("AR", "+5491123456780", "011 15-2345-6780", ("+54 11 2345-6780", "+54 9 11 15 2345-6780", "+54 0 11 15 2345-6780", "11 2345-6780")),
    ("BR", "+5511961234567", "(11) 96123-4567", ("+55 11 6123-4567", "+55 0 11 96123-4567", "0 21 11 96123-4567")),
    ("VN", "+84381234567", "038 123 4567", ("+84 168 123 4567", "0168 123 4567")),
    ("CI", "+2250748123456", "07 48 12 34 56", ("+225 48 12 34 56",)),
    ("RU", "+79123456789", "8 (912) 345-67-89", ("+7 8 912 345-67-89", "79123456789")),
    ("HU", "+36201234567", "06 20 123 4567", ("+36 06 20 123 4567",)),
    ("IT", "+393123456789", "312 345 6789", ("393123456789",)),
    ("GB", "+447400123456", "07400 123456", ("+44 (0)7400 123456",)),
    ("US", "+12015550123", "(201) 555-0123", ("+1 1 201 555 0123", "1-201-555-0123")),
    ("FR", "+33612345678", "06 12 34 56 78", ("+33 06 12 34 56 78",)),
    ("BJ", "+2290195123456", "01 95 12 34 56", ()),
)


def in_script(text, zero, plus="+"):
    return "".join(chr(zero + int(c)) if c.isdigit() else plus if c == "+" else c for c in text)


def spellings(country, e164, national, others):
    """Pairs of what is written and the country that it needs."""
    grouped = " ".join((e164[:3], e164[3:6], e164[6:9], e164[9:]))
    yield from ((text, None) for text in ("00" + e164[1:], "+00" + e164[1:], grouped))
    for separator in "\u00a0\u202f\u2011\u2013\u2212\u3000":
        yield grouped.replace(" ", separator), None
        yield national.replace(" ", separator).replace("-", separator), country
    yield in_script(e164, 0xFF10, "\uff0b"), None
    for zero in (0x0660, 0x06F0, 0x0966):
        yield in_script(e164, zero), None
        yield in_script(national, zero), country
    yield "\u202a" + e164 + "\u202c", None
    yield "\u200b".join(e164), None
    yield "\ufeff" + national + "\u200f", country
    yield e164, country
    yield from ((text, None if text.startswith(("+", "00")) else country) for text in (national, *others))


def where(country):
    return {} if country is None else {"country": country}


class Numbers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(overrides=["fraud=off", "sends_per_phone=3/10m"]))

    def test_one_handset_is_one_request_however_its_number_is_written(self):
        for country, e164, national, others in HANDSETS:
            with self.subTest(country):
                sent = self.gateway.send(e164)
                self.assertEqual((sent.status, sent["country"]), (202, country), sent)
                code = self.gateway.handset(e164)
                for text, home in spellings(country, e164, national, others):
                    again = self.gateway.send(text, **where(home))
                    found = (again.status, again["code"], again.json.get("requestId"))
                    self.assertEqual(found, (429, "cooldown_active", sent["requestId"]), (ascii(text), again))
                written = list(spellings(country, e164, national, others))
                for left, (text, home) in zip((4, 3, 2, 1), written[-4:]):
                    missed = self.gateway.verify(text, wrong(code), **where(home))
                    self.assertEqual((missed.status, missed["attemptsRemaining"]), (422, left), ascii(text))
                text, home = written[-1]
                self.assertEqual(self.gateway.verify(text, code, **where(home)).status, 200, ascii(text))

    def test_one_handset_has_one_set_of_limits(self):
        for number in range(3):
            purpose = f"p{number}"
            spelt = ("+52 1 55 9999 0001", "+525599990001", "00 52 1 55 9999 0001")[number]
            answer = self.gateway.send(spelt, purpose=purpose)
            if number == 0:
                self.assertEqual(answer.status, 202)
        listed = self.gateway.ctl("block", "add", "+52 1 55 9999 0002")
        self.assertTrue(listed)
        self.assertEqual(self.gateway.send("+525599990002")["code"], "phone_blocked")
        def shown(spelt):   # But for what is less with each second.
            return re.sub(r'"\w*[sS]econds": \d+', "", json.dumps(self.gateway.ctl("limit", "show", spelt)))
        self.assertEqual(shown("+525599990001"), shown("+52 1 55 9999 0001"))

    def test_a_fixed_line_gets_no_digit_of_mobiles(self):
        answer = self.gateway.send("+55 11 2345-6789", dryRun=True)
        self.assertEqual(answer["numberType"], "fixed_line", answer)

    def test_what_is_no_number_is_refused_and_says_why(self):
        for text, home, said in (("+374 99 12\u00d73056", None, "U+00D7"), ("+37499123056 \U0001F642", None, "U+1F642"),
                                 ("+374\u20ac99123056", None, "U+20AC"), ("+374\u202299123056", None, "U+2022"), ("+374 99 123056x7", None, "U+0078"),
                                 ("+374\u009099123056", None, "U+0090"),
                                 ("+4915123456", None, "too few"), ("+861381234567", None, "too few"), ("+491512345678901", None, "too many"),
                                 ("+37499123056", "US", "not of the `country`"), ("099123056", None, "no country code")):
            for answer in (self.gateway.send(text, **where(home)), self.gateway.verify(text, "123456", **where(home))):
                self.assertEqual((answer.status, answer["code"]), (422, "invalid_phone"), ascii(text))
                self.assertIn(said, answer["detail"])
        self.assertEqual(self.gateway.send("+37499123056", country="US")["field"], "country")
        refused = self.gateway.run_ctl("route", "explain", "+374 99 x", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("U+0078", refused.stderr)


if __name__ == "__main__":
    unittest.main()
