"""Signing in to the dashboard by an OpenID provider, and what an attacker makes of it; sessions that live while they are used; links for walls."""

import hashlib
import hmac
import pathlib
import re
import tempfile
import unittest
import urllib.parse

from harness import Gateway
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
        cls.scratch = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.scratch.name)
        cls.provider = Provider(folder)
        (folder / "oidc.secret").write_text("p@ss word\n")
        (folder / "oidc.secret").chmod(0o600)
        cls.gateway = Gateway(carriers=0, routes="")
        cls.gateway.__enter__()
        cls.gateway.stop()
        cls.gateway.extra = SETTINGS.format(url=f"http://127.0.0.1:{cls.gateway.api_port}", issuer=cls.provider.issuer, secret=folder / "oidc.secret")
        cls.gateway.write_config()
        cls.gateway.start()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.__exit__(None, None, None)
        cls.provider.close()
        cls.scratch.cleanup()

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
        browser, answer = self.enter()
        self.assert_out(answer, browser)
        self.assertEqual(re.findall(r"dashboard\.oidc\.refused reason=(\w+) ", self.gateway.log())[-1:], [reason])

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
        self.assertIn("dashboard.oidc.refused reason=replayed ", self.gateway.log())

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


if __name__ == "__main__":
    unittest.main()
