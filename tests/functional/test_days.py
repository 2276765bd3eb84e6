"""One daemon on many days: its wall clock is moved, and what was made on one day is looked at on another."""

import datetime
import os
import unittest

from harness import BIN, Gateway, wait_until

UTC = datetime.timezone.utc
CLOCK = BIN.parent / "lib" / "libwall_clock.so"
CONFIG = "[plans.three]\nsms_per_month = 3\nrequests_per_second = 0\n"
FREE = ["cooldown_seconds=none", "sends_per_phone=none"]


def month_after(day, months=1):
    """The first moment of that month."""
    count = day.year * 12 + day.month - 1 + months
    return datetime.datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)


def written(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Days(unittest.TestCase):
    def setUp(self):
        if not CLOCK.exists():
            self.skipTest("no clock to move: it is built with the tests")
        self.gateway = Gateway(plan="three", overrides=FREE, config=CONFIG)
        # The tenth of a month to come, whatever today is: the data is made then.
        self.first = month_after(datetime.datetime.now(UTC), 2) + datetime.timedelta(days=9, hours=12)
        self.set_clock(self.first)
        self.gateway.__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def set_clock(self, moment):
        ahead = int(os.environ.get("XION_CLOCK_AHEAD", 0)) + (moment - datetime.datetime.now(UTC)).total_seconds()
        # Without looking at the order in which sanitizers are loaded: this comes before them.
        asan = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0")))
        self.gateway.environment = {"LD_PRELOAD": str(CLOCK), "XION_CLOCK_AHEAD": str(round(ahead)), "ASAN_OPTIONS": asan}

    def go_to(self, moment=None, **after):
        """The daemon is started anew at that moment, or so long after its first one."""
        self.gateway.stop()
        self.set_clock(moment or self.first + datetime.timedelta(**after))
        self.gateway.start()

    def get(self, path):
        answer = self.gateway.request("GET", path)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def use_up(self):
        sent = [self.gateway.send(f"+3749950000{n}")["requestId"] for n in range(3)]
        for request in sent:
            self.gateway.wait_delivery(request)
        over = self.gateway.send("+37499500009")
        self.assertEqual((over.status, over["code"]), (402, "plan_limit_reached"), over)
        return sent, over

    def test_a_month_of_a_plan_begins_anew_and_the_last_one_is_kept(self):
        _, over = self.use_up()
        next_month = month_after(self.first)
        self.assertEqual(over["resetsAt"], written(next_month))
        self.go_to(next_month - datetime.timedelta(minutes=10))
        self.assertEqual(self.gateway.send("+37499500010").status, 402)
        self.go_to(next_month + datetime.timedelta(minutes=10))
        usage = self.get("/v1/usage")
        self.assertEqual((usage["used"], usage["periodStart"], usage["resetsAt"]), (0, written(next_month), written(month_after(next_month))))
        self.assertEqual(self.gateway.send("+37499500010").status, 202)
        of_months = [self.gateway.ctl("usage", "--month", f"{month:%Y-%m}")[0]["used"] for month in (self.first, next_month)]
        self.assertEqual(of_months, [3, 1])

    def test_a_month_ends_while_it_runs(self):
        next_month = month_after(self.first)
        self.use_up()
        self.go_to(next_month - datetime.timedelta(seconds=5))
        wait_until("the new month's first message", lambda: self.gateway.send("+37499500020").status == 202)
        usage = self.get("/v1/usage")
        self.assertEqual((usage["used"], usage["periodStart"]), (1, written(next_month)))
        days = {day["date"]: day["used"] for day in self.get(f"/v1/usage/daily?from={self.first:%Y-%m-%d}")["items"]}
        self.assertEqual({day: used for day, used in days.items() if used}, {f"{self.first:%Y-%m-%d}": 3, f"{next_month:%Y-%m-%d}": 1})

    def test_windows_forget_what_is_older_than_they_are(self):
        self.use_up()
        for after, last_day, last_week, last_month in (({"hours": 1}, 3, 3, 3), ({"hours": 22}, 3, 3, 3), ({"hours": 26}, 0, 3, 3), ({"days": 5}, 0, 3, 3),
                                                       ({"days": 9}, 0, 0, 3), ({"days": 29}, 0, 0, 3), ({"days": 31}, 0, 0, 0)):
            with self.subTest(**after):
                self.go_to(**after)
                self.assertEqual([self.get(f"/v1/stats?window={window}")["sent"] for window in ("24h", "7d", "30d", "90d")],
                                 [last_day, last_week, last_month, 3])
                hours = self.get("/v1/stats/hourly")["items"]
                self.assertEqual((len(hours), sum(hour["sent"] for hour in hours)), (24, last_day))
                for days, sent in ((7, last_week), (30, last_month)):
                    rows = self.get(f"/v1/stats/daily?window={days}d")["items"]
                    self.assertEqual((len(rows), sum(row["sent"] for row in rows)), (days, sent))

    def test_requests_are_kept_for_their_time_and_sums_for_good(self):
        sent, _ = self.use_up()
        self.go_to(days=89)
        self.assertEqual(self.get(f"/v1/otp/{sent[0]}")["status"], "expired")
        for after in (91, 400):
            self.go_to(days=after)
            wait_until("they are removed", lambda: self.gateway.read(sent[0]).status == 404)
            self.assertEqual(self.get("/v1/otp")["items"], [])
            day = f"{self.first:%Y-%m-%d}"
            self.assertEqual(self.get(f"/v1/stats?from={day}&to={day}")["sent"], 3)
            self.assertEqual(self.gateway.ctl("usage", "--month", f"{self.first:%Y-%m}")[0]["used"], 3)

    def test_keys_and_list_entries_end_at_their_time(self):
        key = self.gateway.ctl("key", "create", "shop", "--expires", "90d")["key"]
        self.gateway.ctl("block", "add", "+37499500031", "--expires", "90d")
        again = {"Idempotency-Key": "one"}
        first = self.gateway.send("+37499500030", headers=again)["requestId"]
        for after, is_over in (({"days": 89, "hours": 23}, False), ({"days": 90, "hours": 1}, True), ({"days": 400}, True)):
            with self.subTest(**after):
                self.go_to(**after)
                used = self.gateway.request("GET", "/v1/usage", key=key)
                self.assertEqual(used.json.get("code"), "expired_api_key" if is_over else None)
                self.assertEqual(self.gateway.send("+37499500031", dryRun=True).status, 200 if is_over else 403)
                self.assertNotEqual(self.gateway.send("+37499500030", headers=again)["requestId"], first)   # Kept for a day.

    def test_a_leap_day_is_a_day(self):
        year = self.first.year + 1
        while year % 4:
            year += 1
        leap = datetime.datetime(year, 2, 29, 12, tzinfo=UTC)
        self.go_to(leap)
        self.use_up()
        day = f"{leap:%Y-%m-%d}"
        self.assertEqual([row["date"] for row in self.get(f"/v1/usage/daily?from={day}")["items"]], [day])
        self.assertEqual(len(self.gateway.ctl("usage", "shop", "--month", f"{year}-02", "--daily")), 29)
        self.go_to(leap.replace(month=3, day=1))
        self.assertEqual([row["date"] for row in self.get(f"/v1/usage/daily?from={day}")["items"]], [day, f"{year}-03-01"])
        self.assertEqual(self.get("/v1/usage")["used"], 0)
        self.go_to(leap.replace(year=year + 1, day=28))
        self.assertEqual(self.get(f"/v1/stats?from={day}&to={day}")["sent"], 3)
        self.assertEqual(self.gateway.request("GET", f"/v1/stats?from={year + 1}-02-29").status, 400)

    def test_a_clock_that_was_wrong_and_is_set_right_costs_nothing_that_was_made_since(self):
        self.use_up()
        self.go_to(days=400)   # A machine whose clock has lost its battery, say, in the other direction.
        ahead = self.gateway.send("+37499500040")
        self.assertEqual(ahead.status, 202, ahead)
        self.go_to(days=35)
        sent = self.gateway.send("+37499500041")
        self.assertEqual(sent.status, 202, sent)
        self.assertEqual(self.gateway.verify("+37499500041", self.gateway.handset("+37499500041")).status, 200)
        self.gateway.wait_delivery(sent["requestId"])
        self.assertEqual(self.get("/v1/usage")["used"], 1)
        self.assertEqual(self.get("/v1/stats?window=24h")["sent"], 1)
        self.assertIn(sent["requestId"], [each["requestId"] for each in self.get("/v1/otp")["items"]])


if __name__ == "__main__":
    unittest.main()
