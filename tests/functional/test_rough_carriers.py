"""Carriers that are rough with a link, from outside: a phone's queue that is always full, binds that are taken and dropped, answers of any
size. Each row of a table is one such carrier, and what the daemon owes to the others."""

import struct
import threading
import time
import unittest

from harness import Gateway, wait_until
from scripted_smsc import (ALERT, BINDS, DATA_SM, DELIVER_SM, ENQUIRE_LINK, GENERIC_NACK, MESSAGE_STATE, OK, PAYLOAD, RECEIPTED_ID, RESPONSE, RINVBNDSTS,
                           RMSGQFUL, SUBMIT_SM, UNBIND, Smsc, address, c_string, data_sm, deliver_sm, pdu, tlv)

QUIET = ["cooldown_seconds=none", "sends_per_phone=none", "fraud=off"]


def carrier(smsc, name="rough", **keys):
    lines = {"rate": 100, **keys}
    return (f'[[carrier]]\nname = "{name}"\naddress = "127.0.0.1:{smsc.port}"\nsystem_id = "xion"\npassword_file = "carrier.password"\n'
            f'sender = "XionID"\nreconnect_min_seconds = 1\n' + "".join(f"{key} = {value}\n" for key, value in lines.items()))


ROUTE = '[[route]]\nname = "main"\ncarriers = ["rough"]\n'


class Rough(unittest.TestCase):
    def setUp(self):
        self.smsc = Smsc()
        self.addCleanup(self.smsc.stop)

    def gateway(self, **keys):
        gateway = Gateway(carriers=0, routes=carrier(self.smsc, **keys) + ROUTE, overrides=QUIET)
        gateway.__enter__()
        self.addCleanup(gateway.__exit__, None, None, None)
        return gateway

    def shown(self, gateway):
        return gateway.told("carrier show", name="rough")

    def wait_bound(self, gateway):
        wait_until("it is bound", lambda: self.shown(gateway)["state"] == "bound")


class FullQueues(Rough):
    def refuse(self, is_full):
        def on_submit(session, sequence, submit):
            if is_full(submit["destination"]):
                return self.smsc.answer(session, sequence, status=RMSGQFUL)
            return self.smsc.accept_submit(session, sequence, submit)
        self.smsc.on_submit = on_submit

    def tries(self, phone):
        return [submit["at"] for submit in self.smsc.submits if submit["destination"] == phone[1:]]

    def test_one_phone_that_is_off_holds_nobody_up(self):
        off = "+37499300000"
        self.refuse(lambda phone: phone == off[1:])
        gateway = self.gateway()
        self.wait_bound(gateway)
        request = gateway.send(off)["requestId"]
        sent_at = {}
        for number in range(40):
            phone = f"+374993010{number:02}"
            sent_at[phone[1:]] = time.monotonic()
            self.assertEqual(gateway.send(phone).status, 202)
        wait_until("all others are with the carrier", lambda: self.smsc.last_id == 40)
        waits = sorted(submit["at"] - sent_at[submit["destination"]] for submit in self.smsc.submits if submit["destination"] in sent_at)
        self.assertLess(waits[-1], 2, "one of the others waited")
        self.assertEqual(self.shown(gateway)["rateAllowed"], 100)
        wait_until("it was tried again, ever more slowly", lambda: len(self.tries(off)) >= 4, 15)
        tries = self.tries(off)
        gaps = [later - earlier for earlier, later in zip(tries, tries[1:])]
        self.assertGreater(gaps[0], 0.4)
        self.assertGreater(gaps[1], gaps[0])
        self.assertGreater(gaps[2], gaps[1])
        shown = self.shown(gateway)
        self.assertEqual((shown["rateAllowed"], shown["sessions"][0]["throttled"]), (100, 0))
        self.assertGreaterEqual(shown["sessions"][0]["queueFull"], 3)
        self.refuse(lambda phone: False)
        gateway.wait_delivery(request, "submitted", 20)

    def test_a_phone_that_is_off_at_one_carrier_is_sent_to_by_the_next(self):
        off, other = "+37499300001", Smsc()
        self.addCleanup(other.stop)
        self.refuse(lambda phone: phone == off[1:])
        gateway = Gateway(carriers=0, overrides=QUIET, routes=carrier(self.smsc) + carrier(other, "next") +
                          '[[route]]\nname = "main"\ncarriers = ["rough", "next"]\n')
        gateway.__enter__()
        self.addCleanup(gateway.__exit__, None, None, None)
        wait_until("both are bound", lambda: all(each["state"] == "bound" for each in gateway.told("carrier list")))
        gateway.wait_delivery(gateway.send(off)["requestId"], "submitted", 20)
        self.assertEqual([submit["destination"] for submit in other.submits], [off[1:]])
        self.assertEqual(len(self.tries(off)), 4)

    def test_many_phones_at_once_are_the_carriers_queue_and_the_bind_slows_down(self):
        self.refuse(lambda phone: True)
        gateway = self.gateway()
        self.wait_bound(gateway)
        for number in range(6):
            self.assertEqual(gateway.send(f"+3749930200{number}").status, 202)
        wait_until("the bind is slower", lambda: self.shown(gateway)["rateAllowed"] < 100)
        self.refuse(lambda phone: False)
        wait_until("all are with the carrier", lambda: self.smsc.last_id == 6, 20)


