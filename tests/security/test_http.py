"""Whatever is no request is refused in our own words, whether its connection is new, was used before, or has the request before still in it."""

import json
import socket
import time
import unittest

from harness import PATIENCE, Gateway, RawAnswer

GOOD = b"GET /v1/errors HTTP/1.1\r\nHost: x\r\n\r\n"
GET = b"GET /v1/errors HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /v1/otp/send HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

MALFORMED, TOO_LARGE = (400, "malformed_request"), (413, "body_too_large")
REFUSED = {
    "no request line": (b"GARBAGE\r\n\r\n", MALFORMED),
    "TLS to a plain listener": (b"\x16\x03\x01\x02\x00\x01\x00", MALFORMED),
    "an empty line first": (b"\r\n\r\n", MALFORMED),
    "no version": (b"GET /v1/errors\r\nHost: x\r\n\r\n", MALFORMED),
    "HTTP/0.9": (b"GET /v1/errors HTTP/0.9\r\nHost: x\r\n\r\n", MALFORMED),
    "HTTP/2.0": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", MALFORMED),
    "version in small letters": (b"GET /v1/errors http/1.1\r\nHost: x\r\n\r\n", MALFORMED),
    "version of three digits": (b"GET /v1/errors HTTP/1.11\r\nHost: x\r\n\r\n", MALFORMED),
    "two spaces": (b"GET  /v1/errors HTTP/1.1\r\nHost: x\r\n\r\n", MALFORMED),
    "a space behind the version": (b"GET /v1/errors HTTP/1.1 \r\nHost: x\r\n\r\n", MALFORMED),
    "a tab for a space": (b"GET\t/v1/errors\tHTTP/1.1\r\nHost: x\r\n\r\n", MALFORMED),
    "NUL in the target": (b"GET /v1/errors\x00 HTTP/1.1\r\nHost: x\r\n\r\n", MALFORMED),
    "a fragment": (b"GET /v1/errors#x HTTP/1.1\r\nHost: x\r\n\r\n", MALFORMED),
    "an asterisk": (b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", MALFORMED),
    "another scheme": (b"GET ftp://x/v1/errors HTTP/1.1\r\nHost: x\r\n\r\n", MALFORMED),
    "a user in the target": (b"GET http://a@x/v1/errors HTTP/1.1\r\nHost: x\r\n\r\n", MALFORMED),
    "CONNECT": (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", MALFORMED),
    "LF alone": (b"GET /v1/errors HTTP/1.1\nHost: x\n\n", MALFORMED),
    "no Host": (b"GET /v1/errors HTTP/1.1\r\n\r\n", MALFORMED),
    "two Hosts": (GET + b"Host: y\r\n\r\n", MALFORMED),
    "a path for Host": (b"GET /v1/errors HTTP/1.1\r\nHost: x/y\r\n\r\n", MALFORMED),
    "no colon": (GET + b"no colon\r\n\r\n", MALFORMED),
    "a space before the colon": (GET + b"X-A : b\r\n\r\n", MALFORMED),
    "a field without name": (GET + b": b\r\n\r\n", MALFORMED),
    "a field that goes on in a line": (GET + b"X-A: b\r\n c\r\n\r\n", MALFORMED),
    "NUL in a header": (GET + b"X-A: b\x00c\r\n\r\n", MALFORMED),
    "NUL behind a key": (GET + b"Authorization: Bearer xk_live_0\x00\r\n\r\n", MALFORMED),
    "CR in a header": (GET + b"X-A: b\rc\r\n\r\n", MALFORMED),
    "a control character in a header": (GET + b"X-A: b\x1bc\r\n\r\n", MALFORMED),
    "two Authorizations": (GET + b"Authorization: Bearer a\r\nauthorization: Bearer a\r\n\r\n", MALFORMED),
    "a head without end": (GET + b"X-A: " + b"a" * 20_000 + b"\r\n\r\n", MALFORMED),
    "too many headers": (GET + b"a:\r\n" * 200 + b"\r\n", MALFORMED),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", MALFORMED),
    "two lengths that agree": (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", MALFORMED),
    "two lengths in one": (POST + b"Content-Length: 2, 2\r\n\r\n{}", MALFORMED),
    "a signed length": (POST + b"Content-Length: +2\r\n\r\n{}", MALFORMED),
    "a length below zero": (POST + b"Content-Length: -2\r\n\r\n{}", MALFORMED),
    "a hexadecimal length": (POST + b"Content-Length: 0x2\r\n\r\n{}", MALFORMED),
    "an empty length": (POST + b"Content-Length: \r\n\r\n{}", MALFORMED),
    "length and chunks": (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", MALFORMED),
    "chunks and length": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n", MALFORMED),
    "another coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n{}", MALFORMED),
    "a coding more": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", MALFORMED),
    "chunked twice": (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", MALFORMED),
    "no coding": (POST + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}", MALFORMED),
    "chunks in HTTP/1.0": (b"POST /v1/otp/send HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a body of HEAD": (b"HEAD /v1/errors HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", (400, None)),
    "a body of a method without": (b"PROPFIND / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", MALFORMED),
    "another Expect": (POST + b"Expect: the unexpected\r\nContent-Length: 2\r\n\r\n{}", MALFORMED),
    "an endless length": (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", TOO_LARGE),
    "a length above the limit": (POST + b"Content-Length: 65537\r\n\r\n", TOO_LARGE),
    "a chunk's size with a sign": (CHUNKED + b"+2\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk's size with 0x": (CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk's size with a space before": (CHUNKED + b" 2\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk's size with a space behind": (CHUNKED + b"2 \r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk with an extension": (CHUNKED + b"2;a=b\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk below zero": (CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk's size in words": (CHUNKED + b"two\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "no size of a chunk": (CHUNKED + b"\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk's size without end": (CHUNKED + b"0" * 1000, MALFORMED),
    "a chunk's size and LF alone": (CHUNKED + b"2\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk that is longer than it says": (CHUNKED + b"1\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk without its end": (CHUNKED + b"2\r\n{}0\r\n\r\n", MALFORMED),
    "a trailer": (CHUNKED + b"2\r\n{}\r\n0\r\nAuthorization: Bearer a\r\n\r\n", MALFORMED),
    "chunks above the limit": (CHUNKED + b"10001\r\n", TOO_LARGE),
    "an endless chunk": (CHUNKED + b"ffffffffffffffff\r\n", TOO_LARGE),
    "crumbs": (CHUNKED + b"1\r\n \r\n" * 2_000, MALFORMED),
}
KEY = b"Authorization: Bearer KEY\r\n"   # The gateway's own.
SERVED = {
    "a path": (GET + b"\r\n", 200),
    "HTTP/1.0 without Host": (b"GET /v1/errors HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200),
    "an absolute target": (b"GET http://x/v1/errors HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    "an absolute target of another Host": (b"GET HTTPS://otp.example.com:443/v1/errors HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    "an absolute target and its query": (b"GET http://x/v1/stats?window=1d HTTP/1.1\r\nHost: x\r\n" + KEY + b"\r\n", 200),
    "an absolute target without path": (b"GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", 302),
    "chunks": (CHUNKED[:-2] + KEY + b"\r\n1\r\n{\r\n00001\r\n}\r\n000\r\n\r\n", 400),
    "a body of GET": (GET + b"Content-Length: 2\r\n\r\n{}", 200),
    "blanks round a value": (b"GET /v1/errors HTTP/1.1\r\nHost:\t x \t\r\n\r\n", 200),
    "a slash that is escaped": (b"GET /v1%2Ferrors HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a slash that is escaped in an id": (b"GET /v1/otp/OTP-1%2fcancel HTTP/1.1\r\nHost: x\r\n" + KEY + b"\r\n", 404),
    "a letter that is escaped": (b"GET /v1/%65rrors HTTP/1.1\r\nHost: x\r\n\r\n", 200),
}


def split_answers(octets):
    """Answers one after another, each with a length."""
    answers = []
    while octets:
        head, _, rest = octets.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0].split(b":")[1]) if lengths else 0
        answers.append(RawAnswer(head + b"\r\n\r\n" + rest[:length]))
        octets = rest[length:]
    return answers


class Wire:
    """A connection that says exactly what a test wants."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)

    def say(self, octets):
        try:
            self.socket.sendall(octets)
        except (BrokenPipeError, ConnectionResetError):   # It may close while octets are under way to it.
            pass

    def hear_all(self):
        received = b""
        try:
            while chunk := self.socket.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
        return received

    def hear_one(self):
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.socket.recv(65536)
        head, _, rest = received.partition(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
        while len(rest) < length:
            rest += self.socket.recv(65536)
        return RawAnswer(head + b"\r\n\r\n" + rest)

    def close(self):
        self.socket.close()


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=0, routes="", overrides=["requests_per_second=none"]))

    def check_refusal(self, answer, expected):
        status, code = expected
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers.get("content-type"), "application/problem+json", answer)
        self.assertEqual(answer.headers.get("connection"), "close")
        for name in ("x-request-id", "ratelimit", "ratelimit-policy"):
            self.assertIn(name, answer.headers)
        if code is not None:
            self.assertEqual((answer["ok"], answer["code"]), (False, code), answer)

    def play(self, before, octets):
        """The answers to what is said at once behind what was said, and answered, before."""
        wire = Wire(self.gateway.api_port)
        try:
            for each in before:
                wire.say(each)
                self.assertEqual(wire.hear_one().status, 200)
            wire.say(octets)
            wire.socket.shutdown(socket.SHUT_WR)
            return split_answers(wire.hear_all())
        finally:
            wire.close()

    def test_what_is_no_request_is_refused(self):
        for name, (octets, expected) in REFUSED.items():
            for where, before, said in (("first", [], octets), ("reused", [GOOD, GOOD], octets), ("pipelined", [], GOOD + octets)):
                with self.subTest(name, where=where):
                    answers = self.play(before, said)
                    self.assertEqual(len(answers), 2 if where == "pipelined" else 1, answers)
                    self.check_refusal(answers[-1], expected)

    def test_it_is_refused_octet_by_octet_too(self):
        for name, (octets, expected) in REFUSED.items():
            if len(octets) > 300:
                continue
            with self.subTest(name):
                wire = Wire(self.gateway.api_port)
                wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for octet in octets:
                    wire.say(bytes([octet]))
                self.check_refusal(RawAnswer(wire.hear_all()), expected)
                wire.close()

    def test_what_is_unusual_is_served(self):
        for name, (octets, status) in SERVED.items():
            octets = octets.replace(b"KEY", self.gateway.key.encode())
            for where, before, said in (("first", [], octets), ("reused", [GOOD], octets), ("twice", [], octets + octets)):
                with self.subTest(name, where=where):
                    answers = self.play(before, said)
                    self.assertEqual([answer.status for answer in answers], [status] * (2 if where == "twice" else 1), answers)

    def test_who_shuts_down_is_answered_whatever_it_asked(self):
        """Its end may be seen in the turn in which the store answers the first."""
        stats = b"GET /v1/stats?window=1d HTTP/1.1\r\nHost: x\r\n" + KEY.replace(b"KEY", self.gateway.key.encode()) + b"\r\n"
        for each in range(500):
            wire = Wire(self.gateway.api_port)
            wire.say(stats + stats + stats)
            time.sleep(each % 50 / 50_000)
            wire.socket.shutdown(socket.SHUT_WR)
            self.assertEqual([answer.status for answer in split_answers(wire.hear_all())], [200] * 3, each)
            wire.close()

    def test_an_absolute_target_keeps_its_connection(self):
        wire = Wire(self.gateway.api_port)
        for _ in range(3):
            wire.say(b"GET http://x/v1/errors HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(wire.hear_one().status, 200)
        wire.close()

    def test_what_follows_a_refused_request_is_not_served(self):
        """Smuggling: a second request in what was a body for somebody else."""
        hidden = b"GET /v1/errors HTTP/1.1\r\nHost: x\r\n\r\n"
        for name in ("length and chunks", "a chunk's size with 0x", "NUL in a header", "LF alone", "two lengths"):
            with self.subTest(name):
                self.assertEqual([answer.status for answer in self.play([GOOD], REFUSED[name][0] + hidden)], [400])

    def test_the_clients_id_comes_back_with_a_refusal(self):
        for before in ([], [GOOD]):
            for octets in (GET + b"X-Request-Id: mine-1\r\nno colon\r\n\r\n", b"GARBAGE\r\nX-Request-Id: mine-1\r\n\r\n"):
                self.assertEqual(self.play(before, octets)[-1].headers["x-request-id"], "mine-1")

    def test_one_key_is_the_one_that_asks(self):
        """A key in a second header, or behind a NUL, is nobody's."""
        body = json.dumps({"phone": "+37499123056", "dryRun": True}).encode()
        head = POST + b"Content-Length: %d\r\nContent-Type: application/json\r\n" % len(body)
        good = b"Authorization: Bearer " + self.gateway.key.encode()
        self.assertEqual(self.play([], head + good + b"\r\n\r\n" + body)[0].status, 503 if not self.gateway.carriers else 200)
        self.assertEqual(self.play([], head + good + b"\r\nAuthorization: Bearer x\r\n\r\n" + body)[0].status, 400)
        self.assertEqual(self.play([], head + good + b"\x00x\r\n\r\n" + body)[0].status, 400)


if __name__ == "__main__":
    unittest.main()
