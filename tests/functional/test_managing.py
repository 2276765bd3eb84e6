"""Managing an app by HTTP: what xionctl and the dashboard do, by keys with scopes admin:*, for the key's own app and no more than the key has."""

import unittest

from harness import Gateway, wait_until
from test_webhooks import Receiver

ADMIN = ["admin:keys", "admin:templates", "admin:webhooks", "admin:lists", "admin:policy"]
USUAL = ["otp:send", "otp:verify", "otp:read", "stats:read"]
PRIVATE = "[webhooks]\nallow_private = true\n"


def scoped(scopes):
    return [part for scope in scopes for part in ("--scope", scope)]


class Managing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(config=PRIVATE, overrides=["cooldown_seconds=none", "requests_per_second=none", "sends_per_phone=none"]))
        cls.gateway.ctl("app", "add", "other")
        cls.made = cls.gateway.ctl("key", "create", "shop", *scoped(USUAL + ADMIN))
        cls.key = cls.made["key"]
        cls.other = cls.gateway.ctl("key", "create", "other", *scoped(USUAL + ADMIN))

    def ask(self, method, path, body=None, key=None, **more):
        return self.gateway.request(method, f"/v1/admin/{path}", body, key=key or self.key, **more)

    def done(self, method, path, body=None, **more):
        answer = self.ask(method, path, body, **more)
        self.assertEqual((answer.status, answer["ok"], answer["status"]), (200, True, "ok"), answer)
        return answer["result"]

    def refused(self, status, code, method, path, body=None, **more):
        answer = self.ask(method, path, body, **more)
        self.assertEqual((answer.status, answer["code"]), (status, code), answer)
        return answer

    def test_keys_are_made_turned_over_and_ended(self):
        made = self.done("POST", "keys", {"scopes": ["otp:send"], "networks": ["127.0.0.0/8"], "expiresInSeconds": 3600})
        self.assertEqual((made["scopes"], made["app"]), (["otp:send"], "shop"))
        self.assertEqual(self.gateway.send("+37499170101", key=made["key"]).status, 202)
        listed = {key["id"]: key for key in self.done("GET", "keys")}
        self.assertEqual(listed[made["id"]]["networks"], ["127.0.0.0/8"])
        self.assertNotIn(self.other["id"], listed)
        fresh = self.done("POST", f"keys/{made['id']}/rotate", {"keepSeconds": 0})
        self.assertEqual(fresh["replaces"], made["id"])
        self.assertEqual(self.gateway.send("+37499170102", key=made["key"]).status, 401)
        self.assertEqual(self.done("DELETE", f"keys/{fresh['id']}")["state"], "revoked")
        self.assertEqual(self.gateway.send("+37499170103", key=fresh["key"])["code"], "revoked_api_key")
        test = self.done("POST", "keys", {"test": True})
        self.assertTrue(test["key"].startswith("xk_test_"))

    def test_nobody_gives_away_more_than_he_has(self):
        for scopes, lacking in ((["pii:read"], "pii:read"), (["otp:send", "pii:read"], "pii:read")):
            self.assertEqual(self.refused(403, "insufficient_scope", "POST", "keys", {"scopes": scopes})["scope"], lacking)
        narrow = self.gateway.ctl("key", "create", "shop", *scoped(["admin:keys", "otp:read"]), "--network", "127.0.0.0/8", "--expires", "1h")
        for body, lacking in (({"scopes": ["admin:lists"]}, "admin:lists"), ({"scopes": ["otp:send"]}, "otp:send"), ({}, "otp:send"),
                              ({"hook": "supabase"}, "otp:send")):
            self.assertEqual(self.refused(403, "insufficient_scope", "POST", "keys", body, key=narrow["key"])["scope"], lacking)
        wide = self.gateway.ctl("key", "create", "shop", *scoped(["otp:send"]))
        of_person = self.gateway.ctl("key", "create", "shop", *scoped(["otp:read", "pii:read"]))
        for other in (wide, of_person):
            self.refused(403, "insufficient_scope", "POST", f"keys/{other['id']}/rotate", key=narrow["key"])
        self.refused(403, "insufficient_scope", "POST", f"keys/{of_person['id']}/rotate")
        # Nor from more places, nor for longer.
        anywhere = self.gateway.ctl("key", "create", "shop", *scoped(["otp:read"]))
        for path, body in (("keys", {"scopes": ["otp:read"]}), ("keys", {"scopes": ["otp:read"], "expiresInSeconds": 7200}),
                           ("keys", {"scopes": ["otp:read"], "expiresInSeconds": 60, "networks": ["0.0.0.0/0"]}), (f"keys/{anywhere['id']}/rotate", {})):
            self.refused(422, "command_refused", "POST", path, body, key=narrow["key"])
        made = self.done("POST", "keys", {"scopes": ["otp:read"], "expiresInSeconds": 60}, key=narrow["key"])
        listed = {key["id"]: key for key in self.gateway.ctl("key", "list", "shop")}
        self.assertEqual(listed[made["id"]]["networks"], ["127.0.0.0/8"])
        # Who manages may be ended by whoever manages keys; a test key manages nothing.
        refused = self.gateway.run_ctl("key", "create", "shop", "--test", *scoped(["admin:keys"]), check=False)
        self.assertEqual(refused.returncode, 1)
        owner_scopes = self.gateway.ctl("key", "create", "shop", *scoped(["admin:keys", *USUAL]))
        self.assertEqual(self.done("POST", "keys", {}, key=owner_scopes["key"])["scopes"], USUAL)

    def test_another_apps_things_are_not_there(self):
        theirs = {
            "key": self.other["id"],
            "webhook": self.gateway.ctl("webhook", "add", "other", "http://127.0.0.1:9/hook")["id"],
        }
        for method, path in (("POST", f"keys/{theirs['key']}/rotate"), ("DELETE", f"keys/{theirs['key']}"), ("GET", f"webhooks/{theirs['webhook']}"),
                             ("DELETE", f"webhooks/{theirs['webhook']}"), ("POST", f"webhooks/{theirs['webhook']}/test"),
                             ("POST", f"webhooks/{theirs['webhook']}/rotate"), ("POST", f"webhooks/{theirs['webhook']}/enable"),
                             ("GET", f"webhooks/{theirs['webhook']}/deliveries"), ("POST", "deliveries/msg_0000000000000000/replay"),
                             ("DELETE", "keys/key_0000000000"), ("DELETE", "templates/none")):
            self.refused(404, "not_found", method, path)
        for body in ({"app": "other"}, {"operator": True}, {"reveal": True}):
            self.refused(400, "unknown_field", "POST", "keys", body)
        self.assertEqual(self.gateway.request("GET", "/v1/usage", key=self.other["key"]).status, 200)

    def test_texts_are_linted_kept_shown_and_removed(self):
        lint = self.done("POST", "texts/lint", {"text": "{code} for {name}", "values": {"name": "Ani"}})
        self.assertEqual((lint["right"], lint["segments"]), (True, 1), lint)
        added = self.done("POST", "templates", {"name": "login", "locale": "en", "text": "{code} is your login code"})
        self.assertEqual((added["name"], added["locale"]), ("login", "en"))
        self.assertIn("login", [each["name"] for each in self.done("GET", "templates")])
        self.assertIn("is your login code", self.done("POST", "texts/preview", {"name": "login"})[0]["preview"])
        self.assertIn("login code", self.gateway.send("+37499170104", template="login", locale="en", dryRun=True)["text"])
        self.refused(422, "command_refused", "POST", "texts/preview", {"name": "nothing"})
        self.refused(422, "command_refused", "POST", "templates", {"name": "bad", "text": "{code"})
        self.refused(400, "missing_field", "POST", "templates", {"name": "bad"})
        self.assertTrue(self.done("DELETE", "templates/login?locale=en")["removed"])
        self.refused(404, "not_found", "DELETE", "templates/login?locale=en")
        self.refused(400, "unknown_field", "DELETE", "templates/login?lang=en")

    def test_webhooks_are_added_tried_and_removed(self):
        with Receiver() as receiver:
            added = self.done("POST", "webhooks", {"url": receiver.url, "types": ["otp.delivered"], "batch": 2.0})
            self.assertTrue(added["secret"].startswith("whsec_"))
            self.assertEqual([each["id"] for each in self.done("GET", "webhooks")], [added["id"]])
            self.done("POST", f"webhooks/{added['id']}/test")
            wait_until("it is told", receiver.events)
            path = f"webhooks/{added['id']}/deliveries?limit=5"
            told = wait_until("it is noted", lambda: [each for each in self.done("GET", path) if each["state"] == "delivered"])
            self.done("POST", f"deliveries/{told[0]['id']}/replay")
            self.assertEqual(self.done("GET", f"webhooks/{added['id']}")["state"], "enabled")
            self.assertNotEqual(self.done("POST", f"webhooks/{added['id']}/rotate")["secret"], added["secret"])
            self.done("POST", f"webhooks/{added['id']}/enable")
            self.done("DELETE", f"webhooks/{added['id']}")
            self.assertEqual(self.done("GET", "webhooks"), [])
        self.refused(422, "command_refused", "POST", "webhooks", {"url": "gopher://x"})
        self.refused(400, "invalid_field", "POST", "webhooks", {"url": "http://127.0.0.1:9/", "batch": "2"})

    def test_lists_hold_for_the_app_alone(self):
        entry = self.done("POST", "block", {"subject": "+37499170105", "reason": "asked us", "expiresInSeconds": 3600})
        self.assertEqual((entry["subject"], entry["app"], entry["active"]), ("phone", "shop", True))
        self.assertNotIn("99170105", entry["value"])
        self.assertEqual(self.gateway.send("+37499170105")["code"], "phone_blocked")
        self.assertEqual(self.gateway.send("+37499170105", key=self.other["key"]).status, 202)
        self.assertEqual(len(self.done("GET", "block")), 1)
        self.assertEqual(self.ask("GET", "block", key=self.other["key"])["result"], [])
        self.done("DELETE", "block/+37499170105")
        self.assertEqual(self.gateway.send("+37499170105").status, 202)
        self.refused(404, "not_found", "DELETE", "block/+37499170105")
        self.done("POST", "allow", {"subject": "+37499*"})
        self.assertEqual([each["value"] for each in self.done("GET", "allow")], ["+37499"])
        self.done("DELETE", "allow/+37499*")
        for kind in "block", "allow":
            self.refused(422, "command_refused", "POST", kind, {"subject": "nonsense"})
            self.refused(422, "command_refused", "DELETE", f"{kind}/nonsense")
            self.refused(404, "not_found", "DELETE", f"{kind}/AM")

    def test_countries_and_test_phones(self):
        self.assertEqual(self.done("GET", "countries"), {"allowed": [], "denied": [], "monitored": [], "numberTypes": []})
        self.assertEqual(self.done("POST", "countries", {"allowed": ["AM", "GE"], "monitored": ["GE"]}),
                         {"allowed": ["AM", "GE"], "denied": [], "monitored": ["GE"], "numberTypes": []})
        self.assertEqual(self.gateway.send("+4915112345678")["code"], "country_not_allowed")
        self.done("POST", "countries", {"allowed": [], "monitored": []})
        for body in ({"allowed": "AM"}, {"allowed": ["Armenia"]}, {"allowed": ["AM,GE"]}, {"denied": ["none"]}, {"numberTypes": ["mobil"]}):
            self.refused(400, "invalid_field", "POST", "countries", body)
        self.refused(400, "unknown_field", "POST", "countries", {"alowed": ["AM"]})
        self.refused(400, "missing_field", "POST", "countries", {})
        spaced = {"phone": "+374 99 00-00-01", "code": "123456", "until": "2099-12-31"}                 # A phone folds here as anywhere.
        self.assertEqual(self.done("POST", "test-phones", {"testPhones": [spaced]}), [{**spaced, "phone": "+37499000001"}])
        phones = [{"phone": "+37499000001", "code": "123456", "until": "2099-12-31"}]
        self.assertEqual(self.done("POST", "test-phones", {"testPhones": phones}), phones)
        self.assertEqual(self.done("GET", "test-phones"), phones)
        self.assertTrue(self.gateway.send("+37499000001")["test"])
        self.assertEqual(self.gateway.verify("+37499000001", "123456")["status"], "verified")
        self.assertEqual(self.done("POST", "test-phones", {"testPhones": []}), [])
        for wrong in ([{"phone": "+37499000001", "code": "123456"}], [{"phone": "+37499000001", "code": "12:34", "until": "2099-12-31"}],
                      [{"phone": "+37499000001,+37499000002", "code": "123456", "until": "2099-12-31"}], "x"):
            self.refused(400, "invalid_field", "POST", "test-phones", {"testPhones": wrong})

    def test_what_was_done_is_in_the_audit_with_the_keys_id(self):
        self.done("POST", "block", {"subject": "+37499170106"})
        event = next(each for each in self.gateway.ctl("audit") if each["command"] == "block add")
        self.assertIn(self.made["id"], str(event))
        self.assertIn("api 127.0.0.1", str(event))
        self.assertNotIn("37499170106", str(event))
        self.done("DELETE", "block/+37499170106")

    def test_a_repeat_with_its_key_is_the_answer_again(self):
        headers = {"Idempotency-Key": "managing-1"}
        first = self.ask("POST", "keys", {"scopes": ["otp:send"]}, headers=headers)
        again = self.ask("POST", "keys", {"scopes": ["otp:send"]}, headers=headers)
        self.assertEqual((again.status, again["result"], again.headers.get("idempotency-replayed")), (200, first["result"], "true"))
        self.refused(422, "idempotency_key_reused", "POST", "keys", {"scopes": ["otp:read"]}, headers=headers)
        data = b"".join(path.read_bytes() for path in (self.gateway.folder / "data").iterdir() if path.is_file())
        self.assertNotIn(first["result"]["key"].encode(), data, "shown once means kept by nobody")

    def test_a_refusal_names_the_field_and_speaks_of_calls(self):
        for path, body, field in (("webhooks", {"url": "gopher://x"}, "url"), ("keys", {"scopes": []}, "scopes"), ("block", {"subject": "XX"}, "subject"),
                                  ("keys", {"networks": ["127.0.0.1/8"]}, "networks"), ("texts/preview", {"name": "nothing"}, "name"),
                                  ("keys", {"hook": "supabase", "scopes": ["otp:send"]}, "scopes"), ("texts/preview", {"country": "XX"}, "country")):
            refused = self.refused(422, "command_refused", "POST", path, body)
            self.assertEqual(refused["field"], field, refused)
            self.assertNotRegex(refused.text, "xionctl|--[a-z]")

    def test_null_is_absent_and_times_are_whole_seconds(self):
        self.done("POST", "texts/lint", {"text": "{code}", "values": {"name": None}, "locale": None})
        hook = self.done("POST", "webhooks", {"url": "http://127.0.0.1:9/"})
        self.done("POST", f"webhooks/{hook['id']}/test")
        path = f"webhooks/{hook['id']}/deliveries"
        self.assertRegex(self.done("GET", path)[0]["madeAt"], r":\d\dZ$")
        self.refused(422, "command_refused", "GET", path + "?limit=0")
        self.done("DELETE", f"webhooks/{hook['id']}")

    def test_lists_of_countries_do_not_contradict_themselves(self):
        self.assertEqual(self.done("POST", "countries", {"denied": ["am"]})["denied"], ["AM"])
        self.refused(422, "command_refused", "POST", "countries", {"allowed": ["AM"]})
        self.done("POST", "countries", {"denied": []})
        phone = {"phone": "+37499000001", "code": "123456", "until": "2099-12-31"}
        self.refused(400, "invalid_field", "POST", "test-phones", {"testPhones": [phone, {**phone, "code": "654321"}]})

    def test_what_is_wrong_with_a_call_is_named(self):
        self.assertEqual(self.refused(400, "unknown_field", "POST", "keys", {"scope": ["otp:send"]}).json.get("suggestion"), "scopes")
        self.assertEqual(self.refused(400, "invalid_field", "POST", "keys", {"scopes": "otp:send"})["field"], "scopes")
        self.refused(400, "invalid_field", "POST", "keys", {"expiresInSeconds": "90d"})
        self.refused(422, "command_refused", "POST", "keys", {"scopes": []})
        self.refused(422, "command_refused", "POST", "keys", {"networks": ["127.0.0.1/8"]})
        self.refused(400, "malformed_json", "POST", "keys", raw="{", headers={"Content-Type": "application/json"})
        wrong = self.ask("PUT", "keys")
        self.assertEqual((wrong.status, wrong.headers["allow"]), (405, "GET, HEAD, POST"))
        self.refused(404, "not_found", "GET", "nothing")


if __name__ == "__main__":
    unittest.main()
