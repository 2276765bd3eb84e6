"""Texts of an app: kept, linted, chosen by language, and what a handset reads."""

import unittest

from harness import Gateway


def text_on(gateway, phone):
    return gateway.carriers[0].inbox(phone)[-1]["text"]


class Templates(unittest.TestCase):
    def test_a_text_is_chosen_by_name_and_language(self):
        with Gateway(overrides=["text_name=Acme"]) as gateway:
            kept = gateway.ctl("template", "add", "shop", "--locale", "en", "--text", "{code} opens {app} for {minutes} minutes")
            self.assertEqual((kept["encoding"], kept["segments"], kept["findings"]), ("gsm7", 1, []))
            gateway.ctl("template", "add", "shop", "login", "--text", "{code}: welcome, {name}")
            gateway.ctl("template", "add", "shop", "login", "--locale", "hy", "--text", "{code}՝ բարի գալուստ, {name}")
            cases = [("+12025550101", {}, "opens Acme for 5 minutes"),
                     ("+12025550102", {"ttlSeconds": 150}, "opens Acme for 2 minutes"),
                     ("+12025550103", {"template": "login", "variables": {"name": "Ani"}}, ": welcome, Ani"),
                     ("+37499170001", {"template": "login", "variables": {"name": "Ani"}}, "՝ բարի գալուստ, Ani"),
                     ("+37499170002", {"template": "login", "locale": "fr", "variables": {"name": "Ani"}}, ": welcome, Ani"),
                     ("+37499170003", {}, "ձեր Acme կոդն է"),
                     ("+12025550104", {"appHash": "FA+9qCX9VSu", "webOrigin": "acme.example"}, "\n\nFA+9qCX9VSu\n\n@acme.example #")]
            for phone, fields, expected in cases:
                self.assertEqual(gateway.send(phone, **fields).status, 202, fields)
                text = text_on(gateway, phone)
                self.assertIn(expected, text)
                self.assertEqual(gateway.verify(phone, text[:6]).status, 200, text)
            gateway.kill()
            gateway.start()
            self.assertEqual(len(gateway.ctl("template", "list", "shop")), 3)
            gateway.ctl("template", "remove", "shop", "login", "--locale", "hy")
            self.assertEqual([row["locale"] for row in gateway.ctl("template", "preview", "shop", "login")], [""])

    def test_what_is_wrong_is_said_before_anything_is_kept_or_sent(self):
        with Gateway() as gateway:
            for text in ("no code", "{code", "{code} " + "a" * 500):
                self.assertEqual(gateway.run_ctl("template", "add", "shop", "--text", text, check=False).returncode, 1, text)
            lint = gateway.ctl("template", "lint", "shop", "--text", "{code} — hello")
            self.assertEqual((lint["right"], lint["encoding"], lint["findings"][0]["severity"]), (True, "ucs2", "warning"))
            gateway.ctl("template", "add", "shop", "hello", "--text", "{code} {name} {name} {name} {name} {name}")
            refusals = [({"template": "other"}, "template_error", "template"),
                        ({"template": "hello"}, "template_error", "variables"),
                        ({"template": "hello", "variables": {"name": "{code}"}}, "template_error", "variables.name"),
                        ({"template": "hello", "variables": {"name": "x" * 120}}, "too_many_segments", None)]
            for fields, code, field in refusals:
                refused = gateway.send("+12025550110", **fields)
                self.assertEqual((refused.status, refused["code"], refused.json.get("field")), (422, code, field), refused)
            dry = gateway.send("+12025550110", template="hello", variables={"name": "Ani"}, dryRun=True)
            self.assertEqual((dry.status, dry["segments"]), (200, 1), dry)
            self.assertIn("000000 Ani Ani", dry["text"])
            resent = gateway.send("+12025550111", template="hello", variables={"name": "Ani"})
            self.assertEqual(resent.status, 202)


if __name__ == "__main__":
    unittest.main()
