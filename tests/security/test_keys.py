"""Which keys there are, what each opens, and what is left of one that is refused."""

import socket
import unittest

from harness import Gateway, RawAnswer, wait_until
from visitor import Visitor


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=0, routes="", overrides=["requests_per_second=none"]))

    def create(self, *arguments):
        return self.gateway.ctl("key", "create", "shop", *arguments)

    def test_an_owner_gets_no_key_that_shows_whole_numbers(self):
        of_operator = self.create("--scope", "otp:read", "pii:read")
        owner = Visitor(self.gateway, "--app", "shop", "--role", "owner")
        for name, answer in {
            "made": owner.post("keys", {"scope": ["otp:read", "pii:read"]}),
            "rotated": owner.post(f"keys/{of_operator['id']}/rotate"),
            "rotated at once": owner.post(f"keys/{of_operator['id']}/rotate", {"keep": "0"}),
        }.items():
            with self.subTest(name):
                self.assertEqual((answer.status, answer["code"]), (403, "insufficient_role"), answer)
                self.assertNotIn("xk_", answer.text)
        self.assertEqual(self.gateway.request("GET", "/v1/otp", key=of_operator["key"]).status, 200, "it works on")
        self.assertIn("pii:read", self.gateway.ctl("key", "rotate", of_operator["id"])["scopes"])
        self.assertEqual(owner.post(f"keys/{of_operator['id']}/revoke").status, 200, "to end one opens nothing")

    def test_an_app_has_a_hundred_keys(self):
        self.gateway.ctl("app", "add", "busy")
        ids = [self.gateway.ctl("key", "create", "busy")["id"] for _ in range(100)]
        refused = self.gateway.run_ctl("key", "create", "busy", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("100 keys", refused.stderr)
        self.assertEqual(self.gateway.run_ctl("key", "rotate", ids[0], check=False).returncode, 1, "the old one would work beside it")
        self.gateway.ctl("key", "rotate", ids[0], "--keep", "0")
        self.gateway.ctl("key", "revoke", ids[1])
        self.gateway.ctl("key", "create", "busy")

    def test_a_refused_key_leaves_a_trace(self):
        ended = self.create()
        self.gateway.ctl("key", "revoke", ended["id"])
        foreign = self.create("--network", "203.0.113.0/24")
        narrow = self.create("--scope", "stats:read")
        unknown = "xk_live_" + "0" * 40
        for key, reason, named in ((ended, "revoked_api_key", ended["id"]), (foreign, "client_not_allowed", foreign["id"]),
                                   (narrow, "insufficient_scope", narrow["id"]), ({"key": unknown}, "invalid_api_key", "unknown")):
            with self.subTest(reason):
                self.gateway.request("GET", "/v1/otp", key=key["key"])
                wait_until("it is in the log", lambda: f"api.refused key={named} reason={reason} address=127.0.0.1" in self.gateway.log())
        for _ in range(100):
            self.gateway.request("GET", "/v1/otp", key=unknown)
        self.assertLessEqual(self.gateway.log().count("api.refused "), 10, "five of an address in a minute, of two minutes at most")
        self.assertNotIn(unknown, self.gateway.log())
        metrics = self.gateway.request("GET", "/metrics", port=self.gateway.operator_port).text
        self.assertIn('xionid_refused_keys_total{reason="revoked_api_key"} 1', metrics)
        refused = int(next(line.split()[1] for line in metrics.splitlines() if line.startswith('xionid_refused_keys_total{reason="invalid_api_key"}')))
        self.assertGreaterEqual(refused, 101, "each is counted")

    def test_numbers_alone_show_no_request(self):
        for scopes, is_shown in ((("stats:read",), False), (("stats:read", "otp:read"), True)):
            key = self.create(*[part for scope in scopes for part in ("--scope", scope)])["key"]
            latest = self.gateway.request("GET", "/v1/stats", key=key)["latest"]
            self.assertTrue(latest is None or is_shown, scopes)

    def test_a_phones_text_is_short(self):
        for text in ("+374 " + " " * 60 + "99123056", "٣" * 65, "+37499123056" + "\u200b" * 60, "9" * 60_000):
            answer = self.gateway.send(text, dryRun=True)
            self.assertEqual((answer.status, answer["code"]), (422, "invalid_phone"), text[:20])
        self.assertNotEqual(self.gateway.send("+374 " + " " * 20 + "99123056", dryRun=True).json.get("code"), "invalid_phone")


class UnixListener(unittest.TestCase):
    def test_a_key_with_networks_is_in_none_of_them(self):
        gateway = Gateway(carriers=0, routes="")
        path = f"{gateway.folder}/api.sock"
        original = gateway.write_config

        def write_config():
            original()
            text = gateway.config_path.read_text()
            gateway.config_path.write_text(text.replace(f'listen = ["127.0.0.1:{gateway.api_port}"]',
                                                        f'listen = ["127.0.0.1:{gateway.api_port}", "unix:{path}"]'))
        gateway.write_config = write_config
        with gateway:
            def ask(key):
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(path)
                    client.sendall(f"GET /v1/usage HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
                    return RawAnswer(b"".join(iter(lambda: client.recv(65536), b"")))
            bound = gateway.ctl("key", "create", "shop", "--network", "127.0.0.0/8")["key"]
            self.assertEqual(gateway.request("GET", "/v1/usage", key=bound).status, 200)
            self.assertEqual((ask(bound).status, ask(bound)["code"]), (403, "client_not_allowed"))
            self.assertEqual(ask(gateway.key).status, 200)


if __name__ == "__main__":
    unittest.main()
