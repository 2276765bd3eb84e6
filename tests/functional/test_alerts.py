"""What an owner is warned of by itself: told once when it begins and once when it is over, whatever restarts meanwhile."""

import signal
import unittest

from harness import Gateway, wait_until
from test_webhooks import ALLOWED, Receiver

FREE = ["cooldown_seconds=none", "requests_per_second=none"]
PRICES = '[billing]\ncurrency = "EUR"\n[prices.primary]\ndefault = "0.05"\n'


class Alerts(unittest.TestCase):
    def start(self, *overrides):
        self.receiver = self.enterContext(Receiver())
        self.gateway = self.enterContext(Gateway(overrides=[*FREE, *overrides], config=ALLOWED + PRICES))
        self.gateway.ctl("webhook", "add", "shop", self.receiver.url, "--type", "alert.raised", "alert.resolved")
        self.last = 37499551100

    def send(self, count, key=None):
        for _ in range(count):
            self.last += 1
            self.assertEqual(self.gateway.send(f"+{self.last}", key=key).status, 202)

    def open(self):
        return self.gateway.request("GET", "/v1/alerts").json["items"]

    def heard(self):
        return [(event["type"], event["data"]["alert"], event["data"].get("period", "")) for event in self.receiver.events()]

    def test_a_plan_that_is_nearly_used_up_is_told_once_over_a_kill_and_taken_back(self):
        self.start("sms_per_month=10")
        self.send(12, key=self.gateway.ctl("key", "create", "shop", "--test")["key"])
        self.send(7)
        self.assertEqual(self.open(), [])
        self.send(1)
        wait_until("it is told", self.receiver.events)
        self.assertEqual(self.heard(), [("alert.raised", "plan_usage", "")])
        told = self.receiver.events()[0]["data"]
        self.assertEqual((told["app"], told["used"], told["included"]), ("shop", 8, 10), told)
        self.assertEqual(self.open(), [told])
        self.gateway.kill()
        self.gateway.start()
        self.assertEqual(self.open(), [told])
        self.gateway.ctl("app", "set", "shop", "sms_per_month=100")
        wait_until("it is over", lambda: len(self.receiver.events()) == 2)
        self.assertEqual(self.heard(), [("alert.raised", "plan_usage", ""), ("alert.resolved", "plan_usage", "")])
        self.assertEqual(self.open(), [])
        with_test_key = self.gateway.request("GET", "/v1/alerts", key=self.gateway.ctl("key", "create", "shop", "--test")["key"])
        self.assertEqual((with_test_key.status, with_test_key.json["items"]), (200, []))

    def test_spend_near_its_cap_is_told_of_the_day_and_of_the_month(self):
        self.start("spend_per_day=0.50", "spend_per_month=100")
        self.send(8)
        wait_until("it is told", self.receiver.events)
        self.assertEqual(self.heard(), [("alert.raised", "spend", "day")])
        self.assertEqual({name: self.open()[0][name] for name in ("spent", "cap", "currency")}, {"spent": "0.40", "cap": "0.50", "currency": "EUR"})
        self.gateway.ctl("app", "set", "shop", "spend_per_month=0.45")
        wait_until("the month's, too", lambda: ("alert.raised", "spend", "month") in self.heard())
        self.gateway.ctl("app", "set", "shop", "spend_per_day=none", "spend_per_month=none")
        wait_until("both are over", lambda: len(self.receiver.events()) == 4)
        self.assertEqual(self.open(), [])

    def test_another_app_and_a_key_without_the_right_see_none(self):
        self.start("sms_per_month=1")
        self.send(1)
        wait_until("it is open", self.open)
        self.gateway.ctl("app", "add", "other", "--plan", "custom")
        other = self.gateway.ctl("key", "create", "other")["key"]
        self.assertEqual(self.gateway.request("GET", "/v1/alerts", key=other).json["items"], [])
        sender = self.gateway.ctl("key", "create", "shop", "--scope", "otp:send")["key"]
        refused = self.gateway.request("GET", "/v1/alerts", key=sender)
        self.assertEqual((refused.status, refused["code"]), (403, "insufficient_scope"), refused)
        self.assertEqual(self.gateway.request("GET", "/v1/alerts?x=1").status, 400)


