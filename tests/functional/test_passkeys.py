"""Passkeys of the dashboard: made at the first visit by invitation, and what an attacker makes of them. The authenticator is played by the
openssl command; a real browser's is in tests/dashboard."""

import hashlib
import json
import pathlib
import re
import secrets
import struct
import subprocess
import tempfile
import unittest

from harness import Gateway, wait_until
from provider import Key, Provider, b64
from test_sign_in import Browser

PRESENT, VERIFIED, MAY_BE_BACKED_UP, BACKED_UP, ATTESTED, EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


class Authenticator:
    """What a device keeps for one site: honest, unless a test says otherwise."""

    def __init__(self, folder, origin, kind="EC", name=None):
        self.key = Key(folder, name or secrets.token_hex(4), kind)
        self.origin, self.rp_id = origin, origin.partition("//")[2].partition(":")[0]
        self.credential, self.count, self.user = secrets.token_bytes(32), 0, ""

    def client_data(self, kind, challenge, more):
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **more}
        return json.dumps({name: value for name, value in said.items() if value is not None}).encode()

    def data(self, flags, more=b"", rp_id=None):
        return hashlib.sha256((rp_id or self.rp_id).encode()).digest() + struct.pack(">BI", flags, self.count) + more

    def made(self, asked, flags=PRESENT | VERIFIED | ATTESTED, client=None, rp_id=None, key=None, more=None, kind="webauthn.create"):
        self.user = asked["user"]["id"]
        credential = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + b"\xa5"
        return {"clientData": b64(self.client_data(kind, asked["challenge"], client or {})),
                "authenticatorData": b64(self.data(flags, credential if more is None else more, rp_id)), "publicKey": b64(key or self.key.public)}

    def shown(self, asked, flags=PRESENT | VERIFIED, client=None, rp_id=None, count=None, kind="webauthn.get", more=b"", **changes):
        self.count = self.count + 1 if count is None else count
        client_data, data = self.client_data(kind, asked["challenge"], client or {}), self.data(flags, more, rp_id)
        signed = data + hashlib.sha256(client_data).digest()
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key.file], input=signed, check=True, capture_output=True).stdout
        return {"id": b64(self.credential), "clientData": b64(client_data), "authenticatorData": b64(data), "signature": b64(signature),
                "user": self.user, **changes}


