"""One tenant's many sends leave another's limits, locks, answers and budgets alone. (A day of millions: tests/bench/promises.)"""

import concurrent.futures
import unittest

from harness import Gateway

QUIET = ["cooldown_seconds=none", "sends_per_user_ip=none", "phones_per_user_ip=none"]
MANY, WORKERS = 4000, 8


class Tenants(unittest.TestCase):
    def test_limits_of_one_hold_while_another_sends_thousands(self):
        with Gateway(overrides=[*QUIET, "sends_per_phone=2/1d", "attempts=1"], log_level="info") as gateway:
            gateway.ctl("app", "add", "loud", "--plan", "custom", *[part for each in [*QUIET, "sends_per_phone=none", "fraud=off"] for part in ("--set", each)])
            loud = gateway.ctl("key", "create", "loud")["key"]
            used_up, locked = "+37499177001", "+37499177002"
            key = {"Idempotency-Key": "the-first"}
            answered = gateway.send(used_up, headers=key)
            gateway.send(used_up, purpose="other")
            for n in range(2):
                gateway.send(locked, purpose=f"p{n}")
                self.assertEqual(gateway.verify(locked, "000001", purpose=f"p{n}")["attemptsRemaining"], 0)

            def check():
                refused = gateway.send(used_up, purpose="third")
                self.assertEqual((refused.status, refused["violatedPolicies"][0]["policy"]), (429, "sends_per_phone"), refused)
                replayed = gateway.send(used_up, headers=key)
                self.assertEqual((replayed.headers.get("idempotency-replayed"), replayed["requestId"]), ("true", answered["requestId"]))
                shown = {limit["policy"]: limit for limit in gateway.ctl("limit", "show", locked, "--app", "shop")["limits"]}
                self.assertEqual((shown["guesses_in_a_row"]["used"], shown["locks_per_phone"]["used"]), (2, 2), shown)
            check()

            def send_all(worker):
                connection = gateway.connection(loud)
                for n in range(worker, MANY, WORKERS):
                    phone = used_up if n % 100 == 0 else f"+3749918{n:04}"
                    answer = connection.post("/v1/otp/send", {"phone": phone, "purpose": f"n{n}"})
                    assert answer.status in (202, 429), answer
                connection.close()
            with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
                for done in [pool.submit(send_all, worker) for worker in range(WORKERS)]:
                    done.result()
            check()
            gateway.kill()
            gateway.start()
            check()


if __name__ == "__main__":
    unittest.main()
