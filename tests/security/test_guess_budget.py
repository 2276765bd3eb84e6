"""Wrong codes in a row of one phone: counted over requests, purposes and restarts; they lock verify as well as send."""

import datetime
import os
import unittest

from harness import BIN, Gateway, wrong

UTC = datetime.timezone.utc
CLOCK = BIN.parent / "lib" / "libwall_clock.so"
PHONE = "+37499172001"
FREE = ["cooldown_seconds=none", "sends_per_phone=none", "locks_per_phone=none"]


class GuessBudget(unittest.TestCase):
    def guess(self, gateway, times, purposes="p"):
        """So many wrong codes, five for each request, each by a purpose of its own."""
        answers = []
        for n in range(times):
            if n % 5 == 0:
                purpose = f"{purposes}{n // 5}"
                sent = gateway.send(PHONE, purpose=purpose)
                if sent.status != 202:
                    return answers + [sent]
                code = gateway.carriers[0].inbox(PHONE)
            answers.append(gateway.verify(PHONE, wrong("123456") if n % 2 else "000001", purpose=purpose))
        return answers

    def check_locked(self, answer, needs_operator=False):
        self.assertEqual((answer.status, answer["code"], answer["needsOperator"]), (423, "phone_locked", needs_operator), answer)
        self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)

    def test_the_fifteenth_wrong_code_in_a_row_locks_the_phone_whatever_the_purpose(self):
        with Gateway(overrides=FREE) as gateway:
            gateway.send(PHONE, purpose="mine")
            code = gateway.handset(PHONE)
            self.assertEqual({answer["code"] for answer in self.guess(gateway, 15)}, {"invalid_code"})
            self.check_locked(gateway.verify(PHONE, code, purpose="mine"))
            self.check_locked(gateway.send(PHONE, purpose="other"))
            gateway.kill()
            gateway.start()
            self.check_locked(gateway.verify(PHONE, code, purpose="mine"))
            self.assertEqual(gateway.send("+37499172002").status, 202, "others are free")
            shown = {limit["policy"]: limit for limit in gateway.ctl("limit", "show", PHONE)["limits"]}["guesses_in_a_row"]
            self.assertEqual((shown["used"], shown["limit"]), (15, 100))
            self.assertGreater(shown["waitSeconds"], 0)
            gateway.ctl("limit", "reset", PHONE)
            self.assertEqual(gateway.verify(PHONE, code, purpose="mine").status, 200)

    def test_a_verification_ends_the_row(self):
        with Gateway(overrides=FREE) as gateway:
            self.guess(gateway, 14, "a")
            gateway.send(PHONE, purpose="right")
            code = gateway.carriers[0].messages(PHONE, 4)[-1]["code"]
            self.assertEqual(gateway.verify(PHONE, code, purpose="right").status, 200)
            self.assertEqual({answer["code"] for answer in self.guess(gateway, 14, "b")}, {"invalid_code"})

    def test_what_is_over_still_says_so(self):
        with Gateway(overrides=FREE) as gateway:
            self.guess(gateway, 15)
            self.assertEqual(gateway.verify(PHONE, "000001", purpose="p0")["code"], "code_locked")

    def test_three_locked_requests_lock_verify_too(self):
        with Gateway(overrides=["cooldown_seconds=none", "attempts=1"]) as gateway:
            gateway.send(PHONE, purpose="mine")
            code = gateway.handset(PHONE)
            for n in range(3):
                gateway.send(PHONE, purpose=f"p{n}")
                gateway.verify(PHONE, "000001", purpose=f"p{n}")
            self.check_locked(gateway.verify(PHONE, code, purpose="mine"))

    def test_at_a_hundred_only_an_operator_helps(self):
        if not CLOCK.exists():
            self.skipTest("no clock to move: it is built with the tests")
        gateway = Gateway(overrides=[*FREE, "attempts=10", "ttl_max_seconds=3600", "ttl_seconds=3600"])
        first = datetime.datetime.now(UTC) + datetime.timedelta(days=3)

        def go_to(moment):
            ahead = int(os.environ.get("XION_CLOCK_AHEAD", 0)) + (moment - datetime.datetime.now(UTC)).total_seconds()
            asan = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0")))
            gateway.environment = {"LD_PRELOAD": str(CLOCK), "XION_CLOCK_AHEAD": str(round(ahead)), "ASAN_OPTIONS": asan}
        go_to(first)
        with gateway:
            moment, wrong_codes = first, 0
            while wrong_codes < 100:
                for n in range(16 if wrong_codes == 0 else 1):
                    sent = gateway.send(PHONE, purpose=f"d{wrong_codes}")
                    if sent.status == 423:
                        break
                    self.assertEqual(sent.status, 202, sent)
                    tried = gateway.verify(PHONE, "000001", purpose=f"d{wrong_codes}")
                    self.assertEqual(tried["code"], "invalid_code", tried)
                    wrong_codes += 1
                moment += datetime.timedelta(days=1, minutes=1)
                gateway.stop()
                go_to(moment)
                gateway.start()
            last = gateway.send(PHONE, purpose="last")
            self.check_locked(last, needs_operator=True)
            gateway.ctl("limit", "reset", PHONE)
            self.assertEqual(gateway.send(PHONE, purpose="last").status, 202)

    def test_short_codes_are_the_operators_to_allow(self):
        with Gateway(overrides=FREE) as gateway:
            refused = gateway.send(PHONE, codeLength=4)
            self.assertEqual((refused.status, refused["code"], refused["field"]), (400, "invalid_field", "codeLength"), refused)
            gateway.ctl("app", "set", "shop", "code_length_min=4")
            self.assertEqual(gateway.send(PHONE, codeLength=4).status, 202)

    def test_the_budget_is_told(self):
        with Gateway() as gateway:
            told = gateway.ctl("limit", "budget", "shop")
            self.assertEqual((told["digits"], told["inTenMinutes"], told["inADay"], told["inARow"]), (6, 15, 31, 100))
            self.assertAlmostEqual(told["chanceInARow"], 0.0001)


if __name__ == "__main__":
    unittest.main()
