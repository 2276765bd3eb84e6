"""A test key and a live key of one app live in two worlds: neither reads, changes, finds or counts what is the other's. And tests cost little."""

import unittest

from harness import Gateway, wait_until

# What is asked of a request of the other world: the call, and its body.
OF_A_REQUEST = {
    "read": ("GET", "/v1/otp/{id}", None),
    "cancel": ("POST", "/v1/otp/{id}/cancel", {}),
    "outcome": ("POST", "/v1/otp/{id}/outcome", {"outcome": "converted"}),
    "verify by id": ("POST", "/v1/otp/verify", {"requestId": "{id}", "code": "000000"}),
    "verify by CAMARA": ("POST", "/one-time-password-sms/v1/validate-code", {"authenticationId": "{id}", "code": "000000"}),
}
# Where it could be seen.
LISTS = ["/v1/otp", "/v1/otp?phone=%2B37499123056", "/v1/otp?reference=mine", "/v1/exports/otp.csv", "/v1/exports/otp.ndjson"]
NUMBERS = ["/v1/stats", "/v1/stats?window=24h", "/v1/stats/daily?window=2d", "/v1/stats/hourly", "/v1/stats/countries", "/v1/stats/routes",
           "/v1/stats/carriers", "/v1/stats/carriers/countries", "/v1/stats/errors", "/v1/usage", "/v1/usage/daily", "/v1/exports/usage.csv"]


class Worlds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(overrides=["requests_per_second=none"]))
        cls.keys = {"live": cls.gateway.key, "test": cls.gateway.ctl("key", "create", "shop", "--test")["key"]}

    def ask(self, world, method, path, body=None):
        """The answer, once the rate of test keys has room for it."""
        return wait_until("there is room", lambda: next((answer for answer in [self.gateway.request(method, path, body, key=self.keys[world])]
                                                         if answer.status != 429), None))

    def send(self, world, phone, **fields):
        answer = self.ask(world, "POST", "/v1/otp/send", {"phone": phone, **fields})
        self.assertEqual(answer.status, 202, answer)
        return answer["requestId"]

    def test_neither_acts_on_what_is_the_others(self):
        for n, (own, other) in enumerate((("live", "test"), ("test", "live"))):
            for m, (name, (method, path, body)) in enumerate(OF_A_REQUEST.items()):
                with self.subTest(name, of=own, by=other):
                    request_id = self.send(own, f"+3749910{n}{m}56")
                    body = body and {key: value.format(id=request_id) for key, value in body.items()}
                    answer = self.ask(other, method, path.format(id=request_id), body)
                    self.assertEqual(answer.status, 404, answer)
                    self.assertEqual(self.ask(own, "GET", f"/v1/otp/{request_id}")["status"], "pending")

    def test_neither_erases_whom_the_other_knows(self):
        keys = {world: self.gateway.ctl("key", "create", "shop", "--scope", "otp:send", "--scope", "otp:read", "--scope", "pii:read", *more)["key"]
                for world, more in (("live", ()), ("test", ("--test",)))}
        for n, (own, other) in enumerate((("live", "test"), ("test", "live"))):
            with self.subTest(of=own, by=other):
                phone = f"+3749919{n}156"
                request_id = self.send(own, phone)
                erased = wait_until("there is room", lambda: next((answer for answer in [self.gateway.request("DELETE", f"/v1/phones/{phone}",
                                                                                                              key=keys[other])]
                                                                   if answer.status != 429), None))
                self.assertEqual((erased.status, erased["requests"]), (200, 0), erased)
                self.assertEqual(self.ask(own, "GET", f"/v1/otp/{request_id}")["status"], "pending")

    def test_neither_finds_what_is_the_others(self):
        ids = {world: self.send(world, "+37499123056", reference="mine") for world in self.keys}
        for path in LISTS:
            for own, other in (("live", "test"), ("test", "live")):
                with self.subTest(path, by=own):
                    text = self.ask(own, "GET", path).text
                    self.assertIn(ids[own], text)
                    self.assertNotIn(ids[other], text)

    def test_neither_counts_what_is_the_others(self):
        """What happens on one side changes no number of the other, and its own do."""
        for own, other, phone in (("live", "test", "+37499200511"), ("test", "live", "+37499200512")):
            quiet = lambda: self.ask("live", "GET", "/v1/stats").json["delivered"] == self.ask("live", "GET", "/v1/stats").json["sent"]
            wait_until("what was sent before has its receipts", quiet)
            own_before = {path: self.ask(own, "GET", path).json or self.ask(own, "GET", path).text for path in NUMBERS}
            before = {path: self.ask(other, "GET", path).text for path in NUMBERS}
            request_id = self.send(own, phone)
            wait_until("it has its receipt", lambda: self.ask(own, "GET", f"/v1/otp/{request_id}")["delivery"]["status"] == "delivered")
            code = self.gateway.handset(phone) if own == "live" else "000000"
            self.assertEqual(self.ask(own, "POST", "/v1/otp/verify", {"phone": phone, "code": code}).status, 200)
            for path in NUMBERS:
                with self.subTest(path, by=other, of=own):
                    self.assertEqual(self.ask(other, "GET", path).text, before[path])
            after = self.ask(own, "GET", "/v1/stats").json
            for member in ("requests", "sent", "delivered", "verified"):
                self.assertEqual(after[member], own_before["/v1/stats"][member] + 1, (own, member))
            self.assertEqual(self.ask(own, "GET", "/v1/usage")["used"], own_before["/v1/usage"]["used"] + 1)
            self.assertEqual(after["latest"]["requestId"], request_id)

    def test_tests_are_in_no_plan(self):
        self.gateway.ctl("app", "add", "small", "--plan", "starter")
        key = self.gateway.ctl("key", "create", "small", "--test")["key"]
        usage = self.gateway.request("GET", "/v1/usage", key=key)
        self.assertEqual((usage["included"], usage["remaining"], usage["used"]), (None, None, 0))

    def test_test_keys_have_a_rate(self):
        self.gateway.ctl("app", "add", "hasty", "--set", "requests_per_second=none")
        key = self.gateway.ctl("key", "create", "hasty", "--test")["key"]
        connection = self.gateway.connection(key)
        statuses = [connection.post("/v1/otp/send", {}).status for _ in range(400)]
        self.assertIn(429, statuses)
        refused = wait_until("it is refused", lambda: next((a for a in [connection.post("/v1/otp/send", {})] if a.status == 429), None))
        self.assertEqual(refused["code"], "rate_limited")
        self.assertIn("20", refused["detail"])
        self.assertEqual(refused["violatedPolicies"][0]["limit"], 40)
        self.assertEqual(self.gateway.send("+37499200009", dryRun=True).status, 200, "live keys have their own")
        connection.close()

    def test_what_is_kept_of_a_request_is_little(self):
        for field, pairs, octets, is_taken in (("metadata", 10, 250, False), ("metadata", 10, 200, True), ("metadata", 11, 1, False),
                                               ("variables", 20, 120, False)):
            with self.subTest(field, pairs=pairs, octets=octets):
                answer = self.gateway.send("+37499200010", dryRun=True, **{field: {f"n{i}": "x" * octets for i in range(pairs)}})
                self.assertEqual(answer.status, 200 if is_taken else 400, answer)
                if not is_taken:
                    self.assertEqual((answer["code"], answer["field"]), ("invalid_field", field))


if __name__ == "__main__":
    unittest.main()
