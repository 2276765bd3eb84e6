"""What people who run SMPP links report of carriers, played to the real daemon by an SMSC that nobody's codec is in. Each report is a row:
the carrier block that it needs, the ids that the carrier answers, the receipts that it sends, and what must have become of the messages."""

import dataclasses
import unittest

from harness import Gateway, wait_until
from scripted_smsc import (DATA_SM, DELIVER_SM, MESSAGE_STATE, NETWORK_ERROR, OK, PAYLOAD, RECEIPTED_ID, RESPONSE, Smsc, data_sm, deliver_sm, tlv)

TEXT = "id:{id} sub:001 dlvrd:001 submit date:2602121200 done date:2602121201 stat:{stat} err:{err} text:"
SENDER = "XionID"
LONG_HOST = "a-long-name-of-a-web-site-for-two-segments.of-a-text.that-would-fit-into-one-otherwise.example-of-a-bank.example.net"


@dataclasses.dataclass
class R:
    """One receipt. What isn't given is as in the textbook: about the first message, the id as answered, from the phone to the sender."""
    of: int = 0                 # Which of the ids that the carrier answered; None: one receipt for each.
    id: str = None              # In the text; "" for none.
    stat: str = "DELIVRD"
    err: str = "000"
    source: str = None
    destination: str = None
    text: str = TEXT
    tlv_id: str = None
    tlv_state: bytes = None
    tlv_error: bytes = None
    command: int = DELIVER_SM
    is_in_payload: bool = False
    esm_class: int = 0x04
    coding: int = 0

    def octets(self, ids, phones, sender):
        own_id = ids[self.of]
        text = self.text.format(id=own_id if self.id is None else self.id, stat=self.stat, err=self.err, phone=phones[self.of][1:])
        octets = text.encode("utf-16-be" if self.coding == 8 else "latin-1")
        is_in_payload = self.is_in_payload or (self.command == DATA_SM and octets)
        tlvs = b"".join(tlv(tag, value) for tag, value in (
            (RECEIPTED_ID, None if self.tlv_id is None else self.tlv_id.format(id=own_id).encode() + b"\0"),
            (MESSAGE_STATE, self.tlv_state), (NETWORK_ERROR, self.tlv_error), (PAYLOAD, octets if is_in_payload else None))
            if value is not None)
        source = phones[self.of][1:] if self.source is None else self.source.format(phone=phones[self.of][1:])
        destination = sender if self.destination is None else self.destination.format(phone=phones[self.of][1:])
        if self.command == DATA_SM:
            return data_sm(source, destination, self.esm_class, tlvs, self.coding)
        return deliver_sm(source, destination, b"" if is_in_payload else octets, self.esm_class, tlvs, self.coding)


@dataclasses.dataclass
class Report:
    what: str
    receipts: list
    ends: list = dataclasses.field(default_factory=lambda: ["delivered"])
    answered: list = None       # Ids in the order of the submits; else unique ones.
    phones: list = None
    keys: str = ""
    sender: str = SENDER
    fields: dict = dataclasses.field(default_factory=dict)
    why: str = None             # The receipt is among the unmatched at once, with this reason.
    then: callable = None


