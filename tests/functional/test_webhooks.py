"""Webhooks: signed by Standard Webhooks, durable, tried again, never led into our own network."""

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import socket
import threading
import unittest

from harness import Gateway, wait_until


class Receiver:
    """A backend that takes webhooks; `answers` are the statuses of its next answers, then `usual`."""

    def __init__(self):
        self.received, self.answers, self.lock = [], [], threading.Lock()
        self.peers, self.paths, self.usual = set(), [], 204
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.lock:
                    receiver.peers.add(self.client_address)
                    receiver.paths.append(self.path)
                    receiver.received.append(({k.lower(): v for k, v in self.headers.items()}, body))
                    status = receiver.answers.pop(0) if receiver.answers else receiver.usual
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


class HangingReceiver:
    """Takes connections and what comes over them, and never says a word."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/hook"
        self.taken = []
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        with contextlib.suppress(OSError):
            while True:
                self.taken.append(self.listener.accept()[0])

    @property
    def connections(self):
        return len(self.taken)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        for connection in self.taken:
            connection.close()


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
            sent = gateway.send("+37499123056", reference="order-7", userId="u-7", metadata={"plan": "gold"})
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
                self.assertEqual((data["app"], data["phone"], data["country"], data["userId"], data["metadata"]),
                                 ("shop", "+374•••••056", "AM", "u-7", {"plan": "gold"}))
                if json.loads(body)["type"] == "otp.delivered":
                    self.assertGreaterEqual(data["delivery"]["latencyMs"], 0)
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
            receiver.usual = 302   # A redirect is not followed, and is no delivery.
            made = gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "otp.created")
            gateway.send("+37499123058")
            wait_until("the first attempt", receiver.events)
            delivery = wait_until("its outcome is kept", lambda: [d for d in gateway.ctl("webhook", "deliveries", made["id"]) if d["attempts"]])[0]
            self.assertEqual((delivery["state"], delivery["httpStatus"]), ("pending", 302))
            gateway.kill()
            receiver.usual = 204
            gateway.start()
            wait_until("it is delivered", lambda: gateway.told("webhook deliveries", id=made["id"])[0]["state"] == "delivered")
            tries = len(receiver.events())   # On a slow machine the second was before the crash.
            self.assertGreaterEqual(tries, 2)
            gateway.ctl("webhook", "replay", delivery["id"])
            wait_until("the replay", lambda: len(receiver.events()) == tries + 1)
            self.assertEqual(len({headers["webhook-id"] for headers, _ in receiver.received}), 1)

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

    def test_a_hanging_receiver_of_another_app_keeps_nobody_waiting(self):
        with HangingReceiver() as hanging, Receiver() as receiver, Gateway(config=ALLOWED + "timeout_seconds = 60\n") as gateway:
            gateway.ctl("app", "add", "slow", "--plan", "custom", "--set", "fraud=off")
            slow_key = gateway.ctl("key", "create", "slow")["key"]
            stuck = gateway.ctl("webhook", "add", "slow", hanging.url, "--type", "otp.created")
            gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "otp.created")
            connection = gateway.connection(slow_key)
            for number in range(600):
                connection.post("/v1/otp/send", {"phone": f"+3749912{number:04}"})
            wait_until("they wait", lambda: gateway.ctl("webhook", "show", stuck["id"])["waiting"] >= 550)
            gateway.send("+37499123061")
            wait_until("the other app's event came", receiver.events)
            self.assertLessEqual(hanging.connections, 8)
            shown = gateway.ctl("webhook", "show", stuck["id"])
            self.assertEqual((shown["state"], shown["delivered24h"]), ("enabled", 0))

    def test_connections_are_kept(self):
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "otp.created")
            for number in range(5):
                gateway.send(f"+3749912307{number}")
                wait_until("it came", lambda number=number: len(receiver.events()) == number + 1)
            self.assertEqual(len(receiver.peers), 1)

    def test_a_batch_brings_what_waits_in_one_signed_call(self):
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            receiver.answers = [503]
            made = gateway.ctl("webhook", "add", "shop", receiver.url, "--batch", "100")
            self.assertEqual(made["batch"], 100)
            sent = gateway.send("+37499123062")
            gateway.wait_delivery(sent["requestId"])
            wanted = {"otp.created", "otp.submitted", "otp.delivered"}
            taken = lambda: [event for body in receiver.events()[1:] for event in body["data"]["events"]]
            wait_until("every event came", lambda: {event["type"] for event in taken()} == wanted)
            self.assertEqual({event["type"] for event in receiver.events()}, {"batch"})
            self.assertEqual(len({event["id"] for event in taken()}), 3)
            for headers, body in receiver.received:
                self.assertIn(signature_of(made["secret"], headers, body), headers["webhook-signature"].split())
            for refused in ("0", "101", "x"):
                self.assertNotEqual(gateway.run_ctl("webhook", "add", "shop", receiver.url, "--batch", refused, check=False).returncode, 0)

    def test_a_send_may_name_a_callback_url_from_the_apps_list(self):
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            own = receiver.url + "/order-7?x=1"
            self.assertEqual(gateway.send("+37499123065", callbackUrl=own)["field"], "callbackUrl")
            made = gateway.ctl("webhook", "add", "shop", receiver.url, "--callback", "--type", "otp.created", "otp.delivered")
            for wrong in (receiver.url + "2", "http://127.0.0.1:1/hook", "ftp://x", "https://"):
                refused = gateway.send("+37499123065", callbackUrl=wrong)
                self.assertEqual((refused.status, refused["code"], refused["field"]), (400, "invalid_field", "callbackUrl"), wrong)
            gateway.wait_delivery(gateway.send("+37499123066")["requestId"])   # Names none, so none hears of it.
            for shown in (gateway.ctl("app", "show", "shop"), gateway.ctl("app", "list")[0]):
                self.assertEqual(shown["callbacks"], [receiver.url])
            sent = gateway.send("+37499123065", callbackUrl=own)
            self.assertEqual(sent.status, 202)
            wait_until("both came", lambda: len(receiver.events()) == 2)
            gateway.wait_delivery(sent["requestId"])
            self.assertEqual({event["data"]["requestId"] for event in receiver.events()}, {sent["requestId"]})
            self.assertEqual(set(receiver.paths), {"/hook/order-7?x=1"})
            headers, body = receiver.received[0]
            self.assertIn(signature_of(made["secret"], headers, body), headers["webhook-signature"].split())
            self.assertEqual(gateway.send("+37499123067", callbackUrl=own, dryRun=True).status, 200)
            self.assertEqual(gateway.send("+37499123067", callbackUrl=receiver.url + "2", dryRun=True)["field"], "callbackUrl")
            shown = gateway.ctl("webhook", "deliveries", made["id"])
            self.assertEqual({one["url"] for one in shown}, {receiver.url + "/order-7?…"})
            gateway.ctl("webhook", "remove", made["id"], "--yes")
            self.assertEqual(gateway.send("+37499123068", callbackUrl=own)["field"], "callbackUrl")

    def test_a_callback_url_is_no_way_to_another_app_or_into_a_private_network(self):
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            gateway.ctl("app", "add", "other")
            gateway.ctl("webhook", "add", "other", receiver.url, "--callback")
            gateway.ctl("webhook", "add", "shop", receiver.url)   # Not one for callbacks.
            self.assertEqual(gateway.send("+37499123065", callbackUrl=receiver.url)["field"], "callbackUrl")
        with Receiver() as receiver, Gateway() as gateway:
            self.assertNotEqual(gateway.run_ctl("webhook", "add", "shop", receiver.url, "--callback", check=False).returncode, 0)
            # A name that leads to this machine, as only whoever connects finds out.
            made = gateway.ctl("webhook", "add", "shop", receiver.url.replace("127.0.0.1", socket.gethostname()), "--callback")
            gateway.send("+37499123065", callbackUrl=made["url"] + "/x")
            wait_until("it was tried", lambda: gateway.ctl("webhook", "show", made["id"])["failed24h"] > 0)
            self.assertEqual(receiver.received, [])

    def test_a_resend_may_name_another_callback_url_and_a_refusal_is_told_there(self):
        rapid = ALLOWED + "\n[limits]\ncooldown_seconds = []\nsends_per_phone = [\"2/10m\"]\n"
        with Receiver() as receiver, Gateway(config=rapid) as gateway:
            gateway.ctl("webhook", "add", "shop", receiver.url, "--callback", "--type", "otp.submitted", "otp.blocked")
            first = gateway.send("+37499123065", callbackUrl=receiver.url + "/1")
            wait_until("the first came", lambda: receiver.paths == ["/hook/1"])
            again = gateway.send("+37499123065", callbackUrl=receiver.url + "/2")
            self.assertEqual((again["requestId"], again["resend"]), (first["requestId"], True))
            wait_until("the second came", lambda: receiver.paths == ["/hook/1", "/hook/2"])
            refused = gateway.send("+37499123065", callbackUrl=receiver.url + "/3", purpose="login")
            self.assertEqual(refused["code"], "rate_limited")
            wait_until("the refusal came", lambda: receiver.paths[2:] == ["/hook/3"])

    def test_a_webhook_tells_how_it_is(self):
        with Receiver() as receiver, Gateway(config=ALLOWED) as gateway:
            made = gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "otp.created")
            self.assertEqual(gateway.ctl("webhook", "list")[0]["health"], "idle")
            gateway.send("+37499123063")
            wait_until("it is well", lambda: gateway.ctl("webhook", "list")[0]["health"] == "good")
            receiver.usual = 500
            gateway.send("+37499123064")
            wait_until("it is not", lambda: gateway.ctl("webhook", "show", made["id"])["health"] == "failing")
            shown = gateway.ctl("webhook", "show", made["id"])
            self.assertEqual((shown["waiting"], shown["delivered24h"], shown["lastError"], shown["lastErrorStatus"]), (1, 1, "answered 500", 500))
            # On a slow machine it is tried again meanwhile, some seconds later: each try counts once.
            failed = lambda: gateway.told("webhook show", id=made["id"])["failed24h"]
            wait_until("each try is counted", lambda: failed() == len(receiver.events()) - 1)
            counted = failed()
            gateway.kill()
            gateway.start()
            shown = gateway.ctl("webhook", "show", made["id"])
            self.assertEqual(shown["delivered24h"], 1)
            self.assertTrue(counted <= shown["failed24h"] < len(receiver.events()), (counted, shown, receiver.events()))
            self.assertEqual(gateway.run_ctl("webhook", "show", "wh_none", check=False).returncode, 1)

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
