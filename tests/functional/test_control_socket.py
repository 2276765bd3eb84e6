"""The control socket: who may do what, and clients that stall, vanish or talk nonsense."""

import contextlib
import json
import os
import pathlib
import random
import socket
import stat
import subprocess
import tempfile
import unittest

from harness import BIN, PATIENCE, Gateway, memory_bound, wait_until

# Groups that every Debian has, for the two that the configuration names; nobody is in them.
COMMANDERS, VIEWERS = "operator", "staff"
NOBODY = 65534


class Roles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can become somebody else")
        cls.gateway = Gateway(config="", carriers=1)
        write = cls.gateway.write_config

        def with_groups():
            write()
            text = cls.gateway.config_path.read_text()
            cls.gateway.config_path.write_text(text.replace("[daemon]\n", f'[daemon]\ncontrol_group = "{COMMANDERS}"\ncontrol_view_group = "{VIEWERS}"\n', 1))

        cls.gateway.write_config = with_groups
        cls.gateway.__enter__()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)
        cls.gateway.folder.chmod(0o711)
        # Others can't read the build folder everywhere.
        cls.ctl_path = cls.gateway.folder / "xionctl"
        cls.ctl_path.write_bytes((BIN / "xionctl").read_bytes())
        cls.ctl_path.chmod(0o755)

    def run_as(self, groups, *words):
        groups_option = ["--groups", groups] if groups else ["--clear-groups"]
        return subprocess.run(["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), *groups_option, self.ctl_path, "--socket", self.gateway.socket_path,
                               *words], capture_output=True, text=True, timeout=PATIENCE, cwd="/")

    def test_the_socket_has_the_mode_that_the_contract_says(self):
        status = self.gateway.socket_path.stat()
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o660)
        import grp
        self.assertEqual(grp.getgrgid(status.st_gid).gr_name, COMMANDERS)

    def test_commanders_may_do_everything(self):
        self.assertEqual(self.run_as(COMMANDERS, "app", "add", "theirs").returncode, 0)
        self.assertIn("theirs", self.run_as(COMMANDERS, "app", "list").stdout)
        self.assertEqual(self.run_as(COMMANDERS, "otp", "list", "--reveal").returncode, 0)

    def test_viewers_look_and_change_nothing(self):
        for words in (["status"], ["carrier", "list"], ["app", "list"], ["otp", "list"], ["config", "show"], ["log", "-n", "1"], ["stats"], ["usage"],
                      ["log", "level"], ["log", "trace"], ["queue", "show"]):
            done = self.run_as(VIEWERS, *words)
            self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        for words in (["app", "add", "mine"], ["key", "create", "shop"], ["carrier", "pause", "primary"], ["config", "apply"], ["log", "level", "debug"],
                      ["log", "trace", "+37499123056"], ["send", "+37499123056"], ["otp", "list", "--reveal"], ["block", "add", "+37499123056"],
                      ["queue", "expire", "--all"], ["webhook", "list", "--reveal"], ["export"], ["dashboard", "invite", "--operator"],
                      ["dashboard", "invite", "--app", "shop", "--role", "owner"]):
            done = self.run_as(VIEWERS, *words)
            self.assertEqual((done.returncode, done.stdout), (1, ""), words)
            self.assertIn("you may look at this daemon, but not use", done.stderr)
            self.assertIn(f"member of the group {COMMANDERS}", done.stderr)
        self.assertEqual(self.gateway.ctl("carrier", "list")[0]["state"], "bound")

    def test_a_backup_needs_the_full_role_and_is_its_callers_file(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            done = self.run_as(VIEWERS, "backup", f"{folder}/viewer.backup")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("you may look at this daemon, but not use backup", done.stderr)
            self.assertEqual(os.listdir(folder), [])
            done = self.run_as(COMMANDERS, "backup", f"{folder}/commander.backup")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertNotEqual(os.stat(f"{folder}/commander.backup").st_uid, 0)

    def test_strangers_are_refused_and_told_which_group(self):
        done = self.run_as(None, "status")
        self.assertEqual(done.returncode, 1)
        self.assertIn("group", done.stderr)
        # The daemon looks for itself, should the file's mode be too wide.
        self.gateway.socket_path.chmod(0o666)
        try:
            done = self.run_as(None, "status")
        finally:
            self.gateway.socket_path.chmod(0o660)
        self.assertEqual(done.returncode, 1)
        self.assertIn("you may not use this daemon", done.stderr)
        self.assertIn(f"member of the group {COMMANDERS} (everything) or {VIEWERS} (looking)", done.stderr)
        self.gateway.await_log("control.refused")


def is_open(client):
    """Nothing has come, the other side's end neither."""
    try:
        client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        return False
    except BlockingIOError:
        return True


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.gateway.__enter__()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    @contextlib.contextmanager
    def connection(self):
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
            client.settimeout(PATIENCE)
            client.connect(str(self.gateway.socket_path))
            yield client

    def read_line(self, client):
        line = b""
        while not line.endswith(b"\n"):
            part = client.recv(65536)
            if not part:
                break
            line += part
        return line

    def is_turned_away(self, client):
        """Who is let in is told nothing until it asks."""
        client.settimeout(0.5)
        try:
            return b"refused" in self.read_line(client)
        except TimeoutError:
            return False

    def rss(self):
        text = pathlib.Path(f"/proc/{self.gateway.process.pid}/statm").read_text()
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def test_a_line_that_has_no_end_is_refused_and_the_client_sent_away(self):
        with self.connection() as client:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(b"x" * 70_000)
            answer = json.loads(self.read_line(client))
            self.assertEqual((answer["ok"], answer["code"]), (False, "usage"))
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(client.recv(1), b"")
        self.assertEqual(self.gateway.run_ctl("status").returncode, 0)

    def test_nonsense_is_answered_line_by_line_and_the_daemon_lives(self):
        random.seed(7)
        samples = [b"{}", b"[]", b'"x"', b"\x00\xff\xfe", b'{"command":7}', b'{"command":"status","args":[]}', b'{"command":"status","args":{"x":1}}',
                   b'{"command":"app add","args":{"name":{"a":{}}}}', b"[" * 5000, b'{"command":"' + b"a" * 60_000 + b'"}', b""]
        samples += [bytes(random.choice(b'{}[]":,\\abc \xc3\x28\x00') for _ in range(200)).replace(b"\n", b"") for _ in range(200)]
        with self.connection() as client:
            reader = client.makefile("rb")
            for sample in samples:
                client.sendall(sample + b"\n")
                answer = json.loads(reader.readline())
                self.assertFalse(answer["ok"], sample)
                self.assertEqual(answer["code"], "usage", sample)
            client.sendall(b'{"command":"app list","args":{}}\n')
            self.assertTrue(json.loads(reader.readline())["ok"])

    def test_clients_that_stall_or_vanish_cost_nothing_and_nobody_waits_for_them(self):
        self.gateway.ctl("log", "level", "debug")
        before, stalled = self.rss(), []
        try:
            for number in range(20):
                client = socket.socket(socket.AF_UNIX)
                client.connect(str(self.gateway.socket_path))
                client.sendall(b'{"command":"log","args":{}}\n' if number % 2 else b'{"command":"sta')
                stalled.append(client)
            for number in range(40):   # Lines for those who follow and don't read.
                self.gateway.request("GET", "/v1/otp/OTP-NOTHING")
            self.assertEqual(self.gateway.run_ctl("status").returncode, 0)
            # And that was not because they had been sent away first.
            self.assertTrue(all(is_open(client) for client in stalled[::2]))
        finally:
            for client in stalled:
                client.close()
            self.gateway.ctl("log", "level", "info")
        for _ in range(200):   # Asked, and gone before the answer.
            # More at once than there is room for are turned away, and may be before they ask.
            with self.connection() as client, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(b'{"command":"status","args":{}}\n')
        wait_until("there is room again", lambda: self.gateway.run_ctl("status", check=False).returncode == 0)
        self.assertLess(self.rss() - before, memory_bound(16))

    def test_more_clients_than_there_is_room_for_are_told_so(self):
        with contextlib.ExitStack() as stack:
            for _ in range(64):
                stack.enter_context(self.connection())
            wait_until("the 65th is turned away", lambda: self.is_turned_away(stack.enter_context(self.connection())))
        wait_until("there is room again", lambda: self.gateway.run_ctl("status", check=False).returncode == 0)

    def test_a_follower_that_reads_too_slowly_is_told_how_much_it_missed(self):
        with self.connection() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(b'{"command":"log","args":{"lines":0,"follow":true}}\n')
            self.assertEqual(json.loads(self.read_line(client)), {"ok": True, "more": True})
            with self.connection() as talker:
                reader = talker.makefile("rb")
                for _ in range(20):
                    talker.sendall(b'{"command":"app list","args":{}}\n' * 1000)
                    for _ in range(1000):
                        reader.readline()
            client.settimeout(0.5)
            seen = missed = 0
            unread = b""
            while seen + missed < 20_000:
                *lines, unread = unread.split(b"\n")
                for line in lines:
                    seen += 1
                    missed += json.loads(line).get("missed", 0)
                try:
                    came = client.recv(1 << 20)
                    self.assertTrue(came, f"the follower was sent away: {seen} lines seen, {missed} missed")
                    unread += came
                except TimeoutError:
                    self.gateway.ctl("status")   # The line behind those that were missed tells of them.
            self.assertGreater(missed, 0)


if __name__ == "__main__":
    unittest.main()
