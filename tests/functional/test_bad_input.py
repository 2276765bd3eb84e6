"""Whatever is sent, the answer is clear, memory stays flat, and others are served."""

import contextlib
import json
import socket
import unittest

from harness import PATIENCE, Gateway, wait_until


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(overrides=["requests_per_second=none"]))

    def expect(self, answer, status, code, field=None):
        self.assertEqual((answer.status, answer.json and answer["code"]), (status, code), answer)
        self.assertIs(answer["ok"], False)
        self.assertIn("application/problem+json", answer.headers["content-type"])
        self.assertNotIn("status", answer.json)
        for member in ("type", "title", "detail"):
            self.assertTrue(answer[member], member)
        if field:
            self.assertEqual(answer["field"], field)

    def post(self, body=None, raw=None, path="/v1/otp/send", **more):
        headers = more.pop("headers", {"Content-Type": "application/json"})
        return self.gateway.request("POST", path, body, raw=raw, headers=headers, **more)

    def test_bodies(self):
        for raw in ("", "{", "[]", '"x"', "null", '{"phone": }', '{"phone":"+37499123056"', "\x00", '{"a":1}{"b":2}'):
            self.expect(self.post(raw=raw), 400, "malformed_json")
        self.expect(self.post(raw=b'{"phone": "\xff\xfe"}'), 400, "malformed_json")
        self.expect(self.post(raw='{"phone":"+37499123056","phone":"+37499123057"}'), 400, "malformed_json")
        self.expect(self.post({}), 400, "missing_field", "phone")
        self.expect(self.post({"phone": 37499123056}), 400, "invalid_field", "phone")
        self.expect(self.post({"phone": "+37499123056", "ttlSecond": 120}), 400, "unknown_field", "ttlSecond")
        self.assertIn("ttlSeconds", self.post({"phone": "+37499123056", "ttlSecond": 120}).text)
        self.expect(self.post({"phone": "+37499123056", "ttlSeconds": "120"}), 400, "invalid_field", "ttlSeconds")
        self.expect(self.post({"phone": "+37499123056", "ttlSeconds": 5}), 422, "invalid_ttl")
        self.expect(self.post({"phone": "+37499123056", "ttlSeconds": 10_000}), 422, "invalid_ttl")
        self.expect(self.post({"phone": "+37499123056", "channel": "voice"}), 422, "unsupported_channel")
        self.expect(self.post({"phone": "+37499123056", "codeLength": 3}), 400, "invalid_field", "codeLength")
        self.expect(self.post({"phone": "+37499123056", "purpose": "A B"}), 400, "invalid_field", "purpose")
        self.expect(self.post({"phone": "+37499123056", "userIp": "home"}), 400, "invalid_field", "userIp")
        self.expect(self.post(raw='{"phone":"+37499123056"}', headers={"Content-Type": "text/plain"}), 415, "unsupported_media_type")
        self.expect(self.post(raw=json.dumps({"phone": "+37499123056", "reference": "x" * 10_000_000})), 413, "body_too_large")

    def test_phones_in_every_wrong_form(self):
        for phone in ("", "12", "+", "+0", "hello", "+374", "+3749912305612345", "099123056", "+999123456789", "++37499123056",
                      "+374 99 12 30 5a", "+374" + "9" * 400, "٣٧٤٩٩", "+1"):
            answer = self.post({"phone": phone})
            self.expect(answer, 422, "invalid_phone")
        for phone in ("+374 99 12-30-56", "0037499123056", "(+374) 99.123.056", "+37499123056"):
            answer = self.post({"phone": phone, "dryRun": True})
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer["phone"], "+37499123056")

    def test_keys(self):
        for authorization, code in ((None, "missing_api_key"), ("Bearer nonsense", "invalid_api_key"), ("Basic abc", "invalid_api_key"),
                                    ("Bearer ", "invalid_api_key"), ("Bearer xk_live_" + "0" * 40, "invalid_api_key")):
            headers = {"Content-Type": "application/json"} | ({"Authorization": authorization} if authorization else {})
            self.expect(self.post({"phone": "+37499123056"}, headers=headers, key=False), 401, code)
        quoted = self.post({"phone": "+37499123050", "dryRun": True},
                           headers={"Authorization": f'Bearer "{self.gateway.key}"', "Content-Type": "application/json"}, key=False)
        self.assertEqual(quoted.status, 200, quoted)
        made = self.gateway.ctl("key", "create", "shop", "--scope", "otp:verify")
        self.expect(self.post({"phone": "+37499123056"}, key=made["key"]), 403, "insufficient_scope")
        self.gateway.ctl("key", "revoke", made["id"])
        self.expect(self.post({"phone": "+37499123056"}, key=made["key"]), 401, "revoked_api_key")
        foreign = self.gateway.ctl("key", "create", "shop", "--network", "10.0.0.0/8")
        self.expect(self.post({"phone": "+37499123056"}, key=foreign["key"]), 403, "client_not_allowed")

    def test_paths_and_methods(self):
        self.expect(self.gateway.request("GET", "/v1/nothing"), 404, "not_found")
        wrong_method = self.gateway.request("GET", "/v1/otp/send")
        self.expect(wrong_method, 405, "method_not_allowed")
        self.assertIn("POST", wrong_method.headers["allow"])
        self.expect(self.gateway.request("GET", "/v1/otp/OTP-0000000000000000"), 404, "not_found")
        self.assertTrue(wrong_method.headers["x-request-id"])

    def raw(self, octets):
        """What comes for octets that are no request; behind the client's end the daemon ends too."""
        with socket.create_connection(("127.0.0.1", self.gateway.api_port), timeout=PATIENCE) as connection:
            received = b""
            with contextlib.suppress(ConnectionError):   # It may close while octets are under way to it.
                connection.sendall(octets)
                connection.shutdown(socket.SHUT_WR)
                while chunk := connection.recv(65536):
                    received += chunk
            return received

    def test_malformed_http(self):
        for octets in (b"GARBAGE\r\n\r\n", b"GET /v1/errors HTTP/1.1\r\n\r\n",
                       b"POST /v1/otp/send HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{}",
                       b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"):
            received = self.raw(octets)
            self.assertNotIn(b"200", received.split(b"\r\n")[0])
            self.assertTrue(received == b"" or b" 4" in received.split(b"\r\n")[0], received[:200])
        self.assertEqual(self.gateway.request("GET", "/v1/errors").status, 200)

    def test_a_thousand_idle_connections_disturb_nobody(self):
        idle = []
        try:
            for _ in range(1_000):
                idle.append(socket.create_connection(("127.0.0.1", self.gateway.api_port), timeout=PATIENCE))
            for connection in idle[:200]:
                connection.sendall(b"POST /v1/otp/send HTTP/1.1\r\nHost: x\r\nContent-Le")
            self.assertEqual(self.post({"phone": "+37499123051", "dryRun": True}).status, 200)
        finally:
            for connection in idle:
                connection.close()

    def test_garbage_from_a_carrier_costs_the_link_only(self):
        carrier = self.gateway.carriers[0]
        carrier.fault("command-length=4")
        self.gateway.send("+37499123055")
        wait_until("the link was given up", lambda: self.gateway.told("carrier list")[0]["reconnects"] > 0)
        carrier.fault("command-length=off")
        self.assertEqual(self.gateway.request("GET", "/v1/errors").status, 200)
        self.assertIsNone(self.gateway.process.poll())


if __name__ == "__main__":
    unittest.main()
