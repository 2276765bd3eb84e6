"""Carriers that are rough with a link, from outside: a phone's queue that is always full, binds that are taken and dropped, answers of any
size. Each row of a table is one such carrier, and what the daemon owes to the others."""

import threading
import time
import unittest

from harness import Gateway, wait_until
from scripted_smsc import OK, RESPONSE, RINVBNDSTS, RMSGQFUL, UNBIND, Smsc, c_string, pdu

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
        return gateway.ctl("carrier", "show", "rough")

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
        wait_until("both are bound", lambda: all(each["state"] == "bound" for each in gateway.ctl("carrier", "list")))
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
        self.assertIn("smsc.command_unknown", gateway.log())


if __name__ == "__main__":
    unittest.main()