class Keys(unittest.TestCase):
    def test_a_key_has_a_name_and_a_last_use_over_a_restart_and_a_move(self):
        with Gateway(overrides=FREE) as gateway:
            made = gateway.ctl("key", "create", "shop", "--name", "checkout, Գյումրի")
            listed = {key["id"]: key for key in gateway.ctl("key", "list", "shop")}
            self.assertEqual(listed[made["id"]]["name"], "checkout, Գյումրի")
            self.assertNotIn("lastUsedAt", listed[made["id"]])
            self.assertEqual(gateway.request("GET", "/v1/usage", key=made["key"]).status, 200)
            used = {key["id"]: key for key in gateway.ctl("key", "list", "shop")}[made["id"]]["lastUsedAt"]
            gateway.kill()
            gateway.start()
            after = {key["id"]: key for key in gateway.ctl("key", "list", "shop")}[made["id"]]
            self.assertEqual((after["name"], after["lastUsedAt"]), ("checkout, Գյումրի", used))
            fresh = gateway.ctl("key", "rotate", made["id"])
            self.assertEqual({key["id"]: key.get("name") for key in gateway.ctl("key", "list", "shop")}[fresh["id"]], "checkout, Գյումրի")
            for name in ("x" * 65, "two\nlines"):
                self.assertEqual(gateway.run_ctl("key", "create", "shop", "--name", name, check=False).returncode, 1, name)


class Deliveries(unittest.TestCase):
    def test_deliveries_are_listed_page_by_page_and_by_state(self):
        with Receiver() as receiver, Gateway(overrides=FREE, config=ALLOWED) as gateway:
            hook = gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "usage.threshold")["id"]
            made = [gateway.ctl("webhook", "test", hook)["id"] for _ in range(5)]
            wait_until("all came", lambda: len(receiver.events()) == 5)
            wait_until("and it is known", lambda: len(gateway.ctl("webhook", "deliveries", hook, "--state", "delivered")) == 5)
            self.assertEqual(gateway.ctl("webhook", "deliveries", hook, "--state", "failed"), [])
            pages, before = [], []
            while page := gateway.ctl("webhook", "deliveries", hook, "--limit", "2", *before):
                pages.append([one["id"] for one in page])
                before = ["--before", page[-1]["id"]]
            self.assertEqual(pages, [made[::-1][:2], made[::-1][2:4], made[::-1][4:]])
            self.assertEqual(gateway.run_ctl("webhook", "deliveries", hook, "--state", "lost", check=False).returncode, 2)
            self.assertEqual(gateway.run_ctl("webhook", "deliveries", hook, "--before", "nonsense", check=False).returncode, 2)


class Texts(unittest.TestCase):
    def test_a_text_says_what_it_costs_where_the_app_may_send(self):
        prices = '[billing]\ncurrency = "EUR"\n[prices.primary]\ndefault = "0.05"\n"+374" = "0.031"\n"+1" = "0.20"\n'
        with Gateway(overrides=FREE, config=prices) as gateway:
            price = lambda text: gateway.ctl("template", "lint", "shop", "--text", text)["price"]  # noqa: E731
            self.assertEqual(price("{code}"), {"least": "0.031", "most": "0.20", "currency": "EUR"})
            self.assertEqual(price("{code}" + "x" * 160)["most"], "0.40")
            gateway.ctl("app", "set", "shop", "countries_allowed=AM")
            self.assertEqual(price("{code}"), {"least": "0.031", "most": "0.031", "currency": "EUR"})
            gateway.ctl("template", "add", "shop", "--text", "{code}", "--locale", "hi", "--tlv", "0x1400=1101", "--tlv", "0x1401=1107")
            listed = gateway.ctl("template", "list", "shop")[0]
            self.assertEqual((listed["price"]["most"], listed["tlvs"]), ("0.031", {"0x1400": "1101", "0x1401": "1107"}))


class Changes(unittest.TestCase):
    def test_what_shows_in_figures_is_told_without_who_and_without_other_apps(self):
        with Gateway(overrides=FREE) as gateway:
            gateway.ctl("app", "add", "other")
            gateway.ctl("template", "add", "shop", "login", "--locale", "hy", "--text", "{code}")
            gateway.ctl("template", "add", "other", "--text", "{code}")
            gateway.ctl("carrier", "pause", "primary", "--reason", "name=x")
            gateway.ctl("carrier", "resume", "primary")
            gateway.ctl("config", "apply")
            gateway.process.send_signal(signal.SIGHUP)
            gateway.ctl("key", "create", "shop")
            wait_until("the reload by signal is there, too", lambda: len(gateway.ctl("audit", "changes", "shop")) >= 5)
            told = [{name: value for name, value in one.items() if name != "at"} for one in gateway.ctl("audit", "changes", "shop")]
            self.assertEqual(told[:5], [
                {"command": "config apply"}, {"command": "config apply"}, {"command": "carrier resume", "name": "primary"},
                {"command": "carrier pause", "name": "primary"}, {"command": "template add", "name": "login", "locale": "hy"}])
            self.assertEqual(len([one for one in gateway.ctl("audit", "changes", "other") if one["command"] == "template add"]), 1)
            self.assertEqual(gateway.ctl("audit", "--what", "config apply")[0]["from"], "SIGHUP")


if __name__ == "__main__":
    unittest.main()
