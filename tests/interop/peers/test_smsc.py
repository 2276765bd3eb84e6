"""node-smpp as SMSC for the real daemon, and Wireshark's dissector on every PDU that the daemon sent it."""

import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "functional"))
from harness import Gateway, wait_until  # noqa: E402

# One account for each way to write a message; the phone's prefix chooses it.
ACCOUNTS = {
    "udh8": {"prefix": "+37491", "lines": 'concat = "udh8"'},
    "udh16": {"prefix": "+37493", "lines": 'concat = "udh16"\nbind = "transmitter+receiver"'},
    "sar": {"prefix": "+37494", "lines": 'concat = "sar"\nvalidity_format = "absolute"'},
    "payload": {"prefix": "+37495", "lines": 'concat = "payload"\ndest_plus = true\npriority = 1\nservice_type = "CMT"'},
    "dlt": {"prefix": "+37496", "lines": 'tlvs = { "0x1400" = "1101234567890", "0x1401" = "1107123456789" }\nvalidity_format = "none"\n'
                                         'sender_rules = [{ prefix = "+37496", sender = "12025550123", only = true }]'},
    "datasm": {"prefix": "+37441", "lines": ""},
    "straight": {"prefix": "+37433", "lines": 'sender_rules = [{ prefix = "+37433", sender = "37411223344", only = true }]'},
    "foreign": {"prefix": "+37443", "lines": ""},
    "packed": {"prefix": "+37498", "lines": 'default_alphabet = "gsm7packed"'},
}
LONG_HOST = "a-long-name-of-a-web-site-for-two-segments.of-a-text.that-would-fit-into-one-otherwise.example-of-a-bank.example.net"


class Peer:
    """The foreign SMSC and what it says."""

    def __init__(self):
        codec = HERE.parent / "codec"
        subprocess.run([codec / "run", "install"], check=True, stdin=subprocess.DEVNULL)
        self.process = subprocess.Popen(["node", HERE / "smsc.js"], stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "NODE_PATH": str(codec / "node_modules")})
        self.port = json.loads(self.process.stdout.readline())["listening"]
        self.said, self.queue = [], queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def submits(self, account):
        return [line for line in self.said if line.get("command") == "submit_sm" and line["account"] == account]

    def octets(self):
        return [bytes.fromhex(line["octets"]) for line in self.said if "octets" in line]

    def stop(self):
        self.process.kill()
        self.process.wait()


def dissect(pdus, fields):
    """The dissector's fields of each PDU, one packet for each."""
    with tempfile.TemporaryDirectory(prefix="xionid-tshark-") as folder:
        dump, capture = pathlib.Path(folder, "pdus.txt"), pathlib.Path(folder, "pdus.pcap")
        rows = []
        for pdu in pdus:
            rows += [f"{at:06x} " + " ".join(f"{octet:02x}" for octet in pdu[at:at + 16]) for at in range(0, len(pdu), 16)] + [""]
        dump.write_text("\n".join(rows) + "\n")
        subprocess.run(["text2pcap", "-q", "-T", "40000,2775", dump, capture], check=True, capture_output=True)
        table = subprocess.run(["tshark", "-r", capture, "-d", "tcp.port==2775,smpp", "-o", "tcp.analyze_sequence_numbers:FALSE", "-o",
                                "smpp.reassemble_smpp_over_tcp:FALSE", "-T", "fields", "-E", "separator=|",
                                *[part for field in fields for part in ("-e", field)]],
                               check=True, capture_output=True, text=True).stdout
    lines = table.rstrip("\n").split("\n")
    assert len(lines) == len(pdus), f"{len(lines)} packets of {len(pdus)} PDUs"
    return [dict(zip(fields, line.split("|"))) for line in lines]


