"""xionctl has the nouns and verbs that it promises: each is done once against a real daemon, each teaches by an example."""

import json
import re
import subprocess
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until
from test_webhooks import ALLOWED, Receiver

PHONE = "+37499123456"

# The table of commands, a line each: what is typed behind `xionctl`. {…} is filled in below. What a command answers is an object
# ("{"), an array ("["), lines of objects that go on (">"), text ("t"), or an array whatever the exit status ("d").
TABLE = """
{ status
{ app add walk --plan growth --set ttl_seconds=120
{ app onboard handed --plan starter
[ app list
{ app show walk
{ app set walk ttl_seconds=240
{ key create walk --scope otp:send --test --expires 90d --network 10.0.0.0/8
[ key list
{ key rotate {key}
{ key revoke {key}
[ carrier list
{ carrier show primary
{ carrier pause primary
{ carrier resume primary
{ carrier drain backup
{ carrier resume backup
{ carrier reconnect backup
> carrier trace primary
{ carrier receipt primary {report}
{ carrier test primary
[ route list
{ route explain +37499123456
{ send +37499123456 --app shop
[ otp list
{ otp show {request}
{ otp trace {request}
{ otp trace +37499123456
{ otp resend {request}
{ otp cancel {request}
{ queue show
{ queue expire --all
[ receipt unmatched
{ receipt match {receipt} {request}
{ limit show +37499123456
{ limit reset +37499123456
{ phone erase +37499000009
{ limit budget walk
{ block add +37499123457
[ block list
{ block remove +37499123457
{ allow add +37499*
[ allow list
{ allow remove +37499*
{ template add walk --text {code}
[ template list walk
{ template lint walk --text {code}
[ template preview walk
{ template remove walk
{ webhook add walk {hook}
[ webhook list
{ webhook show {webhook}
{ webhook test {webhook}
[ webhook deliveries {webhook}
{ webhook replay {delivery}
{ webhook rotate {webhook}
{ webhook enable {webhook}
{ webhook remove {webhook}
[ usage
[ usage statement --month 2026-11
[ stats
{ fraud show walk
{ fraud simulate walk
{ dashboard invite --app walk
[ dashboard sessions
{ dashboard wall --app walk
{ dashboard revoke --app walk
[ log -n 5
> log
{ log level
[ log trace
{ config show
[ config diff
[ config apply
t config check {config}
{ config socket-unit --config {config}
[ audit
[ audit changes shop
d doctor --config {config}
{ smpp-status 0x58
{ lookup +37499123456
{ backup {backup}
{ restore {backup} --to {empty}
{ compact
{ export
[ import {document}
[ import {document} --dry-run
t store schema --config {config}
t store check --config {config}
t completion bash
t completion zsh
t completion fish
{ init-key --config {other}
{ rotate-master-key --config {config}
{ app remove walk
"""


# What only a store in a database can do; test_database does it.
OF_A_DATABASE = {("store", "import"), ("store", "export"), ("store", "forget-live"), ("cluster",), ("cluster", "status"), ("cluster", "leases"),
                 ("cluster", "drain"), ("cluster", "forget")}


