"""Every operation of the OpenAPI file gives each of its refusals that any call can have: the file says no more and no less than the daemon does.

(The successes and each code's own cause are in the other tests here; tests/contract holds every recorded exchange against the file.)
"""

import json
import socket
import unittest

from harness import Gateway, record_exchange

PHONE = "+37499271000"
UNKNOWN = "OTP-0000000000000000"
BODIES = {
    "sendOtp": {"phone": PHONE},
    "verifyOtp": {"phone": PHONE, "code": "123456"},
    "cancelOtp": {},
    "reportOutcome": {"outcome": "converted"},
    "sendForAuthServer": {"to": PHONE, "type": "SignIn", "payload": {"code": "482913"}},
    "sendNotice": {"phone": PHONE, "template": "changed"},
    "sendCode": {"phoneNumber": PHONE, "message": "{{code}} is your code"},
    "createKey": {"scopes": ["otp:send"]},
    "rotateKey": {},
    "addTemplate": {"text": "{code}"},
    "lintText": {"text": "{code}"},
    "previewTemplate": {},
    "addWebhook": {"url": "https://example.com/hook"},
    "testWebhook": {},
    "rotateWebhook": {},
    "enableWebhook": {},
    "replayDelivery": {},
    "addBlock": {"subject": "+37499271001"},
    "addAllow": {"subject": "+37499271001"},
    "setCountries": {"monitored": ["GE"]},
    "setTestPhones": {"testPhones": []},
    "validateCode": {"authenticationId": UNKNOWN, "code": "123456"},
}


