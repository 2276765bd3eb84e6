"""What is refused costs next to nothing: a small row, one for each phone and reason, with a count."""

import unittest

from harness import Gateway

FREE = ["cooldown_seconds=none", "sends_per_user_ip=none", "phones_per_user_ip=none"]
WIDE = {"metadata": {f"name-{n}": "x" * 150 for n in range(10)}, "userId": "u" * 128, "reference": "r" * 60}


class Refusals(unittest.TestCase):
    def test_repeated_refusals_of_a_phone_and_reason_are_one_row_with_a_count(self):
        with Gateway(overrides=[*FREE, "sends_per_phone=1/1h"]) as gateway:
            phone = "+37499175001"
            first = gateway.send(phone, ttlSeconds=30)
            gateway.request("POST", f"/v1/otp/{first['requestId']}/cancel", {})
            refused = [gateway.send(phone, **WIDE) for _ in range(20)]
            self.assertEqual({answer["code"] for answer in refused}, {"rate_limited"})
            self.assertEqual(len({answer["requestId"] for answer in refused}), 1, refused[-1])
            kept = gateway.read(refused[0]["requestId"])
            self.assertEqual((kept["status"], kept["refusals"]), ("blocked", 20), kept)
            gateway.ctl("block", "add", phone)
            other = gateway.send(phone)
            self.assertEqual(other["code"], "phone_blocked")
            self.assertNotEqual(other["requestId"], refused[0]["requestId"])
            gateway.kill()
            gateway.start()
            gateway.ctl("block", "remove", phone)
            self.assertEqual(gateway.send(phone)["requestId"], refused[0]["requestId"], "after a restart, too")
            stats = gateway.request("GET", "/v1/stats?window=24h")
            self.assertEqual(stats["blocked"]["total"], 22, stats)

    def test_a_refused_send_keeps_little(self):
        with Gateway(overrides=[*FREE, "countries_denied=AM"]) as gateway:
            before = gateway.told("status")["store"]
            for n in range(200):
                self.assertEqual(gateway.send(f"+3749917{6000 + n}", **WIDE).status, 403)
            gateway.stop()
            gateway.start()
            after = gateway.told("status")["store"]
            grown = after["dataBytes"] - before["dataBytes"] if "dataBytes" in after else 0
            self.assertLess(grown, 200 * 2000, "with all that it is looked up by")


class Stop(unittest.TestCase):
    def say(self, gateway, phone, text, to="XionID", carrier=0):
        gateway.carriers[carrier].command("say", phone, to, text)

    def test_stop_counts_for_whom_it_answers_and_start_takes_it_back(self):
        with Gateway(overrides=["cooldown_seconds=none", "sends_per_phone=none"]) as gateway:
            gateway.ctl("app", "add", "other", "--plan", "custom", "--set", "fraud=record")
            other = gateway.ctl("key", "create", "other")["key"]
            phone, stranger = "+37499176001", "+37499176002"
            gateway.wait_delivery(gateway.send(phone)["requestId"])
            self.say(gateway, stranger, "STOP")       # Answers nothing of ours.
            self.say(gateway, phone, "STOP", to="Somebody")
            self.assertEqual(gateway.send(stranger).status, 202)
            self.assertEqual(gateway.send(phone).status, 202)
            self.say(gateway, phone, "STOP")
            blocked = gateway.send(phone)
            self.assertEqual(blocked["code"], "phone_blocked", blocked)
            self.assertEqual(gateway.send(phone, key=other).status, 202, "it sent nothing")
            entry = gateway.ctl("block", "list")[0]
            self.assertEqual((entry["app"], bool(entry["expiresAt"])), ("shop", True), entry)
            self.say(gateway, phone, "START")
            self.assertEqual(gateway.send(phone).status, 202)
            gateway.ctl("block", "add", phone)
            self.say(gateway, phone, "START")
            self.assertEqual(gateway.send(phone)["code"], "phone_blocked", "an operator's own block stays")

    def test_a_carrier_may_say_so_only_so_often_in_an_hour(self):
        """Whoever can make a carrier say STOP in others' names silences a hundred of them, not all."""
        with Gateway(overrides=["cooldown_seconds=none", "sends_per_phone=none"]) as gateway:
            phones = ["+37499176010", "+37499176011"]
            for phone in phones:
                gateway.wait_delivery(gateway.send(phone)["requestId"])
            self.say(gateway, phones[0], "STOP")
            self.assertEqual(gateway.send(phones[0])["code"], "phone_blocked")
            for n in range(99):
                self.say(gateway, f"+374991762{n:02}", "STOP")
            self.assertNotIn("sms.stop.flood", gateway.log())
            self.say(gateway, phones[1], "STOP")
            gateway.await_log("sms.stop.flood")
            self.assertEqual(gateway.send(phones[1]).status, 202, "the hundred and first is nobody's wish")

    def test_an_operator_can_have_it_ignored(self):
        with Gateway(overrides=["cooldown_seconds=none", "stop=ignore"]) as gateway:
            phone = "+37499176003"
            gateway.wait_delivery(gateway.send(phone)["requestId"])
            self.say(gateway, phone, "STOP")
            self.assertEqual(gateway.send(phone).status, 202)


if __name__ == "__main__":
    unittest.main()