class CommandTable(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=2, overrides=["sends_per_phone=none", "cooldown_seconds=none"],
                                                    config=ALLOWED + "[billing]\ncurrency = \"EUR\"\n"))
        cls.gateway.carriers[0].fault("receipt-no-id=1x")  # For the commands about receipts that match nothing.
        receiver = cls.enterClassContext(Receiver())
        receiver.answers = [410]   # Which switches the webhook off, until it is enabled.
        other = cls.gateway.folder / "other.toml"
        other.write_text('[daemon]\nmaster_key_file = "other.key"\n')
        (cls.gateway.folder / "empty").mkdir()
        cls.filled = {"config": str(cls.gateway.config_path), "other": str(other), "backup": str(cls.gateway.folder / "one.backup"),
                      "empty": str(cls.gateway.folder / "empty"), "hook": receiver.url,
                      "report": "id:77 stat:DELIVRD err:000"}

    def run_ctl(self, *words, json_option=True, **more):
        command = [BIN / "xionctl", *(["--json"] if json_option else []), "--socket", self.gateway.socket_path, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **more)

    def follow(self, words):
        """The first line of an answer that goes on, made to come."""
        process = subprocess.Popen([BIN / "xionctl", "--json", "--socket", self.gateway.socket_path, *words], stdout=subprocess.PIPE, text=True)
        try:
            wait_until("it follows", lambda: f'command="{" ".join(words[:2]) if words[0] != "log" else "log"}"' in self.gateway.log())
            self.gateway.send(PHONE)
            return process.stdout.readline()
        finally:
            process.terminate()
            process.wait(PATIENCE)
            process.stdout.close()

    def test_every_command_is_there_and_does_what_it_says(self):
        for row in TABLE.strip().splitlines():
            kind, _, line = row.partition(" ")
            words = [re.sub(r"^\{(\w+)\}$", lambda m: self.filled.get(m[1], m[0]), word) for word in line.split()]
            with self.subTest(line):
                if kind == ">":
                    self.assertIsInstance(json.loads(self.follow(words)), dict)
                    continue
                if line.startswith("receipt unmatched"):
                    wait_until("one has come", lambda: self.gateway.ctl("receipt", "unmatched"))
                done = self.run_ctl(*words)
                if kind == "d":   # Whether this machine's clock is in time is not ours.
                    self.assertIn(done.returncode, (0, 1))
                    self.assertIsInstance(json.loads(done.stdout), list)
                    continue
                self.assertEqual((done.returncode, done.stderr), (0, ""), line)
                if kind == "t":
                    self.assertTrue(done.stdout)
                    continue
                answer = json.loads(done.stdout)
                self.assertEqual(len(done.stdout.splitlines()), 1)
                self.assertIsInstance(answer, dict if kind == "{" else list)
                self.remember(line, answer)
                if line.startswith("carrier resume") or line.startswith("carrier reconnect"):
                    wait_until("it is bound", lambda: all(each["state"] == "bound" for each in self.gateway.ctl("carrier", "list")))

    def remember(self, line, answer):
        if line.startswith("key create") or line.startswith("key rotate"):
            self.filled["key"] = answer["id"]
        if line.startswith("export"):
            self.filled["document"] = str(self.gateway.folder / "apps.json")
            (self.gateway.folder / "apps.json").write_text(json.dumps(answer))
        if line.startswith("send "):
            self.filled["request"] = answer["requestId"]
        if line.startswith("receipt unmatched"):
            self.filled["receipt"] = answer[0]["id"]
        if line.startswith("webhook add"):
            self.filled["webhook"] = answer["id"]
        if line.startswith("webhook test"):
            self.filled["delivery"] = answer["id"]
            wait_until("410 has switched it off", lambda: self.webhook_state() == "disabled")
        if line.startswith("webhook enable"):
            self.assertEqual(self.webhook_state(), "enabled")

    def webhook_state(self):
        return next(each["state"] for each in self.gateway.ctl("webhook", "list") if each["id"] == self.filled["webhook"])

    def test_shapes_that_scripts_rely_on(self):
        ctl = self.gateway.ctl
        app = ctl("app", "add", "shapes", "--plan", "starter")
        self.assertEqual(list(app), ["id", "name", "plan"])
        key = ctl("key", "create", "shapes")
        self.assertLessEqual({"id", "key", "app", "scopes"}, set(key))
        self.assertEqual(set(key["scopes"]), {"otp:send", "otp:verify", "otp:read", "stats:read"})
        for carrier in ctl("carrier", "list"):
            self.assertLessEqual({"name", "state", "binds", "window", "rate"}, set(carrier))
            self.assertIn(carrier["state"], {"down", "connecting", "binding", "bound", "paused", "draining"})
        sent = self.gateway.send("+37499123460")["requestId"]
        trace = ctl("otp", "trace", sent)
        self.assertEqual(trace["requestId"], sent)
        self.assertIn("status", trace)
        for event in trace["events"]:
            self.assertLessEqual({"at", "type"}, set(event))
        self.assertNotIn("99123460", json.dumps(trace))
        self.assertIn("37499123460", json.dumps(ctl("otp", "trace", sent, "--reveal")))

    def commands(self):
        """Every noun, and every noun with its verb, as the help lists them."""
        def listed(*words):
            text = self.run_ctl(*words, "--help", json_option=False).stdout
            block = re.search(r"(?ms)^(?:Sub)?[cC]ommands:\n(.*?)(?:\n\n|\Z)", text)
            return re.findall(r"(?m)^  (\S+) ", block[1]) if block else []
        for noun in listed():
            verbs = listed(noun)
            yield (noun,)
            yield from ((noun, verb) for verb in verbs)

    def test_every_help_teaches_by_an_example(self):
        found = list(self.commands())
        self.assertGreater(len(found), 70)
        walked = {tuple(row.split()[1:3]) for row in TABLE.strip().splitlines()} | {tuple(row.split()[1:2]) for row in TABLE.strip().splitlines()}
        for words in found:
            done = self.run_ctl(*words, "--help", json_option=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), words)
            if len(words) == 2 or not any(other[0] == words[0] and len(other) == 2 for other in found):
                self.assertRegex(done.stdout, r"(?m)^Examples:\n  xionctl ", words)
            self.assertIn(words, walked | OF_A_DATABASE, "it is not in TABLE")

    def test_exit_codes(self):
        self.assertEqual(self.run_ctl("status").returncode, 0)
        self.assertEqual(self.run_ctl("app", "show", "nobody").returncode, 1)
        for words in ((), ("nonsense",), ("app",), ("app", "nonsense"), ("app", "show"), ("otp", "list", "--limit", "x"), ("otp", "show", "x"), ("status", "--nonsense")):
            self.assertEqual(self.run_ctl(*words).returncode, 2, words)
        gone = subprocess.run([BIN / "xionctl", "--socket", "/nowhere/control.sock", "status"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((gone.returncode, gone.stdout), (3, ""))
        self.assertIn("no daemon at /nowhere/control.sock", gone.stderr)

    def test_the_shells_complete_nouns_verbs_and_live_names(self):
        script = self.run_ctl("completion", "bash", json_option=False).stdout
        def completed(*words):
            array = " ".join(f"'{word}'" for word in ("xionctl", "--socket", str(self.gateway.socket_path), *words))
            ask = f"{script}\nCOMP_WORDS=({array}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _xionctl; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, timeout=PATIENCE, env={"PATH": f"{BIN}:/usr/bin:/bin"})
            return done.stdout.split()
        self.assertEqual(completed("carr"), ["carrier"])
        self.assertIn("pause", completed("carrier", ""))
        self.assertEqual(sorted(completed("carrier", "pause", "")), ["backup", "primary"])
        self.assertEqual(completed("send", PHONE, "--app", "sh")[0], "shop")
        for request in completed("otp", "show", "OTP-"):
            self.assertTrue(request.startswith("OTP-"))
        for shell in ("zsh", "fish"):
            self.assertIn("xionctl __complete", self.run_ctl("completion", shell, json_option=False).stdout)


if __name__ == "__main__":
    unittest.main()
