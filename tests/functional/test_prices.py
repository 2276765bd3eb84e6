"""What messages cost: prices by carrier and prefix, caps, and what a month's bill says. Money is exact everywhere."""

import concurrent.futures
import csv
import io
import subprocess
import unittest
from decimal import Decimal

from harness import BIN, Gateway, wait_until, within_one_month
from test_webhooks import Receiver
from waiting import PATIENCE

PRICES = """
[billing]
currency = "EUR"
[prices.primary]
default = "0.05"
"+374" = "0.032"
"+37477" = "0.000001"
[plans.small]
sms_per_month = 2
requests_per_second = 0
overage = true
price_per_month = "49.90"
"""
BOTH = PRICES + '[prices.backup]\ndefault = "0.11"\n'
FREE = ["cooldown_seconds=none", "requests_per_second=none", "sends_per_phone=none"]
LONG = "Your code is {code}. " + "x" * 180


def month(gateway):
    return gateway.request("GET", "/v1/usage")["periodStart"][:7]


def plain(gateway, *command):
    done = subprocess.run([BIN / "xionctl", "--socket", gateway.socket_path, *command], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done
    return done.stdout


def statement(gateway, *options):
    return gateway.ctl("usage", "statement", "--month", month(gateway), *options)


class Prices(unittest.TestCase):
    def test_a_request_costs_its_accepted_parts_by_the_longest_prefix(self):
        with Gateway(config=PRICES, overrides=FREE) as gateway:
            for phone, price in [("+37499180001", "0.032"), ("+37477180001", "0.000001"), ("+995555180001", "0.05")]:
                sent = gateway.send(phone)
                self.assertEqual(sent.status, 202, sent)
                read = gateway.wait_delivery(sent["requestId"])
                self.assertEqual((read["price"], read["currency"]), (price, "EUR"), read)
                shown = gateway.ctl("otp", "show", sent["requestId"])
                self.assertEqual((shown["price"], shown["currency"]), (price, "EUR"))
            exported = list(csv.DictReader(io.StringIO(gateway.request("GET", "/v1/exports/otp.csv").text)))
            self.assertEqual({row["price"] for row in exported}, {"0.032", "0.000001", "0.05"})
            self.assertEqual({row["currency"] for row in exported}, {"EUR"})
            usage = gateway.request("GET", "/v1/usage")
            self.assertEqual((usage["price"], usage["currency"], usage["spendPerDay"]), ("0.082001", "EUR", None), usage)
            days = gateway.request("GET", "/v1/usage/daily")
            self.assertEqual(sum(Decimal(day["price"]) for day in days["items"]), Decimal("0.082001"))
            self.assertIn("price,currency", gateway.request("GET", "/v1/exports/usage.csv").text.splitlines()[0])

    def test_a_resend_and_a_long_text_cost_each_part(self):
        with Gateway(config=PRICES, overrides=FREE) as gateway:
            gateway.ctl("template", "add", "shop", "long", "--text", LONG)
            dry = gateway.send("+37499180002", template="long", dryRun=True)
            self.assertEqual((dry["segments"], dry["price"], dry["currency"]), (2, "0.064", "EUR"), dry)
            sent = gateway.send("+37499180002", template="long")
            self.assertEqual(gateway.wait_delivery(sent["requestId"])["price"], "0.064")
            again = gateway.send("+37499180002", template="long")
            self.assertEqual(again["requestId"], sent["requestId"])
            wait_until("both are paid", lambda: gateway.read(sent["requestId"])["price"] == "0.128")

    def test_a_failover_costs_the_carrier_that_took_it(self):
        with Gateway(carriers=2, config=BOTH, overrides=FREE) as gateway:
            gateway.carriers[0].command("script", "+37499180003", "status=0x45")
            sent = gateway.send("+37499180003")
            read = gateway.wait_delivery(sent["requestId"])
            self.assertEqual((read["delivery"]["carrier"], read["price"]), ("backup", "0.11"), read)

    def test_what_is_refused_by_all_costs_nothing(self):
        with Gateway(config=PRICES, overrides=FREE) as gateway:
            gateway.carriers[0].command("script", "+37499180004", "status=0x45")
            sent = gateway.send("+37499180004")
            read = gateway.wait_delivery(sent["requestId"], "rejected")
            self.assertEqual(read["price"], "0.00", read)
            self.assertEqual(gateway.request("GET", "/v1/usage")["price"], "0.00")

    def test_a_test_key_costs_nothing(self):
        with Gateway(config=PRICES, overrides=FREE) as gateway:
            key = gateway.ctl("key", "create", "shop", "--test")["key"]
            sent = gateway.send("+37499180001", key=key)
            self.assertEqual(gateway.request("GET", f"/v1/otp/{sent['requestId']}", key=key)["price"], "0.00")
            self.assertEqual(gateway.request("GET", "/v1/usage", key=key)["price"], "0.00")
            self.assertEqual(gateway.request("GET", "/v1/usage")["price"], "0.00")

    def test_a_reload_and_a_restart_change_no_price_that_was_agreed(self):
        with Gateway(config=PRICES, overrides=FREE) as gateway:
            first = gateway.send("+37499180005")
            gateway.wait_delivery(first["requestId"])
            binds = gateway.carriers[0].stats()
            text = gateway.config_path.read_text()
            gateway.config_path.write_text(text.replace('"0.032"', '"0.04"'))
            changes = gateway.ctl("config", "apply")
            self.assertEqual([(c["key"], c["before"], c["after"]) for c in changes], [("prices.primary.+374", "0.032", "0.04")])
            second = gateway.send("+37499180006")
            self.assertEqual(gateway.wait_delivery(second["requestId"])["price"], "0.04")
            self.assertEqual(gateway.read(first["requestId"])["price"], "0.032")
            self.assertEqual(gateway.carriers[0].stats()["bindsAccepted"], binds["bindsAccepted"], "a price rebinds nobody")
            gateway.kill()
            gateway.start()
            self.assertEqual(gateway.read(first["requestId"])["price"], "0.032")
            self.assertEqual(gateway.request("GET", "/v1/usage")["price"], "0.072")

    def test_without_a_currency_nothing_has_a_price(self):
        with Gateway(overrides=FREE) as gateway:
            sent = gateway.send("+37499180007")
            self.assertNotIn("price", gateway.wait_delivery(sent["requestId"]).json)
            self.assertNotIn("price", gateway.request("GET", "/v1/usage").json)
            refused = gateway.run_ctl("usage", "statement", "--month", "2026-01", check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("[billing]", refused.stderr)


class Caps(unittest.TestCase):
    def test_a_day_and_a_month_end_at_their_cap_and_tell_it(self):
        within_one_month()
        for period in "day", "month":
            with Gateway(config=PRICES, overrides=[*FREE, f"spend_per_{period}=0.07"]) as gateway:
                sent = [gateway.send(f"+3749918001{n}") for n in range(2)]
                over = gateway.send("+37499180019")
                self.assertEqual((over.status, over["code"], over["period"], over["cap"], over["spent"], over["price"], over["currency"]),
                                 (402, "spend_cap_reached", period, "0.07", "0.064", "0.032", "EUR"), over)
                self.assertTrue(over["resetsAt"].endswith("T00:00:00Z"))
                self.assertNotIn("retry-after", over.headers)
                refused = gateway.read(over["requestId"])
                self.assertEqual((refused["status"], refused["reason"], refused.json.get("price")), ("blocked", "spend_cap_reached", None))
                self.assertEqual(gateway.send("+37499180019", dryRun=True)["code"], "spend_cap_reached")
                sent.append(gateway.send("+37477180019"))
                self.assertEqual([each.status for each in sent], [202] * 3, "what costs less has room")
                for each in sent:   # What was on its way when the daemon dies has an unknown outcome, and is not billed.
                    gateway.wait_delivery(each["requestId"])
                gateway.kill()
                gateway.start()
                self.assertEqual(gateway.send("+37499180018")["code"], "spend_cap_reached")
                gateway.ctl("app", "set", "shop", f"spend_per_{period}=0.10")
                self.assertEqual(gateway.send("+37499180018").status, 202)
                self.assertEqual(gateway.request("GET", "/v1/usage")["spendPerDay"], "0.10" if period == "day" else None)

    def test_what_waits_for_a_carrier_holds_the_dearest_that_it_may_cost(self):
        with Gateway(carriers=2, config=BOTH, overrides=[*FREE, "spend_per_day=0.25"]) as gateway:
            for name in "primary", "backup":
                gateway.ctl("carrier", "pause", name)
            queued = [gateway.send(f"+3749918002{n}") for n in range(2)]
            self.assertEqual([each.status for each in queued], [202, 202])
            over = gateway.send("+37499180029")
            self.assertEqual((over["code"], over["spent"], over["price"]), ("spend_cap_reached", "0.22", "0.11"), over)
            gateway.ctl("carrier", "resume", "primary")
            for each in queued:
                self.assertEqual(gateway.wait_delivery(each["requestId"])["price"], "0.032")
            self.assertEqual(gateway.send("+37499180029").status, 202, "what was held and not spent is free again")

    def test_racing_sends_never_go_beyond(self):
        with Gateway(config=PRICES, overrides=[*FREE, "spend_per_month=0.32"]) as gateway:
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                answers = list(pool.map(lambda n: gateway.send(f"+374991803{n:02}"), range(40)))
            self.assertEqual(sum(answer.status == 202 for answer in answers), 10)
            self.assertEqual(gateway.request("GET", "/v1/usage")["spendPerMonth"], "0.32")


class Statement(unittest.TestCase):
    def test_a_month_is_billed_by_plan_and_destination(self):
        within_one_month()
        with Gateway(config=PRICES, plan="small", overrides=["cooldown_seconds=none", "sends_per_phone=none"]) as gateway:
            # Two are included; of the three beyond them one is refused by the carrier.
            for phone in "+37499180041", "+995555180041", "+37499180042", "+995555180042":
                gateway.wait_delivery(gateway.send(phone)["requestId"])
            gateway.carriers[0].command("script", "+37499180043", "status=0x45")
            gateway.wait_delivery(gateway.send("+37499180043")["requestId"], "rejected")
            gateway.ctl("app", "add", "quiet", "--plan", "custom")
            rows = statement(gateway, "shop")
            self.assertEqual([(r["item"], r.get("country"), r["messages"], r.get("overage"), r.get("parts"), r["amount"]) for r in rows],
                             [("plan", None, 5, None, None, "49.90"), ("destination", "AM", 3, 2, 1, "0.032"), ("destination", "GE", 2, 1, 1, "0.05"),
                              ("total", None, 5, 3, 2, "49.982")], rows)
            self.assertEqual({(r["app"], r["plan"], r["currency"], r["final"]) for r in rows}, {("shop", "small", "EUR", False)})
            self.assertEqual(rows[0]["included"], 2)
            self.assertEqual({r["app"] for r in statement(gateway)}, {"shop", "quiet"})
            text = plain(gateway, "usage", "statement", "shop", "--month", month(gateway), "--csv")
            self.assertEqual([row["amount"] for row in csv.DictReader(io.StringIO(text))], ["49.90", "0.032", "0.05", "49.982"])
            table = plain(gateway, "usage", "statement", "--month", month(gateway))
            self.assertIn("49.982", table)
            before = gateway.ctl("usage", "statement", "shop", "--month", "2024-02")
            self.assertEqual([(r["item"], r["messages"], r["amount"], r["final"]) for r in before],
                             [("plan", 0, "49.90", True), ("total", 0, "49.90", True)])
            self.assertEqual(gateway.run_ctl("usage", "statement", "--month", "2024-13", check=False).returncode, 2)


class Webhooks(unittest.TestCase):
    def test_events_tell_the_price(self):
        with Receiver() as receiver, Gateway(config=PRICES + "[webhooks]\nallow_private = true\n", overrides=FREE) as gateway:
            gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "otp.delivered")
            gateway.send("+37499180051")
            data = wait_until("it is told", receiver.events)[0]["data"]
            self.assertEqual((data["price"], data["currency"]), ("0.032", "EUR"), data)


if __name__ == "__main__":
    unittest.main()
