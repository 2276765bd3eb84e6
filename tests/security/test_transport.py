"""What travels: which TLS is spoken, what every answer tells browsers, and what `xiond --check` warns of."""

import http.client
import json
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until
from scripted_smsc import Smsc

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
        cls.enterClassContext(cls.gateway)

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


# What an old peer may have alone: RSA key exchange, and CBC.
OLD = "AES128-SHA256:AES256-SHA"
NO_SUITE = "no shared cipher"


class Outward(unittest.TestCase):
    """An SMSC and a receiver that have old suites of TLS 1.2 alone."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="xionid-test."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-days", "30", "-keyout", cls.folder / "peer.key", "-out", cls.folder / "peer.pem"], check=True, capture_output=True)

    def peer(self, suites):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "peer.pem", self.folder / "peer.key")
        if suites:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(suites)
        return context

    def smsc(self, suites):
        smsc = Smsc(self.peer(suites))
        self.addCleanup(smsc.stop)
        return smsc

    def carrier(self, smsc, more=""):
        return (f'[[carrier]]\nname = "old"\naddress = "localhost:{smsc.port}"\nsystem_id = "x"\npassword = "y"\n'
                f'tls = {{ ca = "{self.folder}/peer.pem"{more} }}\n[[route]]\ncarriers = ["old"]\n')

    def test_an_old_smsc_is_refused_in_words_and_reached_where_it_is_wanted(self):
        smsc = self.smsc(OLD)
        with Gateway(carriers=0, routes="", config=self.carrier(smsc)) as gateway:
            state = lambda: gateway.told("carrier list")[0]
            wait_until("it is refused", lambda: NO_SUITE in state().get("lastError", ""))
            self.assertIn('ciphers = "legacy"', state()["lastError"])
            gateway.await_log(NO_SUITE)
            tested = gateway.run_ctl("carrier", "test", "old", check=False)
            self.assertEqual(tested.returncode, 1)
            step = json.loads(tested.stdout)["addresses"][0]["steps"][-1]
            self.assertEqual(step["step"], "tls")
            self.assertIn(NO_SUITE, step["detail"])
            self.assertIn('ciphers = "legacy"', step["hint"])
            self.assertEqual(smsc.bind_bodies, [], "the password travelled")
            gateway.extra = self.carrier(smsc, ', ciphers = "legacy"')
            gateway.write_config()
            checked = subprocess.run([BIN / "xiond", "--config", gateway.config_path, "--check"], capture_output=True, text=True, timeout=PATIENCE)
            self.assertIn('carrier.tls.ciphers = "legacy"', checked.stdout + checked.stderr)
            gateway.ctl("config", "apply")
            wait_until("it is bound", lambda: state()["state"] == "bound")

    def test_an_smsc_with_suites_of_today_is_reached_without_ado(self):
        for suites in (None, "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"):
            with self.subTest(suites), Gateway(carriers=0, routes="", config=self.carrier(self.smsc(suites))) as gateway:
                wait_until("it is bound", lambda: gateway.told("carrier list")[0]["state"] == "bound")

    def test_a_receiver_without_a_suite_of_today_is_told_as_such(self):
        for suites, expected in ((OLD, NO_SUITE), ("ECDHE-RSA-AES128-SHA256", NO_SUITE), ("ECDHE-RSA-AES128-GCM-SHA256", "certificate")):
            receiver = self.smsc(suites)    # Whatever it speaks behind TLS: it doesn't come to that.
            with self.subTest(suites), Gateway(carriers=0, routes="", config="[webhooks]\nallow_private = true\n") as gateway:
                hook = gateway.ctl("webhook", "add", "shop", f"https://localhost:{receiver.port}/hook")["id"]
                gateway.ctl("webhook", "test", hook)
                told = wait_until("it was tried", lambda: gateway.ctl("webhook", "deliveries", hook)[0].get("error"))
                self.assertIn(expected, told)


class Plain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=0, routes=""))

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
