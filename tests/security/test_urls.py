"""What stands behind the ? of a URL is its receiver's: nobody who only looks sees it, whatever he looks at."""

import unittest

from harness import Gateway
from visitor import Visitor

SECRET = "s3cret-of-the-receiver"
PLACE = "https://example.com/hooks/orders"
URL = f"{PLACE}?token={SECRET}"
COLLECTOR = f"http://127.0.0.1:9/v1/traces?key={SECRET}"


class Urls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(carriers=0, routes="", config=f'[tracing]\nendpoint = "{COLLECTOR}"\nsample_ratio = 1\n', overrides=["requests_per_second=none"])
        cls.gateway.__enter__()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)
        gateway = cls.gateway
        cls.admin = gateway.ctl("key", "create", "shop", *[part for each in ("admin:webhooks", "otp:send", "otp:read", "stats:read")
                                                           for part in ("--scope", each)])["key"]
        made = gateway.ctl("webhook", "add", "shop", URL, "--callback")
        cls.hook = made["id"]
        cls.to_who_gave_it = made["url"]
        cls.request_id = gateway.send("+37499123056", callbackUrl=f"{PLACE}?token={SECRET}&order=7")["requestId"]
        gateway.ctl("webhook", "test", cls.hook)

    def assert_hidden(self, what, text):
        self.assertNotIn(SECRET, text, what)

    def test_who_gave_it_sees_it_once(self):
        self.assertEqual(self.to_who_gave_it, URL)
        self.assertIn(SECRET, str(self.gateway.ctl("webhook", "list", "--reveal")))

    def test_the_command_line_hides_it(self):
        for words in (["webhook", "list"], ["webhook", "show", self.hook], ["webhook", "deliveries", self.hook], ["webhook", "test", self.hook],
                      ["webhook", "enable", self.hook], ["webhook", "rotate", self.hook], ["audit", "--limit", "1000"], ["status"], ["app", "list"],
                      ["app", "show", "shop"], ["otp", "show", self.request_id], ["otp", "trace", self.request_id], ["otp", "list"], ["config", "show"],
                      ["config", "diff"]):
            with self.subTest(words):
                done = self.gateway.run_ctl(*words)
                self.assert_hidden(words, done.stdout + done.stderr)

    def test_a_change_of_it_alone_is_told_without_it(self):
        gateway = self.gateway
        file = gateway.folder / "moved.json"
        gateway.run_ctl("export", file)
        file.write_text(file.read_text().replace(f"token={SECRET}", f"token=another-{SECRET}"))
        told = gateway.run_ctl("import", "--dry-run", file).stdout
        self.assertIn("another query", told)
        self.assert_hidden("import", told)
        self.assert_hidden("audit", gateway.run_ctl("audit", "--limit", "1000").stdout)
        text = gateway.config_path.read_text()
        gateway.config_path.write_text(text.replace(COLLECTOR, COLLECTOR + "-too"))
        differs = gateway.run_ctl("config", "diff", check=False).stdout
        gateway.config_path.write_text(text)
        self.assertIn("tracing.endpoint", differs)
        self.assert_hidden("config diff", differs)

    def test_the_api_hides_it(self):
        for path in ("webhooks", f"webhooks/{self.hook}", f"webhooks/{self.hook}/deliveries", f"webhooks/{self.hook}?reveal=true", "webhooks?reveal=true"):
            with self.subTest(path):
                self.assert_hidden(path, self.gateway.request("GET", f"/v1/admin/{path}", key=self.admin).text)
        for verb in ("test", "rotate", "enable"):
            with self.subTest(verb):
                self.assert_hidden(verb, self.gateway.request("POST", f"/v1/admin/webhooks/{self.hook}/{verb}", {}, key=self.admin).text)
        for path in (f"/v1/otp/{self.request_id}", "/v1/otp", "/v1/exports/otp.csv", "/v1/exports/otp.ndjson"):
            with self.subTest(path):
                self.assert_hidden(path, self.gateway.request("GET", path, key=self.admin).text)

    def test_the_dashboard_hides_it(self):
        paths = ["webhooks", f"webhooks/{self.hook}/deliveries", "sessions", f"/v1/otp/{self.request_id}", "/v1/otp", "operator/audit", "operator/apps",
                 "operator/status"]
        for invitation in (("--app", "shop"), ("--app", "shop", "--role", "owner"), ("--operator",)):
            visitor = Visitor(self.gateway, *invitation)
            for path in paths:
                with self.subTest(invitation=invitation, path=path):
                    self.assert_hidden(path, visitor.get(path).text)
            for path in (f"webhooks/{self.hook}/test", f"webhooks/{self.hook}/rotate", f"webhooks/{self.hook}/deliveries", f"webhooks/{self.hook}/enable"):
                with self.subTest(invitation=invitation, path=path):
                    self.assert_hidden(path, visitor.post(path, {"reveal": True}).text)

    def test_the_log_and_the_metrics_hide_it(self):
        self.assert_hidden("log", self.gateway.log())
        self.assert_hidden("metrics", self.gateway.request("GET", "/metrics", port=self.gateway.operator_port).text)


if __name__ == "__main__":
    unittest.main()