class Passkeys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(carriers=0, routes="")
        cls.gateway.__enter__()
        cls.origin = f"http://localhost:{cls.gateway.api_port}"
        cls.settle(f'[dashboard]\nurl = "{cls.origin}"\n')
        cls.gateway.ctl("app", "add", "second")

    @classmethod
    def tearDownClass(cls):
        cls.gateway.__exit__(None, None, None)

    @classmethod
    def settle(cls, settings):
        cls.gateway.extra = settings
        cls.gateway.write_config()
        cls.gateway.ctl("config", "apply")

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.before, self.answers = len(self.gateway.log()), 0

    def post(self, browser, name, body=None):
        return browser.ask("POST", f"/dashboard/api/{name}", body or {}, X_Requested_With="XionID")

    def guest(self, *words):
        link = self.gateway.ctl("dashboard", "invite", *(words or ("--app", "shop", "--role", "owner", "--name", "Ani")))["link"]
        browser = Browser(self.gateway)
        self.assertEqual(self.post(browser, "sign-in", {"token": link.partition("#")[2]}).status, 200)
        return browser

    def enrolled(self, *words, kind="EC"):
        """Somebody's authenticator, and what the daemon calls its passkey."""
        browser, device = self.guest(*words), Authenticator(self.folder, self.origin, kind)
        asked = self.post(browser, "passkeys/new")
        made = self.post(browser, "passkeys/add", device.made(asked.json))
        self.assertEqual(made.status, 200, made)
        return device, made["id"]

    def enter(self, device, browser=None, **changes):
        browser = browser or Browser(self.gateway)
        asked = self.post(browser, "passkeys/ask")
        return browser, self.post(browser, "passkeys/sign-in", device.shown(asked.json, **changes))

    def reason(self):
        """Of the last answer; what is logged is written a little later."""
        told = self.answers = self.answers + 1
        reasons = wait_until("the refusal is logged", lambda: (lambda found: found if len(found) >= told else None)(
            re.findall(r"dashboard\.passkey\.refused reason=(\w+) ", self.gateway.log()[self.before:])))
        return reasons[told - 1]

    def assert_refused(self, device, reason, **changes):
        self.gateway.stop()   # Tries from one address are few.
        self.gateway.start()
        browser, answer = self.enter(device, **changes)
        self.assertEqual((answer.status, answer["code"], self.reason()), (401, "passkey_refused", reason), changes)
        self.assertEqual(browser.session().status, 401)

    def test_a_passkey_is_made_at_the_first_visit_and_opens_the_next(self):
        for kind in ("EC", "RSA"):
            with self.subTest(kind):
                device, name = self.enrolled(kind=kind)
                self.assertTrue(self.gateway.request("GET", "/dashboard/api/sign-in", key=False)["passkeys"])
                browser, answer = self.enter(device)
                self.assertEqual(answer.status, 200, answer)
                session = browser.session()
                self.assertEqual((session["role"], session["app"], session["person"], session["kind"]), ("owner", "shop", "Ani", "session"))
                [row] = [one for one in self.gateway.ctl("dashboard", "sessions") if one["id"] == name]
                self.assertEqual((row["kind"], row["person"], row["role"], row["app"]), ("passkey", "Ani", "owner", "shop"))
                self.assertIn(name, [one["id"] for one in browser.get("/dashboard/api/sessions")["items"]])
                # Also after a restart.
                self.gateway.stop()
                self.gateway.start()
                self.assertEqual(self.enter(device)[1].status, 200)

    def test_an_operators_passkey_is_an_operators(self):
        device, _ = self.enrolled("--operator", "--name", "Root")
        browser, answer = self.enter(device)
        self.assertEqual((answer.status, browser.session()["role"]), (200, "operator"))
        self.assertEqual(browser.get("/dashboard/api/operator/status").status, 200)

    def test_what_is_revoked_opens_nothing(self):
        device, name = self.enrolled()
        browser, _ = self.enter(device)
        self.gateway.ctl("dashboard", "revoke", name)
        self.assertEqual(browser.session().status, 200, "who is in stays in")
        self.assert_refused(device, "unknown")
        device, _ = self.enrolled("--app", "second", "--name", "Nare")
        self.gateway.ctl("dashboard", "revoke", "--app", "second")
        self.assert_refused(device, "unknown")
        # An owner's page does the same, for its own app alone.
        device, name = self.enrolled()
        stranger = self.guest("--app", "second", "--role", "owner", "--name", "Eve")
        self.assertEqual(self.post(stranger, f"sessions/{name}/revoke").status, 404)
        owner = self.guest()
        self.assertEqual(self.post(owner, f"sessions/{name}/revoke").status, 200)
        self.assert_refused(device, "unknown")
        # Signing out everywhere is no reason to lose it.
        device, name = self.enrolled()
        browser, _ = self.enter(device)
        self.post(browser, "sign-out-everywhere")
        self.assertEqual((browser.session().status, self.enter(device)[1].status), (401, 200))

    def test_a_removed_app_lets_nobody_in(self):
        self.gateway.ctl("app", "add", "third")
        device, _ = self.enrolled("--app", "third", "--name", "Ani")
        self.gateway.ctl("app", "remove", "third")
        self.assert_refused(device, "unknown")

    def test_what_an_authenticator_must_say(self):
        device, _ = self.enrolled()
        for reason, changes in (("absent", {"flags": VERIFIED}), ("unverified", {"flags": PRESENT}), ("place", {"rp_id": "localhost.example"}),
                                ("malformed", {"flags": PRESENT | VERIFIED | BACKED_UP}), ("malformed", {"flags": PRESENT | VERIFIED | ATTESTED}),
                                ("malformed", {"more": b"\xa0"}), ("malformed", {"authenticatorData": b64(bytes(20))}),
                                ("malformed", {"authenticatorData": "***"}), ("malformed", {"clientData": b64(b"[]")})):
            with self.subTest(changes):
                self.assert_refused(device, reason, **changes)
        self.assertEqual(self.enter(device, flags=PRESENT | VERIFIED | MAY_BE_BACKED_UP | BACKED_UP | EXTENDED, more=b"\xa0")[1].status, 200)

    def test_what_a_browser_must_say(self):
        device, _ = self.enrolled()
        other = self.post(Browser(self.gateway), "passkeys/ask")["challenge"]
        for reason, client in (("origin", {"origin": "https://evil.example"}), ("origin", {"origin": self.origin + "/"}), ("origin", {"origin": None}),
                               ("origin", {"crossOrigin": True}), ("origin", {"topOrigin": "https://evil.example"}),
                               ("challenge", {"challenge": other}), ("challenge", {"challenge": None}), ("challenge", {"challenge": ""}),
                               ("type", {"type": "webauthn.create"}), ("type", {"type": None})):
            with self.subTest(client):
                self.assert_refused(device, reason, client=client)

    def test_another_keys_signature_opens_nothing(self):
        device, thief = self.enrolled()[0], Authenticator(self.folder, self.origin)
        thief.credential, thief.user, thief.count = device.credential, device.user, 50
        self.assert_refused(thief, "signature")
        self.assert_refused(device, "signature", signature=b64(b""))
        self.assert_refused(device, "signature", signature=b64(bytes(70)))
        self.assert_refused(device, "unknown", signature="*")
        self.assert_refused(device, "unknown", id=b64(secrets.token_bytes(32)))
        other = self.enrolled("--app", "second", "--name", "Nare")[0]
        self.assert_refused(device, "signature", id=b64(other.credential), user=other.user)
        self.assert_refused(device, "unknown", id=b64(other.credential))

    def test_an_answer_works_once_and_for_the_browser_that_asked(self):
        device, _ = self.enrolled()
        browser = Browser(self.gateway)
        shown = device.shown(self.post(browser, "passkeys/ask").json)
        thief = Browser(self.gateway)
        self.assertEqual(self.post(thief, "passkeys/sign-in", shown).status, 401)
        self.assertEqual(self.reason(), "challenge")
        kept = dict(browser.cookies)
        self.assertEqual(self.post(browser, "passkeys/sign-in", shown).status, 200)
        thief.cookies = dict(kept)
        self.assertEqual(self.post(thief, "passkeys/sign-in", shown).status, 401)
        self.assertEqual(self.reason(), "replayed")
        # An old one too, whatever its browser kept.
        thief.cookies = {name: "1600000000." + value.partition(".")[2] for name, value in kept.items()}
        self.assertEqual(self.post(thief, "passkeys/sign-in", shown).status, 401)

    def test_a_passkey_that_counts_backwards_is_two(self):
        device, name = self.enrolled()
        self.assertEqual(self.enter(device, count=7)[1].status, 200)
        for count in (7, 6, 0):
            self.assert_refused(device, "cloned", count=count)
        self.gateway.await_log(f"dashboard.passkey.cloned id={name} ")
        self.assertEqual(self.enter(device, count=8)[1].status, 200)
        # Many never count.
        device, _ = self.enrolled()
        for _ in range(2):
            self.assertEqual(self.enter(device, count=0)[1].status, 200)

    def refuse_new(self, browser, device, reason, **changes):
        asked = self.post(browser, "passkeys/new")
        answer = self.post(browser, "passkeys/add", device.made(asked.json, **changes))
        self.assertEqual((answer.status, answer["code"], self.reason()), (422, "passkey_refused", reason), changes)

    def test_what_is_no_passkey_is_not_kept(self):
        ec = Key(self.folder, "p384")
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", ec.file], check=True, capture_output=True)
        foreign = subprocess.run(["openssl", "pkey", "-in", ec.file, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        device = Authenticator(self.folder, self.origin)
        long_name = bytes(16) + struct.pack(">H", 1_024) + bytes(1_024) + b"\xa5"
        cases = [("type", {"kind": "webauthn.get"}), ("origin", {"client": {"origin": "https://evil.example"}}), ("place", {"rp_id": "evil.example"}),
                 ("absent", {"flags": VERIFIED | ATTESTED}), ("unverified", {"flags": PRESENT | ATTESTED}),
                 ("malformed", {"flags": PRESENT | VERIFIED, "more": b""}),
                 ("malformed", {"more": b""}), ("malformed", {"more": bytes(18) + b"\xa5"}), ("malformed", {"more": long_name}),
                 ("malformed", {"more": bytes(16) + struct.pack(">H", 32) + bytes(31)}), ("key", {"key": foreign}), ("key", {"key": device.key.public + b"\0"}),
                 ("key", {"key": device.key.public[:-1] + bytes([device.key.public[-1] ^ 1])}), ("key", {"key": b"x"})]
        for reason, changes in cases:
            with self.subTest(changes):
                self.gateway.stop()
                self.gateway.start()   # Tries are few; and a session that was there before is not fresh any more.
                self.refuse_new(self.guest(), device, reason, **changes)
        before = len(self.gateway.ctl("dashboard", "sessions"))
        # For one session's challenge another session makes none.
        first, second = self.guest(), self.guest()
        asked = self.post(first, "passkeys/new")
        second.cookies.update({name: value for name, value in first.cookies.items() if name == "xionid_passkey"})
        self.assertEqual((self.post(second, "passkeys/add", device.made(asked.json)).status, self.reason()), (422, "challenge"))
        # And none twice.
        made = device.made(asked.json)
        self.assertEqual(self.post(first, "passkeys/add", made).status, 200)
        self.assertEqual((self.post(first, "passkeys/add", made).status, self.reason()), (422, "replayed"))
        asked = self.post(second, "passkeys/new")
        self.assertEqual(self.post(second, "passkeys/add", device.made(asked.json))["code"], "refused", "an id is one passkey's")
        self.assertEqual(len(self.gateway.ctl("dashboard", "sessions")), before + 3)

    def test_who_may_make_none(self):
        nameless = self.guest("--app", "shop")
        self.assertEqual((nameless.session()["mayEnrol"], self.post(nameless, "passkeys/new").status), (False, 403))
        wall = Browser(self.gateway)
        link = self.gateway.ctl("dashboard", "wall", "--app", "shop", "--name", "lobby")["link"]
        self.post(wall, "sign-in", {"token": link.partition("#")[2]})
        self.assertEqual((wall.session()["mayEnrol"], self.post(wall, "passkeys/new").status), (False, 403))
        stranger = Browser(self.gateway)
        self.assertEqual(self.post(stranger, "passkeys/new").status, 401)
        self.assertEqual(stranger.ask("POST", "/dashboard/api/passkeys/ask", {}).status, 403, "another site's page")
        # A session that is older than a visit, as after a restart.
        old = self.guest()
        asked = self.post(old, "passkeys/new").json
        self.gateway.stop()
        self.gateway.start()
        self.assertEqual((old.session()["mayEnrol"], self.post(old, "passkeys/new").status), (False, 403))
        device = Authenticator(self.folder, self.origin)
        self.assertEqual((self.post(old, "passkeys/add", device.made(asked)).status, self.reason()), (422, "late"))

    def test_whom_a_provider_vouched_for_makes_none(self):
        """Who leaves the provider would keep it."""
        provider = Provider(self.folder)
        self.addCleanup(provider.close)
        self.addCleanup(self.settle, f'[dashboard]\nurl = "{self.origin}"\n')
        self.settle(f'[dashboard]\nurl = "{self.origin}"\n[dashboard.oidc]\nissuer = "{provider.issuer}"\nclient_id = "xionid"\n'
                    'grants = [{ group = "support", app = "shop", role = "viewer" }]\n')
        browser = Browser(self.gateway)
        browser.come_back(provider.authorize(browser.start()))
        self.assertEqual((browser.session()["mayEnrol"], self.post(browser, "passkeys/new").status), (False, 403))

    def test_where_browsers_make_none(self):
        self.addCleanup(self.settle, f'[dashboard]\nurl = "{self.origin}"\n')
        self.enrolled()
        for settings in ("", f'[dashboard]\nurl = "http://127.0.0.1:{self.gateway.api_port}"\n', '[dashboard]\nurl = "http://otp.example.net"\n'):
            with self.subTest(settings):
                self.settle(settings)
                self.assertNotIn("passkeys", self.gateway.request("GET", "/dashboard/api/sign-in", key=False).json)
                self.assertEqual(self.post(Browser(self.gateway), "passkeys/ask").status, 404)


if __name__ == "__main__":
    unittest.main()