class Operation:
    def __init__(self, path, method, described):
        self.path = path.replace("{requestId}", UNKNOWN).replace("{phone}", PHONE).replace("{adapter}", "logto")
        for name in "keyId", "webhookId", "messageId", "name", "subject":
            self.path = self.path.replace(f"{{{name}}}", "none")
        self.method = method.upper()
        self.statuses = set(described["responses"])
        self.name = described["operationId"]
        self.body = BODIES.get(self.name)
        self.needs_key = described.get("security") != []

    def head(self, key, *lines):
        return "\r\n".join([f"{self.method} {self.path} HTTP/1.1", "Host: x", f"Authorization: Bearer {key}", *lines, "", ""]).encode()


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(config="[plans.slow]\nsms_per_month = 0\nrequests_per_second = 1\n",
                                                    overrides=["requests_per_second=none", "own_codes=true"]))
        cls.gateway.ctl("template", "add", "shop", "changed", "--text", "Your number was changed.")
        every = ["otp:send", "otp:verify", "otp:read", "stats:read", "admin:keys", "admin:templates", "admin:webhooks", "admin:lists", "admin:policy"]
        cls.gateway.key = cls.gateway.ctl("key", "create", "shop", *[part for scope in every for part in ("--scope", scope)])["key"]
        contract = cls.gateway.request("GET", "/openapi.json", key=False)
        cls.operations = [Operation(path, method, described) for path, item in contract["paths"].items() for method, described in item.items()]

    def having(self, status):
        return [each for each in self.operations if str(status) in each.statuses]

    def expect(self, operation, answer, status):
        self.assertEqual(answer.status, status, (operation.name, answer))

    def raw(self, gateway, operation, octets, status):
        answer = gateway.raw(octets)
        record_exchange(operation.method, operation.path, answer.status, answer.headers, answer.text)
        self.expect(operation, answer, status)

    def ask(self, operation, **more):
        return self.gateway.request(operation.method, operation.path, operation.body, **more)

    def test_what_is_not_http(self):
        for each in self.having(400):
            self.raw(self.gateway, each, each.head(self.gateway.key, "no colon"), 400)

    def test_what_never_ends(self):
        """All at once, since each takes ten seconds."""
        operations = self.having(408)
        answers = self.gateway.raw_at_once([each.head(self.gateway.key)[:-2] for each in operations], 15)
        for each, answer in zip(operations, answers):
            record_exchange(each.method, each.path, answer.status, answer.headers, answer.text)
            self.expect(each, answer, 408)

    def test_who_has_no_key_or_the_wrong_one(self):
        for each in self.having(401):
            self.expect(each, self.ask(each, key=False), 401)
        narrow = {scope: self.gateway.ctl("key", "create", "shop", "--scope", scope)["key"] for scope in ("otp:send", "stats:read")}
        for each in self.having(403):
            is_of_numbers = each.path.startswith(("/v1/usage", "/v1/stats", "/v1/exports/usage", "/v1/alerts"))
            self.expect(each, self.ask(each, key=narrow["otp:send" if is_of_numbers else "stats:read"]), 403)
        self.assertEqual({each.name for each in self.operations if each.needs_key},
                         {each.name for each in self.having(401)})

    def test_who_asks_too_much(self):
        self.gateway.ctl("app", "add", "slow", "--plan", "slow")
        key = self.gateway.ctl("key", "create", "slow", "--scope", "otp:send", "--scope", "otp:verify", "--scope", "otp:read", "--scope", "stats:read")["key"]
        for each in self.having(429):
            answer = next((answer for answer in (self.ask(each, key=key) for _ in range(50)) if answer.status == 429), None)
            self.assertIsNotNone(answer, each.name)

    def test_when_no_connection_is_free(self):
        with Gateway(carriers=0, routes="", api="max_connections = 1\n") as small:
            with socket.create_connection(("127.0.0.1", small.api_port)):
                for each in self.having(503):
                    self.raw(small, each, b"", 503)

    def test_bodies_that_are_too_large_or_of_another_kind(self):
        for each in self.having(413):
            answer = self.gateway.request(each.method, each.path, raw="x" * 100_000, headers={"Content-Type": "application/json"})
            self.expect(each, answer, 413)
        for each in self.having(415):
            answer = self.gateway.request(each.method, each.path, raw="x", headers={"Content-Type": "text/plain"})
            self.expect(each, answer, 415)

    def test_idempotency_keys(self):
        for number, each in enumerate(self.having(409)):
            self.expect(each, self.race(each), 409)
            if "422" not in each.statuses:
                continue
            # Another number, which no cooldown of the race holds back.
            body = {name: f"+37499200{number:03}" if name in ("phone", "phoneNumber", "to") else value for name, value in each.body.items()}
            first, other = (self.gateway.request(each.method, each.path, raw=json.dumps(body) + spaces,
                                                 headers={"Idempotency-Key": f"reused-{each.name}", "Content-Type": "application/json"})
                            for spaces in ("", " "))
            self.assertNotIn(first.status, (402, 409, 423, 429, 503), first)
            self.expect(each, other, 422)

    def race(self, operation):
        """Pairs of requests of one key at once, until the second finds the first one running."""
        for n in range(300):
            octets = json.dumps(operation.body).encode()
            request = operation.head(self.gateway.key, f"Idempotency-Key: {operation.name}-{n}", "Connection: close",
                                     "Content-Type: application/json", f"Content-Length: {len(octets)}") + octets
            answers = self.gateway.raw_at_once([request] * 6, 15)
            for answer in answers:
                if answer.status == 409:
                    record_exchange(operation.method, operation.path, answer.status, answer.headers, answer.text)
                    return answer
        raise AssertionError(f"{operation.name}: never two at once")

    def test_phones_that_are_none_and_requests_that_nobody_made(self):
        """In queries, and in the operators' own shape."""
        for path in ("/v1/otp", "/v1/exports/otp.csv", "/v1/exports/otp.ndjson"):
            answer = self.gateway.request("GET", f"{path}?phone=12")
            self.assertEqual((answer.status, answer["code"], answer["field"]), (422, "invalid_phone", "phone"), answer)
        answer = self.gateway.request("POST", "/one-time-password-sms/v1/validate-code", BODIES["validateCode"])
        self.assertEqual(answer.status, 404, answer)

    def test_a_request_that_is_over_can_be_neither_canceled_nor_converted(self):
        test = self.gateway.ctl("key", "create", "shop", "--test")["key"]
        for last_digits, cancel in (("0006", 410), ("0007", 423), ("0001", 200)):
            sent = self.gateway.send(f"+3749927{last_digits}", key=test)
            self.assertEqual(sent.status, 202, sent)
            answer = self.gateway.request("POST", f"/v1/otp/{sent['requestId']}/cancel", key=test)
            self.assertEqual(answer.status, cancel, answer)
        sent = self.gateway.send("+37499270001", key=test)
        self.assertEqual(self.gateway.verify("+37499270001", "000000", key=test).status, 200)
        answer = self.gateway.request("POST", f"/v1/otp/{sent['requestId']}/outcome", {"outcome": "converted"}, key=test)
        self.assertEqual(answer.status, 410, answer)


if __name__ == "__main__":
    unittest.main()
