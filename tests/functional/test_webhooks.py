"""Webhooks: signed by Standard Webhooks, durable, tried again, never led into our own network."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import unittest

from harness import Gateway, wait_until


class Receiver:
    """A backend that takes webhooks; `answers` are the statuses of its next answers, then 204."""

    def __init__(self):
        self.received, self.answers, self.lock = [], [], threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.lock:
                    receiver.received.append(({k.lower(): v for k, v in self.headers.items()}, body))
                    status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def events(self):
        with self.lock:
            return [json.loads(body) for _, body in self.received]

    def types(self):
        return [event["type"] for event in self.events()]


def signature_of(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


ALLOWED = "[webhooks]\nallow_private = true\n"


class Webhooks(unittest.TestCase):
    def test_a_life_is_told_signed_and_in_order(self):
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            made = gateway.ctl("webhook", "add", "shop", receiver.url)
            self.assertTrue(made["secret"].startswith("whsec_"))
            self.assertNotIn("secret", gateway.ctl("webhook", "list")[0])
            sent = gateway.send("+37499123056", reference="order-7")
            code = gateway.handset("+37499123056")
            gateway.wait_delivery(sent["requestId"])
            gateway.verify("+37499123056", "000000" if code != "000000" else "111111")
            gateway.verify("+37499123056", code)
            wanted = ["otp.created", "otp.submitted", "otp.delivered", "otp.attempt_failed", "otp.verified"]
            wait_until("every event came", lambda: len(receiver.events()) >= len(wanted))
            self.assertEqual(sorted(receiver.types()), sorted(wanted))
            for headers, body in receiver.received:
                self.assertIn(signature_of(made["secret"], headers, body), headers["webhook-signature"].split())
                data = json.loads(body)["data"]
                self.assertEqual((data["requestId"], data["reference"]), (sent["requestId"], "order-7"))
                self.assertNotIn(b"99123056", body)
                self.assertNotIn(code.encode(), body)
            self.assertEqual(len({headers["webhook-id"] for headers, _ in receiver.received}), len(wanted))

    def test_only_the_wanted_events_are_told_and_a_rotated_secret_signs_beside_the_old(self):
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            made = gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "otp.canceled")
            again = gateway.ctl("webhook", "rotate", made["id"])
            self.assertNotEqual(made["secret"], again["secret"])
            sent = gateway.send("+37499123057")
            self.assertEqual(gateway.request("POST", f"/v1/otp/{sent['requestId']}/cancel").status, 200)
            wait_until("it was told", receiver.events)
            self.assertEqual(receiver.types(), ["otp.canceled"])
            headers, body = receiver.received[0]
            self.assertEqual(headers["webhook-signature"].split(),
                             [signature_of(again["secret"], headers, body), signature_of(made["secret"], headers, body)])

    def test_what_was_not_taken_is_tried_again_under_its_id_also_after_a_crash(self):
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            receiver.answers = [302]   # A redirect is not followed, and is no delivery.
            made = gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "otp.created")
            gateway.send("+37499123058")
            wait_until("the first attempt", receiver.events)
            delivery = wait_until("its outcome is kept", lambda: [d for d in gateway.ctl("webhook", "deliveries", made["id"]) if d["attempts"]])[0]
            self.assertEqual((delivery["state"], delivery["httpStatus"]), ("pending", 302))
            gateway.kill()
            gateway.start()
            wait_until("the second attempt", lambda: len(receiver.events()) == 2)
            self.assertEqual(receiver.received[0][0]["webhook-id"], receiver.received[1][0]["webhook-id"])
            wait_until("it is delivered", lambda: gateway.ctl("webhook", "deliveries", made["id"])[0]["state"] == "delivered")
            gateway.ctl("webhook", "replay", delivery["id"])
            wait_until("the replay", lambda: len(receiver.events()) == 3)

    def test_410_switches_a_webhook_off_until_it_is_enabled(self):
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            receiver.answers = [410]
            made = gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "otp.created")
            gateway.ctl("webhook", "test", made["id"])
            wait_until("it is off", lambda: gateway.ctl("webhook", "list")[0]["state"] == "disabled")
            gateway.send("+37499123059")
            gateway.ctl("webhook", "enable", made["id"])
            gateway.ctl("webhook", "test", made["id"])
            wait_until("the test came", lambda: len(receiver.events()) == 2)
            self.assertEqual(receiver.types(), ["webhook.test", "webhook.test"])

    def test_private_targets_are_refused_by_name_and_number_unless_allowed(self):
        with Receiver() as receiver, Gateway() as gateway:
            for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "0x7f000001", "LOCALHOST.", "10.0.0.1", "[fd00::1]", "169.254.169.254"):
                refused = gateway.run_ctl("webhook", "add", "shop", receiver.url.replace("127.0.0.1", host), check=False)
                self.assertEqual(refused.returncode, 1, host)
                self.assertIn("private", refused.stderr)
            self.assertEqual(gateway.ctl("webhook", "list"), [])

    def test_a_target_that_is_no_longer_allowed_gets_nothing(self):
        """Nor does a name that leads there, which is known only when it is asked for."""
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            made = gateway.ctl("webhook", "add", "shop", receiver.url)
            gateway.stop()
            gateway.extra = ""
            gateway.write_config()
            gateway.start()
            gateway.ctl("webhook", "test", made["id"])
            delivery = wait_until("it was tried", lambda: [d for d in gateway.ctl("webhook", "deliveries", made["id"]) if d["attempts"]])[0]
            self.assertIn("private", delivery["error"])
            self.assertEqual(receiver.events(), [])

    def test_bad_wishes_are_refused_with_a_reason(self):
        with Gateway() as gateway:
            for arguments, said in ((("shop", "ftp://example.com/"), "https://"), (("nobody", "https://example.com/"), "no app"),
                                    (("shop", "https://example.com/", "--type", "otp.eaten"), "no event type")):
                done = gateway.run_ctl("webhook", "add", *arguments, check=False)
                self.assertEqual(done.returncode, 1, arguments)
                self.assertIn(said, done.stderr)
            for verb in ("test", "rotate", "enable", "remove"):
                self.assertEqual(gateway.run_ctl("webhook", verb, "wh_none", check=False).returncode, 1)
            self.assertEqual(gateway.run_ctl("webhook", "replay", "msg_1", check=False).returncode, 1)


if __name__ == "__main__":
    unittest.main()
