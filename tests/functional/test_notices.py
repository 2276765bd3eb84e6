"""Messages without a code, and a person who is to be forgotten."""

import http.server
import threading
import unittest

from harness import Gateway, wait_until

FREE = ["cooldown_seconds=none", "requests_per_second=none"]
PRIVATE = "[webhooks]\nallow_private = true\n"


class Notices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(overrides=FREE))
        cls.gateway.ctl("template", "add", "shop", "changed", "--text", "Your number at {app} was changed to {number}.")
        cls.gateway.ctl("template", "add", "shop", "login", "--text", "{code} is your login")
        cls.test_key = cls.gateway.ctl("key", "create", "shop", "--test")["key"]
        cls.last = 37499440000

    def phone(self):
        Notices.last += 1
        return f"+{Notices.last}"

    def notice(self, phone, key=None, **fields):
        return self.gateway.request("POST", "/v1/notice", {"phone": phone, "template": "changed", "variables": {"number": "•••056"}, **fields}, key=key)

    def test_a_notice_arrives_and_is_no_code(self):
        phone = self.phone()
        stats = self.gateway.request("GET", "/v1/stats")
        sent = self.gateway.send(phone)
        code = self.gateway.handset(phone)
        told = self.notice(phone, reference="n1")
        self.assertEqual((told.status, told["status"], told["reference"]), (202, "queued", "n1"), told)
        self.assertNotEqual(told["requestId"], sent["requestId"])
        wait_until("both came", lambda: len(self.gateway.carriers[0].inbox(phone)) == 2)
        self.assertEqual(self.gateway.carriers[0].inbox(phone)[1]["text"], "Your number at shop was changed to •••056.")
        read = self.gateway.wait_delivery(told["requestId"])
        self.assertEqual((read["purpose"], read["reference"]), ("notice:changed", "n1"), read)
        again = self.notice(phone)
        self.assertNotEqual(again["requestId"], told["requestId"])                           # Each is a message of its own.
        for name in ({"requestId": told["requestId"]}, {"phone": phone, "requestId": told["requestId"]}):
            self.assertEqual(self.gateway.request("POST", "/v1/otp/verify", {"code": "123456", **name}).status, 404)
        self.assertEqual(self.gateway.verify(phone, code).status, 200)                       # The code beside it is as it was.
        after = self.gateway.request("GET", "/v1/stats")
        self.assertEqual(after["requests"] - stats["requests"], 1)
        self.assertEqual(after["sent"] - stats["sent"], 3)

    def test_the_limits_of_sends_hold(self):
        phone = self.phone()
        self.assertEqual([self.notice(phone).status for _ in range(6)], [202] * 5 + [429])
        self.assertEqual(self.gateway.send(phone).status, 429)
        for digits, status in (("0009", 402), ("0010", 429), ("0012", 423), ("0013", 403)):
            self.assertEqual(self.notice(f"+3749944{digits}", key=self.test_key).status, status)

    def test_a_text_is_for_codes_or_for_notices(self):
        refused = self.notice(self.phone(), template="login", variables=None)
        self.assertEqual((refused.status, refused["code"], refused["field"]), (422, "template_error", "template"), refused)
        refused = self.notice(self.phone(), template="default", variables=None)
        self.assertEqual((refused.status, refused["field"]), (422, "template"), refused)
        refused = self.gateway.send(self.phone(), template="changed", variables={"number": "1"})
        self.assertEqual((refused.status, refused["code"], refused["field"]), (422, "template_error", "template"), refused)
        refused = self.notice(self.phone(), template=None)
        self.assertEqual((refused.status, refused["code"], refused["field"]), (400, "missing_field", "template"), refused)
        for field in ("codeLength", "ttlSeconds", "appHash", "purpose", "resend", "bind"):
            refused = self.notice(self.phone(), **{field: 6})
            self.assertEqual((refused.status, refused["code"], refused["field"]), (400, "unknown_field", field), refused)
        self.assertEqual(self.gateway.run_ctl("template", "add", "shop", "--text", "no code for anybody", check=False).returncode, 1)


