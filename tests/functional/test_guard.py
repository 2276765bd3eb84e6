"""Lists, rights, thresholds and the pumping guard: who may be sent to, seen from outside."""

import unittest

from harness import Gateway, wait_until, within_one_month, wrong

FREE = ["cooldown_seconds=none", "sends_per_phone=none", "sends_per_user_ip=none", "phones_per_user_ip=none"]


class Lists(unittest.TestCase):
    def test_who_is_blocked_gets_nothing_until_the_entry_goes(self):
        with Gateway() as gateway:
            phone = "+37499170001"
            entry = gateway.ctl("block", "add", phone, "--reason", "asked for it")
            self.assertEqual((entry["subject"], entry["value"], entry["app"]), ("phone", "+374•••••001", "(all)"))
            refused = gateway.send(phone)
            self.assertEqual((refused.status, refused["code"]), (403, "phone_blocked"), refused)
            logged = gateway.read(refused["requestId"])
            self.assertEqual((logged["status"], logged["reason"]), ("blocked", "phone_blocked"))
            trace = gateway.ctl("otp", "trace", refused["requestId"])
            self.assertEqual([event["type"] for event in trace["events"]], ["created", "blocked"])
            self.assertEqual(gateway.verify(phone, "123456")["code"], "no_active_code")
            gateway.kill()
            gateway.start()
            self.assertEqual(gateway.send(phone)["code"], "phone_blocked")
            self.assertEqual(len(gateway.ctl("block", "list")), 1)
            removed = gateway.ctl("block", "remove", phone)
            self.assertEqual((removed["reason"], removed["createdAt"]), ("asked for it", entry["createdAt"]), "what was taken off")
            self.assertEqual(gateway.send(phone).status, 202)
            self.assertEqual(gateway.run_ctl("block", "remove", phone, check=False).returncode, 1)

    def test_prefixes_countries_apps_and_the_allow_list(self):
        with Gateway() as gateway:
            gateway.ctl("block", "add", "+37499*", "--app", "shop")
            self.assertEqual(gateway.send("+37499170002")["code"], "phone_blocked")
            self.assertEqual(gateway.send("+37491170002").status, 202)
            gateway.ctl("allow", "add", "+37499170002")
            self.assertEqual(gateway.send("+37499170002").status, 202)
            gateway.ctl("block", "add", "AM", "--expires", "1h")
            self.assertTrue(gateway.ctl("limit", "show", "+37491170003")["blocked"])
            for bad in (["block", "add", "nonsense"], ["block", "add", "*"], ["block", "add", "AM", "--expires", "soon"]):
                self.assertEqual(gateway.run_ctl(*bad, check=False).returncode, 2, bad)


class Rights(unittest.TestCase):
    def test_countries_and_number_types(self):
        with Gateway(overrides=["countries_denied=GE", "countries_monitored=AM", "number_types=mobile"]) as gateway:
            refused = gateway.send("+995555123456")
            self.assertEqual((refused.status, refused["code"]), (403, "country_not_allowed"), refused)
            fixed = gateway.send("+37410123456")
            self.assertEqual((fixed.status, fixed["code"]), (403, "number_type_not_allowed"), fixed)
            watched = gateway.send("+37499170010")
            self.assertEqual(watched.status, 202)
            events = gateway.ctl("otp", "trace", watched["requestId"])["events"]
            self.assertIn(("flagged", "country_monitored: AM"), [(event["type"], event.get("detail")) for event in events])

    def test_senders_and_routes_are_the_apps_own(self):
        routes = '[[route]]\nname = "main"\ncarriers = ["primary"]\n[[route]]\nname = "vip"\nprefix = "+1"\ncarriers = ["primary"]\n'.replace(
            'prefix = "+1"', 'match = { prefix = "+1" }')
        with Gateway(routes=routes, overrides=["senders=Acme", "sender=Acme", "routes=main"]) as gateway:
            self.assertEqual(gateway.send("+37499170011").status, 202)
            message = gateway.carriers[0].inbox("+37499170011")[0]
            self.assertIn("Acme", str(message))
            self.assertEqual(gateway.send("+37499170012", sender="XionID")["field"], "sender")
            self.assertEqual(gateway.send("+37499170012", route="vip")["field"], "route")
            self.assertEqual(gateway.send("+37499170012", route="main").status, 202)

    def test_thresholds_are_told_once_and_overage_goes_on(self):
        within_one_month()
        config = "[plans.ten]\nsms_per_month = 10\nrequests_per_second = 0\noverage = true\n"
        with Gateway(config=config, plan="ten") as gateway:
            for n in range(11):
                self.assertEqual(gateway.send(f"+374991702{n:02}").status, 202, n)
            thresholds = lambda: [line for line in gateway.log().splitlines() if "usage.threshold" in line]
            wait_until("all three are in the log", lambda: len(thresholds()) >= 3)
            told = thresholds()
            self.assertEqual(len(told), 3, told)
            self.assertIn('percent\\":80', told[0])
            self.assertIn('used\\":10', told[2])
            gateway.ctl("app", "set", "shop", "overage=false")
            over = gateway.send("+37499170299")
            self.assertEqual((over.status, over["code"], over["used"]), (402, "plan_limit_reached", 11), over)


