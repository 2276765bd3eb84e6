"""Carrier links from outside: drain, refused numbers, failover, TLS, and what xionctl says of it all."""

import subprocess
import unittest

from harness import Gateway, wait_until

QUIET = ["cooldown_seconds=none", "sends_per_phone=none"]


def state_of(gateway, name):
    return gateway.told("carrier show", name=name)


class Carriers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=2, overrides=QUIET, carrier_settings={"account_rate": 500, "binds": 2},
                                                    carrier_arguments=["--receipt-delay-ms", "20", "--system-id", "xion", "--password", "secret"]))
        cls.primary, cls.backup = cls.gateway.carriers

    def setUp(self):
        for name in ("primary", "backup"):
            wait_until(f"{name} is bound", lambda n=name: state_of(self.gateway, n)["binds"] == 2)

    def test_show_tells_what_is_allowed_and_each_bind(self):
        shown = state_of(self.gateway, "primary")
        self.assertEqual((shown["state"], shown["binds"], shown["rate"], shown["rateAllowed"], shown["breaker"]),
                         ("bound", 2, 500, 500, "closed"))
        self.assertEqual([(s["bind"], s["type"], s["state"]) for s in shown["sessions"]],
                         [(1, "transceiver", "bound"), (2, "transceiver", "bound")])
        listed = self.gateway.told("carrier list")
        self.assertEqual([c["name"] for c in listed], ["backup", "primary"])

    def test_a_drained_carrier_unbinds_and_comes_back(self):
        self.assertEqual(self.gateway.ctl("carrier", "drain", "primary")["state"], "draining")
        wait_until("it has unbound", lambda: state_of(self.gateway, "primary")["binds"] == 0)
        self.gateway.send("+37499160001")
        self.assertTrue(self.gateway.handset("+37499160001", carrier=1))
        explained = self.gateway.told("route explain", phone="+37499160001")
        self.assertEqual((explained["chosen"], explained["options"][0]["reason"]), ("backup", "drained by root"))
        self.gateway.ctl("carrier", "resume", "primary")
        wait_until("it is bound again", lambda: state_of(self.gateway, "primary")["state"] == "bound")
        self.gateway.send("+37499160002")
        self.assertTrue(self.gateway.handset("+37499160002"))
        unknown = self.gateway.run_ctl("carrier", "drain", "primry", check=False)
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("did you mean primary?", unknown.stderr)

    def test_a_number_that_two_carriers_refuse_fails_with_its_reason(self):
        for carrier in self.gateway.carriers:
            carrier.command("script", "+37499160003", "status=0x0B")
        sent = self.gateway.send("+37499160003")
        failed = wait_until("the request fails", lambda: (lambda a: a if a["status"] == "failed" else None)(
            self.gateway.read(sent["requestId"])))
        self.assertEqual((failed["reason"], failed["delivery"]["status"]), ("invalid_number", "rejected"))
        self.assertEqual(self.gateway.verify("+37499160003", "123456").status, 404)

    def test_after_a_reset_the_next_carrier_has_the_message(self):
        self.primary.fault("rst-every=1@1x")
        self.gateway.send("+37499160004")
        self.assertTrue(self.gateway.handset("+37499160004", carrier=1))