def table():
    not_turned = {"source": "37411223344", "destination": "{phone}"}
    yield Report("data_sm, TLVs alone", [R(command=DATA_SM, text="", tlv_id="{id}", tlv_state=b"\x02")])
    yield Report("data_sm, the text in message_payload", [R(command=DATA_SM)])
    yield Report("data_sm, the text in UCS-2", [R(command=DATA_SM, coding=8)])
    yield Report("data_sm by its TLVs, esm_class 0", [R(command=DATA_SM, text="", tlv_id="{id}", tlv_state=b"\x05", esm_class=0)],
                 ends=["undelivered"])

    yield Report("addresses not turned round, a number as sender", [R(**not_turned)], sender="37411223344")
    yield Report("addresses not turned round, with + and TON of their own", [R(source="+37411223344", destination="+{phone}")],
                 sender="37411223344")
    yield Report("addresses not turned round, letters as sender", [R(source=SENDER, destination="{phone}")])
    yield Report("both addresses are the phone", [R(destination="{phone}")])
    yield Report("addresses not turned round: decimal 16 is the id of hexadecimal 10, not of 16", [R(source=SENDER, destination="{phone}", id="16")],
                 phones=["+37499810001", "+37499810002"], answered=["10", "16"], ends=["delivered", "submitted"])
    yield Report("addresses not turned round: decimal 32 by data_sm", [R(command=DATA_SM, source=SENDER, destination="{phone}", id="32")],
                 phones=["+37499810003", "+37499810004"], answered=["20", "32"], ends=["delivered", "submitted"])

    yield Report("Mexico with its old 1", [R(source="5215512345671")], phones=["+525512345671"])
    yield Report("Argentina without its 9", [R(source="541123456780")], phones=["+5491123456780"])
    yield Report("Argentina with 15 for 9", [R(source="54111523456781")], phones=["+5491123456781"])
    yield Report("Brazil without its ninth digit", [R(source="551187654321")], phones=["+5511987654321"])
    yield Report("Brazil with a carrier's selection code", [R(source="0155511987654322")], phones=["+5511987654322"])
    yield Report("a porting prefix", [R(source="0044237499810005")], phones=["+37499810005"])
    yield Report("a routing prefix with letters", [R(source="D05237499810006")], phones=["+37499810006"])
    yield Report("the service centre's own number", [R(source="37499000000")])
    yield Report("the service centre's own number on both sides", [R(source="37499000000", destination="37499000001")])
    yield Report("no address at all", [R(source="", destination="")])
    yield Report("the phone spelt otherwise, id in TLV alone", [R(source="37499000000", text="", tlv_id="{id}", tlv_state=b"\x02")])

    yield Report("the TLV's id is another network's, the text's id is ours", [R(tlv_id="0123456789abcdef0123456789abcdef")])
    yield Report("the TLV's id is ours, the text's is another network's", [R(tlv_id="{id}", id="SMSC-77-1")])
    yield Report("both ids are strange but one, by data_sm", [R(command=DATA_SM, tlv_id="7f0e8a44c1d24b5f9b1d5b3c6d7e8f90")])
    yield Report("a UUID answered with hyphens, in the TLV without", [R(tlv_id="0f8fad5bd9cb469fa16570867728950e")],
                 answered=["0f8fad5b-d9cb-469f-a165-70867728950e"])

    for word, end in (("FAILED", "undelivered"), ("NOCRED", "undelivered"), ("SYSERR", "undelivered"), ("SKIPPED", "undelivered"),
                      ("UNDELIVRD", "undelivered"), ("REJECT", "rejected"), ("Undeliverable", "undelivered"), ("DELIVERED_TO_HANDSET", "delivered"),
                      ("EXPIRED_VALIDITY", "expired"), ("DELETED_BY_ADMIN", "undelivered"), ("REJECTED_SPAM", "rejected"), ("DELIVRD,", "delivered")):
        yield Report(f"stat:{word}", [R(stat=word)], ends=[end])
    yield Report("message_state 9", [R(text="", tlv_id="{id}", tlv_state=b"\x09")], ends=["undelivered"])
    yield Report("message_state 9 by data_sm", [R(command=DATA_SM, text="", tlv_id="{id}", tlv_state=b"\x09")], ends=["undelivered"])
    for word in ("ENROUTE", "ACCEPTD", "BUFFRED", "SCHEDULED", "UNKNOWN"):
        yield Report(f"stat:{word} is not the end", [R(stat=word)], ends=["submitted"])
    yield Report("stat:DELIVERY_FAILED is no delivery", [R(stat="DELIVERY_FAILED")], ends=["undelivered"])
    yield Report("a word of the carrier's own, as its block says", [R(stat="GONE")], ends=["undelivered"],
                 keys='receipt_states = { GONE = "undelivered" }')
    yield Report("a known word that the carrier means otherwise", [R(stat="ACCEPTD")], ends=["delivered"],
                 keys='receipt_states = { ACCEPTD = "delivered" }')
    yield Report("a number of the carrier's own", [R(text="", tlv_id="{id}", tlv_state=b"\x0a")], ends=["expired"],
                 keys='receipt_states = { "10" = "expired" }')

    for first, end in (("UNDELIV", "undelivered"), ("EXPIRED", "expired"), ("REJECTD", "rejected"), ("DELETED", "undelivered")):
        yield Report(f"{first}, later DELIVRD", [R(stat=first, err="011"), R()], ends=["delivered"],
                     then=lambda test, number, requests, end=end: test.assert_receipts_told(requests[0], [end, "delivered"]))
    yield Report("DELIVRD, later UNDELIV", [R(), R(stat="UNDELIV")], ends=["delivered"])
    yield Report("UNDELIV, later EXPIRED", [R(stat="UNDELIV"), R(stat="EXPIRED")], ends=["undelivered"])

    yield Report("ids answered with blanks behind", [R(id="{trimmed}")], answered=["blank-1  "])
    yield Report("blanks around the id of the TLV", [R(id="", tlv_id="  blank-2 ")], answered=["blank-2"])
    two = ["+37499810010", "+37499810011"]
    yield Report("load-shared nodes: one id for two phones at once", [R(of=0), R(of=1, stat="UNDELIV")], phones=two,
                 answered=["node-1", "node-1"], ends=["delivered", "undelivered"])
    yield Report("one id for two phones, addresses not turned round", [R(of=1, source=SENDER, destination="{phone}"),
                                                                       R(of=0, source=SENDER, destination="{phone}", stat="UNDELIV")],
                 phones=["+37499810012", "+37499810013"], answered=["node-2", "node-2"], ends=["undelivered", "delivered"])
    yield Report("one id for two phones, spelt otherwise", [R(of=0, source="5215512345672"), R(of=1, source="5215512345673", stat="UNDELIV")],
                 phones=["+525512345672", "+525512345673"], answered=["node-3", "node-3"], ends=["delivered", "undelivered"])
    long = {"fields": {"webOrigin": LONG_HOST}, "answered": None}
    yield Report("one receipt for a long message, of its first part", [R(of=0)], keys='receipts_for_long = "any"', **long)
    yield Report("one receipt for a long message, of its last part", [R(of=-1)], keys='receipts_for_long = "any"', **long)
    yield Report("one receipt for a long message: it failed", [R(of=0, stat="UNDELIV")], ["undelivered"], keys='receipts_for_long = "any"', **long)
    yield Report("the last part's receipt alone speaks", [R(of=-1)], keys='receipts_for_long = "last"', **long)
    yield Report("the first part's is not the last one's", [R(of=0)], ["submitted"], keys='receipts_for_long = "last"', **long)
    yield Report("each part has its own", [R(of=0)], ["submitted"], **long)
    yield Report("each part has its own, and has it", [R(of=None)], **long)

    comma = r"^(?P<id>[^,]+),(?P<stat>[A-Z]+),(?P<err>[0-9]+),(?P<done>[0-9]+)"
    yield Report("commas between the fields", [R(text="{id},DELIVRD,000,2602121201")], keys=f"receipt_pattern = '{comma}'")
    yield Report("commas between the fields: failed", [R(text="{id},UNDELIV,031,2602121201")], ["undelivered"], keys=f"receipt_pattern = '{comma}'")
    yield Report("the bare word, the id in the TLV", [R(text="{stat}", tlv_id="{id}")], keys="receipt_pattern = '^(?P<stat>[A-Z]+)$'")
    yield Report("words around it", [R(text="Message {id} to {phone} is DELIVRD now")],
                 keys="receipt_pattern = 'Message (?P<id>[^ ]+) to [0-9]+ is (?P<stat>[A-Z]+)'")
    yield Report("a pattern that doesn't fit leaves the usual text", [R()], keys=f"receipt_pattern = '{comma}'")

    yield Report("an id that nobody answered", [R(id="never-1")], ["submitted"], why="id_unknown",
                 then=lambda test, number, requests: test.assert_joined_by_hand(number, requests[0], "delivered"))
    yield Report("no id at all", [R(id="", text="stat:{stat}")], ["submitted"], why="id_missing")
    yield Report("another base, another phone", [R(id="65261", source="37499000001")], ["submitted"], answered=["feed"], why="phone_disagrees")
    yield Report("one id of two messages, and neither's phone", [R(source="37499000002")], ["submitted", "submitted"],
                 phones=["+37499810014", "+37499810015"], answered=["node-4", "node-4"], why="phone_disagrees")
    yield Report("a state that nobody knows", [R(stat="FROBNIC")], ["submitted"], why="state_unknown",
                 then=lambda test, number, requests: test.assert_joined_by_hand(number, requests[0], "undelivered", "--state", "undelivered"))
    yield Report("a message_state that nobody knows", [R(text="", tlv_id="{id}", tlv_state=b"\xc8")], ["submitted"], why="state_unknown")
    yield Report("an id of 60,000 octets", [R(text="", tlv_id="7" * 60_000, tlv_state=b"\x02")], ["submitted"], why="id_too_long")


