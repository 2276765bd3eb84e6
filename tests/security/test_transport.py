"""What travels: which TLS is spoken, what every answer tells browsers, and what `xiond --check` warns of."""

import http.client
import ssl
import subprocess
import unittest

from harness import BIN, PATIENCE, Gateway

# Of TLS 1.2: what is forward secret and authenticated, and what is not.
GOOD = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"]
BAD = ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256", "AES256-SHA", "DHE-RSA-AES128-GCM-SHA256"]


class Https(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(carriers=0, routes="", config="")
        cls.certificate, cls.key = cls.gateway.folder / "api.pem", cls.gateway.folder / "api.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                        "-days", "30", "-keyout", cls.key, "-out", cls.certificate], check=True, capture_output=True)
        cls.key.chmod(0o600)
        cls.gateway.api_extra = f'tls_certificate = "{cls.certificate}"\ntls_key = "{cls.key}"\n'
        cls.gateway.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.__exit__(None, None, None)

    def context(self, suites=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if suites:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(f"{suites}:@SECLEVEL=0")
        return context

    def ask(self, path, suites=None, headers=None):
        connection = http.client.HTTPSConnection("127.0.0.1", self.gateway.api_port, context=self.context(suites), timeout=PATIENCE)
        try:
            connection.request("GET", path, headers=headers or {})
            return connection.getresponse()
        finally:
            connection.close()

    def test_suites_are_forward_secret_and_authenticated(self):
        for suites in [None, *GOOD]:
            with self.subTest(suites):
                self.assertEqual(self.ask("/v1/errors", suites).status, 200)
        for suites in BAD:
            with self.subTest(suites), self.assertRaises(ssl.SSLError):
                self.ask("/v1/errors", suites)

    def test_browsers_stay_with_https(self):
        for path in ("/v1/errors", "/v1/otp", "/v1/nothing", "/dashboard/", "/dashboard/api/session"):
            with self.subTest(path):
                self.assertEqual(self.ask(path).headers["strict-transport-security"], "max-age=31536000")


class Plain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(carriers=0, routes="")
        cls.gateway.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.__exit__(None, None, None)

    def test_every_answer_is_what_it_says_and_for_its_own_site(self):
        answers = {path: self.gateway.request("GET", path) for path in
                   ("/v1/errors", "/v1/otp", "/v1/nothing", "/openapi.json", "/dashboard/", "/dashboard/api/session", "/v1/exports/otp.csv")}
        answers["malformed"] = self.gateway.raw(b"GARBAGE\r\n\r\n")
        for name, answer in answers.items():
            with self.subTest(name):
                self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
                self.assertEqual(answer.headers["cross-origin-resource-policy"], "same-origin")
                self.assertNotIn("strict-transport-security", answer.headers)

    def warnings_of(self, **changes):
        self.gateway.write_config()
        text = self.gateway.config_path.read_text()
        for old, new in changes.values():
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.gateway.folder / "checked.toml"
        path.write_text(text)
        done = subprocess.run([BIN / "xiond", "--config", path, "--check"], capture_output=True, text=True, timeout=PATIENCE)
        return done.stdout + done.stderr

    def test_check_warns(self):
        operator = f'listen = "127.0.0.1:{self.gateway.operator_port}"'
        carrier = '[[carrier]]\nname = "far"\naddress = "{}"\nsystem_id = "x"\npassword = "y"\n{}\n[[route]]\ncarriers = ["far"]\n'
        end = ("[operator]", "[operator]")
        public = self.gateway.folder / "public.key"
        public.write_text("x")
        public.chmod(0o644)
        for name, changes, expected in (
                ("as it is", {}, None),
                ("a key that all can read", {"a": ("[api]", f'[api]\ntls_certificate = "{public}"\ntls_key = "{public}"')},
                 "every user of this machine can read it"),
                ("an operator listener on all addresses", {"a": (operator, 'listen = "0.0.0.0:9090"')}, "operator.listen"),
                ("the same in IPv6", {"a": (operator, 'listen = "[::]:9090"')}, "operator.listen"),
                ("a far carrier without TLS", {"a": (operator, operator + "\n" + carrier.format("203.0.113.5:2775", ""))}, "without tls"),
                ("a named carrier without TLS", {"a": (operator, operator + "\n" + carrier.format("smsc.example.com:2775", ""))}, "without tls"),
                ("a far carrier with TLS", {"a": (operator, operator + "\n" + carrier.format("203.0.113.5:2775", "tls = true"))}, None),
                ("a near carrier", {"a": (operator, operator + "\n" + carrier.format("10.1.2.3:2775", ""))}, None),
                ("four digits and ten attempts", {"a": end, "b": ("[operator]", "[otp]\ncode_length = 4\nattempts = 10\n[operator]")}, "is guessed"),
                ("four digits and five attempts", {"b": ("[operator]", "[otp]\ncode_length = 4\nattempts = 5\n[operator]")}, None)):
            with self.subTest(name):
                told = self.warnings_of(**changes)
                for warning in ("every user of this machine can read it", "operator.listen", "without tls", "is guessed"):
                    self.assertEqual(warning in told, warning == expected, told)


if __name__ == "__main__":
    unittest.main()