class ForeignSmsc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.peer = Peer()
        blocks, routes = [], []
        for name, account in ACCOUNTS.items():
            blocks.append(f'[[carrier]]\nname = "{name}"\naddress = "127.0.0.1:{cls.peer.port}"\nsystem_id = "{name}"\n'
                          f'password_file = "carrier.password"\nsender = "XionID"\nrate = 0\nenquire_link_seconds = 1\n{account["lines"]}\n')
            routes.append(f'[[route]]\nname = "{name}"\nmatch = {{ prefix = "{account["prefix"]}" }}\ncarriers = ["{name}"]\n')
        cls.gateway = Gateway(carriers=0, routes="\n".join(blocks + routes), overrides=["cooldown_seconds=none", "sends_per_phone=none"])
        cls.gateway.__enter__()
        wait_until("every account is bound", lambda: all(each["state"] == "bound" and each["binds"] == each.get("bindsWanted", each["binds"])
                                                         for each in cls.gateway.told("carrier list")))
        cls.sent = {}
        for number, (name, account) in enumerate(ACCOUNTS.items()):
            for kind, fields in (("short", {"locale": "en"}), ("long", {"locale": "en", "webOrigin": LONG_HOST}),
                                 ("russian", {"locale": "ru"}), ("long russian", {"locale": "ru", "webOrigin": LONG_HOST})):
                phone = f'{account["prefix"]}{len(cls.sent):06}'
                answer = cls.gateway.send(phone, **fields)
                assert answer.status == 202, answer
                cls.sent[name, kind] = (phone, answer["requestId"])
        cls.delivered = {key: cls.gateway.wait_delivery(request)["delivery"] for key, (_, request) in cls.sent.items()}
        wait_until("a life sign was asked for", lambda: any(line.get("command") == "enquire_link" for line in cls.peer.said))

    @classmethod
    def tearDownClass(cls):
        cls.gateway.__exit__(None, None, None)
        cls.peer.stop()

    def submits_of(self, name, kind):
        phone = self.sent[name, kind][0]
        return [line for line in self.peer.submits(name) if line["destination"].lstrip("+") == phone[1:]]

    def test_a_foreign_smsc_delivers_every_kind_of_message(self):
        for key, delivery in self.delivered.items():
            self.assertEqual(delivery["status"], "delivered", key)
            self.assertEqual(len(delivery["messageIds"]), delivery["segments"], key)
        self.assertFalse([line for line in self.peer.said if "error" in line])
        answers = [line for line in self.peer.said if "answer" in line]
        self.assertEqual({(line["answer"], line["status"]) for line in answers}, {("deliver_sm_resp", 0), ("data_sm_resp", 0)})

    def test_a_bind_that_it_takes_and_drops_is_tried_ever_more_slowly(self):
        block = (f'[[carrier]]\nname = "dropped"\naddress = "127.0.0.1:{self.peer.port}"\nsystem_id = "dropped"\n'
                 'password_file = "carrier.password"\nsender = "XionID"\nreconnect_min_seconds = 1\n')
        with Gateway(carriers=0, routes=block + '[[route]]\ncarriers = ["dropped"]\n') as gateway:
            wait_until("it has tried five times", lambda: gateway.told("carrier show", name="dropped")["reconnects"] >= 4, 30)
            # It has none while it connects.
            wait_until("the next is seconds away", lambda: gateway.told("carrier show", name="dropped").get("nextRetrySeconds", 0) >= 2)

    def test_it_reads_texts_parts_and_fields_as_we_meant_them(self):
        self.assertRegex(self.submits_of("udh8", "short")[0]["text"], r"^\d{6} is your shop code\. Don't share it\.$")
        self.assertIn("Никому", self.submits_of("udh8", "russian")[0]["text"])
        for name in ("udh8", "udh16"):
            parts = self.submits_of(name, "long")
            self.assertGreater(len(parts), 1)
            self.assertTrue(all(part["hasUdh"] for part in parts))
            self.assertRegex("".join(part["text"] for part in parts), rf"@{LONG_HOST} #\d{{6}}$")
        parts = self.submits_of("sar", "long russian")
        self.assertEqual({part["sarTotal"] for part in parts}, {len(parts)})
        self.assertRegex("".join(part["text"] for part in parts), rf"@{LONG_HOST} #\d{{6}}$")
        whole = self.submits_of("payload", "long")
        self.assertEqual(len(whole), 1)
        self.assertRegex(whole[0]["payload"], rf"@{LONG_HOST} #\d{{6}}$")
        self.assertTrue(whole[0]["destination"].startswith("+"))
        dlt = self.submits_of("dlt", "short")[0]
        self.assertEqual((dlt["source"], dlt["sourceTon"]), ("12025550123", 1))

    def test_a_dissector_has_nothing_to_say_about_what_we_sent(self):
        fields = ["smpp.command_id", "smpp.system_id", "smpp.source_addr", "smpp.destination_addr", "smpp.data_coding", "smpp.esm.submit.features",
                  "smpp.validity_period", "smpp.validity_period_r", "smpp.sar_total_segments", "smpp.message_payload", "smpp.opt_param_tag",
                  "smpp.service_type", "smpp.priority_flag", "_ws.malformed", "_ws.expert.message"]
        rows = dissect(self.peer.octets(), fields)
        for row in rows:
            self.assertEqual((row["_ws.malformed"], row["_ws.expert.message"]), ("", ""), row)
        commands = {int(row["smpp.command_id"], 16) for row in rows}
        self.assertLessEqual({0x01, 0x02, 0x09, 0x04, 0x15, 0x80000005}, commands, "bind_receiver, _transmitter, _transceiver, submit_sm, "
                             "enquire_link, deliver_sm_resp")
        self.assertIn(0x80000103, commands, "data_sm_resp")
        submits = [row for row in rows if int(row["smpp.command_id"], 16) == 4]

        def of(name, kind):
            phone = self.sent[name, kind][0]
            return [row for row in submits if row["smpp.destination_addr"].lstrip("+") == phone[1:]]
        self.assertTrue(all(row["smpp.validity_period_r"] for row in of("udh8", "short")))
        self.assertTrue(all(row["smpp.validity_period"] for row in of("sar", "short")))
        self.assertTrue(all(row["smpp.sar_total_segments"] for row in of("sar", "long")))
        self.assertTrue(all(row["smpp.message_payload"] for row in of("payload", "long")))
        self.assertTrue(all("1400" in row["smpp.opt_param_tag"] for row in of("dlt", "short")))
        self.assertTrue(all(int(row["smpp.data_coding"], 16) == 8 for row in of("udh16", "russian")))
        self.assertEqual({row["smpp.service_type"] for row in of("payload", "short")}, {"CMT"})


if __name__ == "__main__":
    unittest.main()