REPORTS = list(table())


class FieldReports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.smscs = [Smsc() for _ in REPORTS]
        blocks = [f'[[carrier]]\nname = "r{n}"\naddress = "127.0.0.1:{smsc.port}"\nsystem_id = "xion"\npassword_file = "carrier.password"\n'
                  f'sender = "{report.sender}"\nrate = 0\nsource_ton = 0\n{report.keys}\n'
                  for n, (report, smsc) in enumerate(zip(REPORTS, cls.smscs))]
        routes = [f'[[route]]\nname = "r{n}"\nmatch = {{ purpose = "r{n}" }}\ncarriers = ["r{n}"]\n' for n in range(len(REPORTS))]
        cls.gateway = Gateway(carriers=0, routes="\n".join(blocks + routes),
                              overrides=["cooldown_seconds=none", "sends_per_phone=none", "fraud=off"])
        cls.gateway.__enter__()
        wait_until("every account is bound", lambda: all(each["state"] == "bound" for each in cls.gateway.ctl("carrier", "list")), 30)

    @classmethod
    def tearDownClass(cls):
        cls.gateway.__exit__(None, None, None)
        for smsc in cls.smscs:
            smsc.stop()

    def assert_receipts_told(self, request, states):
        events = self.gateway.ctl("otp", "trace", request)["events"]
        self.assertEqual([event["detail"] for event in events if event["type"] == "receipt"], states)

    def unmatched(self, number):
        return [each for each in self.gateway.ctl("receipt", "unmatched", "--limit", "1000") if each["carrier"] == f"r{number}"]

    def assert_joined_by_hand(self, number, request, end, *options):
        receipt = self.unmatched(number)[0]["id"]
        if options:
            refused = self.gateway.run_ctl("receipt", "match", receipt, request, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("--state", refused.stderr)
        joined = self.gateway.ctl("receipt", "match", receipt, request, *options)
        self.assertEqual((joined["changed"], joined["delivery"]), (True, end))
        self.assertEqual(self.gateway.read(request)["delivery"]["status"], end)
        self.assertEqual(self.unmatched(number), [])
        self.assertEqual(self.gateway.run_ctl("receipt", "match", receipt, request, check=False).returncode, 1)

    def play(self, number, report):
        smsc = self.smscs[number]
        ids = []

        def on_submit(session, sequence, submit):
            ids.append(report.answered[len(ids)] if report.answered else f"r{number}-{len(ids) + 1}")
            smsc.answer(session, sequence, ids[-1])
        smsc.on_submit = on_submit
        phones = report.phones or [f"+374998{number:05}"]
        requests = []
        for phone in phones:
            sent = self.gateway.send(phone, purpose=f"r{number}", **report.fields)
            self.assertEqual(sent.status, 202, sent)
            requests.append(sent["requestId"])
            self.gateway.wait_delivery(sent["requestId"], "submitted")
        told = phones if report.phones else phones * len(ids)
        receipts = [each for receipt in report.receipts
                    for each in ([receipt] if receipt.of is not None else [dataclasses.replace(receipt, of=n) for n in range(len(ids))])]
        for receipt in receipts:
            if receipt.id == "{trimmed}":
                receipt.id = ids[receipt.of].strip()
            command, status, _ = smsc.tell(receipt.command, receipt.octets(ids, told, report.sender))
            self.assertEqual((hex(command), status), (hex(receipt.command | RESPONSE), OK))
        # The acknowledgement follows the commit, so what is read after it is what became of it.
        self.assertEqual([self.gateway.read(request)["delivery"]["status"] for request in requests], report.ends)
        self.assertEqual([each.get("why", "unmatched") for each in self.unmatched(number)], [report.why] if report.why else [])
        if report.then:
            report.then(self, number, requests)

    def test_a_text_is_read_as_a_carriers_receipt_by_hand(self):
        number = next(n for n, report in enumerate(REPORTS) if report.what == "commas between the fields")
        read = self.gateway.ctl("carrier", "receipt", f"r{number}", "77-1,UNDELIV,031,2602121201")
        self.assertEqual((read["readBy"], read["messageId"], read["delivery"], read["error"], read["doneDate"]),
                         ("receipt_pattern", "77-1", "undelivered", "031", "2602121201"))
        usual = self.gateway.ctl("carrier", "receipt", f"r{number}", "id:77 stat:ENROUTE")
        self.assertEqual((usual["readBy"], usual["messageId"], usual["final"]), ("the usual shape", "77", False))

    def test_each_report(self):
        for number, report in enumerate(REPORTS):
            with self.subTest(report.what):
                self.play(number, report)


if __name__ == "__main__":
    unittest.main()