class Binds(Rough):
    def drop_after(self, command):
        def on_bind(session, kind, sequence):
            session.write(pdu(kind | RESPONSE, OK, sequence, c_string("rough")))
            timer = threading.Timer(0.05, lambda: session.ask(command) if command else session.close())
            timer.daemon = True
            timer.start()
        self.smsc.on_bind = on_bind

    def assert_ever_slower(self):
        """Waits for the sixth bind: what lies between them grows, and all of them take their time."""
        binds = wait_until("it tried six times", lambda: self.smsc.binds[:6] if len(self.smsc.binds) >= 6 else None, 45)
        gaps = [later - earlier for earlier, later in zip(binds, binds[1:])]
        self.assertGreaterEqual(min(gaps), 0.95)
        self.assertGreaterEqual(gaps[3], 3.8)
        self.assertGreaterEqual(binds[5] - binds[0], 9.0)

    def test_a_bind_that_is_taken_and_closed_is_tried_ever_more_slowly(self):
        self.drop_after(None)
        self.gateway()
        self.assert_ever_slower()

    def test_a_bind_that_is_taken_and_unbound_is_tried_ever_more_slowly(self):
        self.drop_after(UNBIND)
        self.gateway()
        self.assert_ever_slower()

    def test_a_bind_that_is_refused_for_now_is_tried_ever_more_slowly(self):
        reasons = iter((0x05, 0x0D, 0x08, 0x14, 0x05, 0x0D, 0x4FF, 0x05))
        self.smsc.on_bind = lambda session, kind, sequence: session.write(pdu(kind | RESPONSE, next(reasons), sequence))
        self.gateway()
        self.assert_ever_slower()

    def test_a_connection_that_is_closed_before_its_bind_is_answered_is_tried_ever_more_slowly(self):
        self.smsc.on_bind = lambda session, kind, sequence: session.close()
        self.gateway()
        self.assert_ever_slower()

    def test_a_bind_that_takes_no_submit_is_tried_ever_more_slowly(self):
        self.smsc.on_submit = lambda session, sequence, submit: self.smsc.answer(session, sequence, status=RINVBNDSTS)
        gateway = self.gateway()
        self.wait_bound(gateway)
        self.assertEqual(gateway.send("+37499303000").status, 202)
        self.assert_ever_slower()


