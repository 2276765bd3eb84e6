"""Keys of a carrier block that people who come from other gateways rely on, each as it is on the wire."""

import unittest

from harness import Gateway, wait_until
from scripted_smsc import ALERT, BINDS, DELIVER_SM, ENQUIRE_LINK, OK, RESPONSE, Smsc, address, deliver_sm, read_bind

QUIET = ["cooldown_seconds=none", "sends_per_phone=none", "fraud=off"]
PHONE = "+37499123056"


class LinkKeys(unittest.TestCase):
    def setUp(self):
        self.smsc = Smsc()
        self.addCleanup(self.smsc.stop)

    def gateway(self, address=None, more="", **keys):
        lines = {"system_id": '"xion"', "password_file": '"carrier.password"', "sender": '"XionID"', "rate": 0, **keys}
        block = f'[[carrier]]\nname = "a"\naddress = "{address or "127.0.0.1"}:{self.smsc.port}"\n' + "".join(f"{k} = {v}\n" for k, v in lines.items())
        gateway = Gateway(carriers=0, overrides=QUIET, routes=block + more + '[[route]]\nname = "main"\ncarriers = ["a"]\n')
        gateway.__enter__()
        self.addCleanup(gateway.__exit__, None, None, None)
        wait_until("it is bound", lambda: gateway.told("carrier show", name="a")["state"] == "bound")
        return gateway

    def submit(self, gateway):
        request = gateway.send(PHONE)["requestId"]
        gateway.wait_delivery(request, "submitted")
        return request, self.smsc.submits[-1]

    def test_what_a_bind_says(self):
        for keys, told in (
                ({}, {"system_id": "xion", "password": "secret", "system_type": "", "interface_version": 0x34, "ton": 0, "npi": 0, "address_range": ""}),
                ({"interface_version": '"3.3"'}, {"interface_version": 0x33}), ({"interface_version": '"5.0"'}, {"interface_version": 0x50}),
                ({"system_type": '"VMA"'}, {"system_type": "VMA"}),
                ({"address_range": '"^374[0-9]+"', "bind_ton": 1, "bind_npi": 1}, {"address_range": "^374[0-9]+", "ton": 1, "npi": 1}),
                ({"bind_ton": 5, "bind_npi": 18}, {"ton": 5, "npi": 18})):
            with self.subTest(str(keys)):
                gateway = self.gateway(**keys)
                bind = read_bind(self.smsc.bind_bodies[-1][1])
                self.assertEqual({key: bind[key] for key in told}, told)
                self.assertEqual(self.submit(gateway)[1]["destination"], PHONE[1:])
                gateway.stop()

    def test_what_a_submit_says(self):
        for keys, told in (
                ({}, {"esm_class": 0, "registered_delivery": 1, "service_type": "", "priority": 0, "source_numbering": (5, 0),
                      "destination_numbering": (1, 1), "destination": PHONE[1:]}),
                ({"esm_class": 3}, {"esm_class": 3}), ({"esm_class": 128}, {"esm_class": 128}), ({"esm_class": 1}, {"esm_class": 1}),
                ({"registered_delivery": 17}, {"registered_delivery": 17}), ({"registered_delivery": 0}, {"registered_delivery": 0}),
                ({"registered_delivery": 2}, {"registered_delivery": 2}),
                ({"service_type": '"OTP"', "priority": 3}, {"service_type": "OTP", "priority": 3}),
                ({"source_ton": 0, "source_npi": 1, "dest_ton": 2, "dest_npi": 8}, {"source_numbering": (0, 1), "destination_numbering": (2, 8)}),
                ({"dest_plus": "true"}, {"destination": PHONE}), ({"sender": '"4411"'}, {"source": "4411", "source_numbering": (3, 0)}),
                ({"sender": '"+37411223344"'}, {"source": "37411223344", "source_numbering": (1, 1)}),
                ({"validity_format": '"none"'}, {"validity": ""})):
            with self.subTest(str(keys)):
                gateway = self.gateway(**keys)
                submit = self.submit(gateway)[1]
                self.assertEqual({key: submit[key] for key in told}, told)
                gateway.stop()

    def test_a_profile_is_on_the_wire_and_the_blocks_own_keys_win(self):
        own = '[profiles.ours]\ninterface_version = "3.3"\nsystem_type = "OURS"\nsource_ton = 3\npriority = 2\n'
        for keys, bound, sent in (({"profile": '"smppsim"'}, {"address_range": ".*", "interface_version": 0x34}, {}),
                                  ({"profile": '"smsportal"'}, {}, {"source_numbering": (0, 0), "destination_numbering": (0, 0)}),
                                  ({"profile": '"smsportal"', "dest_ton": 1}, {}, {"destination_numbering": (1, 0)}),
                                  ({"profile": '"ours"'}, {"interface_version": 0x33, "system_type": "OURS"}, {"priority": 2}),
                                  ({"profile": '"ours"', "system_type": '"MINE"'}, {"system_type": "MINE"}, {"priority": 2})):
            with self.subTest(str(keys)):
                gateway = self.gateway(more=own, **keys)
                bind, submit = read_bind(self.smsc.bind_bodies[-1][1]), self.submit(gateway)[1]
                self.assertEqual({key: bind[key] for key in bound}, bound)
                self.assertEqual({key: submit[key] for key in sent}, sent)
                gateway.stop()

    def test_validity_is_relative_or_absolute(self):
        for form, pattern in (("relative", r"^\d{15}R$"), ("absolute", r"^\d{15}\+$"),):
            with self.subTest(form):
                gateway = self.gateway(validity_format=f'"{form}"')
                self.assertRegex(self.submit(gateway)[1]["validity"], pattern)
                gateway.stop()

    def test_the_receiver_of_a_pair_connects_to_another_address(self):
        other = Smsc()
        self.addCleanup(other.stop)
        gateway = self.gateway(bind='"transmitter+receiver"', receiver_address=f'"127.0.0.1:{other.port}"')
        wait_until("both are bound", lambda: gateway.told("carrier show", name="a")["binds"] == 2)
        self.assertEqual([kind for kind, _ in self.smsc.bind_bodies], [BINDS[1]])
        self.assertEqual([kind for kind, _ in other.bind_bodies], [BINDS[0]])
        request, submit = self.submit(gateway)
        receipt = deliver_sm(PHONE[1:], "XionID", b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:")
        self.assertEqual(other.tell(DELIVER_SM, receipt)[1], OK)
        gateway.wait_delivery(request, "delivered")

    def test_connections_come_from_the_local_address(self):
        for local in ("127.0.0.1", "127.0.0.2"):
            with self.subTest(local):
                gateway = self.gateway(local_address=f'"{local}"')
                self.assertEqual(self.smsc.sessions[-1].connection.getpeername()[0], local)
                gateway.stop()

    def test_an_alert_notification_is_taken_and_not_answered(self):
        gateway = self.gateway()
        session = self.smsc.to_hear()
        alert = session.ask(ALERT, address(PHONE[1:]) + address("XionID"))
        enquiry = session.ask(ENQUIRE_LINK)
        answer = wait_until("the link is alive", lambda: self.smsc.answers.get((enquiry, id(session))))
        self.assertEqual(answer[:2], (ENQUIRE_LINK | RESPONSE, OK))
        # Answers come in the order of the questions: what follows it was answered, so it was not. SMPP 3.4 §4.12.1 has no response.
        self.assertNotIn((alert, id(session)), self.smsc.answers)
        shown = gateway.told("carrier show", name="a")
        self.assertEqual((shown["reconnects"], shown["sessions"][0]["unknownCommands"]), (0, 0))

    def test_news_on_the_way_is_no_end(self):
        gateway = self.gateway(registered_delivery=17)
        request, _ = self.submit(gateway)
        news = deliver_sm(PHONE[1:], "XionID", b"id:1 sub:001 dlvrd:000 stat:ENROUTE err:000 text:", esm_class=0x20)
        self.assertEqual(self.smsc.tell(DELIVER_SM, news)[1], OK)
        self.assertEqual(gateway.read(request)["delivery"]["status"], "submitted")
        end = deliver_sm(PHONE[1:], "XionID", b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:")
        self.assertEqual(self.smsc.tell(DELIVER_SM, end)[1], OK)
        self.assertEqual(gateway.read(request)["delivery"]["status"], "delivered")


if __name__ == "__main__":
    unittest.main()
