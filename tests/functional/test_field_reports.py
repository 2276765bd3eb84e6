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
    written_in: str = None      # The encoding of the text, where data_coding says another.
    front: bytes = b""          # Before the text: a user data header, a byte order mark.
    short: bytes = b""          # In short_message, where the text is in message_payload.
    more: bytes = b""           # TLVs besides.

    def octets(self, ids, phones, sender):
        own_id = ids[self.of]
        text = self.text.format(id=own_id if self.id is None else self.id, stat=self.stat, err=self.err, phone=phones[self.of][1:])
        octets = self.front + text.encode(self.written_in or ("utf-16-be" if self.coding == 8 else "latin-1"))
        is_in_payload = self.is_in_payload or (self.command == DATA_SM and octets)
        tlvs = b"".join(tlv(tag, value) for tag, value in (
            (RECEIPTED_ID, None if self.tlv_id is None else self.tlv_id.format(id=own_id).encode() + b"\0"),
            (MESSAGE_STATE, self.tlv_state), (NETWORK_ERROR, self.tlv_error), (PAYLOAD, octets if is_in_payload else None))
            if value is not None) + self.more
        source = phones[self.of][1:] if self.source is None else self.source.format(phone=phones[self.of][1:])
        destination = sender if self.destination is None else self.destination.format(phone=phones[self.of][1:])
        if self.command == DATA_SM:
            return data_sm(source, destination, self.esm_class, tlvs, self.coding)
        return deliver_sm(source, destination, self.short if is_in_payload else octets, self.esm_class, tlvs, self.coding)


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


def spellings():
    """Ids, as a carrier answers them and as its receipts write them."""
    yield from (
        ("abcdef0123", "ABCDEF0123"), ("ABCDEF0123", "abcdef0123"), ("0000012345", "12345"), ("12345", "0000012345"),
        ("3735928559", "deadbeef"), ("3735928560", "DEADBEF0"), ("3735928561", "00DEADBEF1"), ("0003735928562", "deadbef2"),
        ("deadbef3", "3735928563"), ("DEADBEF4", "3735928564"), ("00DEADBEF5", "03735928565"), ("123456789012345678901234567890", "18ee90ff6c373e0ee4e3f0ad2"),
        ("0f8fad5b-d9cb-469f-a165-70867728950f", "0F8FAD5B-D9CB-469F-A165-70867728950F"), ("7" * 64, "7" * 64), ("6" * 65, "6" * 65),
        ("0", "0"), ("000", "0"), ("a:b/c=d", "a:b/c=d"), ("a|b#c.d_e+f", "a|b#c.d_e+f"), ("41,42", "41,42"), ("43;44", "43;44"), ("45 46", "45 46"),
        ("<b>'\"&\\", "<b>'\"&\\"), ("%s%n", "%s%n"), ("{}", "{}"))


