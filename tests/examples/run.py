"""The examples for clients do what they say: conf/examples, against the real daemon and carrier simulator."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "functional"))
from harness import BIN, PATIENCE, Gateway, wrong  # noqa: E402

EXAMPLES = here.parents[1] / "conf/examples"


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.environment = {**os.environ, "API_KEY": cls.gateway.key, "XIONID_URL": f"http://127.0.0.1:{cls.gateway.api_port}",
                           "PATH": f"{BIN}:{os.environ['PATH']}"}

    def run_it(self, *command, **more):
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env={**self.environment, **more.pop("env", {})}, **more)

    def test_curl(self):
        phone = "+37499410001"
        command = f"xionid-carrier inbox {phone} --wait 10 --code --admin {self.gateway.carriers[0].admin}"
        script = EXAMPLES / "curl/send-and-verify"
        done = self.run_it(script, phone, env={"CODE_COMMAND": command})
        self.assertEqual(done.returncode, 0, done)
        self.assertIn('"status":"verified"', done.stdout)
        phone = "+37499410002"
        refused = self.run_it(script, phone, env={"CODE_COMMAND": "echo 0000000000"})
        self.assertEqual(refused.returncode, 1, refused)
        self.assertIn('"code":"invalid_code"', refused.stdout)
        self.assertEqual(self.run_it(script).returncode, 1)
        self.assertEqual(self.run_it(script, phone, env={"API_KEY": "xk_live_no"}).returncode, 1)

    def talk(self, phone, *command, **more):
        """A program that sends, and takes codes typed: what it says to a wrong one and then the right one."""
        process = subprocess.Popen([*command, phone], env=self.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, **more)
        code = self.gateway.handset(phone)
        told, _ = process.communicate(f"{wrong(code)}\n{code}\n", timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, told)
        self.assertIn("wrong, 4 left", told)
        self.assertIn("verified at 20", told)
        blocked = str(int(phone) + 50)
        self.gateway.ctl("block", "add", "+" + blocked)
        refused = self.run_it(*command, "+" + blocked, **more)
        self.assertEqual(refused.returncode, 1, refused)
        self.assertIn("403 phone_blocked", refused.stdout + refused.stderr)

    def test_python(self):
        self.talk("+37499410010", "python3", "-B", EXAMPLES / "python/send_and_verify.py")
        sys.dont_write_bytecode = True
        sys.path.insert(0, str(EXAMPLES / "python"))
        import xionid
        self.check_webhooks(lambda secret, headers, body: xionid.verify_webhook(secret, headers, body))
        self.check_retries(xionid)

    def check_webhooks(self, verify):
        secret, body = "whsec_" + base64.b64encode(b"k" * 32).decode(), b'{"type":"otp.created"}'
        now = str(int(time.time()))
        sign = lambda at: "v1," + base64.b64encode(hmac.new(b"k" * 32, f"msg_1.{at}.".encode() + body, hashlib.sha256).digest()).decode()
        headers = {"Webhook-Id": "msg_1", "Webhook-Timestamp": now, "Webhook-Signature": "v1,AAAA " + sign(now)}
        self.assertEqual(verify(secret, headers, body)["type"], "otp.created")
        old = str(int(now) - 301)
        for wrong_headers, wrong_body in (({**headers, "Webhook-Id": "msg_2"}, body), (headers, body + b" "), ({}, body),
                                          ({**headers, "Webhook-Timestamp": old, "Webhook-Signature": sign(old)}, body)):
            with self.assertRaises(ValueError):
                verify(secret, wrong_headers, wrong_body)

    def check_retries(self, xionid):
        """A daemon that fails twice for a moment: one Idempotency-Key, and the third try's answer. What stays as it is is not tried again."""
        seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                seen.append(self.headers["idempotency-key"])
                status = 503 if len(seen) < 3 else 200 if len(seen) == 3 else 429
                body = b'{"ok": true}' if status == 200 else b'{"ok": false, "code": "rate_limited", "detail": "x", "retryAfterSeconds": 0}'
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            client = xionid.XionClient(f"http://127.0.0.1:{server.server_port}", "xk_test_x")
            self.assertTrue(client.send("+37499123056")["ok"])
            self.assertEqual(len(set(seen)), 1)
            with self.assertRaises(xionid.XionError) as refusal:
                client.send("+37499123056")
            self.assertEqual((refusal.exception.code, len(seen), len(set(seen))), ("rate_limited", 4, 2))
            server.shutdown()

    @unittest.skipUnless(shutil.which("php"), "no php here")
    def test_php(self):
        self.talk("+37499410011", "php", EXAMPLES / "php/send-and-verify.php")

        def verify(secret, headers, body):
            script = ("require 'src/Client.php'; require 'src/XionError.php'; echo json_encode(XionID\\Client::verifyWebhook($argv[1], "
                      "(array) json_decode($argv[2], true), file_get_contents('php://stdin')));")
            done = subprocess.run(["php", "-r", script, "--", secret, json.dumps(headers)], cwd=EXAMPLES / "php", input=body, capture_output=True,
                                  timeout=PATIENCE)
            if done.returncode != 0:
                raise ValueError(done.stdout)
            return json.loads(done.stdout)
        self.check_webhooks(verify)

    @unittest.skipUnless(shutil.which("go"), "no go here")
    def test_go(self):
        with tempfile.TemporaryDirectory(prefix="xionid-example.") as folder:
            client = pathlib.Path(folder) / "go"
            shutil.copytree(EXAMPLES / "go", client)
            environment = {"GOCACHE": folder + "/cache", "GOFLAGS": "-mod=mod", "GOPROXY": "off"}
            for command in (("go", "vet", "./..."), ("go", "test", "./..."), ("go", "build", "-o", folder, "./cmd/send-and-verify")):
                done = self.run_it(*command, cwd=client, env=environment)
                self.assertEqual(done.returncode, 0, (command, done.stdout, done.stderr))
            self.talk("+37499410012", folder + "/send-and-verify")

    def test_node(self):
        """Made where nothing is left behind; npm keeps what it fetched for the next time."""
        with tempfile.TemporaryDirectory(prefix="xionid-example.") as folder:
            client = pathlib.Path(folder) / "node"
            shutil.copytree(EXAMPLES / "node", client, ignore=shutil.ignore_patterns("node_modules", "dist", "contract.ts"))
            for command in (("npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"), ("npm", "run", "generate"),
                            ("npm", "run", "build")):
                done = self.run_it(*command, cwd=client)
                self.assertEqual(done.returncode, 0, (command, done.stdout, done.stderr))
            phone = "+37499410003"
            process = subprocess.Popen(["node", client / "dist/send-and-verify.js", phone], env=self.environment, text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            code = self.gateway.handset(phone)
            told, _ = process.communicate(f"{wrong(code)}\n{code}\n", timeout=PATIENCE)
            self.assertEqual(process.returncode, 0, told)
            self.assertIn("wrong, 4 left", told)
            self.assertIn("verified at 20", told)
            self.assertIn("verified: created, ", told)
            check = ("import { readFileSync } from 'node:fs'; import { verifyWebhook } from './dist/client.js'; "
                     "console.log(JSON.stringify(verifyWebhook(process.argv[1], JSON.parse(process.argv[2]), readFileSync(0))));")

            def verify(secret, headers, body):
                lower = {name.lower(): value for name, value in headers.items()}
                done = subprocess.run(["node", "--input-type=module", "-e", check, secret, json.dumps(lower)], cwd=client, input=body,
                                      capture_output=True, timeout=PATIENCE)
                if done.returncode != 0:
                    raise ValueError(done.stderr)
                return json.loads(done.stdout)
            self.check_webhooks(verify)
            self.gateway.ctl("block", "add", "+37499410004")
            refused = self.run_it("node", client / "dist/send-and-verify.js", "+37499410004")
            self.assertEqual(refused.returncode, 1, refused)
            self.assertIn("refused: 403 phone_blocked", refused.stdout)
            # What the contract does not allow is not built.
            (client / "src/wrong.ts").write_text('import { XionClient } from "./client.js";\n'
                                                 'new XionClient({ url: "", key: "" }).send({ phone: "+37499410005", ttlSecond: 60 });\n')
            done = self.run_it("npm", "run", "build", cwd=client)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("ttlSecond", done.stdout)


if __name__ == "__main__":
    unittest.main()
