"""Whatever a client or a carrier sends: a line of the log has the fields that its maker meant, and nothing of it acts on who looks at it."""

import csv
import io
import re
import subprocess
import unittest

from harness import BIN, Gateway, wait_until
from scripted_smsc import DELIVER_SM, OK, RESPONSE, Smsc, c_string, deliver_sm, pdu

# What a reader of the manual makes of a line: the time and the level of stderr, an event, then pairs.
LINE = re.compile(r'^\S+Z \w+ ([a-z_.]+|libevent)((?: [a-z_.0-9A-Z]+=(?:"(?:[^"\\]|\\.)*"|\[\d+ octets\]|[^\s"=\\]*)| (?:sent|received))*)$')
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
PHONE = "+37499171001"

# Each is sent wherever a text of a client's own is taken.
VALUES = {
    "a field of its own": "a request=OTP-FORGED",
    "quotes": 'a" request="OTP-FORGED',
    "an escaped quote": 'a\\" request=\\"OTP-FORGED',
    "DEL and C1": "a\x7f\u0085\u009b31m",
    "direction turned": "\u202egnp.exe\u2066",
    "ends of lines": "a\u2028b\u2029c",
    "long": "x" * 128,
}


class LogInjection(unittest.TestCase):
    def check_log(self, gateway):
        lines = gateway.log().splitlines()
        self.assertTrue(lines)
        for line in lines:
            self.assertIsNone(ACTIVE.search(line), line)
            self.assertRegex(line, LINE)
            self.assertLess(len(line), 8192)
        return lines

    def test_values_of_clients(self):
        with Gateway(overrides=["cooldown_seconds=none", "sends_per_phone=none"]) as gateway:
            for name, value in VALUES.items():
                with self.subTest(name):
                    gateway.send(PHONE, reference=value, userId=value[:100], headers={"X-Request-Id": value.encode("utf-8")[:100]})
                    gateway.request("GET", "/v1/otp", headers={"X-Request-Id": value.encode("utf-8")[:100]})
                    gateway.raw(b"GET /" + value.encode("utf-8")[:80].replace(b" ", b"\t") + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            gateway.run_ctl("app", "add", "a b=c", check=False)
            forged = [line for line in self.check_log(gateway) if " request=OTP-FORGED" in re.sub(r'"(?:[^"\\]|\\.)*"', "", line)]
            self.assertEqual(forged, [])

    def test_values_of_a_carrier(self):
        nasty = 'x\x1b[2J\r\nxiond smsc.link.bound smsc="forged" = \u009b'
        smsc = Smsc()
        self.addCleanup(smsc.stop)
        smsc.on_bind = lambda session, command, sequence: session.write(pdu(command | RESPONSE, OK, sequence, c_string(nasty)))
        smsc.on_submit = lambda session, sequence, submit: smsc.answer(session, sequence, nasty[:60])
        block = (f'[[carrier]]\nname = "primary"\naddress = "127.0.0.1:{smsc.port}"\nsystem_id = "xion"\npassword = "secret"\nsender = "XionID"\n'
                 '[[route]]\nname = "main"\ncarriers = ["primary"]\n')
        with Gateway(carriers=0, routes=block, wait_bound=False) as gateway:
            wait_until("it is bound", lambda: "smsc.link.bound" in gateway.log())
            gateway.send(PHONE)
            wait_until("the message is out", lambda: smsc.submits)
            smsc.tell(DELIVER_SM, deliver_sm("37499171001", "XionID", f"id:{nasty} stat:{nasty}X err:{nasty}".encode("utf-8")))
            smsc.tell(0x00000777, b"\r\nforged a=b")
            wait_until("it is logged", lambda: "smsc.command_unknown" in gateway.log())
            for line in self.check_log(gateway):
                self.assertNotIn('smsc="forged"', re.sub(r'"(?:[^"\\]|\\.)*"', "", line))

    def test_tables_json_and_csv(self):
        with Gateway(overrides=["cooldown_seconds=none"]) as gateway:
            sent = gateway.send(PHONE, reference="=HYPERLINK(\"http://x\")", userId="+cmd|' /C calc'!A0", metadata={"a\u202e": "b\u009b"})
            self.assertEqual(sent.status, 202, sent)
            for words in (["otp", "list"], ["otp", "show", sent["requestId"]], ["otp", "trace", PHONE], ["--json", "otp", "list"],
                          ["--json", "otp", "trace", PHONE]):
                shown = subprocess.run([BIN / "xionctl", "--socket", gateway.socket_path, *words], capture_output=True, timeout=60)
                self.assertEqual(shown.returncode, 0, shown.stderr)
                self.assertIsNone(ACTIVE.search(shown.stdout.decode()), words)
            answer = gateway.request("GET", "/v1/otp")
            self.assertIsNone(ACTIVE.search(answer.text))
            self.assertEqual(answer["items"][0]["userId"], "+cmd|' /C calc'!A0")
            rows = list(csv.reader(io.StringIO(gateway.request("GET", "/v1/exports/otp.csv").text)))
            for cell in rows[1]:
                self.assertFalse(re.match("[=@\t\r]|[+-](?![0-9•.]*$)", cell), cell)


if __name__ == "__main__":
    unittest.main()
