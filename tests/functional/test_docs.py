"""The developer's guide: served by the daemon, whole, and true: its snippets run, its errors are all there, its links lead somewhere."""

import base64
import hashlib
import hmac
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from harness import PATIENCE, Gateway

ROOT = pathlib.Path(__file__).resolve().parents[2]
SNIPPETS = ROOT / "daemon/docs/snippets"
PAGES = ("/docs/", "/docs/errors/", "/docs/reference/")
FIRST_CALLS = {"sh": ["sh", "first_call.sh"], "python3": ["python3", "first_call.py"], "node": ["node", "first_call.mjs"],
               "go": ["go", "run", "first_call.go"], "php": ["php", "first_call.php"], "java": ["java", "FirstCall.java"]}
# What calls a snippet's check with SECRET, the headers and the body, and ends with 0 where it believes it.
CALLERS = {
    "python3": ("check.py", "import os, sys\nfrom webhook import verify_webhook\nverify_webhook(os.environ['WEBHOOK_SECRET'], {'webhook-id': "
                "sys.argv[1], 'webhook-timestamp': sys.argv[2], 'webhook-signature': sys.argv[3]}, sys.stdin.buffer.read())\n"),
    "node": ("check.mjs", "import { readFileSync } from 'node:fs';\nimport { verifyWebhook } from './webhook.mjs';\nconst [id, at, signature] = "
             "process.argv.slice(2);\nverifyWebhook(process.env.WEBHOOK_SECRET, { 'webhook-id': id, 'webhook-timestamp': at, "
             "'webhook-signature': signature }, readFileSync(0));\n"),
    "php": ("check.php", "<?php\nrequire 'webhook.php';\nverify_webhook(getenv('WEBHOOK_SECRET'), ['webhook-id' => $argv[1], 'webhook-timestamp' "
            "=> $argv[2], 'webhook-signature' => $argv[3]], file_get_contents('php://stdin'));\n"),
    "go": ("check.go", "package main\nimport (\n\"io\"\n\"net/http\"\n\"os\"\n)\nfunc main() {\nbody, _ := io.ReadAll(os.Stdin)\nheader := "
           "http.Header{}\nheader.Set(\"webhook-id\", os.Args[1])\nheader.Set(\"webhook-timestamp\", os.Args[2])\n"
           "header.Set(\"webhook-signature\", os.Args[3])\nif VerifyWebhook(os.Getenv(\"WEBHOOK_SECRET\"), header, body) != nil {\nos.Exit(1)\n}\n}\n"),
    "java": ("Check.java", "public class Check {\npublic static void main(String[] a) throws Exception {\nSystem.exit(Webhook.isOurs(System.getenv("
             "\"WEBHOOK_SECRET\"), a[0], a[1], a[2], System.in.readAllBytes()) ? 0 : 1);\n}\n}\n"),
}


