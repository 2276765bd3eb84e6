"""The log and its numbers from outside: list, statistics, usage, lookup, outcome, and the operators' own shape."""

import datetime
import unittest

from harness import Gateway, wrong


def walk(gateway, query, key=None):
    ids, cursor = [], ""
    while True:
        page = gateway.request("GET", f"/v1/otp?{query}{cursor}", key=key)
        assert page.status == 200, page
        ids += [item["requestId"] for item in page["items"]]
        if page["nextCursor"] is None:
            return ids
        cursor = "&cursor=" + page["nextCursor"]


class LogAndStats(unittest.TestCase):
    def test_numbers_agree_with_a_recount_of_the_log_across_a_restart(self):
        # A month may end while this runs: what is counted by the day is asked for from the day before.
        yesterday = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)
        with Gateway() as gateway:
            phones = [f"+3749920{n:04}" for n in range(12)]
            ids = [gateway.send(phone, reference=f"order {n}")["requestId"] for n, phone in enumerate(phones)]
            in_order = sorted(ids)   # By the millisecond, in which there may be two.
            for phone in phones[:5]:
                self.assertEqual(gateway.verify(phone, gateway.handset(phone)).status, 200)
            gateway.verify(phones[5], wrong(gateway.handset(phones[5])))
            self.assertEqual(gateway.send(phones[6])["code"], "cooldown_active")
            for each in ids:
                gateway.wait_delivery(each)
            gateway.kill()
            gateway.start()
            listed = [gateway.read(each).json for each in walk(gateway, "limit=5")]
            self.assertEqual([each["requestId"] for each in listed], in_order[::-1])
            self.assertEqual(walk(gateway, "reference=order%203"), [ids[3]])
            self.assertEqual(walk(gateway, "phone=%2B" + phones[7][1:]), [ids[7]])
            self.assertEqual(set(walk(gateway, "status=verified")), set(ids[:5]))
            self.assertEqual(walk(gateway, "phoneEnds=0007"), [ids[7]])
            self.assertEqual(walk(gateway, f"phoneOf={ids[7]}"), [ids[7]])
            self.assertEqual(walk(gateway, "phoneOf=OTP-0000000000000000"), [])
            self.assertEqual(walk(gateway, "reason=cooldown_active"), [ids[6]])
            for query in ("carrier=primary", "route=main", "error=000"):
                self.assertEqual(set(walk(gateway, query)), set(ids), query)
            for query in ("carrier=other", "route=other", "error=001", "reason=rate_limited", "phoneEnds=99999"):
                self.assertEqual(walk(gateway, query), [], query)
            for query in ("phoneEnds=1", "phoneEnds=12a", "phoneOf=OTP-", "carrier="):
                self.assertEqual(gateway.request("GET", f"/v1/otp?{query}").status, 400, query)
            stats = gateway.request("GET", "/v1/stats?window=30d")
            self.assertEqual(stats["requests"], len(listed))
            self.assertEqual(stats["sent"], sum(each["sends"] for each in listed))
            self.assertEqual(stats["delivered"], sum(each["delivery"]["status"] == "delivered" for each in listed))
            self.assertEqual(stats["verified"], sum(each["status"] == "verified" for each in listed))
            self.assertEqual(stats["pending"], sum(each["status"] == "pending" for each in listed))
            self.assertEqual((stats["deliveryRate"], stats["verificationRate"], stats["wrongCodes"]), (1, 1, 1))
            self.assertEqual(stats["blocked"], {"total": 1, "byReason": {"cooldown_active": 1}})
            self.assertGreater(stats["latencyMs"]["p50"], 0)
            self.assertEqual(stats["latest"]["requestId"], in_order[-1])
            day = gateway.request("GET", "/v1/stats?window=24h").json
            same = {name: value for name, value in stats.json.items() if name not in ("window", "from", "to", "dailyAverage")}
            self.assertEqual({name: day[name] for name in same}, same)   # All of it was made just now.
            hours = gateway.request("GET", "/v1/stats/hourly")["items"]
            self.assertEqual((len(hours), sum(hour["sent"] for hour in hours)), (24, stats["sent"]))
            self.assertEqual([row["country"] for row in gateway.request("GET", "/v1/stats/countries")["items"]], ["AM"])
            self.assertEqual([row["route"] for row in gateway.request("GET", "/v1/stats/routes")["items"]], ["main"])
            [carrier] = gateway.request("GET", "/v1/stats/carriers?window=24h")["items"]
            self.assertEqual((carrier["carrier"], carrier["sent"], carrier["delivered"], carrier["deliveryRate"]), ("primary", 12, 12, 1))
            self.assertGreater(carrier["latencyMs"]["p50"], 0)
            pairs = gateway.request("GET", "/v1/stats/carriers/countries?window=24h")
            self.assertEqual(pairs["items"], [{**carrier, "country": "AM"}])
            for window in ("window=24h", "window=30d"):   # The first request is within both.
                self.assertEqual(gateway.request("GET", f"/v1/stats/carriers/countries?{window}")["countedFrom"], min(each["createdAt"] for each in listed))
            [row] = gateway.ctl("stats", "--by", "carrier", "--together")
            self.assertEqual((row["app"], row["carrier"], row["delivered"]), ("(all)", "primary", 12))
            for when in (("--hours", "24"), ("--days", "2"), ()):
                [of_country] = gateway.ctl("stats", "shop", "--by", "carrier-country", *when)
                self.assertEqual((of_country["carrier"], of_country["country"], of_country["sent"], of_country["delivered"]), ("primary", "AM", 12, 12))
            # More apps than are read at once: none is left out, none is told twice.
            for number in range(45):
                gateway.ctl("app", "add", f"more-{number}")
            apps = [each["name"] for each in gateway.ctl("app", "list")]
            self.assertEqual(sorted(row["app"] for row in gateway.ctl("stats", "--hours", "48")), sorted(apps))
            [row] = gateway.ctl("stats", "--hours", "48", "--together")
            self.assertEqual((row["app"], row["sent"], row["delivered"]), ("(all)", 12, 12))
            # A line for each day or hour.
            hours = gateway.ctl("stats", "shop", "--by", "hour")
            self.assertEqual((len(hours), sum(row["sent"] for row in hours)), (24, 12))
            self.assertRegex(hours[-1]["hour"], r"^20\d\d-\d\d-\d\dT\d\d:00:00Z$")
            self.assertEqual(len(gateway.ctl("stats", "shop", "--by", "hour", "--hours", "48")), 48)
            for when, name in (("--hours", "hour"), ("--days", "date")):
                lines = gateway.ctl("stats", "--by", "carrier", "--each", "--together", when, "24")
                self.assertEqual((lines[0]["carrier"], sum(line["delivered"] for line in lines)), ("primary", 12))
                self.assertEqual(len({line[name] for line in lines}), len(lines))
            self.assertEqual(gateway.ctl("stats", "--by", "country-error"), [])
            for misused in (("--hours", "49"), ("--hours", "0"), ("--hours", "24", "--by", "day"), ("--days", "2", "--by", "hour")):
                self.assertEqual(gateway.run_ctl("stats", *misused, check=False).returncode, 2, misused)
            usage = gateway.request("GET", "/v1/usage")
            days = gateway.request("GET", f"/v1/usage/daily?from={yesterday}")["items"]
            self.assertEqual(sum(day["used"] for day in days), 12)
            of_month = [day["used"] for day in days if day["date"] >= usage["periodStart"][:10]]
            self.assertEqual((usage["used"], usage["included"]), (sum(of_month), None))

    def test_the_contract_is_served_and_names_no_path_that_is_not_there(self):
        with Gateway() as gateway:
            contract = gateway.request("GET", "/openapi.json", key=False)
            self.assertEqual((contract.status, contract.headers["content-type"], contract["openapi"]), (200, "application/json", "3.1.0"))
            text = gateway.request("GET", "/openapi.yaml", key=False)
            self.assertEqual(text.headers["content-type"], "application/yaml")
            self.assertTrue(text.text.startswith("openapi: 3.1.0"))
            for path, calls in contract["paths"].items():
                filled = path.replace("{requestId}", "OTP-0000000000000000").replace("{phone}", "+37499000001")
                for method, call in calls.items():
                    answer = gateway.request(method.upper(), filled, body={} if method == "post" else None)
                    self.assertIn(str(answer.status), call["responses"], (method, path, answer))
                    if answer.status == 404:
                        self.assertNotIn("No call of this API", answer.text)

    def test_outcome_and_lookup(self):
        with Gateway() as gateway:
            sent = gateway.send("+37499209001")["requestId"]
            told = gateway.request("POST", f"/v1/otp/{sent}/outcome", {"outcome": "converted"})
            self.assertEqual((told.status, told["status"], told["outcome"]), (200, "pending", "converted"), told)
            self.assertEqual(gateway.request("POST", f"/v1/otp/{sent}/outcome", {"outcome": "no"})["code"], "invalid_field")
            self.assertEqual(gateway.request("POST", "/v1/otp/OTP-0000000000000000/outcome", {"outcome": "converted"}).status, 404)
            self.assertEqual(gateway.request("GET", "/v1/stats")["converted"], 1)
            found = gateway.request("GET", "/v1/lookup/+37499209001")
            self.assertEqual((found["valid"], found["country"], found["numberType"], found["route"]), (True, "AM", "mobile", "main"))
            self.assertEqual(found["policy"], {"allowed": True, "reason": None, "monitored": False})
            self.assertFalse(gateway.request("GET", "/v1/lookup/12")["possible"])
            gateway.ctl("block", "add", "+37499209001")
            self.assertEqual(gateway.request("GET", "/v1/lookup/%2B37499209001")["policy"]["reason"], "phone_blocked")

    def test_the_operators_own_shape(self):
        base = "/one-time-password-sms/v1"
        with Gateway() as gateway:
            phone = "+37499209101"
            sent = gateway.request("POST", f"{base}/send-code", {"phoneNumber": phone, "message": "{{code}} is your code"})
            self.assertEqual(list(sent.json), ["authenticationId"], sent)
            code = gateway.handset(phone)
            check = {"authenticationId": sent["authenticationId"]}
            refused = gateway.request("POST", f"{base}/validate-code", {**check, "code": wrong(code)})
            self.assertEqual((refused.status, refused["status"], refused["code"]), (400, 400, "ONE_TIME_PASSWORD_SMS.INVALID_OTP"))
            self.assertEqual(set(refused.json), {"status", "code", "message"})
            self.assertEqual(refused.headers["content-type"], "application/json")
            again = gateway.request("POST", f"{base}/send-code", {"phoneNumber": phone, "message": "{{code}}"})
            self.assertEqual((again.status, again["code"]), (403, "ONE_TIME_PASSWORD_SMS.MAX_OTP_CODES_EXCEEDED"))
            good = gateway.request("POST", f"{base}/validate-code", {**check, "code": code})
            self.assertEqual((good.status, good.text), (204, ""))
            used = gateway.request("POST", f"{base}/validate-code", {**check, "code": code})
            self.assertEqual((used.status, used["code"]), (400, "ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED"))
            bad = gateway.request("POST", f"{base}/send-code", {"phoneNumber": phone, "message": "no place"})
            self.assertEqual((bad.status, bad["code"]), (400, "INVALID_ARGUMENT"))
            self.assertEqual(gateway.request("POST", f"{base}/send-code", {}, key="xk_live_x")["code"], "UNAUTHENTICATED")


if __name__ == "__main__":
    unittest.main()
