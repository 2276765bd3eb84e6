"""What every answer carries, whoever makes it: X-Request-Id, RateLimit-Policy and RateLimit, and Retry-After where it says "later"."""

import re
import socket
import unittest

from harness import PATIENCE, Gateway

POLICY = re.compile(r'^"[a-z_]+";q=\d+;w=\d+(;qu="[a-z-]+")?$')
STATE = re.compile(r'^"[a-z_]+";r=\d+;t=\d+$')


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(config="[plans.slow]\nsms_per_month = 0\nrequests_per_second = 50\n"))

    def check(self, headers, what, request_id=None):
        self.assertRegex(headers.get("ratelimit-policy", ""), POLICY, what)
        self.assertRegex(headers.get("ratelimit", ""), STATE, what)
        self.assertEqual(headers["ratelimit"].split(";")[0], headers["ratelimit-policy"].split(";")[0])
        if request_id:
            self.assertEqual(headers["x-request-id"], request_id, what)
        self.assertTrue(headers["x-request-id"], what)

    def test_an_answer_to_anybody_carries_them(self):
        asks = [("GET", "/v1/errors", None), ("GET", "/openapi.json", None), ("GET", "/healthz", None), ("GET", "/readyz", None),
                ("GET", "/nothing", None), ("GET", "/v1/otp/send", None), ("POST", "/v1/otp/send", {"phone": "12"}), ("GET", "/v1/otp", None),
                ("POST", "/v1/otp/verify", {"phone": "+37499231001", "code": "123456"}), ("GET", "/v1/stats", None), ("HEAD", "/v1/usage", None),
                ("POST", "/one-time-password-sms/v1/send-code", {})]
        for key in (None, False, "xk_live_nonsense"):
            for method, path, body in asks:
                answer = self.gateway.request(method, path, body, key=key, headers={"X-Request-Id": "mine-1"})
                self.check(answer.headers, (key, method, path), "mine-1")
        for path in ("/metrics", "/healthz", "/readyz"):
            self.check(self.gateway.request("GET", path, port=self.gateway.operator_port).headers, path)

    def test_the_rate_of_an_app_is_told_where_it_has_one(self):
        self.gateway.ctl("app", "add", "slowshop", "--plan", "slow")
        key = self.gateway.ctl("key", "create", "slowshop")["key"]
        self.assertEqual(self.gateway.request("GET", "/v1/usage", key=key).headers["ratelimit-policy"], '"requests";q=100;w=2')
        self.assertEqual(self.gateway.request("GET", "/v1/usage").headers["ratelimit-policy"],
                         '"connections";q=10000;w=1;qu="concurrent-requests"')

    def test_an_answer_that_the_http_layer_makes_by_itself_carries_them_too(self):
        start = b"POST /v1/otp/send HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine-2\r\n"
        for octets, status, code in (
                (start + b"no colon\r\n\r\n", 400, "malformed_request"),
                (start + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400, "malformed_request"),
                (start + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 400, "malformed_request"),
                (start + b"Content-Length: 1000000\r\n\r\n" + b"a" * 70_000, 413, "body_too_large"),
                (start + b"Content-Length: 10\r\n\r\n{", 408, "request_timeout")):
            answer = self.gateway.raw(octets)
            self.assertEqual((answer.status, answer["code"]), (status, code), answer)
            self.check(answer.headers, code, "mine-2")
            self.assertEqual(answer.headers["content-type"], "application/problem+json")
        answer = self.gateway.raw(b"GARBAGE\r\n\r\n")
        self.assertEqual(answer.status, 400)
        self.check(answer.headers, "garbage")
        answer = self.gateway.raw(b"GARBAGE\r\nX-Request-Id: a b\r\n\r\n")
        self.check(answer.headers, "an id that could do harm")
        self.assertNotEqual(answer.headers["x-request-id"], "a b")

    def test_a_listener_that_is_full_says_when_to_come_back(self):
        with Gateway(carriers=0, routes="", config="", api="max_connections = 3\n") as small:
            idle = [socket.create_connection(("127.0.0.1", small.api_port), timeout=PATIENCE) for _ in range(3)]
            full = small.raw(b"")
            self.assertEqual((full.status, full["code"], full.headers["retry-after"], full["retryAfterSeconds"]), (503, "overloaded", "1", 1))
            self.check(full.headers, "full")
            self.assertEqual(full.headers["ratelimit"], '"connections";r=0;t=1')
            for each in idle:
                each.close()


if __name__ == "__main__":
    unittest.main()
