"""`xionctl carrier test`, from outside: what it says of a carrier that is well, and of each trouble that the first ten minutes with one bring."""

import hashlib
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until
from scripted_smsc import BINDS, DELIVER_SM, GENERIC_NACK, OK, RESPONSE, RMSGQFUL, SUBMIT_SM, Smsc, c_string, deliver_sm, pdu, tlv
from waiting import free_port

RALYBND, RBINDFAIL, RINVPASWD, RINVSYSID, RINVSYSTYP = 0x05, 0x0D, 0x0E, 0x0F, 0x53
SC_INTERFACE_VERSION = 0x0210


def block(port, name="new", host="127.0.0.1", **keys):
    lines = {"system_id": '"xion"', "password_file": '"carrier.password"', "sender": '"XionID"', **keys}
    return f'[[carrier]]\nname = "{name}"\naddress = "{host}:{port}"\n' + "".join(f"{key} = {value}\n" for key, value in lines.items())


class Folder:
    """A configuration without a daemon."""

    def __init__(self, text):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="xionid-test."))
        (self.path / "carrier.password").write_text("secret\n")
        (self.path / "carrier.password").chmod(0o600)
        (self.path / "xionid.toml").write_text(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def test(self, *words, name="new", json_wanted=True):
        command = [BIN / "xionctl", *(["--json"] if json_wanted else []), "carrier", "test", name, "--config", self.path / "xionid.toml", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)


def steps_of(done):
    """Name → step, of the first address."""
    return {step["step"]: step for step in json.loads(done.stdout)["addresses"][0]["steps"]}


class CarrierTest(unittest.TestCase):
    def setUp(self):
        self.smsc = Smsc()
        self.addCleanup(self.smsc.stop)

    def assert_fails_at(self, done, step, says, hints):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertFalse(report["ok"])
        last = report["addresses"][0]["steps"][-1]
        self.assertEqual((last["step"], last["ok"]), (step, False), last)
        self.assertIn(says, last["detail"])
        self.assertIn(hints, last.get("hint", ""))

    # --- a carrier that is well -----------------------------------------------------------------------------------

    def test_a_carrier_that_is_not_live_yet(self):
        self.smsc.on_bind = lambda session, command, sequence: session.write(
            pdu(command | RESPONSE, OK, sequence, c_string("SMSC-1") + tlv(SC_INTERFACE_VERSION, b"\x34")))
        with Folder(block(self.smsc.port)) as folder:
            done = folder.test()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            steps = steps_of(done)
            self.assertEqual(list(steps), ["dns", "tcp", "bind", "enquire_link", "unbind"])
            self.assertIn('"SMSC-1", sc_interface_version 3.4', steps["bind"]["detail"])
            self.assertRegex(steps["enquire_link"]["detail"], r"answered in \d+ ms")
            self.assertEqual(self.smsc.submits, [])
            shown = folder.test(json_wanted=False)
            self.assertEqual(shown.returncode, 0)
            self.assertRegex(shown.stdout, r"bind +ok")
            self.assertNotIn("secret", shown.stdout + done.stdout)

    def test_a_text_is_sent_where_that_is_asked_for(self):
        with Folder(block(self.smsc.port, tlvs='{ "0x1400" = "1101234567890123456" }')) as folder:
            def on_submit(session, sequence, submit):
                self.smsc.accept_submit(session, sequence, submit)
                text = f"id:{self.smsc.last_id} sub:001 dlvrd:001 stat:DELIVRD err:000 text:".encode()
                session.ask(DELIVER_SM, deliver_sm(submit["destination"], submit["source"], text))
            self.smsc.on_submit = on_submit
            done = folder.test("--send", "+374 99 123056")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            steps = steps_of(done)
            self.assertIn('message id "1"', steps["submit"]["detail"])
            self.assertIn("DELIVRD", steps["receipt"]["detail"])
            self.assertNotIn("99123056", done.stdout)
            self.assertEqual(len(self.smsc.submits), 1)
            self.assertEqual(self.smsc.submits[0]["tlvs"][0x1400], b"1101234567890123456")
            refused = folder.test("--send", "12 x")
            self.assertEqual(refused.returncode, 2)

    def receipt_step(self, block_text, id_of, text_of, *, id_in_response="255"):
        def on_submit(session, sequence, submit):
            self.smsc.submits.append(submit)
            session.write(pdu(SUBMIT_SM | RESPONSE, OK, sequence, c_string(id_in_response)))
            session.ask(DELIVER_SM, deliver_sm(submit["destination"], submit["source"], text_of(id_of).encode()))
        self.smsc.on_submit = on_submit
        with Folder(block_text) as folder:
            done = folder.test("--send", "+37499123056", "--timeout", "5")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return steps_of(done)["receipt"]

    def test_the_receipt_is_read_as_the_daemon_reads_it(self):
        usual = lambda told: f"id:{told} sub:001 dlvrd:001 stat:UNDELIVRD err:011 text:"
        step = self.receipt_step(block(self.smsc.port), "FF", usual)
        self.assertIn('UNDELIV, told as "UNDELIVRD", err 011', step["detail"])
        self.assertIn("hex", step["detail"])
        self.assertIn('receipt_id = "hex"', step["hint"])
        own = block(self.smsc.port, receipt_pattern="'^(?P<id>[0-9]+),(?P<stat>[A-Z]+)$'", receipt_states='{ GONE = "undelivered" }')
        step = self.receipt_step(own, "255", lambda told: f"{told},GONE")
        self.assertIn('UNDELIV, told as "GONE"', step["detail"])
        self.assertNotIn("hint", step)
        step = self.receipt_step(block(self.smsc.port), "256", usual)
        self.assertIn("none came", step["detail"])

    def test_a_submit_that_is_refused(self):
        self.smsc.on_submit = lambda session, sequence, submit: self.smsc.answer(session, sequence, status=0x0A)
        with Folder(block(self.smsc.port)) as folder:
            done = folder.test("--send", "+37499123056")
            self.assertEqual(done.returncode, 1)
            self.assertIn("ESME_RINVSRCADR: the carrier does not take this sender", steps_of(done)["submit"]["detail"])

    def test_a_pair_and_several_addresses_are_each_tried(self):
        other = Smsc()
        self.addCleanup(other.stop)
        with Folder(block(self.smsc.port, bind='"transmitter+receiver"', receiver_address=f'["127.0.0.1:{other.port}"]')) as folder:
            report = json.loads(folder.test().stdout)
            self.assertEqual([(each["bind"], each["ok"]) for each in report["addresses"]], [("transmitter", True), ("receiver", True)])
        self.assertEqual((self.smsc.bind_bodies[0][0], other.bind_bodies[0][0]), (BINDS[1], BINDS[0]))

    def test_beside_live_links_which_stay(self):
        with Gateway(carriers=0, routes=block(self.smsc.port) + '[[route]]\nname = "main"\ncarriers = ["new"]\n') as gateway:
            wait_until("it is bound", lambda: gateway.told("carrier show", name="new")["state"] == "bound")
            live = self.smsc.sessions[0]
            given_back = []

            def on_bind(session, command, sequence):
                self.smsc.accept_bind(session, command, sequence)
                given_back.append((session, session.ask(DELIVER_SM, deliver_sm("37499123056", "XionID", b"id:9 stat:DELIVRD"))))
            self.smsc.on_bind = on_bind
            done = gateway.run_ctl("carrier", "test", "new")
            self.assertIn("given back", steps_of(done)["unbind"]["hint"])
            session, sequence = given_back[0]
            self.assertEqual(self.smsc.answers[sequence, id(session)][1], RMSGQFUL)
            shown = gateway.told("carrier show", name="new")
            self.assertEqual((shown["state"], shown["binds"], shown["reconnects"]), ("bound", 1, 0))
            self.assertIs(self.smsc.sessions[0], live)
            refused = gateway.run_ctl("carrier", "test", "nwe", check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("did you mean new?", refused.stderr)
            self.smsc.on_bind = lambda session, command, sequence: session.write(pdu(command | RESPONSE, RALYBND, sequence))
            self.assert_fails_at(gateway.run_ctl("carrier", "test", "new", check=False), "bind", "ESME_RALYBND", "carrier drain")

    # --- troubles -------------------------------------------------------------------------------------------------

    def test_each_refusal_of_a_bind_is_told_in_words_with_what_helps(self):
        for status, says, hints in ((RINVPASWD, "ESME_RINVPASWD: the password is wrong", "password_file"),
                                    (RINVSYSID, "ESME_RINVSYSID: the system_id is wrong", "system_id"),
                                    (RINVSYSTYP, "ESME_RINVSYSTYP", "system_type"), (RALYBND, "bound already", "try again in a minute"),
                                    (RBINDFAIL, "ESME_RBINDFAIL", "let in"), (0x55F, "a status of the carrier's own", "support")):
            with self.subTest(says), Folder(block(self.smsc.port)) as folder:
                self.smsc.on_bind = lambda session, command, sequence: session.write(pdu(command | RESPONSE, status, sequence))
                self.assert_fails_at(folder.test(), "bind", says, hints)

    def test_a_port_where_nobody_listens(self):
        with Folder(block(free_port())) as folder:
            self.assert_fails_at(folder.test(), "tcp", "connection refused", "nothing listens")

    def test_a_name_that_nobody_has(self):
        with Folder(block(2775, host="no-such-smsc.invalid")) as folder:
            self.assert_fails_at(folder.test("--timeout", "20"), "dns", "no-such-smsc.invalid", "getent")

    def test_a_carrier_that_takes_the_connection_and_says_nothing(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        with Folder(block(silent.getsockname()[1])) as folder:
            self.assert_fails_at(folder.test("--timeout", "1"), "bind", "no answer in time", "TLS")

    def test_a_carrier_that_hangs_up(self):
        self.smsc.on_bind = lambda session, command, sequence: session.close()
        with Folder(block(self.smsc.port)) as folder:
            self.assert_fails_at(folder.test(), "bind", "closed by the peer", "hang up")

    def test_a_bind_that_is_taken_and_falls_silent(self):
        hear = self.smsc.accept_bind

        def on_bind(session, command, sequence):
            session.hear = lambda *_: None
            hear(session, command, sequence)
        self.smsc.on_bind = on_bind
        with Folder(block(self.smsc.port)) as folder:
            self.assert_fails_at(folder.test("--timeout", "1"), "enquire_link", "no answer in time", "binds")

    def test_a_server_of_another_protocol(self):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def serve():
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        threading.Thread(target=serve, daemon=True).start()
        with Folder(block(server.getsockname()[1])) as folder:
            self.assert_fails_at(folder.test(), "bind", "no SMPP", "port")

    def test_a_configuration_that_is_wrong(self):
        with Folder(block(self.smsc.port)) as folder:
            self.assertIn("it has: new", folder.test(name="other").stderr)
            (folder.path / "carrier.password").unlink()
            done = folder.test()
            self.assertEqual(done.returncode, 1)
            self.assertIn("carrier.password", done.stderr)
        self.assertEqual(folder.test().returncode, 1)
        nobody = subprocess.run([BIN / "xionctl", "--socket", "/nonexistent.sock", "carrier", "test", "new"], capture_output=True, text=True)
        self.assertEqual(nobody.returncode, 3)
        self.assertIn("--config FILE", nobody.stderr)


class OverTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="xionid-test."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        run = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=cls.folder)
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650",
            "-subj", "/CN=Carrier CA")
        for name, names, days in (("right", "DNS:localhost,IP:127.0.0.1", "365"), ("other", "DNS:smsc.example.net", "365"),
                                  ("soon", "DNS:localhost,IP:127.0.0.1", "3")):
            cls.issue(run, name, names, "-days", days)
        cls.issue(run, "expired", "DNS:localhost,IP:127.0.0.1", "-days", "-1")

    @classmethod
    def issue(cls, run, name, names, *life):
        (cls.folder / "names").write_text(f"subjectAltName={names}")
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.pem", "-extfile", "names", *life)

    def serve(self, name):
        """An SMSC that speaks TLS with that certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        smsc = Smsc(context)
        self.addCleanup(smsc.stop)
        return smsc

    def steps(self, smsc, tls=None, host="localhost"):
        tls = tls or f'{{ ca = "{self.folder}/ca.pem" }}'
        with Folder(block(smsc.port, host=host, tls=tls)) as folder:
            done = folder.test()
            return done.returncode, steps_of(done)

    def assert_refused(self, smsc, says, hints, **more):
        code, steps = self.steps(smsc, **more)
        self.assertEqual((code, list(steps)), (1, ["dns", "tcp", "tls"]))
        self.assertIn(says, steps["tls"]["detail"])
        self.assertIn(hints, steps["tls"]["hint"])
        self.assertEqual(smsc.bind_bodies, [], "a peer that isn't trusted heard the password")

    def test_a_certificate_that_is_right_is_shown(self):
        code, steps = self.steps(self.serve("right"))
        self.assertEqual(code, 0, steps)
        self.assertRegex(steps["tls"]["detail"], r"TLSv1\.3, .*CN=right; names: localhost, 127\.0\.0\.1; signed by CN=Carrier CA; .*until 20.* \(36\d days\)")
        code, steps = self.steps(self.serve("right"), host="127.0.0.1")
        self.assertEqual(code, 0, steps)

    def test_a_certificate_that_ends_soon_is_told_of(self):
        code, steps = self.steps(self.serve("soon"))
        self.assertEqual(code, 0)
        self.assertRegex(steps["tls"]["hint"], "ends in [23] days")

    def test_what_is_wrong_with_a_certificate_is_told(self):
        self.assert_refused(self.serve("expired"), "certificate has expired", "renew")
        self.assert_refused(self.serve("other"), "hostname mismatch", "pin the certificate")
        self.assert_refused(self.serve("right"), "unable to get local issuer certificate", "tls = { ca =", tls="true")
        self.assert_refused(self.serve("right"), "not the one that is pinned", "pin the new one", tls='{ fingerprint = "' + "ab" * 32 + '" }')

    def test_a_pinned_certificate_needs_no_authority(self):
        pem = (self.folder / "other.pem").read_text()
        pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
        code, steps = self.steps(self.serve("other"), tls=f'{{ fingerprint = "{pin}" }}')
        self.assertEqual(code, 0, steps)
        self.assertIn(pin, steps["tls"]["detail"])

    def test_tls_towards_a_port_that_speaks_none(self):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def serve():
            connection, _ = server.accept()
            connection.sendall(pdu(GENERIC_NACK, 0x02))
        threading.Thread(target=serve, daemon=True).start()
        with Folder(block(server.getsockname()[1], tls="true")) as folder:
            done = folder.test()
            self.assertEqual(done.returncode, 1)
            self.assertIn("is that port the one for TLS?", steps_of(done)["tls"]["hint"])


if __name__ == "__main__":
    unittest.main()
