"""A developer's first day: what somebody who has read other APIs expects, and what a person mistypes."""

import gzip
import http.client
import json
import re
import unittest

from harness import Gateway, wait_until, wrong
from test_webhooks import ALLOWED, Receiver

FREE = ["cooldown_seconds=none", "sends_per_phone=none", "requests_per_second=none"]
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
LOOKS_LIKE_A_TIME = re.compile(r"^\d{4}-\d\d-\d\dT")
NEVER_MADE = "OTP-0000000000000000"


def times_in(value):
    """Every text of an answer that is a time."""
    if isinstance(value, dict):
        return [time for one in value.values() for time in times_in(one)]
    if isinstance(value, list):
        return [time for one in value for time in times_in(one)]
    return [value] if isinstance(value, str) and LOOKS_LIKE_A_TIME.match(value) else []


class FirstDay(unittest.TestCase):
    """On one daemon whose app has no limits that a test would meet by the way."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(overrides=FREE, config=ALLOWED))
        cls.test_key = cls.gateway.ctl("key", "create", "shop", "--test")["key"]
        cls.last = 37499400000

    def phone(self):
        FirstDay.last += 1
        return f"+{FirstDay.last}"

    def app(self, name, *overrides):
        self.gateway.ctl("app", "add", name, "--plan", "custom", *[part for each in overrides for part in ("--set", each)])
        return self.gateway.ctl("key", "create", name)["key"]

    def sent(self, phone=None, **fields):
        phone = phone or self.phone()
        answer = self.gateway.send(phone, **fields)
        self.assertEqual(answer.status, 202, answer)
        return phone, answer["requestId"]

    def post_text(self, text, path="/v1/otp/send", **headers):
        return self.gateway.request("POST", path, raw=text, headers={"Content-Type": "application/json", **headers})

    # --- the cooldown is the phone's --------------------------------------------------------------------------------

    def test_whatever_ends_a_request_leaves_the_cooldown_of_its_phone(self):
        gateway, key = self.gateway, self.app("patient", "cooldown_seconds=600", "attempts=1", "requests_per_second=none")

        def cancel(phone, request_id):
            return gateway.request("POST", f"/v1/otp/{request_id}/cancel", key=key)

        def lock(phone, request_id):
            return gateway.verify(phone, wrong(gateway.handset(phone)), key=key)

        def verify(phone, request_id):
            return gateway.verify(phone, gateway.handset(phone), key=key)

        for end, status in ((cancel, 200), (lock, 422), (verify, 200)):
            with self.subTest(end.__name__):
                phone = self.phone()
                request_id = gateway.send(phone, key=key)["requestId"]
                self.assertEqual(end(phone, request_id).status, status)
                for dry in (True, False):
                    again = gateway.send(phone, key=key, dryRun=dry)
                    self.assertEqual((again.status, again["code"]), (429, "cooldown_active"), again)
                    self.assertIsNone(again.json.get("requestId"), again)                       # None lives.
                    self.assertTrue(590 < again["retryAfterSeconds"] <= 600, again)
                    self.assertEqual(again["violatedPolicies"][0]["policy"], "cooldown")
                self.assertEqual(gateway.send(phone, key=key, purpose="other").status, 202)   # Another flow has a cooldown of its own.
                gateway.ctl("limit", "reset", phone, "--app", "patient")
                self.assertEqual(gateway.send(phone, key=key).status, 202)

    def test_a_code_that_has_expired_leaves_it_too(self):
        key = self.app("expiring", "cooldown_seconds=600", "requests_per_second=none")
        phone = self.phone()
        sent = self.gateway.send(phone, key=key, ttlSeconds=30)
        self.assertEqual(sent.status, 202, sent)
        wait_until("its time is over", lambda: self.gateway.request("GET", f"/v1/otp/{sent['requestId']}", key=key)["status"] == "expired", 90)
        self.assertEqual(self.gateway.send(phone, key=key)["code"], "cooldown_active")

    # --- stories ----------------------------------------------------------------------------------------------------

    def test_the_story_of_the_cooldown_names_a_request_that_lives(self):
        for n in range(2):
            refused = self.gateway.send("+37499400005"[:-4] + "0005", key=self.test_key)
            self.assertEqual((refused.status, refused["code"]), (429, "cooldown_active"), refused)
            request_id = refused["requestId"]
            read = self.gateway.request("GET", f"/v1/otp/{request_id}", key=self.test_key)
            self.assertEqual((read.status, read["status"], read["sends"]), (200, "pending", 1), read)
        self.assertEqual(self.gateway.verify(code="000000", requestId=request_id, key=self.test_key).status, 200)

    def test_every_story_is_told_by_answer_and_webhook(self):
        with Receiver() as receiver:
            hook = self.gateway.ctl("webhook", "add", "shop", receiver.url)
            for digits, status, code in (("0004", 403, "country_not_allowed"), ("0005", 429, "cooldown_active"), ("0008", 403, "fraud_suspected"),
                                         ("0009", 402, "plan_limit_reached"), ("0010", 429, "rate_limited"), ("0011", 503, "no_route_available"),
                                         ("0012", 423, "phone_locked"), ("0013", 403, "phone_blocked")):
                with self.subTest(digits):
                    for dry in (True, False):
                        refused = self.gateway.send(f"+3749941{digits}", key=self.test_key, dryRun=dry)
                        self.assertEqual((refused.status, refused["code"]), (status, code), refused)
                    if digits in ("0005", "0011"):
                        continue
                    read = self.gateway.request("GET", f"/v1/otp/{refused['requestId']}", key=self.test_key)
                    self.assertEqual((read["status"], read["reason"], read["test"]), ("blocked", code, True), read)
                    wait_until("it is told", lambda: any(event["type"] == "otp.blocked" and event["data"]["requestId"] == refused["requestId"] and
                                                         event["data"]["reason"] == code for event in receiver.events()))
            used = self.gateway.send("+37499410014", key=self.test_key)
            self.assertEqual(used.status, 202, used)
            self.assertEqual(self.gateway.verify("+37499410014", "000000", key=self.test_key)["code"], "code_used")
            moved = self.gateway.send("+37499410015", key=self.test_key)
            events = self.gateway.request("GET", f"/v1/otp/{moved['requestId']}", key=self.test_key)["events"]
            self.assertIn("failed_over", [event["type"] for event in events])
            self.assertEqual(self.gateway.verify("+37499410015", "000000", key=self.test_key).status, 200)
            wait_until("it is told", lambda: any(event["data"]["requestId"] == moved["requestId"] for event in receiver.events()))
            for digits in ("0001", "0002"):
                played = self.gateway.send(f"+3749941{digits}", key=self.test_key)["requestId"]
                wait_until("it is told as a live one is", lambda: any(event["type"] == "otp.submitted" and event["data"]["requestId"] == played
                                                                      for event in receiver.events()))
            self.assertEqual({event["data"]["purpose"] for event in receiver.events()}, {"default"})            # As the send gave it.
            self.gateway.ctl("webhook", "remove", hook["id"])

    # --- locked -----------------------------------------------------------------------------------------------------

    def test_a_locked_request_says_what_helps_and_when(self):
        key = self.app("locker", "cooldown_seconds=300", "attempts=1", "requests_per_second=none")
        phone = self.phone()
        sent = self.gateway.send(phone, key=key)
        code = self.gateway.handset(phone)
        self.assertEqual(self.gateway.verify(phone, wrong(code), key=key)["attemptsRemaining"], 0)
        locked = self.gateway.verify(phone, code, key=key)
        canceled = self.gateway.request("POST", f"/v1/otp/{sent['requestId']}/cancel", key=key)
        for answer in (locked, canceled):
            self.assertEqual((answer.status, answer["code"]), (423, "code_locked"), answer)
            self.assertEqual((answer["remedy"], answer["sendAvailableAt"]), ("send", sent["resendAvailableAt"]), answer)
            self.assertIn("send", answer["detail"])
            self.assertTrue(280 < answer["retryAfterSeconds"] <= 300, answer)

    def test_a_locked_phone_is_what_is_waited_for_where_there_is_one(self):
        key = self.app("barred", "cooldown_seconds=none", "attempts=1", "locks_per_phone=1/1h", "phone_lock_seconds=1200", "requests_per_second=none")
        phone = self.phone()
        self.gateway.send(phone, key=key)
        code = self.gateway.handset(phone)
        self.gateway.verify(phone, wrong(code), key=key)
        locked = self.gateway.verify(phone, code, key=key)
        self.assertIn(locked["code"], ("code_locked", "phone_locked"), locked)
        self.assertTrue(1100 < locked["retryAfterSeconds"] <= 1200, locked)

    # --- what is typed for a code -----------------------------------------------------------------------------------

    def test_what_cannot_be_the_code_is_told_and_costs_no_attempt(self):
        phone, request_id = self.sent()
        code = self.gateway.handset(phone)
        for typed in ("", " ", "abc", "G-123456", code[:-1], code + "1", "12", "1" * 40, "12345a", "--", "１２３", "🙂", "O" + code[1:]):
            with self.subTest(typed):
                for name in ({"phone": phone}, {"requestId": request_id}):
                    answer = self.gateway.request("POST", "/v1/otp/verify", {"code": typed, **name})
                    self.assertEqual((answer.status, answer["code"], answer["attemptsRemaining"]), (422, "invalid_code", 5), answer)
                    self.assertEqual(answer["requestId"], request_id)
        self.assertEqual(self.gateway.read(request_id)["attemptsRemaining"], 5)
        spaced = f" {code[:3]}-{code[3:]}\u00a0"
        self.assertEqual(self.gateway.verify(phone, spaced).status, 200)
        self.assertEqual(self.gateway.verify(phone, "12").status, 410)
        self.assertEqual(self.gateway.verify(self.phone(), "12").status, 404)
        for kind in (123456, True, ["123456"]):
            answer = self.gateway.verify(phone, kind)
            self.assertEqual((answer.status, answer["code"], answer["field"]), (400, "invalid_field", "code"), answer)

    # --- delivery.error ---------------------------------------------------------------------------------------------

    def test_an_error_is_told_where_there_was_one(self):
        with Receiver() as receiver:
            hook = self.gateway.ctl("webhook", "add", "shop", receiver.url)
            phone, request_id = self.sent()
            delivered = self.gateway.wait_delivery(request_id)
            self.assertNotIn("error", delivered["delivery"])
            self.assertNotIn("error", next(event for event in delivered["events"] if event["type"] == "receipt"))
            wait_until("it is told", lambda: "otp.delivered" in receiver.types())
            for event in receiver.events():
                self.assertNotIn("error", event["data"]["delivery"])
            self.gateway.ctl("webhook", "remove", hook["id"])

    def test_a_refused_submit_is_an_error(self):
        with Receiver() as receiver, Gateway(overrides=FREE, config=ALLOWED) as gateway:
            gateway.ctl("webhook", "add", "shop", receiver.url)
            gateway.carriers[0].fault("status=0x0B")
            sent = gateway.send("+37499409001")
            refused = gateway.wait_delivery(sent["requestId"], "rejected")
            self.assertEqual(refused["delivery"]["error"], "ESME_RINVDSTADR", refused)
            wait_until("it is told", lambda: "otp.undelivered" in receiver.types())
            told = next(event for event in receiver.events() if event["type"] == "otp.undelivered")
            self.assertEqual(told["data"]["delivery"]["error"], "ESME_RINVDSTADR", told)

    # --- JSON and times ---------------------------------------------------------------------------------------------

    def test_null_is_absent(self):
        phone = self.phone()
        fields = ("channel", "ttlSeconds", "codeLength", "purpose", "country", "locale", "template", "variables", "appHash", "webOrigin", "sender",
                  "route", "userIp", "userId", "reference", "metadata", "resend", "dryRun")
        sent = self.gateway.send(phone, **{name: None for name in fields})
        self.assertEqual(sent.status, 202, sent)
        sent = self.gateway.send(phone, metadata={"a": "1", "b": None})
        self.assertEqual((sent.status, sent["metadata"]), (202, {"a": "1"}), sent)
        self.assertEqual(self.gateway.verify(phone, self.gateway.handset(phone), requestId=None, purpose=None, country=None, userIp=None).status, 200)
        missing = self.gateway.request("POST", "/v1/otp/send", {"phone": None})
        self.assertEqual((missing.status, missing["code"], missing["field"]), (400, "missing_field", "phone"), missing)
        unknown = self.gateway.send(phone, ttlSecond=None)
        self.assertEqual((unknown.status, unknown["code"]), (400, "unknown_field"), unknown)

    def test_a_whole_number_may_have_a_fraction_of_zero(self):
        for text, is_right in (("120.0", True), ("1.2e2", True), ("120", True), ("120.5", False), ("1e300", False), ("-1e300", False)):
            answer = self.post_text('{"phone": "%s", "ttlSeconds": %s}' % (self.phone(), text))
            with self.subTest(text):
                if is_right:
                    self.assertEqual((answer.status, answer["ttlSeconds"]), (202, 120), answer)
                else:
                    self.assertIn(answer.status, (400, 422), answer)
                    self.assertEqual(answer["field"], "ttlSeconds")

    def test_any_time_is_a_time(self):
        self.sent()
        for time, is_before in (("2001-01-01T00:00:00Z", True), ("1970-01-01", True), ("0001-01-01T00:00:00Z", True), ("2099-12-31T23:59:59Z", False),
                                ("9999-12-31", False), ("2001-02-03T04:05:06.789%2B04:00", True)):
            with self.subTest(time):
                since, until = (self.gateway.request("GET", f"/v1/otp?{name}={time}") for name in ("from", "to"))
                self.assertEqual((since.status, until.status), (200, 200), (since, until))
                self.assertEqual((bool(since["items"]), bool(until["items"])), (is_before, not is_before))
        for wrong_time in ("2001-02-30", "yesterday", "2001-01-01T25:00:00Z", "0000-01-01"):
            answer = self.gateway.request("GET", f"/v1/otp?from={wrong_time}")
            self.assertEqual((answer.status, answer["field"]), (400, "from"), answer)

    def test_an_id_that_nobody_has_is_404_in_any_spelling(self):
        phone, request_id = self.sent()
        code = self.gateway.handset(phone)
        for name in (NEVER_MADE, NEVER_MADE.lower(), "OTP-1", "abc", "OTP-24F19A", "", "ОТР-1", "x" * 300):
            with self.subTest(name):
                verified = self.gateway.verify(code=code, requestId=name)
                self.assertEqual((verified.status, verified["code"]), (404, "no_active_code"), verified)
                self.assertEqual(self.gateway.verify(phone, code, requestId=name).status, 404)
                camara = self.gateway.request("POST", "/one-time-password-sms/v1/validate-code", {"authenticationId": name, "code": "123456"})
                self.assertEqual((camara.status, camara["code"]), (404, "NOT_FOUND"), camara)
                if name.isascii() and name:
                    self.assertEqual(self.gateway.read(name).status, 404)
                    self.assertEqual(self.gateway.request("POST", f"/v1/otp/{name}/cancel").status, 404)
        self.assertEqual(self.gateway.read(request_id)["attemptsRemaining"], 5)

    def test_times_have_one_precision(self):
        with Receiver() as receiver:
            hook = self.gateway.ctl("webhook", "add", "shop", receiver.url)
            phone, request_id = self.sent()
            self.gateway.wait_delivery(request_id)
            answers = [self.gateway.verify(phone, self.gateway.handset(phone)), self.gateway.read(request_id), self.gateway.request("GET", "/v1/otp"),
                       self.gateway.send(self.phone()), self.gateway.request("GET", "/v1/usage"), self.gateway.request("GET", "/v1/stats")]
            wait_until("it is told", lambda: "otp.verified" in receiver.types())
            for value in [answer.json for answer in answers] + receiver.events():
                for time in times_in(value):
                    self.assertRegex(time, TIME)
            for line in self.gateway.request("GET", "/v1/exports/otp.ndjson").text.splitlines():
                for time in times_in(json.loads(line)):
                    self.assertRegex(time, TIME)
            for cell in re.findall(r"\d{4}-\d\d-\d\dT[^,\n\r]*", self.gateway.request("GET", "/v1/exports/otp.csv").text):
                self.assertRegex(cell, TIME)
            self.gateway.ctl("webhook", "remove", hook["id"])

    def test_an_error_in_json_says_where(self):
        for text, line, column in (('{"phone": "+37499123056",}', 1, 26), ('{"phone": +374}', 1, 11),
                                   ('{\n  "phone": "+37499123056"\n  "ttlSeconds": 60}', 3, 3),
                                   ("{'phone': 1}", 1, 2), ('{"phone": "a', 1, None), ('{"phone": 1} x', 1, 14), ('{"phone": tru}', 1, 11),
                                   ('{"phone": 01}', 1, None), ('{"a": [1, 2}', 1, 12), ("nonsense", 1, 1), ('{"é": nul}', 1, 7),
                                   ('{"phone": "\\ud83d"}', 1, 12), ('{"ttlSeconds": 1e999}', 1, 16), ('{"ttlSeconds": 99999999999999999999}', 1, 16)):
            with self.subTest(text):
                answer = self.post_text(text.encode())
                self.assertEqual((answer.status, answer["code"]), (400, "malformed_json"), answer)
                self.assertEqual(answer["line"], line, answer)
                self.assertIn(f"line {line}, column", answer["detail"])
                if column:
                    self.assertEqual(answer["column"], column, answer)

    # --- names ------------------------------------------------------------------------------------------------------

    def test_a_name_of_another_api_gets_its_suggestion(self):
        for name, ours in (("to", "phone"), ("from", "sender"), ("ttl", "ttlSeconds"), ("lang", "locale"), ("ip", "userIp"), ("number", "phone"),
                           ("msisdn", "phone"), ("phoneNumber", "phone"), ("language", "locale"), ("senderId", "sender"), ("expiresIn", "ttlSeconds"),
                           ("mobile", "phone"), ("length", "codeLength"), ("templateId", "template"), ("params", "variables"), ("ttlSecond", "ttlSeconds")):
            answer = self.gateway.request("POST", "/v1/otp/send", {name: "x"})
            self.assertEqual((answer.status, answer["code"], answer["field"], answer.json.get("suggestion")), (400, "unknown_field", name, ours), answer)
        for name, ours in (("otp", "code"), ("to", "phone"), ("id", "requestId"), ("pin", "code"), ("token", "code")):
            answer = self.gateway.request("POST", "/v1/otp/verify", {name: "x"})
            self.assertEqual((answer.status, answer["code"], answer.json.get("suggestion")), (400, "unknown_field", ours), answer)
        self.assertNotIn("suggestion", self.gateway.request("POST", "/v1/otp/send", {"weather": "x"}).json)

    def test_verify_names_both_ways(self):
        answer = self.gateway.verify(code="123456")
        self.assertEqual((answer.status, answer["code"]), (400, "missing_field"), answer)
        self.assertIn("`phone`", answer["detail"])
        self.assertIn("`requestId`", answer["detail"])

    def test_a_missing_and_a_malformed_authorization_differ(self):
        def ask(value):
            headers = {} if value is None else {"Authorization": value}
            return self.gateway.request("POST", "/v1/otp/send", {"phone": self.phone()}, headers=headers, key=False)
        missing = ask(None)
        self.assertEqual((missing.status, missing["code"]), (401, "missing_api_key"), missing)
        for value in ("Bearer", "Bearer ", self.gateway.key, f"Basic {self.gateway.key}", f"Token {self.gateway.key}", f"Bearer: {self.gateway.key}", "", '""'):
            with self.subTest(value[:12]):
                answer = ask(value)
                self.assertEqual((answer.status, answer["code"]), (401, "invalid_api_key"), answer)
                self.assertIn("Bearer", answer["detail"])
                self.assertNotIn("xk_live_" + self.gateway.key[8:], answer.text)
                self.assertNotEqual(answer["detail"], missing["detail"])

    def test_a_country_that_is_not_the_number_s_is_refused(self):
        for phone, country, is_right in (("+37499400001", "DE", False), ("0037499400001", "GE", False), ("+37499400001", "AM", True), ("099400001", "AM", True),
                                         ("+12125550123", "CA", True), ("+37499400001", "ZZ", False)):
            with self.subTest((phone, country)):
                answer = self.gateway.send(phone, country=country, dryRun=True)
                if is_right:
                    self.assertEqual(answer.status, 200, answer)
                    continue
                self.assertEqual((answer.status, answer["code"], answer["field"]), (422, "invalid_phone", "country"), answer)
                verified = self.gateway.verify(phone, "123456", country=country)
                self.assertEqual((verified.status, verified["field"]), (422, "country"), verified)

    # --- search -----------------------------------------------------------------------------------------------------

    def test_metadata_user_and_purpose_are_searchable(self):
        _, mine = self.sent(userId="u 1", purpose="rare", metadata={"order": "77", "tier": "gold"})
        _, other = self.sent(userId="u 2", purpose="rare", metadata={"order": "78", "tier": "gold"})
        for query, expected in (("userId=u%201", [mine]), ("purpose=rare", [other, mine]), ("metadata.order=77", [mine]), ("metadata[order]=78", [other]),
                                ("metadata.tier=gold", [other, mine]), ("metadata.tier=gold&userId=u%201", [mine]),
                                ("metadata.order=77&metadata.tier=silver", []),
                                ("userId=nobody", []), ("purpose=rare&limit=1", [other])):
            for path in ("/v1/otp", "/v1/exports/otp.ndjson"):
                with self.subTest((path, query)):
                    answer = self.gateway.request("GET", f"{path}?{query}")
                    self.assertEqual(answer.status, 200, answer)
                    found = answer["items"] if path == "/v1/otp" else [json.loads(line) for line in answer.text.splitlines()]
                    self.assertEqual([item["requestId"] for item in found], expected)
        for query, field in (("purpose=A%20B", "purpose"), ("userId=", "userId"), ("metadata.=1", "metadata."), ("metadata=1", "metadata")):
            answer = self.gateway.request("GET", f"/v1/otp?{query}")
            self.assertEqual((answer.status, answer["field"]), (400, field), answer)

    # --- blocked ----------------------------------------------------------------------------------------------------

    def test_a_blocked_event_always_has_a_reason(self):
        key = self.app("hooked", "cooldown_seconds=600", "requests_per_second=none")
        with Receiver() as receiver:
            self.gateway.ctl("webhook", "add", "hooked", receiver.url, "--type", "otp.blocked")
            phone = self.phone()
            self.gateway.send(phone, key=key)
            self.gateway.send(phone, key=key)                        # An event of a request that lives on.
            self.gateway.ctl("block", "add", "+37499409999")
            self.gateway.send("+37499409999", key=key)               # A request of its own.
            wait_until("both are told", lambda: len(receiver.events()) == 2)
            self.assertEqual({event["data"]["reason"] for event in receiver.events()}, {"cooldown_active", "phone_blocked"})

    # --- gzip -------------------------------------------------------------------------------------------------------

    def test_a_body_may_be_gzip(self):
        body = json.dumps({"phone": self.phone()}).encode()
        sent = self.post_text(gzip.compress(body), **{"Content-Encoding": "gzip"})
        self.assertEqual(sent.status, 202, sent)
        key = {"Idempotency-Key": "zipped"}
        body = json.dumps({"phone": self.phone()}).encode()
        first, again = self.post_text(gzip.compress(body), **{"Content-Encoding": "gzip", **key}), self.post_text(body, **key)
        self.assertEqual((first.status, again.status, again.headers.get("idempotency-replayed")), (202, 202, "true"), again)
        bomb = self.post_text(gzip.compress(b" " * 10_000_000), **{"Content-Encoding": "gzip"})
        self.assertEqual((bomb.status, bomb["code"]), (413, "body_too_large"), bomb)
        for octets in (b"not gzip", gzip.compress(body)[:-9], gzip.compress(body) + b"x"):
            broken = self.post_text(octets, **{"Content-Encoding": "gzip"})
            self.assertEqual((broken.status, broken["code"]), (400, "malformed_request"), broken)
        for coding in ("br", "deflate", "gzip, gzip"):
            other = self.post_text(body, **{"Content-Encoding": coding})
            self.assertEqual((other.status, other["code"]), (415, "unsupported_media_type"), other)
            self.assertEqual(other.headers["accept-encoding"], "gzip")
        self.assertEqual(self.post_text(json.dumps({"phone": self.phone()}).encode(), **{"Content-Encoding": "identity"}).status, 202)

    def test_an_answer_of_a_kibibyte_is_gzip_where_asked(self):
        for accept, is_zipped in (("gzip", True), ("br;q=1.0, gzip;q=0.8", True), ("*", True), ("GZIP", True), ("gzip;q=0", False), ("identity", False),
                                  ("br", False)):
            with self.subTest(accept):
                plain = self.gateway.request("GET", "/openapi.json", key=False)
                connection_answer = self.raw_get("/openapi.json", accept)
                self.assertEqual(connection_answer.headers.get("content-encoding"), "gzip" if is_zipped else None)
                self.assertIn("accept-encoding", connection_answer.headers["vary"].lower())
                octets = gzip.decompress(connection_answer.octets) if is_zipped else connection_answer.octets
                self.assertEqual(octets.decode(), plain.text)
                self.assertEqual(int(connection_answer.headers["content-length"]), len(connection_answer.octets))
        for path in "/docs/", "/dashboard/":
            for accept, is_zipped in (("gzip", True), ("GZIP", True), ("*", True), ("gzip;q=0", False), ("x-gzip", False)):
                self.assertEqual(self.raw_get(path, accept).headers.get("content-encoding"), "gzip" if is_zipped else None, (path, accept))
        self.assertIsNone(self.raw_get("/healthz", "gzip").headers.get("content-encoding"))

    def raw_get(self, path, accept):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.api_port)
        connection.request("GET", path, headers={"Accept-Encoding": accept})
        response = connection.getresponse()
        response.octets = response.read()
        response.headers = {name.lower(): value for name, value in response.getheaders()}
        connection.close()
        return response

    # --- CAMARA -----------------------------------------------------------------------------------------------------

    def test_the_operators_shape_echoes_its_correlator(self):
        send, validate = "/one-time-password-sms/v1/send-code", "/one-time-password-sms/v1/validate-code"
        message = "{{code}} is your code"
        headers = {"x-correlator": "b4333c46-49c0-4f62-80d7-f0ef930f1c46"}
        sent = self.gateway.request("POST", send, {"phoneNumber": self.phone(), "message": message}, headers=headers)
        for answer, status in ((sent, 200),
                               (self.gateway.request("POST", send, {"phoneNumber": "12", "message": message}, headers=headers), 400),
                               (self.gateway.request("POST", send, {}, headers=headers, key="xk_live_wrong"), 401),
                               (self.gateway.request("GET", send, headers=headers), 405),
                               (self.gateway.request("POST", validate, {"authenticationId": "ea0840f3-3663-4149-bd10-c7c6b8912105", "code": "AJY3"},
                                                     headers=headers), 404),
                               (self.gateway.request("POST", validate, {"authenticationId": sent["authenticationId"], "code": "AJY3"}, headers=headers), 400)):
            self.assertEqual((answer.status, answer.headers.get("x-correlator")), (status, headers["x-correlator"]), answer)
        self.assertEqual(answer["code"], "ONE_TIME_PASSWORD_SMS.INVALID_OTP")
        self.assertNotIn("x-correlator", self.gateway.request("POST", send, {}, headers={"x-correlator": "a b\"c"}).headers)

    # --- whose user it is ---------------------------------------------------------------------------------------------

    def test_a_user_counts_as_an_address_does(self):
        key = self.app("users", "sends_per_user_id=3/1h", "phones_per_user_id=2/1h", *FREE)
        first = self.phone()
        for phone, user, status in ((first, "ani", 202), (first, "ani", 202), (self.phone(), "ani", 202), (self.phone(), "ani", 429),
                                    (first, "ani", 429), (first, "aram", 202), (self.phone(), None, 202)):
            answer = self.gateway.send(phone, key=key, userId=user)
            self.assertEqual(answer.status, status, answer)
        refused = self.gateway.send(first, key=key, userId="ani")
        self.assertEqual(refused["violatedPolicies"][0]["policy"], "sends_per_user_id")
        self.assertIn("sends_per_user_id", refused["detail"])                           # Not "this phone or userIp".
        for _ in range(2):
            self.gateway.send(self.phone(), key=key, userId="eva")
        self.assertEqual(self.gateway.send(self.phone(), key=key, userId="eva")["violatedPolicies"][0]["policy"], "phones_per_user_id")
        shown = self.gateway.ctl("limit", "show", "user:ani", "--app", "users")["limits"]
        self.assertEqual({(use["policy"], use["used"]) for use in shown}, {("sends_per_user_id", 3), ("phones_per_user_id", 2)})
        self.gateway.ctl("limit", "reset", "user:ani", "--app", "users")
        self.assertEqual(self.gateway.send(first, key=key, userId="ani").status, 202)
        key = self.app("abroad", "fraud=enforce", "fraud_countries_per_user_id=1", *FREE)
        self.assertEqual(self.gateway.send(self.phone(), key=key, userId="ani").status, 202)
        self.assertEqual(self.gateway.send("+4915112345678", key=key, userId="ani")["code"], "fraud_suspected")
        self.assertEqual(self.gateway.send("+4915112345678", key=key, userId="aram").status, 202)

    def test_a_name_of_the_app_s_own_is_counted_by_its_rules(self):
        key = self.app("devices", "limit_keys=device:2/1h,device:3/1d,session:1/10m", *FREE)
        for device, session, status in (("d1", "s1", 202), ("d1", "s1", 429), ("d1", "s2", 202), ("d1", "s3", 429), ("d2", "s3", 202)):
            answer = self.gateway.send(self.phone(), key=key, limitKeys={"device": device, "session": session})
            self.assertEqual(answer.status, status, (device, session, answer))
        refused = self.gateway.send(self.phone(), key=key, limitKeys={"device": "d1"})
        self.assertEqual(refused["violatedPolicies"][0]["policy"], "limit_keys.device")
        self.assertIn("limit_keys.device", refused["detail"])
        for keys, field in (({"devise": "d1"}, "limitKeys.devise"), ({"device": ""}, "limitKeys"), ({"a b": "1"}, "limitKeys"), ({"device": 1}, "limitKeys"),
                            ({f"k{n}": "1" for n in range(6)}, "limitKeys")):
            refused = self.gateway.send(self.phone(), key=key, limitKeys=keys)
            self.assertEqual((refused.status, refused["code"], refused["field"]), (400, "invalid_field", field), refused)
        for wish in ("device", "device:5", "a b:5/1h", "a:1/1h,b:1/1h,c:1/1h,d:1/1h,e:1/1h,f:1/1h"):
            self.assertEqual(self.gateway.run_ctl("app", "set", "devices", f"limit_keys={wish}", check=False).returncode, 1, wish)


if __name__ == "__main__":
    unittest.main()