class Sizes(Rough):
    def test_an_id_of_60000_octets_is_counted_and_not_kept(self):
        self.smsc.on_submit = lambda session, sequence, submit: self.smsc.answer(session, sequence, "7" * 60_000)
        gateway = self.gateway()
        self.wait_bound(gateway)
        request = gateway.send("+37499304000")["requestId"]
        gateway.wait_delivery(request, "submitted")
        self.assertEqual(self.shown(gateway)["sessions"][0]["idsTooLong"], 1)
        self.assertLess(len(gateway.run_ctl("otp", "trace", request).stdout), 5_000)

    def test_an_id_of_any_octets_is_an_id(self):
        odd = b"\xff\xc3\x28\x01\x7f\"<\x1b[31m"
        self.smsc.on_submit = lambda session, sequence, submit: session.write(pdu(SUBMIT_SM | RESPONSE, OK, sequence, odd + b"\0"))
        gateway = self.gateway()
        self.wait_bound(gateway)
        request = gateway.send("+37499304001")["requestId"]
        gateway.wait_delivery(request, "submitted")
        receipt = deliver_sm("37499304001", "XionID", tlvs=tlv(RECEIPTED_ID, odd + b"\0") + tlv(MESSAGE_STATE, b"\x02"))
        self.assertEqual(self.smsc.tell(DELIVER_SM, receipt)[1], OK)
        gateway.wait_delivery(request)
        self.assertNotIn("\x1b", gateway.run_ctl("otp", "trace", request).stdout)
        self.assertNotIn("\x1b", gateway.log())

    def test_statuses_that_a_carrier_invents_make_no_series_each(self):
        numbers = iter(range(0x10000, 0x20000))
        self.smsc.on_submit = lambda session, sequence, submit: self.smsc.answer(session, sequence, status=next(numbers))
        gateway = self.gateway(status_overrides="{ " + ", ".join(f'"{0x10000 + n}" = "refused_number"' for n in range(200)) + " }")
        self.wait_bound(gateway)
        for number in range(100):
            self.assertEqual(gateway.send(f"+374993050{number:02}").status, 202)
        wait_until("all are answered", lambda: len(self.smsc.submits) >= 100, 20)

        def series():
            text = gateway.request("GET", "/metrics", port=gateway.operator_port).text
            return [line for line in text.splitlines() if line.startswith("xionid_submit_responses_total{")]
        wait_until("all are counted", lambda: sum(float(line.split()[-1]) for line in series()) >= 100)
        self.assertLessEqual(len(series()), 65)
        self.assertTrue([line for line in series() if 'status="other"' in line])

    def test_a_command_that_nobody_knows_is_told(self):
        gateway = self.gateway()
        self.wait_bound(gateway)
        command, status, _ = self.smsc.tell(0x00010201, b"odd")
        self.assertEqual((command, status), (0x80000000, 0x03))
        self.assertEqual(self.shown(gateway)["sessions"][0]["unknownCommands"], 1)
        gateway.await_log("smsc.command_unknown")


