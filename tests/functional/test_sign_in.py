"""Signing in to the dashboard by an OpenID provider, and what an attacker makes of it; sessions that live while they are used; links for walls."""

import hashlib
import hmac
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

from harness import PATIENCE, Gateway, free_port, wait_until
from provider import Key, Provider, b64

SETTINGS = """[dashboard]
url = "{url}"
session_idle_seconds = 600
[dashboard.oidc]
issuer = "{issuer}"
client_id = "xionid"
client_secret_file = "{secret}"
name = "Example"
grants = [{{ group = "chiefs", role = "operator" }}, {{ group = "support", app = "shop", role = "viewer" }},
          {{ group = "lost", app = "nowhere", role = "owner" }}]
"""


class Browser:
    """A browser at the daemon: keeps cookies, follows nothing by itself."""

    def __init__(self, gateway):
        self.gateway, self.cookies = gateway, {}

    def ask(self, method, path, body=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.gateway.request(method, path, body, headers=sent, key=False)
        self.take(answer.headers.get("set-cookie", ""))   # The last, where there are two.
        return answer

    def take(self, line):
        name, _, value = line.partition(";")[0].partition("=")
        if "Max-Age=0" in line:
            self.cookies.pop(name, None)
        elif name:
            self.cookies[name] = value

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def start(self):
        answer = self.get("/dashboard/oidc/start")
        assert answer.status == 303, answer
        return answer.headers["location"]

    def come_back(self, query):
        return self.get(f"/dashboard/oidc/callback?{query}")

    def session(self):
        return self.get("/dashboard/api/session")


class SignIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.provider = Provider(folder)
        cls.addClassCleanup(cls.provider.close)
        (folder / "oidc.secret").write_text("p@ss word\n")
        (folder / "oidc.secret").chmod(0o600)
        cls.gateway = cls.enterClassContext(Gateway(carriers=0, routes=""))
        cls.gateway.stop()
        cls.gateway.extra = SETTINGS.format(url=f"http://127.0.0.1:{cls.gateway.api_port}", issuer=cls.provider.issuer, secret=folder / "oidc.secret")
        cls.gateway.write_config()
        cls.gateway.start()

    def setUp(self):
        self.provider.be_honest()
        self.provider.key = self.provider.keys[0]
        self.provider.token_calls.clear()

    def enter(self, browser=None):
        browser = browser or Browser(self.gateway)
        return browser, browser.come_back(self.provider.authorize(browser.start()))

    def assert_in(self, answer, browser):
        self.assertEqual((answer.status, answer.headers["location"]), (303, "/dashboard/sign-in"))
        self.assertEqual(browser.session().status, 200)

    def assert_out(self, answer, browser, told="again"):
        self.assertEqual((answer.status, answer.headers["location"]), (303, f"/dashboard/sign-in?refused={told}"))
        self.assertEqual(browser.session().status, 401)

    def refused(self, reason):
        """Somebody who does all rightly at a provider that doesn't."""
        before = len(self.refusals())
        browser, answer = self.enter()
        self.assert_out(answer, browser)
        wait_until("the refusal is logged", lambda: len(self.refusals()) > before)
        self.assertEqual(self.refusals()[-1], reason)

    def refusals(self):
        return re.findall(r"dashboard\.oidc\.refused reason=(\w+) ", self.gateway.log())

    def test_a_known_person_comes_in_as_their_groups_say(self):
        self.assertEqual(self.gateway.request("GET", "/dashboard/api/sign-in", key=False)["provider"], "Example")
        browser, answer = self.enter()
        self.assert_in(answer, browser)
        session = browser.session()
        self.assertEqual((session["role"], session["app"], session["person"]), ("viewer", "shop", "ani@example.am"))
        self.assertEqual(browser.get("/dashboard/api/operator/status").status, 403)
        [(form, authorization)] = self.provider.token_calls
        self.assertEqual(authorization, "Basic eGlvbmlkOnAlNDBzcyUyMHdvcmQ=")
        self.assertNotIn("client_secret", form)
        self.provider.claims = {"groups": ["support", "chiefs"]}
        chief, answer = self.enter()
        self.assert_in(answer, chief)
        self.assertEqual(chief.session()["role"], "operator")
        log = self.gateway.log()
        for secret in ("p@ss", "p%40ss", form["code"], form["code_verifier"], *browser.cookies.values(), "ani@example.am"):
            self.assertNotIn(secret, log)

    def test_each_algorithm_that_is_taken(self):
        rsa, elliptic = self.provider.keys[:2]
        for algorithm, key in (("RS256", rsa), ("PS256", rsa), ("ES256", elliptic)):
            with self.subTest(algorithm):
                self.provider.algorithm, self.provider.key = algorithm, key
                browser, answer = self.enter()
                self.assert_in(answer, browser)

    def test_what_a_browser_is_sent_with(self):
        browser = Browser(self.gateway)
        answer = browser.get("/dashboard/oidc/start")
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["location"]).query))
        self.assertEqual({name: asked[name] for name in ("response_type", "client_id", "code_challenge_method", "scope")},
                         {"response_type": "code", "client_id": "xionid", "code_challenge_method": "S256", "scope": "openid email profile"})
        self.assertEqual(asked["redirect_uri"], f"http://127.0.0.1:{self.gateway.api_port}/dashboard/oidc/callback")
        self.assertRegex(answer.headers["set-cookie"], r"^xionid_oidc=\d+\.[\w-]{43}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax$")
        again = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(browser.start()).query))
        self.assertFalse({asked[name] for name in ("state", "nonce", "code_challenge")} & {again[name] for name in ("state", "nonce", "code_challenge")})
        self.assertEqual(browser.ask("POST", "/dashboard/oidc/start", {}).status, 405)
        self.assertEqual(browser.get("/dashboard/oidc/x").status, 404)

    def test_another_browsers_answer_opens_nothing(self):
        """Login CSRF: the victim follows the attacker's link back."""
        attacker, victim = Browser(self.gateway), Browser(self.gateway)
        query = self.provider.authorize(attacker.start())
        self.assert_out(victim.come_back(query), victim)
        victim.start()
        self.assert_out(victim.come_back(query), victim)
        self.assertEqual(self.provider.token_calls, [], "the code went no further")

    def test_state_and_issuer_of_the_answer(self):
        for more in ({"state": None}, {"state": "x" * 43}, {"iss": "https://evil.example"}, {"iss": None}, {"code": None}, {"code": ""}):
            with self.subTest(more):
                browser = Browser(self.gateway)
                self.assert_out(browser.come_back(self.provider.authorize(browser.start(), **more)), browser)
        browser = Browser(self.gateway)
        query = self.provider.authorize(browser.start())
        self.assert_out(browser.come_back(f"{query}&code=other"), browser)
        self.assertEqual(self.provider.token_calls, [])
        browser = Browser(self.gateway)
        self.assert_out(browser.come_back(self.provider.authorize(browser.start(), error="access_denied", code=None)), browser, "provider")

    def test_an_answer_works_once(self):
        browser = Browser(self.gateway)
        query = self.provider.authorize(browser.start())
        kept = dict(browser.cookies)
        self.assert_in(browser.come_back(query), browser)
        thief = Browser(self.gateway)
        thief.cookies = dict(kept)
        self.assert_out(thief.come_back(query), thief)
        # Also where the provider takes a code as often as it comes.
        self.provider.is_sloppy = True
        browser = Browser(self.gateway)
        query = self.provider.authorize(browser.start())
        thief.cookies = dict(browser.cookies)
        self.assert_in(browser.come_back(query), browser)
        self.assert_out(thief.come_back(query), thief)
        self.gateway.await_log("dashboard.oidc.refused reason=replayed ")

    def test_a_code_of_another_try_is_worth_nothing(self):
        """Code injection: PKCE holds the code to the browser that asked."""
        attacker, victim = Browser(self.gateway), Browser(self.gateway)
        stolen = urllib.parse.parse_qs(self.provider.authorize(victim.start()))["code"][0]
        query = self.provider.authorize(attacker.start(), code=stolen)
        self.assert_out(attacker.come_back(query), attacker)

    def test_tokens_that_nobody_signed(self):
        self.provider.header = {"alg": "none"}
        self.provider.sign = lambda content: b""
        self.refused("algorithm")
        self.provider.header = {"alg": "HS256"}
        self.provider.sign = lambda content: hmac.new(self.provider.key.public, content, hashlib.sha256).digest()
        self.refused("algorithm")
        self.provider.header = {}
        self.provider.sign = lambda content: b"x" * 256
        self.refused("signature")
        other = Key(self.provider.folder, "other")
        self.provider.sign = lambda content: other.sign("RS256", content)
        self.refused("signature")
        self.provider.header = {"kid": "other", "jwk": other.jwk()}
        self.refused("no_key")
        calls = self.provider.key_calls
        for _ in range(4):
            self.refused("no_key")
        self.assertLess(self.provider.key_calls - calls, 4, "unknown keys make us ask as often as they come")

    def test_tokens_of_somebody_else(self):
        for reason, claims in (("issuer", {"iss": "https://evil.example"}), ("audience", {"aud": "other"}), ("audience", {"aud": ["xionid", "other"]}),
                               ("audience", {"azp": "other"}), ("expired", {"exp": 1_700_000_000}), ("expired", {"exp": None}),
                               ("not_yet", {"iat": 4_000_000_000}), ("nonce", {"nonce": "other"}), ("nonce", {"nonce": None}), ("subject", {"sub": None})):
            with self.subTest(claims):
                self.provider.claims = claims
                self.refused(reason)

    def test_answers_that_are_none(self):
        for answer in ({}, [], {"id_token": 7}, {"id_token": "a.b"}, b"x" * 100_000, b"", {"id_token": "x" * 60_000}):
            with self.subTest(str(answer)[:20]):
                self.provider.answer = answer
                browser, told = self.enter()
                self.assertEqual(told.status, 303)
                self.assertEqual(browser.session().status, 401)

    def test_who_has_no_group_stays_out(self):
        for groups in ([], None, ["Support"], "supporters", {"support": True}, ["lost"]):
            with self.subTest(groups):
                self.provider.claims = {"groups": groups}
                browser, answer = self.enter()
                self.assert_out(answer, browser, "nobody")

    def test_a_provider_may_change_its_keys(self):
        browser, answer = self.enter()
        self.assert_in(answer, browser)
        calls = self.provider.key_calls
        browser, answer = self.enter()
        self.assert_in(answer, browser)
        self.assertEqual(self.provider.key_calls, calls, "keys are kept")
        self.provider.key = Key(self.provider.folder, "next")
        self.provider.keys.append(self.provider.key)
        browser, answer = self.enter()
        self.assert_in(answer, browser)
        self.assertEqual(self.provider.key_calls, calls + 1)

    def test_a_wall_shows_and_does_nothing(self):
        made = self.gateway.ctl("dashboard", "wall", "--app", "shop", "--name", "lobby", "--for", "30d")
        self.assertRegex(made["link"], r"/dashboard/sign-in#xw_[0-9a-z]{40}$")
        token = made["link"].partition("#")[2]
        screens = [Browser(self.gateway) for _ in range(2)]
        for screen in screens:
            answer = screen.ask("POST", "/dashboard/api/sign-in", {"token": token}, X_Requested_With="XionID")
            self.assertEqual(answer.status, 200, answer)
            life = int(re.search(r"Max-Age=(\d+)", answer.headers["set-cookie"])[1])
            self.assertTrue(30 * 86_400 - 60 < life <= 30 * 86_400, life)
        session = screens[0].session()
        self.assertEqual((session["role"], session["kind"], session["app"], session["person"]), ("viewer", "wall", "shop", "lobby"))
        self.assertEqual(screens[0].get("/v1/stats").status, 200)
        self.assertEqual(screens[0].ask("POST", "/dashboard/api/keys", {}, X_Requested_With="XionID").status, 403)
        self.assertEqual(screens[0].ask("POST", "/v1/otp/send", {"phone": "+37499123056"}).status, 403)
        [row] = [one for one in self.gateway.ctl("dashboard", "sessions") if one["id"] == made["id"]]
        self.assertEqual((row["kind"], row["person"]), ("wall", "lobby"))
        # One screen that is switched off does not darken the others.
        screens[0].ask("POST", "/dashboard/api/sign-out-everywhere", {}, X_Requested_With="XionID")
        self.assertEqual([screen.session().status for screen in screens], [401, 200])
        self.assertIn("dashboard wall", str(self.gateway.ctl("audit")))
        self.assertNotIn(token, str(self.gateway.ctl("audit")) + self.gateway.log())
        self.gateway.ctl("dashboard", "revoke", made["id"])
        self.assertEqual(screens[1].session().status, 401)
        again = Browser(self.gateway).ask("POST", "/dashboard/api/sign-in", {"token": token}, X_Requested_With="XionID")
        self.assertEqual(again["code"], "invite_over")

    def test_a_wall_of_every_app(self):
        self.gateway.ctl("app", "add", "second")
        made = self.gateway.ctl("dashboard", "wall", "--all")
        screen = Browser(self.gateway)
        screen.ask("POST", "/dashboard/api/sign-in", {"token": made["link"].partition("#")[2]}, X_Requested_With="XionID")
        self.assertEqual(sorted(screen.session()["apps"]), ["second", "shop"])
        self.assertEqual(screen.get("/v1/stats", X_XionID_App="second").status, 200)
        self.assertEqual(screen.get("/v1/stats").status, 404)
        self.assertEqual(screen.get("/dashboard/api/operator/status").status, 403)
        self.assertEqual(screen.get("/dashboard/api/operator/apps").status, 403)
        for wrong in (["--all", "--app", "shop"], [], ["--app", "shop", "--for", "2y"], ["--app", "shop", "--for", "400d"], ["--app", "shop", "--for", "1s"]):
            self.assertEqual(self.gateway.run_ctl("dashboard", "wall", *wrong, check=False).returncode, 2, wrong)
        # An owner hangs one of the own app, and can't ask for more.
        owner = Browser(self.gateway)
        link = self.gateway.ctl("dashboard", "invite", "--app", "second", "--role", "owner")["link"]
        owner.ask("POST", "/dashboard/api/sign-in", {"token": link.partition("#")[2]}, X_Requested_With="XionID")
        own = owner.ask("POST", "/dashboard/api/sessions/wall", {"name": "desk", "all": True, "app": "shop"}, X_Requested_With="XionID")
        self.assertEqual((own.status, own["result"]["app"], own["result"]["role"]), (200, "second", "viewer"), own)
        self.assertIn("wall", [one["kind"] for one in owner.get("/dashboard/api/sessions")["items"]])