class Binding(unittest.TestCase):
    def test_a_wrong_password_is_told_and_not_hammered(self):
        with Gateway(overrides=QUIET, carrier_arguments=["--system-id", "xion", "--password", "another"], wait_bound=False) as gateway:
            shown = wait_until("the bind is refused", lambda: (lambda c: c if "refused" in c.get("lastError", "") else None)(
                gateway.told("carrier list")[0]))
            self.assertGreater(shown["nextRetrySeconds"], 60)   # Of five minutes.
            gateway.await_log("smsc.bind.refused")
            self.assertEqual(gateway.carriers[0].stats()["bindsRefused"], 1)

    def test_a_password_longer_than_eight_characters_works(self):
        long = "a-password-of-30-characters-ok"
        gateway = Gateway(overrides=QUIET, carrier_arguments=["--system-id", "xion", "--password", long], wait_bound=False)
        with gateway:
            (gateway.folder / "carrier.password").write_text(long + "\n")
            gateway.stop()
            gateway.start()
            wait_until("it is bound", lambda: gateway.told("carrier list")[0]["state"] == "bound")

    def test_a_carrier_over_tls_is_verified_by_its_authority(self):
        gateway = Gateway(overrides=QUIET, wait_bound=False)
        certificate = gateway.folder / "carrier.pem"
        gateway.carriers[0].arguments = ["--tls-self-signed", str(certificate)]
        original = gateway.carriers[0].settings
        tls = {}
        gateway.carriers[0].settings = lambda **more: original(**more) + (
            "tls = { " + ", ".join(f'{key} = "{value}"' for key, value in tls.items()) + " }\n" if tls else "tls = true\n")
        with gateway:
            wait_until("it is refused", lambda: "TLS" in gateway.told("carrier list")[0].get("lastError", ""))
            tls["ca"] = str(certificate)
            gateway.stop()
            gateway.write_config()
            gateway.start()
            wait_until("it is bound", lambda: gateway.told("carrier list")[0]["state"] == "bound")
            gateway.send("+37499160005")
            self.assertTrue(gateway.handset("+37499160005"))

    def test_a_carrier_that_wants_a_certificate_of_ours_gets_it(self):
        gateway = Gateway(overrides=QUIET, wait_bound=False)
        theirs, ours, key = (gateway.folder / name for name in ("carrier.pem", "client.pem", "client.key"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                        "-subj", "/CN=xion", "-out", ours, "-keyout", key], check=True, capture_output=True)
        gateway.carriers[0].arguments = ["--tls-self-signed", str(theirs), "--tls-client-ca", str(ours)]
        original = gateway.carriers[0].settings
        tls = {"ca": theirs}
        gateway.carriers[0].settings = lambda **more: original(**more) + (
            "tls = { " + ", ".join(f'{key} = "{value}"' for key, value in tls.items()) + " }\n")
        with gateway:
            refused = wait_until("it is refused", lambda: gateway.told("carrier list")[0].get("lastError", ""))
            self.assertIn("certificate", refused)
            tls.update(certificate=ours, key=key)
            gateway.write_config()
            gateway.ctl("config", "apply")
            wait_until("it is bound", lambda: gateway.told("carrier list")[0]["state"] == "bound")
            gateway.send("+37499160006")
            self.assertTrue(gateway.handset("+37499160006"))

    def test_how_receipts_write_ids_is_known_after_a_restart(self):
        with Gateway(overrides=QUIET, carrier_arguments=["--receipt-delay-ms", "20", "--fault", "receipt-id=hex"]) as gateway:
            self.assertEqual(gateway.told("carrier show", name="primary")["receiptId"], "auto")
            for number in range(3):
                gateway.wait_delivery(gateway.send(f"+3749916010{number}")["requestId"])
            wait_until("it is learnt", lambda: gateway.told("carrier show", name="primary")["receiptId"] == "hex")
            gateway.stop()
            gateway.start()
            self.assertEqual(gateway.told("carrier show", name="primary")["receiptId"], "hex")

    def test_receipts_of_another_shape_and_ids_that_nodes_count_each_for_itself(self):
        keys = {"receipt_pattern": "^(?P<id>[^,]+),(?P<stat>[A-Z]+),(?P<err>[0-9]+),(?P<done>[0-9]+)", "receipts_for_long": "last"}
        host = "a-long-name-of-a-web-site-for-two-segments.of-a-text.that-would-fit-into-one-otherwise.example-of-a-bank.example.net"
        with Gateway(overrides=QUIET, carrier_settings=keys, carrier_arguments=["--receipt-delay-ms", "20", "--fault", "receipt-commas",
                                                                               "--fault", "receipt-once=0"]) as gateway:
            gateway.wait_delivery(gateway.send("+37499160201")["requestId"])
            gateway.wait_delivery(gateway.send("+37499160202", webOrigin=host)["requestId"])
            self.assertEqual(gateway.carriers[0].stats()["receiptsSent"], 2)
            gateway.carriers[0].fault("id-of-nodes=2")
            for request in [gateway.send(f"+3749916030{number}")["requestId"] for number in range(4)]:
                gateway.wait_delivery(request)
            self.assertEqual(gateway.ctl("receipt", "unmatched"), [])


class DeadRoute(unittest.TestCase):
    ROUTES = """
[[route]]
name = "abroad"
match = { prefix = "+1" }
carriers = ["primary"]

[[route]]
name = "home"
carriers = ["backup"]
"""

    def test_what_waits_for_a_dead_route_leaves_the_others_their_single_commit(self):
        with Gateway(carriers=2, overrides=QUIET, routes=self.ROUTES) as gateway:
            wait_until("both bind", lambda: all(each["state"] == "bound" for each in gateway.told("carrier list")))
            gateway.ctl("carrier", "pause", "primary")
            gateway.send("+12025550160")
            wait_until("it waits", lambda: gateway.ctl("queue", "show")["size"] == 1)
            for number in range(20):
                sent = gateway.send(f"+374991600{number:02}")["requestId"]
                gateway.wait_delivery(sent)
                moments = {event["type"]: event["at"] for event in gateway.read(sent)["events"]}
                # Made and claimed in one transaction, they have one moment.
                self.assertEqual(moments["submitting"], moments["queued"])
            self.assertEqual(gateway.ctl("queue", "show")["size"], 1)


if __name__ == "__main__":
    unittest.main()
