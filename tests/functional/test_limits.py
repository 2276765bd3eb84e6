"""Cooldown, limits, quota: what is refused says why and when to come back, and charges nothing."""

import unittest

from harness import Gateway, within_one_month, wrong


class Limits(unittest.TestCase):
    def test_a_resend_within_the_cooldown_is_refused(self):
        with Gateway() as gateway:
            sent = gateway.send("+37499170001")
            self.assertTrue(sent["resendAvailableAt"].endswith("Z"))
            again = gateway.send("+37499170001")
            self.assertEqual((again.status, again["code"], again["requestId"]), (429, "cooldown_active", sent["requestId"]))
            self.assertTrue(1 <= int(again.headers["retry-after"]) <= 30)
            self.assertEqual(again["retryAfterSeconds"], int(again.headers["retry-after"]))
            self.assertTrue(again["violatedPolicies"])

    def test_a_phone_gets_five_in_ten_minutes_across_a_restart(self):
        with Gateway(overrides=["cooldown_seconds=none"]) as gateway:
            for n in range(5):
                self.assertEqual(gateway.send("+37499170002").status, 202, n)
            refused = gateway.send("+37499170002")
            self.assertEqual((refused.status, refused["code"]), (429, "rate_limited"), refused)
            self.assertGreater(int(refused.headers["retry-after"]), 500)
            gateway.kill()
            gateway.start()
            self.assertEqual(gateway.send("+37499170002")["code"], "rate_limited")
            self.assertEqual(gateway.send("+37499170003").status, 202)

    def test_a_user_ip_reaches_ten_phones(self):
        with Gateway(overrides=["cooldown_seconds=none"]) as gateway:
            for n in range(10):
                self.assertEqual(gateway.send(f"+374991701{n:02}", userIp="203.0.113.9").status, 202)
            self.assertEqual(gateway.send("+37499170199", userIp="203.0.113.9")["code"], "rate_limited")
            self.assertEqual(gateway.send("+37499170198", userIp="203.0.113.10").status, 202)
            self.assertEqual(gateway.send("+37499170197").status, 202)

    def test_three_locked_requests_lock_the_phone(self):
        with Gateway(overrides=["cooldown_seconds=none", "attempts=1"]) as gateway:
            phone = "+37499170004"
            for _ in range(3):
                self.assertEqual(gateway.send(phone).status, 202)
                self.assertEqual(gateway.verify(phone, wrong(gateway.handset(phone)))["attemptsRemaining"], 0)
            locked = gateway.send(phone)
            self.assertEqual((locked.status, locked["code"]), (423, "phone_locked"), locked)
            self.assertTrue(1700 < int(locked.headers["retry-after"]) <= 1800)

    def test_the_plan_ends_the_month(self):
        within_one_month()
        with Gateway(config='[plans.tiny]\nsms_per_month = 2\nrequests_per_second = 100\n', plan="tiny") as gateway:
            for n in range(2):
                self.assertEqual(gateway.send(f"+3749918000{n}").status, 202)
            over = gateway.send("+37499180009")
            self.assertEqual((over.status, over["code"], over["included"], over["used"], over["plan"]),
                             (402, "plan_limit_reached", 2, 2, "tiny"), over)
            self.assertTrue(over["resetsAt"].endswith("Z"))

    def test_the_request_rate_of_the_plan(self):
        with Gateway(config='[plans.slow]\nsms_per_month = 0\nrequests_per_second = 2\n', plan="slow") as gateway:
            answers = [gateway.verify("+37499180010", "123456") for _ in range(30)]
            refused = [answer for answer in answers if answer.status == 429]
            self.assertTrue(refused)
            self.assertIn("retry-after", refused[0].headers)
            self.assertIn("ratelimit", answers[0].headers)
            self.assertIn("ratelimit-policy", answers[0].headers)

    def test_a_limit_key_is_shown_and_reset_and_a_story_returns_its_request(self):
        with Gateway(overrides=["cooldown_seconds=none", "limit_keys=device:5/1h", "own_codes=true"]) as gateway:
            self.assertEqual(gateway.send("+37499480001", limitKeys={"device": "d1"}).status, 202)
            used = lambda: [(row["policy"], row["used"]) for row in gateway.ctl("limit", "show", "key:device=d1", "--app", "shop")["limits"]]
            self.assertEqual(used(), [("limit_keys.device", 1)])
            gateway.ctl("limit", "reset", "key:device=d1", "--app", "shop")
            self.assertEqual(used(), [("limit_keys.device", 0)])
            test = gateway.ctl("key", "create", "shop", "--test")["key"]
            answer = gateway.send("+37499480005", key=test, onPending="return")
            self.assertEqual((answer.status, answer["status"]), (200, "pending"), answer)
            self.assertEqual(gateway.send("+37499490005", key=test)["code"], "cooldown_active")
            gateway.ctl("template", "add", "shop", "pay", "--text", "{code} pays {amount}")
            refused = gateway.send("+37499480002", code="123456", template="pay", variables={"amount": "x123456"})
            self.assertEqual((refused.status, refused["field"]), (422, "variables.amount"), refused)


if __name__ == "__main__":
    unittest.main()