class OtherProviders(unittest.TestCase):
    """What an operator changes while people sign in, and providers that aren't there."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=0, routes=""))

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.before = len(self.gateway.log())

    def provider(self, name="one", **more):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        made = Provider(folder, **more)
        self.addCleanup(made.close)
        return made

    def settle(self, issuer, more="", grants='[{ group = "support", app = "shop", role = "viewer" }]'):
        """The daemon goes on with this provider."""
        self.gateway.extra = (f'[dashboard]\nurl = "http://127.0.0.1:{self.gateway.api_port}"\n[dashboard.oidc]\nissuer = "{issuer}"\n'
                              f'client_id = "xionid"\ngrants = {grants}\n{more}')
        self.gateway.write_config()
        self.gateway.ctl("config", "apply")

    def told(self, answer):
        self.assertEqual(answer.status, 303, answer)
        return answer.headers["location"].removeprefix("/dashboard/sign-in").removeprefix("?refused=")

    def enter(self, provider):
        """What the page says of somebody who does all rightly; nothing: they are in."""
        browser = Browser(self.gateway)
        answer = browser.get("/dashboard/oidc/start")
        if answer.headers["location"].startswith("/dashboard/"):
            return self.told(answer)
        answer = browser.come_back(provider.authorize(answer.headers["location"]))
        self.assertEqual(browser.session().status, 401 if self.told(answer) else 200)
        return self.told(answer)

    def logged(self, pattern):
        """Since the test began; what is logged is written a little later."""
        wait_until(f"the log has {pattern}", lambda: re.search(pattern, self.gateway.log()[self.before:]))

    def refused_for(self, reason):
        self.logged(rf"dashboard\.oidc\.refused reason={reason} ")

    def test_a_reload_that_names_another_provider(self):
        first, second = self.provider("one"), self.provider("two")
        self.settle(first.issuer)
        self.assertEqual(self.enter(first), "")
        late = Browser(self.gateway)
        query = first.authorize(late.start())
        self.settle(second.issuer)
        # Who is on the way back from the first does not come in by the second, which hears nothing of it.
        self.assertEqual(self.told(late.come_back(query)), "again")
        self.assertEqual(second.token_calls, [])
        self.assertEqual(self.enter(second), "")

    def test_an_answer_without_its_issuer_is_the_first_ones_still(self):
        """Mix-up, where neither provider says who it is."""
        first, second = self.provider("one"), self.provider("two")
        for each in (first, second):
            each.discovery = {"authorization_response_iss_parameter_supported": None}
        self.settle(second.issuer)
        self.assertEqual(self.enter(second), "")
        self.settle(first.issuer)
        late = Browser(self.gateway)
        query = first.authorize(late.start(), iss=None)
        self.settle(second.issuer)
        calls = len(second.token_calls)
        self.assertEqual(self.told(late.come_back(query)), "again")
        self.assertEqual(len(second.token_calls), calls, "the code of one went to the other")
        self.refused_for("other_attempt")

    def while_held(self, provider, path, ask, meanwhile):
        """`ask()` comes to the provider's `path`, where `meanwhile()` happens before it goes on; what it gave."""
        provider.held = (path,)
        given = []
        asker = threading.Thread(target=lambda: given.append(ask()))
        asker.start()
        self.assertTrue(provider.is_holding.wait(PATIENCE))
        meanwhile()
        provider.let_go.set()
        asker.join(PATIENCE)
        return given[0]

    def told_after(self, reload, path):
        """What the page says where `reload()` came while a provider was asked at `path`. Played again where that took longer than a provider is
        waited for, which is fifteen seconds: then it would say "unreachable"."""
        for _ in range(20):
            first = self.provider("one")
            self.settle(first.issuer)
            told = self.while_held(first, path, lambda: self.enter(first), reload)
            if told != "unreachable":
                break
        return told

    def test_a_reload_while_a_provider_is_asked(self):
        for path in ("/token", "/keys"):
            with self.subTest(path):
                second = self.provider("two")
                self.assertEqual(self.told_after(lambda: self.settle(second.issuer), path), "again")
                self.refused_for("other_issuer")
                self.assertEqual(self.enter(second), "")
        self.assertEqual(self.told_after(self.without_provider, "/token"), "again")

    def without_provider(self):
        self.gateway.extra = ""
        self.gateway.write_config()
        self.gateway.ctl("config", "apply")

    def test_the_keys_of_one_speak_for_nobody_at_another(self):
        """The first's keys come when the second is asked already; they are not the second's."""
        first, second = self.provider("one"), self.provider("two")
        self.settle(first.issuer)

        def meanwhile():
            self.settle(second.issuer)
            self.assertEqual(self.enter(second), "")
        self.while_held(first, "/keys", lambda: self.enter(first), meanwhile)
        second.sign = lambda content: first.key.sign("RS256", content)
        self.assertEqual(self.enter(second), "again")
        self.refused_for("signature")

    def test_a_provider_that_hangs_does_not_hold_up_the_next(self):
        first, second = self.provider("one"), self.provider("two")
        self.settle(first.issuer)
        well_known = "/.well-known/openid-configuration"

        def start():
            return Browser(self.gateway).get("/dashboard/oidc/start")
        answer = self.while_held(first, well_known, start, lambda: self.settle(second.issuer))
        self.assertTrue(answer.headers["location"].startswith(second.issuer), answer.headers)

    def test_a_provider_that_is_not_there_at_start(self):
        port = free_port()
        self.settle(f"http://127.0.0.1:{port}")
        self.gateway.stop()
        self.gateway.start()
        self.assertEqual(self.told(Browser(self.gateway).get("/dashboard/oidc/start")), "unreachable")
        self.logged(r'dashboard\.oidc\.unreachable of="http://127\.0\.0\.1:\d+/\.well-known/openid-configuration" error="')
        link = self.gateway.ctl("dashboard", "invite", "--app", "shop")["link"]
        guest = Browser(self.gateway)
        guest.ask("POST", "/dashboard/api/sign-in", {"token": link.partition("#")[2]}, X_Requested_With="XionID")
        self.assertEqual(guest.session().status, 200, "invitations are the last resort")
        self.assertEqual(self.enter(self.provider(port=port)), "")

    def test_a_provider_with_a_ca_of_its_own(self):
        for name in ("ours", "theirs"):
            make_authority(self.folder, name)
        provider = self.provider(certificate=make_certificate(self.folder, "ours", "IP:127.0.0.1"))
        ours, used = self.folder / "ours.pem", self.folder / "used.pem"
        used.write_bytes(ours.read_bytes())
        self.settle(provider.issuer, f'ca = "{used}"\n')
        self.assertEqual(self.enter(provider), "")
        for more in ("", f'ca = "{self.folder / "theirs.pem"}"\n'):
            with self.subTest(more):
                self.before = len(self.gateway.log())
                self.gateway.stop()   # What is known of it is forgotten.
                self.gateway.start()
                self.settle(provider.issuer, more)
                self.assertEqual(self.enter(provider), "unreachable")
                self.logged("dashboard.oidc.unreachable .*issuer certificate")
        # The file as it is at the time of a call.
        used.write_bytes((self.folder / "theirs.pem").read_bytes())
        self.settle(provider.issuer, f'ca = "{used}"\n')
        self.assertEqual(self.enter(provider), "unreachable")
        used.write_bytes(ours.read_bytes())
        self.assertEqual(self.enter(provider), "")

    def test_a_certificate_for_another_host(self):
        make_authority(self.folder, "ours")
        provider = self.provider(certificate=make_certificate(self.folder, "ours", "DNS:id.example.net"))
        self.settle(provider.issuer, f'ca = "{self.folder / "ours.pem"}"\n')
        self.assertEqual(self.enter(provider), "unreachable")


def make_authority(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-days", "2",
                    "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"], check=True, capture_output=True)


def make_certificate(folder, authority, names):
    """A file of a certificate for `names`, such as IP:127.0.0.1, and its key."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=provider", "-days", "2",
                    "-CA", folder / f"{authority}.pem", "-CAkey", folder / f"{authority}.key", "-addext", f"subjectAltName={names}",
                    "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", folder / "provider.key", "-out", folder / "provider.pem"],
                   check=True, capture_output=True)
    both = folder / "provider.both.pem"
    both.write_bytes((folder / "provider.pem").read_bytes() + (folder / "provider.key").read_bytes())
    return both


if __name__ == "__main__":
    unittest.main()