class Limits(unittest.TestCase):
    def test_failed_verifies_of_an_address_survive_a_restart(self):
        with Gateway(overrides=["failed_verifies_per_user_ip=5/10m"]) as gateway:
            sent = gateway.send("+37499170020")
            code = gateway.handset("+37499170020")
            for _ in range(4):
                gateway.verify("+37499170020", wrong(code), userIp="203.0.113.9")
            self.assertEqual(gateway.verify("+37499170021", "123456", userIp="203.0.113.9").status, 404)
            gateway.kill()
            gateway.start()
            refused = gateway.verify("+37499170020", code, userIp="203.0.113.9")
            self.assertEqual((refused.status, refused["code"]), (429, "rate_limited"), refused)
            self.assertEqual(refused["violatedPolicies"][0]["policy"], "failed_verifies_per_user_ip")
            shown = gateway.ctl("limit", "show", "203.0.113.9")["limits"]
            self.assertEqual([use["used"] for use in shown if use["policy"].startswith("failed")], [5])
            gateway.ctl("limit", "reset", "203.0.113.9")
            self.assertEqual(gateway.verify("+37499170020", code, userIp="203.0.113.9").status, 200, sent)

    def cooldown(self, gateway, phone):
        return next(use for use in gateway.ctl("limit", "show", phone)["limits"] if use["policy"] == "cooldown")

    def test_a_reset_lets_a_phone_start_afresh(self):
        with Gateway() as gateway:
            phone = "+37499170030"
            sent = gateway.send(phone)
            cooling = gateway.send(phone)
            self.assertEqual((cooling.status, cooling["requestId"]), (429, sent["requestId"]))
            self.assertIn("blocked", [event["type"] for event in gateway.ctl("otp", "trace", sent["requestId"])["events"]])
            used = [use["used"] for use in gateway.ctl("limit", "show", phone)["limits"] if use["policy"] == "sends_per_phone"]
            self.assertEqual(used, [1, 1])
            cooldown = self.cooldown(gateway, phone)
            self.assertEqual((cooldown["used"], cooldown["left"], cooldown["windowSeconds"]), (1, 0, 30))
            self.assertTrue(0 < cooldown["waitSeconds"] <= int(cooling.headers["retry-after"]), (cooldown, cooling.headers))
            gateway.ctl("limit", "reset", phone)
            self.assertEqual((self.cooldown(gateway, phone)["used"], self.cooldown(gateway, phone)["waitSeconds"]), (0, 0))
            again = gateway.send(phone)
            self.assertEqual((again.status, again["resend"]), (202, True), again)
            self.assertEqual(gateway.send(phone).status, 429)


