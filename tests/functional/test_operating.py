"""What an operator looks at: a code from the shell, the log live, one phone traced, status and sums."""

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until

PHONE = "+37499123{:03d}"
ROUTES = '''
[[route]]
name = "main"
carriers = ["primary", "backup"]

[[route]]
name = "second"
carriers = ["backup"]
'''


class Follower:
    """`xionctl --json log …` in the background."""

    def __init__(self, gateway, *words):
        self.process = subprocess.Popen([BIN / "xionctl", "--json", "--socket", gateway.socket_path, "log", *words], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.unread, self.lines = b"", []

    def seen(self):
        self.unread += self.process.stdout.read() or b""
        *whole, self.unread = self.unread.split(b"\n")
        self.lines += [json.loads(line) for line in whole]
        return self.lines

    def wait(self, event, **fields):
        def find():
            return next((line for line in self.seen() if line["event"] == event and all(line.get(k) == v for k, v in fields.items())), None)
        return wait_until(f"{event} {fields}", find)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()


class Operating(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(carriers=2, routes=ROUTES, overrides=["sends_per_phone=none", "cooldown_seconds=none"], log_level="info"))
        wait_until("both bind", lambda: all(each["state"] == "bound" for each in cls.gateway.told("carrier list")))

    def plain(self, *words, **more):
        return subprocess.run([BIN / "xionctl", "--socket", self.gateway.socket_path, *words], capture_output=True, text=True, timeout=PATIENCE, **more)

    def follow(self, *words):
        """Once the daemon has been asked: what happens from then on is followed."""
        asked = lambda: self.gateway.log().count('control.command command="log"')
        before = asked()
        follower = Follower(self.gateway, *words)
        self.addCleanup(follower.stop)
        wait_until("it follows", lambda: asked() > before)
        return follower

    # --- send ---------------------------------------------------------------------------------------------------

    def test_a_code_from_the_shell_is_told_till_it_is_delivered(self):
        told = self.gateway.ctl("send", PHONE.format(100), "--app", "shop")
        self.assertEqual((told["status"], told["delivery"]["status"]), ("pending", "delivered"))
        self.assertEqual([event["type"] for event in told["events"]], ["created", "queued", "submitting", "submitted", "receipt"])
        code = self.gateway.handset(PHONE.format(100))
        self.assertNotIn(code, json.dumps(told["events"]))
        self.assertEqual(self.gateway.verify(PHONE.format(100), code).status, 200)

    def test_each_event_is_shown_as_it_happens(self):
        done = self.plain("send", PHONE.format(101), "--watch")   # The only app there is.
        self.assertEqual(done.returncode, 0, done.stderr)
        types = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("20")]
        self.assertEqual(types[-1], "receipt")
        self.assertGreater(len(types), 2)
        self.assertIn("The code is on the phone alone", done.stdout)

    def test_a_test_goes_by_the_carrier_that_is_named(self):
        told = self.gateway.ctl("send", PHONE.format(102), "--carrier", "backup")
        self.assertEqual(told["delivery"]["carrier"], "backup")
        self.assertTrue(self.gateway.handset(PHONE.format(102), carrier=1))

    def test_why_nothing_is_sent_is_said(self):
        for words, code, says in ((("send", "12"), 2, "expected a phone number"), (("send", PHONE.format(103), "--app", "none"), 1, "there is no app none"),
                                  (("send", PHONE.format(103), "--carrier", "none"), 1, "there is no carrier none")):
            done = self.plain(*words)
            self.assertEqual((done.returncode, done.stdout), (code, ""), words)
            self.assertIn(says, done.stderr)
        self.gateway.ctl("block", "add", PHONE.format(104))
        done = self.plain("send", PHONE.format(104))
        self.assertEqual(done.returncode, 1)
        self.assertIn("phone_blocked", done.stderr)
        self.assertIn("xionctl block list", done.stderr)
        self.gateway.ctl("carrier", "pause", "backup")
        try:
            done = self.plain("send", PHONE.format(105), "--carrier", "backup")
            self.assertEqual(done.returncode, 1)
            self.assertIn("carrier backup is paused", done.stderr)
        finally:
            self.gateway.ctl("carrier", "resume", "backup")

    def test_a_test_goes_as_the_app_s_own_messages_do(self):
        self.gateway.ctl("app", "add", "bank", "--set", "sender=Bank", "--set", "route=second", "--set", "segments_max=1")
        self.addCleanup(self.gateway.ctl, "app", "remove", "bank")
        told = self.gateway.ctl("send", PHONE.format(106), "--app", "bank")
        self.assertEqual((told["delivery"]["status"], told["delivery"]["route"]), ("delivered", "second"))
        self.assertEqual(self.gateway.carriers[1].inbox(PHONE.format(106))[-1]["from"], "Bank")
        self.gateway.ctl("app", "set", "bank", "segments_max=2")
        self.gateway.ctl("template", "add", "bank", "--text", "{code} " + "a" * 160)
        self.gateway.ctl("app", "set", "bank", "segments_max=1")
        done = self.plain("send", PHONE.format(107), "--app", "bank")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("needs 2 parts, and it may send 1 at most", done.stderr)
        self.gateway.ctl("template", "add", "bank", "--text", "{code} for {name}")
        done = self.plain("send", PHONE.format(107), "--app", "bank")
        self.assertEqual(done.returncode, 1)
        self.assertIn("needs variables, which a test does not have", done.stderr)

    # --- log ----------------------------------------------------------------------------------------------------

    def test_the_log_is_followed_with_all_that_the_daemon_s_own_leaves_out(self):
        follower = self.follow("--event", "otp")
        sent = self.gateway.send(PHONE.format(110))["requestId"]
        self.gateway.wait_delivery(sent)
        line = follower.wait("otp.sent", request=sent)
        self.assertEqual((line["level"], line["app"], line["route"]), ("debug", "shop", "main"))
        self.assertNotIn("99123110", line["phone"])
        follower.wait("otp.delivery", request=sent, state="delivered")
        self.gateway.verify(PHONE.format(110), self.gateway.handset(PHONE.format(110)))
        follower.wait("otp.attempted", request=sent, result="verified")
        self.assertEqual({line["event"].partition(".")[0] for line in follower.lines}, {"otp"})
        self.assertNotIn(sent, self.gateway.log())   # Its level is info.

    def test_lines_are_chosen_by_phone_request_and_carrier(self):
        first = self.gateway.send(PHONE.format(111))["requestId"]
        by_phone, by_carrier = self.follow("--phone", PHONE.format(111)), self.follow("--carrier", "backup")
        other = self.gateway.send(PHONE.format(112))["requestId"]
        second = self.gateway.send(PHONE.format(111))["requestId"]
        self.assertEqual(first, second)   # A resend.
        by_phone.wait("submit.accepted", request=first)
        self.gateway.ctl("carrier", "reconnect", "backup")
        by_carrier.wait("smsc.link.bound")   # Whatever was before it has come.
        self.assertEqual({line["request"] for line in by_phone.seen()}, {first})
        self.assertEqual([line for line in by_carrier.seen() if "request" in line], [])
        lines = self.gateway.ctl("log", "--request", other, "-n", "100")
        self.assertTrue(lines)
        self.assertEqual({line["request"] for line in lines}, {other})

    def test_the_last_lines_are_one_array(self):
        self.gateway.ctl("app", "set", "shop", "ttl_seconds=200")
        lines = self.gateway.ctl("log", "--event", "app.changed", "-n", "1")
        self.assertEqual(len(lines), 1)
        self.assertEqual(lines[0]["app"], "shop")
        shown = self.plain("log", "--event", "app.changed", "-n", "1")
        self.assertRegex(shown.stdout, r"^20\S+Z  info  app\.changed  app=shop  plan=\w+\n$")

    def test_one_phone_is_traced_into_the_log_and_then_no_more(self):
        traced = self.gateway.ctl("log", "trace", PHONE.format(120), "--for", "1h")
        self.assertEqual(len(traced), 1)
        sent = self.gateway.send(PHONE.format(120))["requestId"]
        other = self.gateway.send(PHONE.format(121))["requestId"]
        for text in (f"otp.sent request={sent}", "command_id=submit_sm ", "command_id=submit_sm_resp", "command_id=deliver_sm "):
            wait_until(text, lambda text=text: text in self.gateway.log())
        pdus = [line for line in self.gateway.log().splitlines() if " smsc.pdu " in line]
        self.assertTrue(all(f" traced={traced[0]['phone']} " in line for line in pdus))
        self.assertNotIn(other, self.gateway.log())
        self.assertNotIn(PHONE.format(120)[1:], self.gateway.log())
        self.assertNotIn(self.gateway.handset(PHONE.format(120)), "\n".join(pdus))
        self.gateway.ctl("log", "trace", PHONE.format(120), "--for", "1s")
        wait_until("it ends by itself", lambda: self.gateway.ctl("log", "trace") == [])
        wait_until("and says so", lambda: "trace.ended" in self.gateway.log())
        before = self.gateway.log()
        self.gateway.wait_delivery(self.gateway.send(PHONE.format(120))["requestId"])
        self.assertNotIn("smsc.pdu", self.gateway.log()[len(before):])

    # --- status, sums -------------------------------------------------------------------------------------------

    def test_status_tells_rates_store_disk_and_since_when(self):
        for number in range(5):
            self.gateway.wait_delivery(self.gateway.send(PHONE.format(130 + number))["requestId"])
        status = self.gateway.told("status")
        self.assertTrue(status["ready"])
        self.assertRegex(status["startedAt"], r"^20\d\d-.*Z$")
        self.assertGreater(status["rates"]["sends"]["perSecond1m"], 0)
        self.assertGreaterEqual(status["rates"]["deliveries"]["sinceStart"], 5)
        self.assertEqual(set(status["rates"]), {"sends", "deliveries", "verifies"})
        self.assertGreater(status["store"]["diskFreeBytes"], 0)
        self.assertGreater(status["store"]["diskTotalBytes"], status["store"]["diskFreeBytes"])
        self.assertIn("commitP99Ms", status["store"])
        shown = self.plain("status").stdout
        self.assertRegex(shown, r"(?m)^ +PER SECOND1M|^\s+PER SECOND")
        self.assertRegex(shown, r"(?m)^  sends +\d")

    def on_a_terminal(self, *words, columns=80, lines=24, until=None, **environment):
        """What a terminal of that size gets; where it would go on, up to Ctrl-C once `until` has been shown."""
        parent, child = pty.openpty()
        import fcntl, struct, termios
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        process = subprocess.Popen([BIN / "xionctl", "--socket", self.gateway.socket_path, *words], stdout=child, stderr=child, stdin=child,
                                   env={**os.environ, "TERM": "xterm", **environment})
        os.close(child)
        text = b""
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
            if until and until in text:
                process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        os.close(parent)
        return text.decode()

    def test_a_terminal_gets_colours_and_lines_that_fit_it(self):
        shown = self.on_a_terminal("carrier", "list", columns=70)
        self.assertIn("\x1b[32mbound\x1b[0m", shown)
        for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines():
            self.assertLessEqual(len(line), 70 + 40)   # Titles are never cut.
        self.assertNotIn("\x1b", self.on_a_terminal("carrier", "list", NO_COLOR="1"))
        self.assertNotIn("\x1b", self.plain("carrier", "list").stdout)
        watched = self.on_a_terminal("status", "--watch", columns=100, lines=12, until=b"more lines")
        screen = watched.split("\x1b[2J")[1]
        self.assertLessEqual(screen.count("\n"), 12)
        self.assertIn("more lines", screen)

    def test_a_long_list_comes_whole(self):
        for number in range(30):
            self.gateway.send(PHONE.format(200 + number))
        wanted = self.gateway.ctl("otp", "list", "--limit", "100000")
        self.assertEqual(len({row["requestId"] for row in wanted}), len(wanted))
        self.assertGreaterEqual(len(wanted), 30)
        ids = [row["requestId"] for row in wanted]
        self.assertEqual([row["requestId"] for row in self.gateway.ctl("otp", "list", "--limit", "7")], ids[:7])

    def test_sums_are_told_by_app_day_country_and_reason_also_as_csv(self):
        self.gateway.wait_delivery(self.gateway.send(PHONE.format(140))["requestId"])
        rows = {row["app"]: row for row in self.gateway.ctl("stats")}
        self.assertGreater(rows["shop"]["delivered"], 0)
        self.assertEqual(self.gateway.ctl("stats", "shop", "--by", "country")[0]["country"], "AM")
        self.assertEqual(self.gateway.ctl("stats", "shop", "--by", "route")[0]["route"], "main")
        days = self.gateway.ctl("stats", "shop", "--by", "day", "--days", "3")
        self.assertEqual(len(days), 3)
        table = list(csv.DictReader(io.StringIO(self.plain("stats", "shop", "--by", "day", "--days", "3", "--csv").stdout)))
        self.assertEqual([row["date"] for row in table], [row["date"] for row in days])
        self.assertEqual([int(row["sent"]) for row in table], [row["sent"] for row in days])
        usage = list(csv.DictReader(io.StringIO(self.plain("usage", "--csv").stdout)))
        self.assertEqual(usage[0]["app"], "shop")
        self.assertEqual(self.plain("stats", "--by", "moon").returncode, 2)


if __name__ == "__main__":
    unittest.main()
