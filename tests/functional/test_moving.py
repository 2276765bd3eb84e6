"""Apps and what belongs to them as a document: exported, kept, compared, and taken over by another daemon."""

import base64
import copy
import hashlib
import hmac
import http.server
import json
import shutil
import socket
import subprocess
import threading
import unittest

from harness import BIN, Gateway, wait_until


def another(master_key=None, config=""):
    """A daemon that has nothing yet, with this master key's file or one of its own."""
    gateway = Gateway(config=config)
    for carrier in gateway.carriers:
        carrier.start()
    gateway.write_config()
    (gateway.folder / "data").mkdir()
    (gateway.folder / "carrier.password").write_text("secret\n")
    (gateway.folder / "carrier.password").chmod(0o600)
    if master_key:
        shutil.copy(master_key, gateway.folder / "master.key")
    else:
        gateway.run_ctl("init-key", "--config", gateway.config_path, socket_option=False)
    gateway.start()
    return gateway


HOOKS = "[webhooks]\nallow_private = true\n"


class Moving(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(config=HOOKS, overrides=["ttl_seconds=120", "test_phones=+37499000001:123456:2099-12-31"], log_level="info").__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def fresh(self, shares_key=True, config=HOOKS):
        other = another(self.gateway.folder / "master.key" if shares_key else None, config)
        self.addCleanup(other.__exit__, None, None, None)
        other.key = self.gateway.key
        return other

    def furnish(self):
        ctl = self.gateway.ctl
        ctl("template", "add", "shop", "--text", "{code} is yours")
        ctl("template", "add", "shop", "login", "--locale", "hi", "--text", "{code} {name}", "--tlv", "0x1401=1107160000000000123", "--tlv", "0x1400=hex:0102")
        ctl("app", "add", "bank", "--plan", "growth")
        ctl("key", "create", "bank", "--test", "--scope", "otp:send", "--network", "192.0.2.0/24", "--expires", "90d")
        ctl("key", "revoke", ctl("key", "create", "bank")["id"])
        ctl("key", "create", "shop", "--hook", "supabase")
        ctl("block", "add", "+37499123007", "--reason", "fraud")
        ctl("block", "add", "+3749*", "--app", "bank", "--expires", "90d")
        ctl("allow", "add", "AM", "--app", "shop")
        ctl("block", "add", "*", "--app", "bank")
        ctl("webhook", "add", "bank", "http://127.0.0.1:9/events?token=1", "--type", "otp.verified", "--batch", "5")

    def document(self, gateway=None, *words):
        """As it is kept in a file: a line a thing."""
        done = subprocess.run([BIN / "xionctl", "--socket", (gateway or self.gateway).socket_path, "export", *words], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def take(self, gateway, document, *words, check=True):
        path = gateway.folder / "import.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return gateway.run_ctl("import", *words, path, check=check)

    def test_another_daemon_takes_all_of_it_and_exports_the_same_octets(self):
        self.furnish()
        document = self.document()
        self.assertEqual(document, self.document(), "nothing in it comes from when it was made")
        self.assertIn('\n  "apps": [\n', document, "a line a thing")
        self.assertEqual(self.gateway.ctl("export"), json.loads(document))
        other = self.fresh()
        would = json.loads(self.take(other, document, "--dry-run").stdout)
        self.assertEqual({each["action"] for each in would}, {"add"})
        self.assertEqual(other.ctl("app", "list"), [], "a dry run changes nothing")
        self.assertEqual(json.loads(self.take(other, document).stdout), would)
        self.assertEqual(self.document(other), document)
        self.assertEqual(json.loads(self.take(other, document).stdout), [], "a second time nothing differs")
        # Keys work at once, limits and texts are the app's, and all of it outlives a restart.
        for phone in ("+37499123001", "+37499123002"):
            sent = other.send(phone)
            self.assertEqual((sent.status, sent["ttlSeconds"]), (202, 120))
            self.assertRegex(other.carriers[0].inbox(phone)[-1]["text"], r"^\d{6} is yours$")
            self.assertEqual(other.send("+37499123007")["code"], "phone_blocked")
            other.stop()
            other.start()
        self.assertEqual(self.document(other), document)

    def test_a_webhook_signs_by_the_secret_that_its_receiver_has(self):
        made = self.gateway.ctl("webhook", "add", "shop", "http://127.0.0.1:9/")
        calls = []

        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                calls.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        document = self.document().replace("http://127.0.0.1:9/", f"http://127.0.0.1:{server.server_port}/")
        other = self.fresh()
        self.take(other, document)
        other.ctl("webhook", "test", made["id"])
        wait_until("it is called", lambda: calls)
        headers, body = calls[0]
        headers = {name.lower(): value for name, value in headers.items()}
        secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        signature = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
        self.assertIn(f"v1,{signature}", headers["webhook-signature"])

    def test_what_differs_is_told_and_made_equal_and_nothing_is_removed(self):
        self.furnish()
        kept = json.loads(self.document())
        ctl = self.gateway.ctl
        ctl("app", "set", "shop", "ttl_seconds=300", "sender=Acme", "test_phones=none")
        ctl("template", "add", "shop", "--text", "{code} was changed")
        ctl("block", "add", "+37499123007", "--reason", "another")
        ctl("app", "add", "later")
        changes = {(each["kind"], each["app"], each["name"]): each for each in json.loads(self.take(self.gateway, kept, "--dry-run").stdout)}
        self.assertEqual({name[:2] for name in changes}, {("app", "shop"), ("template", "shop"), ("block", "(all)")})
        app = changes["app", "shop", "shop"]
        self.assertEqual(app["action"], "change")
        self.assertIn("ttl_seconds: 300 → 120", app["what"])
        self.assertIn("sender: Acme → (none)", app["what"])
        self.assertIn("another test_phones", app["what"])
        self.assertNotIn("37499000001", str(changes))
        self.assertEqual(ctl("app", "show", "shop")["overrides"]["ttl_seconds"], "300")
        self.take(self.gateway, kept)
        self.assertEqual(ctl("app", "show", "shop")["overrides"]["ttl_seconds"], "120")
        now = json.loads(self.document())
        self.assertEqual([app for app in now["apps"] if app["name"] != "later"], kept["apps"])
        self.assertEqual(now["block"], kept["block"])
        self.assertIn("later", [app["name"] for app in now["apps"]])
        event = self.gateway.ctl("audit", "--what", "import", "--limit", "1")[0]
        self.assertEqual(event["outcome"], "done")
        self.assertIn("ttl_seconds: 300 → 120", event["after"])
        self.assertNotIn("37499000001", str(self.gateway.ctl("audit", "--limit", "100")))
        self.assertNotIn("37499123007", str(self.gateway.ctl("audit", "--limit", "100")))

    def test_a_revoked_key_is_not_given_back(self):
        before = self.document()
        key = self.gateway.ctl("key", "list")[0]["id"]
        self.gateway.ctl("key", "revoke", key)
        told = json.loads(self.take(self.gateway, before).stdout)
        self.assertEqual([(each["action"], each["name"]) for each in told], [("kept", key)])
        self.assertEqual(self.gateway.send("+37499123003")["code"], "revoked_api_key")
        # And a revocation travels.
        other = self.fresh()
        self.take(other, before)
        self.assertEqual(other.send("+37499123003").status, 202)
        self.take(other, self.document())
        self.assertEqual(other.send("+37499123003")["code"], "revoked_api_key")

    def test_another_master_key_takes_what_is_portable_and_nothing_else(self):
        self.furnish()
        other = self.fresh(shares_key=False)
        refused = self.take(other, self.document(), check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("another master key", refused.stderr)
        self.assertIn("--portable", refused.stderr)
        self.assertEqual(other.ctl("app", "list"), [])
        portable = self.document(None, "--portable")
        for word in ("hash", "secret", "keys", "masterKey"):
            self.assertNotIn(f'"{word}', portable)
        self.take(other, portable)
        self.assertEqual(self.document(other, "--portable"), portable)
        self.assertEqual(len(other.ctl("webhook", "list")), 1)
        self.assertTrue(other.ctl("webhook", "rotate", other.ctl("webhook", "list")[0]["id"])["secret"])
        self.assertEqual(json.loads(self.take(other, portable).stdout), [])

    def test_a_rotated_master_key_is_the_same_for_an_older_export(self):
        document = self.document()
        self.gateway.run_ctl("rotate-master-key", "--config", self.gateway.config_path)
        self.assertEqual(json.loads(self.take(self.gateway, document, "--dry-run").stdout), [])

    def test_bad_documents_say_what_and_where(self):
        self.furnish()
        whole = json.loads(self.document())
        bank, shop = 0, 1
        self.assertEqual([app["name"] for app in whole["apps"]], ["bank", "shop"])

        def with_(change):
            changed = copy.deepcopy(whole)
            change(changed)
            return changed
        rows = [
            ("", "expected a value"), ("{", "1:2: expected"), ('{\n "format": 1,,}', "2:14: expected"), ("[]", "the document: expected an object"),
            ("{}", "format: "), ('{"format": "xionid-export/9"}', "format: expected xionid-export/1"), ('{"format":"a","format":"b"}', "a name twice"),
            (with_(lambda d: d["apps"][shop].update(plan="grwth")), "apps[1].plan: there is no plan grwth"),
            (with_(lambda d: d["apps"][shop].update(name="Shop")), "apps[1].name: Shop is no name"),
            (with_(lambda d: d["apps"][shop].update(name="bank")), "apps[1].name: the document has it twice"),
            (with_(lambda d: d["apps"][shop].update(setings={})), "apps[1].setings: there is no such member"),
            (with_(lambda d: d["apps"][shop]["settings"].update(ttl_secs="5")), "apps[1].settings: unknown key ttl_secs"),
            (with_(lambda d: d["apps"][shop]["settings"].update(ttl_seconds=5)), "apps[1].settings.ttl_seconds: expected a string"),
            (with_(lambda d: d["apps"][shop]["keys"][0].update(hash="00")), "apps[1].keys[0].hash: expected 64 hexadecimal digits"),
            (with_(lambda d: d["apps"][shop]["keys"][0].update(scopes=[])), "apps[1].keys[0].scopes"),
            (with_(lambda d: d["apps"][shop]["keys"][0].update(id="key_")), "apps[1].keys[0].id"),
            (with_(lambda d: d["apps"][shop]["keys"][0].pop("id")), "apps[1].keys[0].id: it is missing"),
            (with_(lambda d: d["apps"][shop]["keys"][0].update(networks=["10.0.0.1/8"])), "10.0.0.1/8 is no network"),
            (with_(lambda d: d["apps"][shop]["keys"][0].update(createdAt="today")), "apps[1].keys[0].createdAt: expected a time"),
            (with_(lambda d: d["apps"][shop]["keys"].append(d["apps"][shop]["keys"][0])), "the document has it twice"),
            (with_(lambda d: d["apps"][shop]["keys"][1].update(secret="00")), "sealed under another master key"),
            (with_(lambda d: d["apps"][bank].update(keys=d["apps"][shop]["keys"]) or d["apps"][shop].update(keys=[])), "another key's"),
            (with_(lambda d: d["apps"][shop]["templates"][0].update(text="no code")), "apps[1].templates[0].text"),
            (with_(lambda d: d["apps"][shop]["templates"][1].update(locale="xx")), "apps[1].templates[1].name: xx is no language"),
            (with_(lambda d: d["apps"][shop]["templates"][1].update(tlvs={"0": "1"})), "apps[1].templates[1].tlvs"),
            (with_(lambda d: d["apps"][bank]["webhooks"][0].update(url="ftp://x")), "apps[0].webhooks[0].url"),
            (with_(lambda d: d["apps"][bank]["webhooks"][0].update(batch=101)), "apps[0].webhooks[0].batch: expected a whole number, 0 to 100"),
            (with_(lambda d: d["apps"][bank]["webhooks"][0].update(types=["otp"])), "there is no event type otp"),
            (with_(lambda d: d["block"][0].pop("hash")), "block[0].value: it names nothing"),
            (with_(lambda d: d["block"].append({"value": "*"})), "everything of all apps can't be blocked"),
            (with_(lambda d: d["apps"][shop]["allow"][0].update(subject="prefix")), "apps[1].allow[0].subject"),
            (with_(lambda d: d.pop("masterKey")), "which master key"),
        ]
        other = self.fresh()
        for document, expected in rows:
            with self.subTest(expected):
                refused = self.take(self.gateway if "another key's" in expected else other, document, check=False)
                self.assertEqual((refused.returncode, refused.stdout), (1, ""), refused.stderr)
                self.assertIn(expected, refused.stderr)
        self.assertEqual(other.ctl("app", "list"), [])
        missing = other.run_ctl("import", "/nowhere.json", check=False)
        self.assertEqual(missing.returncode, 1)
        self.assertIn("/nowhere.json: No such file", missing.stderr)

    def test_a_hand_written_document_is_enough(self):
        other = self.fresh(shares_key=False)
        self.take(other, {"format": "xionid-export/1", "apps": [{"name": "shop", "plan": "growth", "settings": {"ttl_seconds": "90"}}],
                          "block": [{"value": "+37499123009", "reason": "by hand"}, {"value": "AM"}]})
        self.assertEqual(other.ctl("app", "show", "shop")["policy"]["ttl_seconds"], 90)
        self.assertEqual(len(other.ctl("block", "list")), 2)

    def test_the_file_is_written_whole_and_for_its_owner_alone(self):
        path = self.gateway.folder / "apps.json"
        self.gateway.run_ctl("export", path)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(path.read_text(), self.document())
        refused = self.gateway.run_ctl("export", self.gateway.folder / "none" / "apps.json", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("No such file", refused.stderr)

    def test_the_socket_takes_no_file_that_could_change(self):
        answer = self.gateway.control('{"command":"import","args":{}}\n')
        self.assertEqual((answer["ok"], answer["code"]), (False, "usage"))
        plain = self.gateway.folder / "plain.json"
        plain.write_text(self.document())
        with socket.socket(socket.AF_UNIX) as client, open(plain) as file:
            client.connect(str(self.gateway.socket_path))
            socket.send_fds(client, [b'{"command":"import","args":{}}\n'], [file.fileno()])
            self.assertIn("sealed file", client.makefile().readline())


if __name__ == "__main__":
    unittest.main()