def siblings():
    """Of the same kinds, as other carriers do it."""
    for answered, told in spellings():
        yield Report(f"id {answered} told as {told}", [R(id=told)], answered=[answered])
    yield Report("an id of 66 characters", [R(id="5" * 66)], ["submitted"], answered=["5" * 66], why="id_too_long")
    yield Report("an id with NUL and blanks behind, in the TLV", [R(text="", tlv_id="{id}\0 ", tlv_state=b"\x02")])
    yield Report("an empty id in the TLV, ours in the text", [R(tlv_id="")])
    yield Report("a TLV of no octets for the state", [R(tlv_state=b"")])
    for name, state in (("two octets", b"\x00\x02"), ("four octets", b"\x00\x00\x00\x02"), ("a digit", b"2"), ("a digit and NUL", b"2\0")):
        yield Report(f"message_state of {name}", [R(text="", tlv_id="{id}", tlv_state=state)])
    yield Report("a message_state that nobody knows beside a word", [R(tlv_id="{id}", tlv_state=b"\xc8")])
    yield Report("message_state 0 beside a word", [R(tlv_id="{id}", tlv_state=b"\x00")])
    yield Report("message_state in words of the text alone, the id in the TLV", [R(text="stat:{stat}", tlv_id="{id}")])

    for esm_class in (0x05, 0x07, 0x84, 0xC4 & ~0x40):
        yield Report(f"esm_class 0x{esm_class:02X}", [R(esm_class=esm_class)])
    yield Report("esm_class 0 with the id's TLV", [R(esm_class=0, tlv_id="{id}")])
    yield Report("esm_class 0 and no TLV is no receipt", [R(esm_class=0)], ["submitted"])
    yield Report("esm_class 0 and no TLV, of a carrier of which the text is enough", [R(esm_class=0)], keys="receipt_text_alone = true")
    yield Report("a user data header before the text", [R(esm_class=0x44, front=b"\x05\x00\x03\x07\x01\x01")])
    yield Report("an intermediate notification by data_sm is no end", [R(command=DATA_SM, esm_class=0x20)], ["submitted"])
    yield Report("news, then the end", [R(esm_class=0x20, stat="ENROUTE"), R()])
    yield Report("the same receipt three times", [R(), R(), R(command=DATA_SM)])
    yield Report("something in short_message beside the payload", [R(is_in_payload=True, short=b" ")])
    yield Report("words in short_message beside the payload", [R(is_in_payload=True, short=b"see payload")])
    for coding in (1, 3, 4, 8, 0xF0, 0xF4):
        yield Report(f"data_coding {coding}", [R(coding=coding)])
    yield Report("UCS-2 with a byte order mark", [R(coding=8, front=b"\xfe\xff")])
    yield Report("the data_coding of the message, the text in ASCII", [R(coding=8, written_in="latin-1")])
    yield Report("the data_coding of the message by data_sm, the text in ASCII", [R(command=DATA_SM, coding=8, written_in="latin-1")])
    yield Report("data_coding 0, the text in UCS-2", [R(written_in="utf-16-be")])
    yield Report("TLVs of vendors around it", [R(tlv_id="{id}", more=tlv(0x1403, b"x" * 300) + tlv(0x0381, b""))])
    yield Report("a TLV that ends too soon", [R(more=b"\x14\x03\x00\x09abc")])

    for name, text in (("capitals", "ID:{id} SUB:001 DLVRD:001 SUBMIT DATE:2602121200 DONE DATE:2602121201 STAT:{stat} ERR:{err} TEXT:"),
                       ("another order", "stat:{stat} err:{err} done date:260212120100 id:{id}"), ("lines", "id:{id}\nstat:{stat}\nerr:{err}\n"),
                       ("blanks behind the colons", "id: {id} sub: 001 dlvrd: 001 stat: {stat} err: {err} text: "),
                       ("blanks around the colons", "id : {id} stat : {stat} err : {err}"),
                       ("commas", "id:{id},sub:001,dlvrd:001,submit date:2602121200,done date:2602121201,stat:{stat},err:{err},text:"),
                       ("semicolons", "id:{id};stat:{stat};err:{err}"), ("a NUL at the end", "id:{id} stat:{stat}\0"),
                       ("dates of 14 digits", "id:{id} submit date:20260212120000 done date:20260212120100 stat:{stat} err:{err}"),
                       ("dates with colons", "id:{id} submit date:26-02-12 12:00:00 done date:26-02-12 12:01:00 stat:{stat} err:{err} text:"),
                       ("an unknown key", "id:{id} smsc:42 stat:{stat} reason:none err:{err}"), ("no more than it takes", "id:{id} stat:{stat}"),
                       ("a text that says otherwise", "id:{id} stat:{stat} err:000 text:id:999 stat:UNDELIV"),
                       ("a word before it", "DLR id:{id} stat:{stat}"), ("status and error", "id:{id} status:{stat} error:{err}")):
        yield Report(f"text with {name}", [R(text=text)])

    for word, end in (("delivrd", "delivered"), ("Delivered", "delivered"), ("DELIV", "delivered"), ("DELIVRD(0)", "delivered"), ("UNDELIVERED", "undelivered"),
                      ("NOT DELIVERED", "undelivered"), ("Not Delivered", "undelivered"), ("NO ROUTE", "undelivered"), ("SYSTEM_ERROR", "undelivered"),
                      ("UNKNOWN SUBSCRIBER", "undelivered"), ("DELIVERY FAILED", "undelivered"), ("FAILURE", "undelivered"), ("NO_CREDITS", "undelivered"),
                      ("Expired", "expired"), ("CANCELLED", "undelivered"), ("REJECTED", "rejected"), ("EN ROUTE", "submitted"), ("en_route", "submitted"),
                      ("SUBMITTED", "submitted"), ("0", None), ("2", None)):
        yield Report(f"stat:{word}", [R(stat=word)], ends=[end or "submitted"], why=None if end else "state_unknown")
    for number, end in ((1, "submitted"), (3, "expired"), (4, "undelivered"), (5, "undelivered"), (6, "submitted"), (7, "submitted"), (8, "rejected")):
        yield Report(f"message_state {number}", [R(text="", tlv_id="{id}", tlv_state=bytes([number]))], ends=[end])

    for name, source in (("+", "+{phone}"), ("00", "00{phone}"), ("a blank", " {phone}"), ("tel:", "tel:+{phone}")):
        yield Report(f"the phone with {name} in front", [R(source=source)])
    yield Report("the phone in national form", [R(source="099810020")], phones=["+37499810020"])
    yield Report("the phone in national form, one id for two", [R(of=1, source="099810022")], phones=["+37499810021", "+37499810022"],
                 answered=["node-9", "node-9"], ends=["submitted", "delivered"])
    yield Report("one id for two phones, in the TLV, by data_sm", [R(of=0, command=DATA_SM, text="", tlv_id="{id}", tlv_state=b"\x05"),
                                                                   R(of=1, command=DATA_SM, text="", tlv_id="{id}", tlv_state=b"\x02")],
                 phones=["+37499810023", "+37499810024"], answered=["node-8", "node-8"], ends=["undelivered", "delivered"])
    yield Report("the TLV's id is another phone's message, the text's this one's", [R(of=1, tlv_id="swap-1")],
                 phones=["+37499810025", "+37499810026"], answered=["swap-1", "swap-2"], ends=["submitted", "delivered"])
    yield Report("UNDELIV twice, DELIVRD twice, UNDELIV", [R(stat="UNDELIV"), R(stat="UNDELIV"), R(), R(), R(stat="UNDELIV")],
                 then=lambda test, number, requests: test.assert_receipts_told(requests[0], ["undelivered", "delivered"]))
    yield Report("failed and overruled, of a long message", [R(of=None, stat="UNDELIV"), R(of=None)], fields={"webOrigin": LONG_HOST})
    yield Report("words of the carrier's own", [R(stat="GONE AWAY")], ends=["undelivered"], keys='receipt_states = { "GONE AWAY" = "undelivered" }')
    yield Report("a word of the carrier's own in lower case", [R(stat="gone")], ends=["undelivered"], keys='receipt_states = { Gone = "undelivered" }')


REPORTS = list(table()) + list(siblings())


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
        wait_until("every account is bound", lambda: all(each["state"] == "bound" for each in cls.gateway.told("carrier list")), 30)

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
        words = self.gateway.ctl("carrier", "receipt", f"r{number}", "id:45 46 stat:NOT DELIVERED err:011")
        self.assertEqual((words["messageId"], words["textMessageId"], words["state"], words["delivery"]), ("45", "45 46", "NOT DELIVERED", "undelivered"))

    def test_each_report(self):
        for number, report in enumerate(REPORTS):
            with self.subTest(report.what):
                self.play(number, report)


if __name__ == "__main__":
    unittest.main()