class PumpingGuard(unittest.TestCase):
    def test_the_fourth_unverified_send_to_a_prefix_is_flagged_or_refused(self):
        with Gateway(overrides=FREE) as gateway:
            phones = [f"+3749917004{n}" for n in range(6)]
            answers = [gateway.send(phone) for phone in phones[:4]]
            self.assertEqual([answer.status for answer in answers], [202] * 4)
            flags = [event["detail"] for event in gateway.read(answers[3]["requestId"])["events"] if event["type"] == "flagged"]
            self.assertTrue(any("prefix_hourly" in flag for flag in flags), flags)
            gateway.await_log("fraud.alert")
            gateway.ctl("app", "set", "shop", "fraud=enforce")
            refused = gateway.send(phones[4])
            self.assertEqual((refused.status, refused["code"]), (403, "fraud_suspected"), refused)
            self.assertEqual(gateway.read(refused["requestId"])["reason"], "fraud_suspected")
            gateway.kill()
            gateway.start()
            self.assertEqual(gateway.send(phones[4])["code"], "fraud_suspected")
            # Verified traffic earns room again: three of the four are verified, one is left.
            for phone in phones[:3]:
                self.assertEqual(gateway.verify(phone, gateway.handset(phone)).status, 200)
            self.assertEqual(gateway.send(phones[4]).status, 202)

    def test_fraud_is_shown_and_simulated_and_usage_counted(self):
        within_one_month()
        with Gateway(overrides=FREE) as gateway:
            phones = [f"+3749917006{n}" for n in range(5)]
            for phone in phones:
                self.assertEqual(gateway.send(phone, userIp="203.0.113.9").status, 202)
            self.assertEqual(gateway.verify(phones[0], gateway.handset(phones[0])).status, 200)
            shown = gateway.ctl("fraud", "show", "shop")
            self.assertEqual(shown["mode"], "record")
            self.assertEqual([(row["subject"], row["unverifiedHour"], row["hourlyBudget"], row["verifiedDay"], row["covered"])
                              for row in shown["traffic"]], [("AM", 4, 3, 1, False)])
            of_phone = gateway.ctl("fraud", "show", "shop", phones[1])["traffic"]
            self.assertEqual([(row["kind"], row["unverifiedHour"]) for row in of_phone], [("country", 4), ("prefix", 4)])
            of_address = gateway.ctl("fraud", "show", "shop", "203.0.113.9")["traffic"]
            self.assertEqual([(row["kind"], row["unverifiedHour"], row["unverifiedCountries"]) for row in of_address], [("user_ip", 4, 0)])
            told = gateway.ctl("fraud", "simulate", "shop")
            self.assertEqual((told["sends"], told["cut"]), (5, False))
            self.assertGreaterEqual(told["refused"], 1)
            milder = gateway.ctl("fraud", "simulate", "shop", "--days", "1", "--hourly-floor", "10")
            self.assertEqual((milder["sends"], milder["refused"]), (5, 0))
            self.assertEqual(gateway.run_ctl("fraud", "simulate", "shop", "--hourly-floor", "many", check=False).returncode, 2)
            gateway.ctl("block", "add", "+37499170069")
            gateway.send("+37499170069")
            usage = gateway.ctl("usage", "shop")
            self.assertEqual((usage[0]["used"], usage[0]["requests"]), (5, 5))
            daily = gateway.ctl("usage", "shop", "--daily")
            self.assertEqual([sum(day[counted] for day in daily) for counted in ("used", "verified", "blocked")], [5, 1, 1])
            self.assertEqual(gateway.ctl("usage", "--month", "2020-01")[0]["used"], 0)
            self.assertEqual(gateway.run_ctl("usage", "--month", "soon", check=False).returncode, 2)

    def test_the_allow_list_is_exempt(self):
        with Gateway(overrides=[*FREE, "fraud=enforce", "fraud_hourly_floor=1"]) as gateway:
            self.assertEqual(gateway.send("+37499170050").status, 202)
            self.assertEqual(gateway.send("+37499170051")["code"], "fraud_suspected")
            gateway.ctl("allow", "add", "+3749917*", "--app", "shop")
            self.assertEqual(gateway.send("+37499170052").status, 202)


if __name__ == "__main__":
    unittest.main()
