"""Auth servers that make their own codes have them sent: each played as it calls, by the payloads and signatures of its public documents."""

import base64
import hashlib
import hmac
import json
import subprocess
import time
import unittest
import uuid

from harness import BIN, PATIENCE, Gateway

CODE = "561166"
SECRET = "a secret that Auth0 or Zitadel signs with"


def hs256(key, content):
    return hmac.new(key, content, hashlib.sha256).digest()


class AuthServer:
    """One call, as the server makes it: change `headers` or `octets` to play somebody else."""

    def __init__(self, gateway, name, made, body):
        self.gateway, self.path = gateway, made.get("path", f"/v1/hooks/{name}")
        self.octets = json.dumps(body).encode()
        self.headers = {"Content-Type": "application/json"}

    def call(self):
        return self.gateway.request("POST", self.path, raw=self.octets, headers=self.headers, key=False)


class Supabase(AuthServer):
    """GoTrue's HTTP hook: an id and a time of its own for each try, several signatures parted by a comma and a space."""

    def __init__(self, gateway, made, phone, code=CODE, secret=None, at=None):
        super().__init__(gateway, "supabase", made, {
            "metadata": {"uuid": str(uuid.uuid4()), "time": "2026-05-14T12:31:52Z", "name": "send-sms", "ip_address": "203.0.113.7"},
            "user": {"id": "6481a5c1-3d37-4a56-9f6a-bee08c554965", "aud": "authenticated", "role": "authenticated", "email": "", "phone": phone,
                     "app_metadata": {"provider": "phone", "providers": ["phone"]}, "user_metadata": {},
                     "identities": [{"id": "6481a5c1", "identity_data": {"email_verified": False, "phone": phone}}], "is_anonymous": False},
            "sms": {"otp": code, "sms_type": "sms"}})
        self.sign(secret or made["secret"], at or int(time.time()))

    def sign(self, secret, at):
        call = str(uuid.uuid4())
        key = base64.b64decode(secret.removeprefix("v1,whsec_"))
        signature = base64.b64encode(hs256(key, f"{call}.{at}.".encode() + self.octets)).decode()
        other = base64.b64encode(hs256(b"an older secret", b"")).decode()
        self.headers |= {"webhook-id": call, "webhook-timestamp": str(at), "webhook-signature": f"v1,{other}, v1,{signature}"}


class Auth0(AuthServer):
    """The gateway of a passwordless SMS connection, with `forward_req_info`."""

    def __init__(self, gateway, made, phone, text=f"Your verification code is: {CODE}", claims=None, secret=SECRET, algorithm="HS256"):
        super().__init__(gateway, "auth0", made, {"recipient": phone, "body": text, "sender": "ACME",
                                                  "req": {"ip": "203.0.113.7", "method": "POST", "headers": {"user-agent": "x"}}})
        claims = claims or {"sub": "urn:Auth0", "aud": "urn:xionid", "iat": int(time.time()), "exp": int(time.time()) + 60}
        content = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": algorithm, "typ": "JWT"}, claims))
        signature = base64.urlsafe_b64encode(hs256(secret.encode(), content)).rstrip(b"=")
        self.headers["Authorization"] = "Bearer " + (content + b"." + signature).decode()


class Zitadel(AuthServer):
    def __init__(self, gateway, made, phone, code=CODE, secret=SECRET, at=None):
        super().__init__(gateway, "zitadel", made, {
            "contextInfo": {"eventType": "user.human.phone.code.added", "provider": {"id": "285181292935381355", "description": "XionID"},
                            "recipientPhoneNumber": phone},
            "templateData": {"title": "Verify phone", "greeting": "Hello Ani,", "text": f"Please use the following code to verify it {code}"},
            "args": {"code": code, "userName": "ani", "lastPhone": phone, "loginNames": ["ani"], "verifiedPhone": ""}})
        at = at or int(time.time())
        self.headers["ZITADEL-Signature"] = f"t={at},v1={hs256(secret.encode(), f'{at}.'.encode() + self.octets).hex()}"


class Kratos(AuthServer):
    """Its HTTP courier, with the guide's Jsonnet and an API key in a header."""

    def __init__(self, gateway, phone, code=CODE, key=None):
        super().__init__(gateway, "kratos", {}, {
            "recipient": phone, "template_type": "login_code_valid", "body": f"Your code is: {code}\n\n@example.com #{code}",
            "template_data": {"to": phone, "login_code": code, "identity": {"id": "u-7", "traits": {"phone": phone}}, "expires_in_minutes": 15}})
        self.headers["Authorization"] = f"Bearer {key or gateway.key}"