class Erasure(unittest.TestCase):
    def test_a_person_goes_and_the_numbers_stay(self):
        with Gateway(overrides=FREE) as gateway:
            key = gateway.ctl("key", "create", "shop", "--scope", "otp:read", "--scope", "pii:read", "--scope", "stats:read")["key"]
            phone, other = "+37499450001", "+37499450002"
            fields = {"reference": "order 7", "userId": "ani@example.com", "metadata": {"name": "Ani"}, "userIp": "203.0.113.9"}
            done = gateway.send(phone, **fields)
            gateway.verify(phone, gateway.handset(phone))
            live = gateway.send(phone, **fields)
            kept = gateway.send(other, **fields)
            code = gateway.handset(phone)
            before = gateway.request("GET", "/v1/stats", key=key)
            narrow = gateway.request("DELETE", f"/v1/phones/{phone}")
            self.assertEqual((narrow.status, narrow["code"], narrow["scope"]), (403, "insufficient_scope", "pii:read"), narrow)
            erased = gateway.request("DELETE", f"/v1/phones/{phone}", key=key)
            self.assertEqual((erased.status, erased["status"], erased["requests"]), (200, "erased", 2), erased)
            for request_id, status in ((done["requestId"], "verified"), (live["requestId"], "canceled")):
                read = gateway.request("GET", f"/v1/otp/{request_id}", key=key)
                self.assertEqual((read.status, read["status"], read["country"]), (200, status, "AM"), read)
                for word in ("450001", "order 7", "ani@", "Ani"):
                    self.assertNotIn(word, read.text)
            self.assertEqual(gateway.verify(phone, code).status, 404)
            for query in (f"phone=%2B{phone[1:]}", "reference=order%207", "userId=ani@example.com", "metadata.name=Ani"):
                found = [item["requestId"] for item in gateway.request("GET", f"/v1/otp?{query}", key=key)["items"]]
                self.assertEqual(found, [] if query.startswith("phone") else [kept["requestId"]], query)
            after = gateway.request("GET", "/v1/stats", key=key)
            self.assertEqual((after["requests"], after["sent"], after["verified"]), (before["requests"], before["sent"], before["verified"]))
            self.assertEqual(gateway.request("DELETE", f"/v1/phones/{phone}", key=key)["requests"], 0)
            self.assertEqual(gateway.request("DELETE", "/v1/phones/12", key=key).status, 422)
            self.assertEqual(gateway.ctl("phone", "erase", other)["requests"], 1)
            self.assertNotIn("450002", gateway.ctl("otp", "show", kept["requestId"], "--reveal").__repr__())
            gateway.kill()
            gateway.start()
            self.assertNotIn("450001", gateway.request("GET", f"/v1/otp/{done['requestId']}", key=key).text)
            gateway.await_log("phone.erased")
            self.assertEqual(gateway.send(phone).status, 202)                               # The number is as any other.

    def test_a_text_of_the_request_s_own_goes_with_its_person(self):
        with Gateway(overrides=FREE) as gateway:
            scopes = ("otp:send", "otp:read", "pii:read")
            key = gateway.ctl("key", "create", "shop", *[part for scope in scopes for part in ("--scope", scope)])["key"]
            sent = gateway.request("POST", "/one-time-password-sms/v1/send-code", {"phoneNumber": "+37499450003", "message": "Anahit, your code: {{code}}"},
                                   key=key)
            self.assertEqual(sent.status, 200, sent)
            self.assertIn("Anahit", gateway.carriers[0].inbox("+37499450003")[-1]["text"])
            self.assertEqual(gateway.request("DELETE", "/v1/phones/+37499450003", key=key)["requests"], 1)
            gateway.ctl("compact")
            gateway.stop()
            self.assertNotIn(b"Anahit", (gateway.folder / "data/data.mdb").read_bytes())

    def test_nothing_that_was_told_of_a_person_stays(self):
        class Receiver(http.server.BaseHTTPRequestHandler):
            received = []   # (webhook-id, body)

            def do_POST(self):
                Receiver.received.append((self.headers["webhook-id"], self.rfile.read(int(self.headers["content-length"])).decode()))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args):
                pass
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server, Gateway(overrides=FREE, config=PRIVATE) as gateway:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            gateway.ctl("webhook", "add", "shop", f"http://127.0.0.1:{server.server_port}/")
            key = gateway.ctl("key", "create", "shop", "--scope", "otp:read", "--scope", "otp:send", "--scope", "pii:read")["key"]
            fields = {"reference": "order-of-ani", "userId": "ani@example.com", "metadata": {"name": "Anahit"}, "userIp": "203.0.113.9"}
            first = gateway.send("+37499450001", headers={"Idempotency-Key": "k1"}, **fields)
            other = gateway.send("+37499450002", headers={"Idempotency-Key": "k2"}, reference="stays")
            wait_until("all was told", lambda: all(any(first["requestId"] in told and event in told for _, told in list(Receiver.received))
                                                   for event in ("otp.submitted", "otp.delivered")))
            mine = [id for id, told in list(Receiver.received) if first["requestId"] in told]
            self.assertEqual(gateway.request("DELETE", "/v1/phones/+37499450001", key=key)["requests"], 1)
            wait_until("its end is told", lambda: any("otp.canceled" in told for _, told in list(Receiver.received)))
            canceled = next(told for _, told in Receiver.received if "otp.canceled" in told)
            for word in ("order-of-ani", "ani@", "Anahit", "phone"):
                self.assertNotIn(word, canceled)
            for delivery in mine:
                self.assertNotEqual(gateway.run_ctl("webhook", "replay", delivery, check=False).returncode, 0)
            self.assertEqual(gateway.send("+37499450002", headers={"Idempotency-Key": "k2"}, reference="stays")["requestId"], other["requestId"])
            gateway.ctl("compact")
            data = b"".join(path.read_bytes() for path in (gateway.folder / "data").iterdir() if path.is_file())
            for word in (b"order-of-ani", b"ani@example.com", b"Anahit"):
                self.assertFalse(word in data, word)
            again = gateway.send("+37499450001", headers={"Idempotency-Key": "k1"}, **fields)
            self.assertNotEqual(again["requestId"], first["requestId"], again)
            server.shutdown()


if __name__ == "__main__":
    unittest.main()