class Links(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.sources = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag in ("script", "img"):
            self.sources.append(found.get("src", ""))
        if tag == "link":
            self.sources.append(found.get("href", ""))


class Docs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.test_key = cls.gateway.ctl("key", "create", "shop", "--test")["key"]
        cls.environment = {**os.environ, "API_KEY": cls.test_key, "XIONID_URL": f"http://127.0.0.1:{cls.gateway.api_port}",
                           "GOCACHE": str(cls.gateway.folder / "go"), "GO111MODULE": "off"}

    def get(self, path, **headers):
        return self.gateway.request("GET", path, key=False, headers=headers)

    def test_the_root_leads_to_the_guide(self):
        answer = self.get("/")
        self.assertEqual((answer.status, answer.headers["location"]), (302, "/docs/"))
        for path in ("/docs", "/docs/errors", "/docs/reference"):
            answer = self.get(path)
            self.assertEqual((answer.status, answer.headers["location"]), (308, path + "/"))
        self.assertEqual(self.get("/docs/nowhere").status, 404)
        self.assertEqual(self.get("/docs/nowhere")["code"], "not_found")
        self.assertEqual(self.gateway.request("POST", "/docs/", {}, key=False).status, 405)
        self.assertEqual(self.gateway.request("HEAD", "/docs/", key=False).text, "")

    def test_a_page_asks_no_other_host_and_is_small(self):
        for path in PAGES:
            page = self.get(path)
            self.assertEqual(page.status, 200, path)
            self.assertIn("default-src 'none'", page.headers["content-security-policy"])
            whole = len(page.text.encode())
            for source in Links(page.text).sources:
                self.assertTrue(source.startswith("/docs/assets/"), source)
                asset = self.get(source)
                self.assertEqual(asset.status, 200, source)
                self.assertIn("immutable", asset.headers["cache-control"])
                whole += len(asset.text.encode())
            self.assertLessEqual(whole, 300 << 10, path)
            self.assertEqual(self.get(path, **{"If-None-Match": page.headers["etag"]}).status, 304)
            self.assertEqual(self.get(path, **{"Accept-Encoding": "gzip"}).headers["content-encoding"], "gzip")

    def test_every_link_leads_somewhere(self):
        pages = {path: Links(self.get(path).text) for path in PAGES}
        for path, page in pages.items():
            self.assertEqual(len(page.ids), len(set(page.ids)), path)
            for link in page.links:
                target, _, name = link.partition("#")
                target = target or path
                if target.startswith("https://"):
                    continue
                if target in pages:
                    self.assertTrue(not name or name in pages[target].ids, f"{path}: {link}")
                else:
                    self.assertEqual(self.get(target).status, 200, f"{path}: {link}")

    def test_every_error_has_its_place_and_says_what_to_do(self):
        ids = Links(self.get("/docs/errors/").text).ids
        advice = (ROOT / "daemon/docs/errors.yaml").read_text()
        for error in self.get("/v1/errors")["errors"]:
            self.assertIn(error["code"], ids)
            self.assertRegex(advice, rf"(?m)^{error['code']}: ", "daemon/docs/errors.yaml says what to do about each")
        refused = self.gateway.send("+3749912", key=self.test_key)
        target, _, name = refused["type"].partition("#")
        self.assertIn(name, Links(self.get(target).text).ids)

    def test_the_stories_are_as_told(self):
        told = dict(re.findall(r"(?m)^\| `(\d{4})` \| (.*?) \|$", (ROOT / "daemon/docs/guide.md").read_text()))
        self.assertGreaterEqual(len(told), 8)
        for digits, story in told.items():
            phone = f"+3749922{digits}"
            codes = re.findall(r"(\d{3}) `(\w+)`", story)
            sent = self.gateway.send(phone, key=self.test_key)
            if not codes:
                self.assertEqual(sent.status, 202, digits)
                continue
            answers = [sent, self.gateway.verify(phone, "000000", key=self.test_key)]
            self.assertIn((int(codes[0][0]), codes[0][1]), [(answer.status, (answer.json or {}).get("code")) for answer in answers], digits)

    def test_the_first_call_works_in_every_language(self):
        for number, (runtime, command) in enumerate(FIRST_CALLS.items()):
            with self.subTest(runtime):
                if shutil.which(runtime) is None:
                    self.skipTest(f"no {runtime} here")
                run = lambda phone, code: subprocess.run([*command, phone, code], cwd=SNIPPETS, env=self.environment, capture_output=True,
                                                         text=True, timeout=PATIENCE)
                done = run(f"+374993311{number:02}", "000000")
                self.assertEqual(done.returncode, 0, done)
                self.assertIn("verified", done.stdout)
                refused = run(f"+374993312{number:02}", "123456")
                self.assertNotEqual(refused.returncode, 0, refused)
                self.assertIn("invalid_code", refused.stdout + refused.stderr)

    def test_webhooks_are_checked_in_every_language(self):
        secret = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
        body = '{"type":"otp.verified","data":{"phone":"+374•••••056"}}\n'.encode()

        def signed(at, key=b"0123456789abcdef0123456789abcdef"):
            return "v1," + base64.b64encode(hmac.new(key, f"msg_1.{at}.".encode() + body, hashlib.sha256).digest()).decode()
        now = int(time.time())
        cases = [(now, signed(now), body, True), (now, signed(now, b"another") + " " + signed(now), body, True), (now, signed(now, b"another"), body, False),
                 (now, signed(now), body + b" ", False), (now - 3600, signed(now - 3600), body, False), (now, "", body, False)]
        with tempfile.TemporaryDirectory(prefix="xionid-docs.") as folder:
            place = pathlib.Path(folder)
            for runtime in ("sh", "python3", "node", "php", "go", "java"):
                with self.subTest(runtime):
                    if shutil.which(runtime) is None:
                        self.skipTest(f"no {runtime} here")
                    command = self.caller(place, runtime)
                    for at, signature, sent, is_ours in cases:
                        done = subprocess.run([*command, "msg_1", str(at), signature], cwd=place, input=sent, capture_output=True, timeout=PATIENCE,
                                              env={**self.environment, "WEBHOOK_SECRET": secret})
                        self.assertEqual(done.returncode == 0, is_ours, (runtime, at, signature, done))

    def caller(self, place, runtime):
        if runtime == "sh":
            return ["sh", SNIPPETS / "webhook.sh"]
        name, text = CALLERS[runtime]
        (place / name).write_text(text)
        ending = name.rpartition(".")[2]
        source = next(one for one in SNIPPETS.iterdir() if one.name.lower() == f"webhook.{ending}")
        shutil.copy(source, place / source.name)
        if runtime == "java":
            subprocess.run(["javac", "Check.java", "Webhook.java"], cwd=place, check=True, timeout=PATIENCE)
            return ["java", "Check"]
        if runtime == "go":
            subprocess.run(["go", "build", "-o", "check", "check.go", "webhook.go"], cwd=place, check=True, timeout=PATIENCE, env=self.environment)
            return ["./check"]
        return [runtime, name]


if __name__ == "__main__":
    unittest.main()