RINVCMDLEN, RINVCMDID = 0x02, 0x03
OUTBIND, QUERY_SM, REPLACE_SM, CANCEL_SM, SUBMIT_MULTI = 0x0B, 0x03, 0x07, 0x08, 0x21
RECEIPT = deliver_sm("37499307000", "XionID", b"id:nobodys-1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:")
BY_TLVS = data_sm("37499307000", "XionID", tlvs=tlv(RECEIPTED_ID, b"nobodys-2\0") + tlv(MESSAGE_STATE, b"\x02"))
NACK = GENERIC_NACK
# What an SMSC may say in the middle of a session, and what it is answered: (command, status), or nothing. The link stays, whatever it is.
SAID = (
    ("enquire_link of number 0", pdu(ENQUIRE_LINK, OK, 0), (ENQUIRE_LINK | RESPONSE, OK)),
    ("enquire_link of the highest number", pdu(ENQUIRE_LINK, OK, 0x7FFFFFFF), (ENQUIRE_LINK | RESPONSE, OK)),
    ("enquire_link above the highest number", pdu(ENQUIRE_LINK, OK, 0xFFFFFFFF), (ENQUIRE_LINK | RESPONSE, OK)),
    ("enquire_link with a status", pdu(ENQUIRE_LINK, 0x55, 7), (ENQUIRE_LINK | RESPONSE, OK)),
    ("enquire_link with a body", pdu(ENQUIRE_LINK, OK, 8, b"hello"), (ENQUIRE_LINK | RESPONSE, OK)),
    ("a receipt of number 0", pdu(DELIVER_SM, OK, 0, RECEIPT), (DELIVER_SM | RESPONSE, OK)),
    ("a receipt above the highest number", pdu(DELIVER_SM, OK, 0x80000001, RECEIPT), (DELIVER_SM | RESPONSE, OK)),
    ("a receipt with a status", pdu(DELIVER_SM, 0x08, 11, RECEIPT), (DELIVER_SM | RESPONSE, OK)),
    ("a receipt with octets behind", pdu(DELIVER_SM, OK, 12, RECEIPT + b"\0\0\0"), (DELIVER_SM | RESPONSE, OK)),
    ("a receipt by data_sm above the highest number", pdu(DATA_SM, OK, 0xFFFFFFFE, BY_TLVS), (DATA_SM | RESPONSE, OK)),
    ("a receipt whose text is shorter than it says", pdu(DELIVER_SM, OK, 13, RECEIPT[:-5]), (DELIVER_SM | RESPONSE, OK)),
    ("a message of no fields", pdu(DELIVER_SM, OK, 14), (NACK, RINVCMDLEN)),
    ("a message by data_sm of no fields", pdu(DATA_SM, OK, 15), (NACK, RINVCMDLEN)),
    ("a message", pdu(DELIVER_SM, OK, 16, deliver_sm("37499307001", "XionID", b"hello", esm_class=0)), (DELIVER_SM | RESPONSE, OK)),
    ("an acknowledgement of a phone", pdu(DELIVER_SM, OK, 17, deliver_sm("37499307001", "XionID", b"read", esm_class=0x08)), (DELIVER_SM | RESPONSE, OK)),
    ("alert_notification", pdu(ALERT, OK, 18, address("37499307001") + address("XionID")), None),
    ("outbind", pdu(OUTBIND, OK, 19, c_string("smsc") + c_string("secret")), None),
    ("a bind", pdu(BINDS[2], OK, 20, c_string("x") + c_string("y") + c_string("") + b"\x34\0\0\0"), (NACK, RINVCMDID)),
    ("submit_sm", pdu(SUBMIT_SM, OK, 21, deliver_sm("1", "2", b"x", esm_class=0)), (NACK, RINVCMDID)),
    ("query_sm", pdu(QUERY_SM, OK, 22, c_string("1") + address("2")), (NACK, RINVCMDID)),
    ("cancel_sm", pdu(CANCEL_SM, OK, 23, c_string("") + c_string("1") + address("2") + address("3")), (NACK, RINVCMDID)),
    ("replace_sm", pdu(REPLACE_SM, OK, 24, c_string("1")), (NACK, RINVCMDID)),
    ("submit_multi", pdu(SUBMIT_MULTI, OK, 25, b"\0"), (NACK, RINVCMDID)),
    ("a reserved command", pdu(0x0000000A, OK, 26), (NACK, RINVCMDID)),
    ("a vendor's command", pdu(0x00010200, OK, 27, b"x" * 1000), (NACK, RINVCMDID)),
    ("a response to nothing", pdu(SUBMIT_SM | RESPONSE, OK, 0x7FFFFFF0, c_string("77")), None),
    ("a response of number 0", pdu(SUBMIT_SM | RESPONSE, OK, 0, c_string("78")), None),
    ("a response to no life sign", pdu(ENQUIRE_LINK | RESPONSE, OK, 0x7FFFFFF1), None),
    ("a bind's response, again", pdu(BINDS[2] | RESPONSE, OK, 1, c_string("again")), None),
    ("a bind's refusal, after the bind", pdu(BINDS[2] | RESPONSE, 0x0D, 1), None),
    ("a response to no unbind", pdu(UNBIND | RESPONSE, OK, 0x7FFFFFF2), None),
    ("a response that nobody knows", pdu(0x80010200, OK, 0x7FFFFFF3), None),
    ("generic_nack of number 0", pdu(NACK, 0x03, 0), None),
    ("generic_nack of nothing", pdu(NACK, 0x03, 0x7FFFFFF4), None),
    ("generic_nack with status 0", pdu(NACK, OK, 0x7FFFFFF5), None),
    ("the largest PDU", pdu(DELIVER_SM, OK, 28, deliver_sm("37499307001", "XionID", b"", esm_class=0, tlvs=tlv(PAYLOAD, b"x" * 65_000))),
     (DELIVER_SM | RESPONSE, OK)),
)
# What ends a connection: nothing that follows can be read.
SPOILT = (("a length of 0", struct.pack(">IIII", 0, DELIVER_SM, 0, 1)), ("a length of 15", struct.pack(">IIII", 15, DELIVER_SM, 0, 1)),
          ("a length of 2^31", struct.pack(">IIII", 2**31, DELIVER_SM, 0, 1)), ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n"))


class Sessions(Rough):
    def prove_alive(self, gateway, phone):
        """A code is sent, answered, and its receipt taken."""
        request = gateway.send(phone)["requestId"]
        gateway.wait_delivery(request, "submitted")
        receipt = deliver_sm(phone[1:], "XionID", b"id:%d stat:DELIVRD" % self.smsc.last_id)
        self.assertEqual(self.smsc.tell(DELIVER_SM, receipt)[1], OK)
        gateway.wait_delivery(request)

    def test_what_an_smsc_may_say_in_a_session_costs_no_link(self):
        gateway = self.gateway()
        self.wait_bound(gateway)
        session = self.smsc.to_hear()
        for what, octets, answer in SAID:
            with self.subTest(what):
                sequence = struct.unpack(">I", octets[12:16])[0]
                self.smsc.answers.clear()
                session.write(octets)
                # Answers come in the order of the questions, but what waits for the store: what isn't there after a later receipt's, was not written.
                later = session.ask(DELIVER_SM, RECEIPT)
                wait_until("the link lives", lambda: (later, id(session)) in self.smsc.answers, 30)
                given = {number: each[:2] for (number, _), each in self.smsc.answers.items() if number != later}
                self.assertEqual(given, {sequence: answer} if answer else {})
        self.prove_alive(gateway, "+37499307100")
        shown = self.shown(gateway)
        self.assertEqual((shown["reconnects"], shown["state"]), (0, "bound"))

    def test_what_cannot_be_read_ends_the_connection_and_another_begins(self):
        gateway = self.gateway()
        for number, (what, octets) in enumerate(SPOILT):
            with self.subTest(what):
                self.wait_bound(gateway)
                before = len(self.smsc.binds)
                self.smsc.to_hear().write(octets)
                wait_until("it binds again", lambda: len(self.smsc.binds) > before, 60)
        self.wait_bound(gateway)
        self.prove_alive(gateway, "+37499307200")

    def test_answers_to_a_bind(self):
        """Each is what the first bind gets; then all is as usual."""
        ok = c_string("smsc")
        for what, answer, is_bound in (
                ("of another kind", lambda kind, n: pdu(BINDS[0] | RESPONSE, OK, n, ok), True),
                ("without a body", lambda kind, n: pdu(kind | RESPONSE, OK, n), True),
                ("without an end of the name", lambda kind, n: pdu(kind | RESPONSE, OK, n, b"smsc"), True),
                ("with a long name", lambda kind, n: pdu(kind | RESPONSE, OK, n, c_string("s" * 200)), True),
                ("with TLVs", lambda kind, n: pdu(kind | RESPONSE, OK, n, ok + tlv(0x0210, b"\x50") + tlv(0x1400, b"x")), True),
                ("of number 0", lambda kind, n: pdu(kind | RESPONSE, OK, 0, ok), True),
                ("after a question", lambda kind, n: pdu(ENQUIRE_LINK, OK, 1) + pdu(kind | RESPONSE, OK, n, ok), True),
                ("with a receipt behind", lambda kind, n: pdu(kind | RESPONSE, OK, n, ok) + pdu(DELIVER_SM, OK, 2, RECEIPT), True),
                ("after outbind", lambda kind, n: pdu(OUTBIND, OK, 1, ok + ok) + pdu(kind | RESPONSE, OK, n, ok), True),
                ("generic_nack", lambda kind, n: pdu(NACK, RINVCMDID, n), False),
                ("generic_nack of number 0", lambda kind, n: pdu(NACK, RINVCMDLEN, 0), False),
                ("refused without a body", lambda kind, n: pdu(kind | RESPONSE, 0x0D, n), False),
                ("refused with a body", lambda kind, n: pdu(kind | RESPONSE, 0x05, n, ok), False),
                ("refused for a reason of its own", lambda kind, n: pdu(kind | RESPONSE, 0x4FF, n), False),
                ("unbind", lambda kind, n: pdu(UNBIND, OK, 1), False)):
            with self.subTest(what):
                smsc = Smsc()
                self.addCleanup(smsc.stop)

                def on_bind(session, kind, sequence, smsc=smsc, answer=answer):
                    smsc.on_bind = smsc.accept_bind
                    session.write(answer(kind, sequence))
                smsc.on_bind = on_bind
                gateway = Gateway(carriers=0, routes=carrier(smsc, bind_timeout_seconds=5) + ROUTE, overrides=QUIET)
                with gateway:
                    self.wait_bound(gateway)
                    self.assertEqual(len(smsc.binds), 1 if is_bound else 2)
                    gateway.wait_delivery(gateway.send("+37499307300")["requestId"], "submitted")

    def test_answers_to_a_submit(self):
        """Each accepts, or refuses, and is the end of it: no link is lost, nothing is sent twice."""
        def resp(body=b"", status=OK, command=SUBMIT_SM | RESPONSE, again=False):
            return lambda session, sequence, _: session.write(pdu(command, status, sequence, body) * (2 if again else 1))
        gateway = self.gateway(response_timeout_seconds=5)
        self.wait_bound(gateway)
        for number, (what, answer, end) in enumerate((
                ("twice", resp(c_string("t1"), again=True), "submitted"),
                ("without a body", resp(), "submitted"),
                ("with an empty id", resp(c_string("")), "submitted"),
                ("with blanks for an id", resp(c_string("   ")), "submitted"),
                ("without an end of the id", resp(b"t2"), "submitted"),
                ("with TLVs", resp(c_string("t3") + tlv(0x0427, b"\x06") + tlv(0x1400, b"y")), "submitted"),
                ("with octets behind", resp(c_string("t4") + b"\xff\xff\xff"), "submitted"),
                ("refused without a body", resp(status=0x45), "rejected"),
                ("refused with an id", resp(c_string("t5"), status=0x45), "rejected"),
                ("refused for a reason of its own", resp(status=0x8000_0001), "rejected"),
                ("nacked", resp(status=0x03, command=NACK), "rejected"),
                ("nacked with status 0", resp(command=NACK), "rejected"),
                ("refused, then accepted", lambda session, n, _: session.write(
                    pdu(SUBMIT_SM | RESPONSE, 0x45, n) + pdu(SUBMIT_SM | RESPONSE, OK, n, c_string("t6"))), "rejected"),
                ("accepted, then refused", lambda session, n, _: session.write(
                    pdu(SUBMIT_SM | RESPONSE, OK, n, c_string("t7")) + pdu(SUBMIT_SM | RESPONSE, 0x45, n)), "submitted"))):
            with self.subTest(what):
                wait_until("it is used again", lambda: gateway.told("route explain", phone="+37499307000").get("chosen") == "rough")
                self.smsc.on_submit = answer
                before = len(self.smsc.submits)
                request = gateway.send(f"+374993074{number:02}")["requestId"]
                gateway.wait_delivery(request, end, 60)
                self.assertEqual(len(self.smsc.submits), before + 1)
                if end == "rejected":
                    gateway.run_ctl("carrier", "reconnect", "rough")
                    self.wait_bound(gateway)
        self.smsc.on_submit = self.smsc.accept_submit
        self.prove_alive(gateway, "+37499307500")

    def test_a_receipt_whose_response_was_lost_is_joined_by_hand(self):
        self.smsc.on_submit = lambda session, sequence, submit: None
        gateway = self.gateway(response_timeout_seconds=1)
        self.wait_bound(gateway)
        request = gateway.send("+37499307800")["requestId"]
        gateway.wait_delivery(request, "unknown")
        receipt = deliver_sm("37499307800", "XionID", b"id:lost-1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:")
        self.assertEqual(self.smsc.tell(DELIVER_SM, receipt)[1], OK)
        kept = gateway.ctl("receipt", "unmatched")[0]
        self.assertEqual(kept["why"], "id_unknown")
        joined = gateway.ctl("receipt", "match", kept["id"], request)
        self.assertEqual((joined["changed"], joined["delivery"]), (True, "delivered"))
        shown = gateway.read(request)["delivery"]
        self.assertEqual((shown["status"], shown["messageIds"]), ("delivered", ["lost-1"]))

    def test_an_unbind_in_the_middle_is_answered_and_its_message_told_unknown(self):
        def on_submit(session, sequence, submit):
            self.smsc.on_submit = self.smsc.accept_submit
            self.unbound = session.ask(UNBIND), id(session)
        self.smsc.on_submit = on_submit
        gateway = self.gateway()
        self.wait_bound(gateway)
        request = gateway.send("+37499307600")["requestId"]
        answer = wait_until("it is answered", lambda: self.smsc.answers.get(getattr(self, "unbound", None)), 30)
        self.assertEqual(answer[:2], (UNBIND | RESPONSE, OK))
        wait_until("it binds again", lambda: len(self.smsc.binds) > 1, 30)
        self.assertEqual(gateway.read(request)["status"], "pending")
        self.prove_alive(gateway, "+37499307601")

    def test_stop_is_heard_however_it_comes(self):
        gateway = self.gateway()
        self.wait_bound(gateway)
        for number, tell in enumerate((
                lambda phone: (DELIVER_SM, deliver_sm(phone, "XionID", b"STOP", esm_class=0)),
                lambda phone: (DATA_SM, data_sm(phone, "XionID", esm_class=0, tlvs=tlv(PAYLOAD, b"stop"))),
                lambda phone: (DELIVER_SM, deliver_sm(phone, "XionID", b"", esm_class=0, tlvs=tlv(PAYLOAD, b"Stop."))),
                lambda phone: (DELIVER_SM, deliver_sm("+" + phone, "XIONID", "СТОП".encode("utf-16-be"), esm_class=0, coding=8)))):
            phone = f"+374993077{number:02}"
            with self.subTest(number):
                gateway.wait_delivery(gateway.send(phone)["requestId"], "submitted")
                self.assertEqual(self.smsc.tell(*tell(phone[1:]))[1], OK)
                self.assertEqual(gateway.send(phone).status, 403)


if __name__ == "__main__":
    unittest.main()