class Logto(AuthServer):
    def __init__(self, gateway, phone, code=CODE, key=None):
        super().__init__(gateway, "logto", {}, {"to": phone, "type": "SignIn", "payload": {"code": code, "locale": "hy"}, "ip": "203.0.113.7"})
        self.headers["Authorization"] = f"Bearer {key or gateway.key}"


class Hooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(overrides=["own_codes=true"]))
        cls.supabase = cls.gateway.ctl("key", "create", "shop", "--hook", "supabase")
        cls.auth0 = cls.gateway.ctl("key", "create", "shop", "--hook", "auth0", "--secret", SECRET)
        typed = subprocess.run([BIN / "xionctl", "--json", "--socket", cls.gateway.socket_path, "key", "create", "shop", "--hook", "zitadel",
                                "--secret", "-"], input=SECRET + "\n", capture_output=True, text=True, timeout=PATIENCE, check=True)
        cls.zitadel = json.loads(typed.stdout)

    def expect_sent(self, server, phone, code=CODE):
        answer = server.call()
        self.assertEqual((answer.status, answer["ok"], answer["status"]), (200, True, "pending"), answer)
        self.assertEqual(answer.headers["content-type"].split(";")[0], "application/json")
        self.assertEqual(self.gateway.handset(phone), code)
        return answer

    def expect_refused(self, server, status, code, **members):
        answer = server.call()
        self.assertEqual((answer.status, answer["code"]), (status, code), answer)
        for name, value in members.items():
            self.assertEqual(answer[name], value)
        return answer

    def test_a_key_tells_whose_it_is_and_what_that_one_calls(self):
        listed = {key["id"]: key for key in self.gateway.ctl("key", "list", "shop")}
        for made, server in ((self.supabase, "supabase"), (self.auth0, "auth0")):
            self.assertEqual((listed[made["id"]]["hook"], listed[made["id"]]["path"]), (server, made["path"]))
        shown = self.gateway.ctl("app", "show", "shop")
        self.assertIn({"hook": "supabase", "key": self.supabase["id"], "path": self.supabase["path"]}, shown["hooks"])
        self.assertEqual(next(app for app in self.gateway.ctl("app", "list") if app["name"] == "shop")["hooks"], shown["hooks"])
        plain = subprocess.run([BIN / "xionctl", "--socket", self.gateway.socket_path, "key", "list"], capture_output=True, text=True).stdout
        self.assertRegex(plain, r"HOOK")
        self.assertIn("supabase", plain)

    def test_each_has_its_code_sent(self):
        g = self.gateway
        for phone, server in (("+37499310001", Supabase(g, self.supabase, "37499310001")), ("+37499310002", Auth0(g, self.auth0, "+37499310002")),
                              ("+37499310003", Zitadel(g, self.zitadel, "+37499310003")), ("+37499310004", Kratos(g, "+37499310004")),
                              ("+37499310005", Logto(g, "+37499310005"))):
            with self.subTest(server=type(server).__name__):
                sent = self.expect_sent(server, phone)
                self.assertEqual(g.read(sent["requestId"])["purpose"], type(server).__name__.lower())
                self.assertEqual(g.verify(requestId=sent["requestId"], code=CODE, purpose=type(server).__name__.lower()).status, 200)
        self.assertNotIn(CODE, g.log())
        self.assertNotIn(SECRET, g.log())

    def test_what_tells_of_the_user_counts(self):
        sent = self.expect_sent(Supabase(self.gateway, self.supabase, "+37499310010"), "+37499310010")
        self.assertEqual(self.gateway.read(sent["requestId"])["userId"], "6481a5c1-3d37-4a56-9f6a-bee08c554965")

    def test_a_number_that_is_being_changed_is_the_new_one(self):
        server = Supabase(self.gateway, self.supabase, "+37499310011")
        body = json.loads(server.octets)
        body["sms"]["phone"] = "37499310012"
        server.octets = json.dumps(body).encode()
        server.sign(self.supabase["secret"], int(time.time()))
        self.expect_sent(server, "+37499310012")

    def test_who_has_not_the_secret_is_refused(self):
        g, phone = self.gateway, "+37499310020"
        old = int(time.time()) - 301
        other = "v1,whsec_" + base64.b64encode(b"another secret of 32 octets.....").decode()
        for server in (Supabase(g, self.supabase, phone, secret=other), Supabase(g, self.supabase, phone, at=old),
                       Supabase(g, self.supabase, phone, at=int(time.time()) + 302),
                       Zitadel(g, self.zitadel, phone, secret="another secret of some length"), Zitadel(g, self.zitadel, phone, at=old),
                       Auth0(g, self.auth0, phone, secret="another secret of some length"),
                       Auth0(g, self.auth0, phone, claims={"sub": "urn:Auth0", "exp": int(time.time()) - 1}),
                       Auth0(g, self.auth0, phone, claims={"sub": "urn:Auth0", "iat": old}),
                       Auth0(g, self.auth0, phone, claims={"sub": "urn:Auth0"}), Auth0(g, self.auth0, phone, algorithm="none"),
                       Kratos(g, phone, key="xk_live_" + "0" * 40), Logto(g, phone, key=self.supabase["id"])):
            self.expect_refused(server, 401, "invalid_api_key")
        for server in (Supabase(g, self.supabase, phone), Zitadel(g, self.zitadel, phone)):
            server.octets = server.octets.replace(CODE.encode(), b"561167")
            self.expect_refused(server, 401, "invalid_api_key")
        for server, header in ((Supabase(g, self.supabase, phone), "webhook-signature"), (Supabase(g, self.supabase, phone), "webhook-id"),
                               (Zitadel(g, self.zitadel, phone), "ZITADEL-Signature"), (Auth0(g, self.auth0, phone), "Authorization")):
            for value in ("", "v1,", "t=,v1=", "Bearer a.b.c", "Bearer ..", "v1,AAAA v1,", "t=9223372036854775808,v1=00"):
                server.headers[header] = value
                self.expect_refused(server, 401, "invalid_api_key")
        nameless = Supabase(g, self.supabase, phone)
        nameless.path = "/v1/hooks/supabase"
        self.expect_refused(nameless, 401, "missing_api_key")
        # A key is of one adapter, and of no other call.
        crossed = Supabase(g, self.supabase, phone)
        crossed.path = crossed.path.replace(self.supabase["id"], self.zitadel["id"])
        self.expect_refused(crossed, 401, "invalid_api_key")
        plain = Supabase(g, {"path": f"/v1/hooks/supabase?key={g.ctl('key', 'list')[0]['id']}"}, phone, secret=other)
        self.expect_refused(plain, 401, "invalid_api_key")
        self.assertEqual(g.ctl("otp", "list", "--phone", phone), [])

    def test_a_repeat_sends_nothing_twice(self):
        g, phone = self.gateway, "+37499310030"
        server = Supabase(g, self.supabase, phone)
        first = self.expect_sent(server, phone)
        again = server.call()   # Somebody's who heard it.
        self.assertEqual((again.status, again["requestId"], again.headers["idempotency-replayed"]), (200, first["requestId"], "true"))
        # GoTrue tries again with another id where no answer came: the same code was sent already.
        retried = Supabase(g, self.supabase, phone).call()
        self.assertEqual((retried.status, retried["requestId"], retried["sends"]), (200, first["requestId"], 1))
        self.expect_refused(Supabase(g, self.supabase, phone, code="884422"), 429, "cooldown_active")
        self.assertEqual(len(g.carriers[0].inbox(phone)), 1)

    def test_a_new_code_takes_the_place_of_the_old_one(self):
        with Gateway(overrides=["own_codes=true"], config="[limits]\ncooldown_seconds = []\n") as g:
            made = g.ctl("key", "create", "shop", "--hook", "zitadel", "--secret", SECRET)
            phone = "+37499310031"
            first = Zitadel(g, made, phone).call()
            self.assertEqual(g.handset(phone), CODE)
            second = Zitadel(g, made, phone, code="0884422").call()
            self.assertEqual((second["requestId"], second["resend"]), (first["requestId"], True))
            self.assertEqual(g.verify(phone, CODE, purpose="zitadel").status, 422)
            self.assertEqual(g.verify(phone, "0884422", purpose="zitadel").status, 200)

    def test_a_body_that_is_none(self):
        g, phone = self.gateway, "+37499310040"
        self.expect_refused(Zitadel(g, self.zitadel, phone, code="8MKCJ6"), 400, "invalid_field", field="args.code")
        self.expect_refused(Auth0(g, self.auth0, phone, text="Your code 123456 is valid until 2030"), 400, "invalid_field", field="body")
        self.expect_refused(Auth0(g, self.auth0, phone, text="Hello"), 400, "invalid_field", field="body")
        self.expect_refused(Logto(g, "+1", CODE), 422, "invalid_phone")
        self.expect_refused(Logto(g, ""), 400, "missing_field", field="to")
        server = Logto(g, phone)
        for octets, code in ((b"", "malformed_json"), (b"[]", "malformed_json"), (b"{\"to\": 1}", "missing_field"), (b"{", "malformed_json"),
                             (b'{"to":"+37499310040","payload":{"code":123456}}', "missing_field")):
            server.octets = octets
            self.expect_refused(server, 400, code)
        server = Logto(g, phone)
        server.path += "?templat=x"
        self.assertEqual(self.expect_refused(server, 400, "unknown_field")["suggestion"], "template")
        server.path = "/v1/hooks/keycloak"
        self.assertIn("kratos", self.expect_refused(server, 404, "not_found")["detail"])

    def test_the_address_may_name_a_template_and_a_life(self):
        g, phone = self.gateway, "+37499310050"
        g.ctl("template", "add", "shop", "signin", "--text", "{code} opens the shop")
        server = Logto(g, phone)
        server.path += "?template=signin&ttlSeconds=60"
        self.assertEqual(server.call()["ttlSeconds"], 60)
        self.assertEqual(g.carriers[0].inbox(phone)[0]["text"], f"{CODE} opens the shop")
        server.path = "/v1/hooks/logto?template=none"
        self.expect_refused(server, 422, "template_error")

    def test_an_app_that_brings_no_codes_is_told_so(self):
        self.gateway.ctl("app", "add", "closed")
        key = self.gateway.ctl("key", "create", "closed")["key"]
        self.assertIn("own_codes", self.expect_refused(Logto(self.gateway, "+37499310060", key=key), 400, "invalid_field")["detail"])

    def test_refusals_are_the_sends_own(self):
        test = self.gateway.ctl("key", "create", "shop", "--test")["key"]
        for phone, status, code in (("+37499120009", 402, "plan_limit_reached"), ("+37499120012", 423, "phone_locked"),
                                    ("+37499120010", 429, "rate_limited"), ("+37499120004", 403, "country_not_allowed"),
                                    ("+37499120011", 503, "no_route_available")):
            self.expect_refused(Logto(self.gateway, phone, key=test), status, code)

    def test_a_key_of_a_hook_is_listed_revoked_and_outlives_a_restart_and_a_new_master_key(self):
        with Gateway(overrides=["own_codes=true"]) as g:
            made = g.ctl("key", "create", "shop", "--hook", "supabase")
            self.assertEqual((made["scopes"], made["path"]), (["otp:send"], f"/v1/hooks/supabase?key={made['id']}"))
            self.assertTrue(made["secret"].startswith("v1,whsec_"))
            self.assertNotIn("key", made)
            self.assertEqual([one["hook"] for one in g.ctl("key", "list") if one["id"] == made["id"]], ["supabase"])
            self.assertNotIn(made["secret"], g.run_ctl("audit").stdout + g.log())
            self.assertEqual(g.run_ctl("key", "rotate", made["id"], check=False).returncode, 1)
            g.ctl("rotate-master-key", "--config", g.config_path, "--yes")
            g.stop()
            g.start()
            self.assertEqual(Supabase(g, made, "+37499310070").call().status, 200)
            g.ctl("key", "revoke", made["id"], "--yes")
            self.assertEqual(Supabase(g, made, "+37499310071").call()["code"], "revoked_api_key")
            for arguments in (("--hook", "kratos"), ("--hook", "zitadel"), ("--secret", SECRET), ("--hook", "auth0", "--secret", "short"),
                              ("--hook", "supabase", "--secret", "v1,whsec_?")):
                self.assertEqual(g.run_ctl("key", "create", "shop", *arguments, check=False).returncode, 1, arguments)


if __name__ == "__main__":
    unittest.main()
