"""Numbers that earn somebody money, and apps that never proved anything."""

import unittest

from harness import Gateway

FREE = ["cooldown_seconds=none", "sends_per_phone=none", "sends_per_user_ip=none", "phones_per_user_ip=none"]
COSTLY = {
    "+442071838750": None,             # a fixed line, for comparison
    "+37490012345": "premium_rate",    # Armenia
    "+33899123456": "premium_rate",    # France
    "+447012345678": "other",          # personal numbers of the UK
    "+870773123456": "no_country",     # Inmarsat
    "+881612345678": "no_country",     # Globalstar, Iridium
    "+882161234567": "no_country",     # networks
    "+8835100012345": "no_country",
    "+878101234567890": "no_country",  # universal personal
    "+979123456789": "no_country",     # international premium rate
    "+80012345678": "no_country",      # universal freephone
}


class Numbers(unittest.TestCase):
    def check(self, gateway, phone, is_allowed):
        answer = gateway.send(phone)
        if answer.status == 422:
            self.skipTest(f"{phone} is no number by this plan: {answer}")
        expected = (202, None) if is_allowed else (403, "number_type_not_allowed")
        self.assertEqual((answer.status, answer.json.get("code")), expected, f"{phone}: {answer}")

    def test_costly_numbers_are_refused(self):
        with Gateway(overrides=FREE) as gateway:
            for phone, kind in COSTLY.items():
                with self.subTest(phone):
                    self.check(gateway, phone, kind is None)

    def test_unless_the_app_names_them(self):
        with Gateway(overrides=[*FREE, "number_types=mobile,premium_rate,other,no_country"]) as gateway:
            for phone, kind in COSTLY.items():
                with self.subTest(phone):
                    self.check(gateway, phone, kind is not None)

    def test_or_a_route_or_the_allow_list_does(self):
        routes = ('[[route]]\nname = "main"\ncarriers = ["primary"]\n'
                  '[[route]]\nname = "sky"\nmatch = { prefix = "+881" }\ncarriers = ["primary"]\n')
        with Gateway(overrides=FREE, routes=routes) as gateway:
            self.check(gateway, "+881612345678", True)
            self.check(gateway, "+870773123456", False)
            gateway.ctl("allow", "add", "+8707*")
            self.check(gateway, "+870773123456", True)


class Guard(unittest.TestCase):
    def test_who_never_verified_is_held_to_the_budget_of_a_day(self):
        with Gateway(overrides=[*FREE, "fraud=auto"]) as gateway:
            shown = gateway.ctl("fraud", "show", "shop")
            self.assertEqual((shown["mode"], shown["now"]), ("auto", "enforce"), shown)
            answers = [gateway.send(f"+374991730{n:02}") for n in range(21)]
            self.assertEqual([answer.status for answer in answers[:20]], [202] * 20)
            self.assertEqual((answers[20].status, answers[20]["code"]), (403, "fraud_suspected"), answers[20])
            self.assertEqual(gateway.verify("+37499173000", gateway.handset("+37499173000")).status, 200)
            shown = gateway.ctl("fraud", "show", "shop")
            self.assertEqual((shown["now"], bool(shown["enforcesFrom"])), ("record", True), shown)
            self.assertEqual(gateway.send("+37499173021").status, 202)

    def test_all_apps_together_send_so_many_to_a_phone(self):
        with Gateway(overrides=FREE, config='[limits]\nsends_per_phone_overall = ["3/1h"]\n') as gateway:
            gateway.ctl("app", "add", "other", "--set", "cooldown_seconds=none", "--plan", "custom")
            other = gateway.ctl("key", "create", "other")["key"]
            phone = "+37499173100"
            self.assertEqual([gateway.send(phone).status, gateway.send(phone, key=other).status, gateway.send(phone).status], [202] * 3)
            refused = gateway.send(phone, key=other)
            self.assertEqual((refused.status, refused["violatedPolicies"][0]["policy"]), (429, "sends_per_phone_overall"), refused)
            gateway.kill()
            gateway.start()
            self.assertEqual(gateway.send(phone).status, 429)
            self.assertEqual(gateway.send("+37499173101").status, 202)


class Addresses(unittest.TestCase):
    def test_an_ipv6_address_is_its_64_and_a_48_has_limits_of_its_own(self):
        overrides = ["cooldown_seconds=none", "sends_per_phone=none", "sends_per_user_ip=3/1h", "phones_per_user_ip=none", "sends_per_user_net=5/1h",
                     "phones_per_user_net=none"]
        with Gateway(overrides=overrides) as gateway:
            def send(n, address):
                return gateway.send(f"+3749917320{n}", userIp=address)
            for n in range(3):
                self.assertEqual(send(n, f"2001:db8:1:2::{n + 1:x}").status, 202)
            refused = send(3, "2001:db8:1:2:ffff::9")
            self.assertEqual((refused.status, refused["violatedPolicies"][0]["policy"]), (429, "sends_per_user_ip"), refused)
            self.assertEqual([send(4, "2001:db8:1:3::1").status, send(5, "2001:db8:1:4::1").status], [202, 202])
            refused = send(6, "2001:db8:1:5::1")
            self.assertEqual((refused.status, refused["violatedPolicies"][0]["policy"]), (429, "sends_per_user_net"), refused)
            self.assertEqual(send(7, "2001:db8:2:5::1").status, 202)
            self.assertEqual(send(8, "::ffff:203.0.113.1").status, 202)
            gateway.ctl("limit", "reset", "2001:db8:1:2::77")
            self.assertEqual(send(9, "2001:db8:1:2::78").status, 202)


if __name__ == "__main__":
    unittest.main()
