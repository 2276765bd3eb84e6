"""Extra TLVs on the wire, from outside: of the carrier, of a sender and of a template, and which wins where they have the same tag. The ids of
India's DLT (0x1400 entity, 0x1401 template, 0x1402) are what people need them for."""

import json
import subprocess
import unittest

from harness import BIN, Gateway, wait_until
from scripted_smsc import Smsc

ENTITY, BANK_ENTITY, OTHER_ENTITY = "1101234567890123456", "1109876543210987654", "1100000000000000001"
TEXT_ID, HINDI_ID = "1107160000000000123", "1107160000000000456"
INDIA, ARMENIA = "+9198765430{:02}", "+374991230{:02}"


class Tlvs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.smsc = Smsc()
        cls.addClassCleanup(cls.smsc.stop)
        block = (f'[[carrier]]\nname = "in"\naddress = "127.0.0.1:{cls.smsc.port}"\nsystem_id = "xion"\npassword_file = "carrier.password"\n'
                 f'sender = "XionID"\nrate = 0\ntlvs = {{ "0x1400" = "{OTHER_ENTITY}", "0x1402" = "hex:0A0B" }}\n'
                 f'sender_rules = [{{ country = "IN", sender = "XIONIN", tlvs = {{ "0x1400" = "{ENTITY}", "0x1401" = "{TEXT_ID}" }} }},\n'
                 f'                {{ country = "IN", sender = "MYBANK", tlvs = {{ "0x1400" = "{BANK_ENTITY}" }} }}]\n')
        cls.gateway = cls.enterClassContext(Gateway(carriers=0, routes=block + '[[route]]\nname = "main"\ncarriers = ["in"]\n',
                              overrides=["cooldown_seconds=none", "sends_per_phone=none", "fraud=off", "senders=MYBANK,XionID"]))
        wait_until("it is bound", lambda: cls.gateway.told("carrier show", name="in")["state"] == "bound")
        cls.gateway.ctl("template", "add", "shop", "login", "--text", "{code} is your code", "--tlv", f"0x1401={HINDI_ID}", "0x1403=hex:00ff")

    def sent(self, phone, **fields):
        """The TLVs of the submit_sm, and what the dry run said of them."""
        dry = self.gateway.send(phone, dryRun=True, **fields)
        self.assertEqual(dry.status, 200, dry)
        answer = self.gateway.send(phone, **fields)
        self.assertEqual(answer.status, 202, answer)
        submit = wait_until("it is with the carrier",
                            lambda: next((each for each in self.smsc.submits if each["destination"] == phone[1:]), None))
        return submit["tlvs"], {each["tag"]: (each["value"], each["from"]) for each in dry["tlvs"]}

    def test_the_carriers_own(self):
        tlvs, dry = self.sent(ARMENIA.format(1))
        self.assertEqual(tlvs, {0x1400: OTHER_ENTITY.encode(), 0x1402: b"\x0a\x0b"})
        self.assertEqual(dry, {"0x1400": (OTHER_ENTITY, "carrier"), "0x1402": ("hex:0A0B", "carrier")})

    def test_the_senders_win_over_the_carriers(self):
        tlvs, dry = self.sent(INDIA.format(1))
        self.assertEqual(tlvs, {0x1400: ENTITY.encode(), 0x1401: TEXT_ID.encode(), 0x1402: b"\x0a\x0b"})
        self.assertEqual(dry["0x1400"], (ENTITY, "sender"))

    def test_a_sender_that_is_asked_for_has_its_own(self):
        tlvs, dry = self.sent(INDIA.format(2), sender="MYBANK")
        self.assertEqual(tlvs, {0x1400: BANK_ENTITY.encode(), 0x1402: b"\x0a\x0b"})

    def test_the_templates_win_over_both(self):
        tlvs, dry = self.sent(INDIA.format(3), template="login")
        self.assertEqual(tlvs, {0x1400: ENTITY.encode(), 0x1401: HINDI_ID.encode(), 0x1402: b"\x0a\x0b", 0x1403: b"\x00\xff"})
        self.assertEqual((dry["0x1401"], dry["0x1403"]), ((HINDI_ID, "template"), ("hex:00FF", "template")))

    def test_a_restart_keeps_them(self):
        request = self.gateway.send(INDIA.format(4), template="login")
        self.gateway.wait_delivery(request["requestId"], "submitted")
        self.gateway.kill()
        self.gateway.start()
        wait_until("it is bound", lambda: self.gateway.told("carrier show", name="in")["state"] == "bound")
        again = self.gateway.send(INDIA.format(4), template="login")
        self.assertEqual((again.status, again["requestId"]), (202, request["requestId"]))
        submits = wait_until("it is sent again", lambda: [each for each in self.smsc.submits if each["destination"] == INDIA.format(4)[1:]][1:])
        self.assertEqual(submits[0]["tlvs"][0x1401], HINDI_ID.encode())
        listed = next(each for each in self.gateway.ctl("template", "list", "shop") if each["name"] == "login")
        self.assertEqual(listed["tlvs"], {"0x1401": HINDI_ID, "0x1403": "hex:00FF"})

    def test_the_trace_shows_them(self):
        trace = subprocess.Popen([BIN / "xionctl", "--json", "--socket", self.gateway.socket_path, "carrier", "trace", "in"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(trace.stdout.close)
        self.addCleanup(trace.wait)
        self.addCleanup(trace.terminate)
        wait_until("it is traced", lambda: 'command="carrier trace"' in self.gateway.log())
        self.gateway.send(INDIA.format(5), template="login")
        line = next(each for each in map(json.loads, trace.stdout) if each.get("command_id") == "submit_sm")
        self.assertEqual((line["0x1400"], line["0x1401"], line["0x1402"]), (ENTITY, HINDI_ID, "0x0a0b"))

    def test_what_is_wrong_is_refused_or_warned_of(self):
        def add(*tlvs):
            return self.gateway.run_ctl("template", "add", "shop", "wrong", "--text", "{code}", "--tlv", *tlvs, check=False)
        for tlv, code, says in (("0x0424=text", 1, "concat = \"payload\""), ("0x020c=hex:0001", 1, "concat"), ("0x001e=1", 1, "receipts"),
                                ("0=1", 2, "a tag is"), ("0x10000=1", 2, "a tag is"), ("0x1401=caf\u00e9", 2, "ASCII"), ("0x1401=hex:1", 2, "hex:")):
            done = add(tlv)
            self.assertEqual(done.returncode, code, tlv)
            self.assertIn(says, done.stderr, tlv)
        self.assertEqual(add("0x1401=1", "5121=2").returncode, 2)
        linted = self.gateway.ctl("template", "lint", "shop", "--text", "{code}", "--tlv", "0x1401=1107")
        self.assertTrue(linted["right"])
        self.assertIn("19 digits", json.dumps(linted["findings"]))


if __name__ == "__main__":
    unittest.main()
