"""Backup and restore: a copy that is taken under traffic, checked, put back, and found whole; and every bad one refused."""

import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until

QUIET = ["cooldown_seconds=none", "sends_per_phone=none"]


def catches(pid, number):
    """Whether a process has a handler for a signal. Source: proc(5), SigCgt."""
    caught = re.search(r"(?m)^SigCgt:\s*(\S+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]
    return int(caught, 16) >> (number - 1) & 1


class Backup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(overrides=QUIET))
        cls.sent = [cls.gateway.send(f"+3749910{n:04}")["requestId"] for n in range(60)]
        cls.code = cls.gateway.handset("+37499100000")

    def ctl(self, *words, json_option=True, at=None):
        command = [BIN / "xionctl", *(["--json"] if json_option else []), "--socket", at or self.gateway.socket_path, *words]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE)

    def backup(self, name):
        done = self.ctl("backup", self.gateway.folder / name)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def refused(self, done, code, *words):
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertLessEqual(len(done.stderr.splitlines()), 2)

    def empty(self, name):
        folder = self.gateway.folder / name
        folder.mkdir()
        return folder

    # --- making one -----------------------------------------------------------------------------------------------

    def test_a_backup_under_traffic_fails_no_call_and_restores_to_a_store_that_works(self):
        over, troubles, accepted = threading.Event(), [], []

        def load(number):
            count = 0
            while not over.is_set():
                answer = self.gateway.send(f"+37498{number}{count:05}")
                count += 1
                accepted.append(answer["requestId"]) if answer.status == 202 else troubles.append(answer)
        threads = [threading.Thread(target=load, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        try:
            wait_until("there is traffic", lambda: len(accepted) > 30)
            before = list(accepted)
            made = [self.backup(f"traffic-{n}.backup") for n in range(3)]
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(troubles, [])
        self.assertGreaterEqual(made[0]["requests"], len(before))
        self.assertEqual(made[0]["unreadable"], 0)
        self.assertEqual(made[0]["records"], sum(made[0]["tables"].values()))
        file = pathlib.Path(made[0]["path"])
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(list(self.gateway.folder.glob("*.part")), [])
        self.gateway.await_log("backup.copied")

        target = self.empty("restored")
        done = self.ctl("restore", file, "--to", target, "--config", self.gateway.config_path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        restored = json.loads(done.stdout)
        self.assertEqual((restored["requests"], restored["tables"]), (made[0]["requests"], made[0]["tables"]))
        self.assertEqual((target / "data.mdb").stat().st_mode & 0o777, 0o600)
        # Another daemon over it: the keys work, what was accepted before is there, a live code verifies.
        other = Gateway(carriers=0, routes="", wait_bound=False)
        with self.on(target, other):
            for request in [*self.sent, *before]:
                self.assertEqual(other.request("GET", f"/v1/otp/{request}", key=self.gateway.key).status, 200)
            self.assertEqual(other.verify("+37499100000", self.code, key=self.gateway.key).status, 200)
            self.assertEqual(other.told("status")["store"]["requests"], made[0]["requests"])

    class on:
        """A gateway over a data directory and the master key of another."""

        def __init__(self, data, gateway):
            self.data, self.gateway = data, gateway

        def __enter__(self):
            self.gateway.write_config()
            config = self.gateway.config_path.read_text()
            config = config.replace(f'"{self.gateway.folder}/data"', f'"{self.data}"')
            key = self.data.parent / "master.key"
            self.gateway.config_path.write_text(config.replace(f'"{self.gateway.folder}/master.key"', f'"{key}"'))
            self.gateway.start()

        def __exit__(self, *what):
            self.gateway.__exit__(*what)

    def test_it_never_overwrites_and_a_directory_gets_a_name_by_the_time(self):
        self.backup("once.backup")
        whole = (self.gateway.folder / "once.backup").read_bytes()
        self.refused(self.ctl("backup", self.gateway.folder / "once.backup"), 1, "once.backup", "File exists", "nothing is ever overwritten")
        self.assertEqual((self.gateway.folder / "once.backup").read_bytes(), whole)
        folder = self.empty("backups")
        made = json.loads(self.ctl("backup", folder).stdout)
        self.assertRegex(made["path"], rf"^{folder}/xionid-\d{{8}}T\d{{6}}Z\.backup$")
        self.refused(self.ctl("backup", self.gateway.folder / "nowhere" / "x"), 1, "No such file or directory")
        # What is left of one that was killed is in nobody's way.
        (folder / "again.backup.part").write_bytes(b"left over")
        (folder / "again.backup.part").chmod(0o644)
        self.assertEqual(self.ctl("backup", folder / "again.backup").returncode, 0)
        self.assertEqual(sorted(path.name for path in folder.iterdir())[0], "again.backup")
        self.assertEqual((folder / "again.backup").stat().st_mode & 0o777, 0o600)

    def test_people_read_a_record_and_a_note(self):
        done = self.ctl("backup", self.gateway.folder / "people.backup", json_option=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"(?m)^requests +\d+$")
        self.assertIn("master key", done.stdout)

    def test_without_a_daemon_nothing_is_made(self):
        done = self.ctl("backup", self.gateway.folder / "never.backup", at="/nowhere/control.sock")
        self.refused(done, 3, "no daemon at /nowhere/control.sock")
        self.assertEqual(list(self.gateway.folder.glob("never*")), [])
        self.assertEqual(self.ctl("backup").returncode, 2)

    def test_a_client_that_hands_over_nothing_is_told_what_to_use(self):
        with socket.socket(socket.AF_UNIX) as plain:
            plain.connect(str(self.gateway.socket_path))
            plain.sendall(b'{"command":"backup","args":{}}\n')
            answer = json.loads(plain.recv(4096))
        self.assertEqual((answer["ok"], answer["code"]), (False, "usage"))
        self.assertIn("xionctl backup", answer["hint"])

    def test_ctrl_c_leaves_nothing(self):
        folder = self.empty("interrupted")
        with socket.socket(socket.AF_UNIX) as silent:   # A daemon that never answers.
            silent.bind(str(folder / "control.sock"))
            silent.listen()
            process = subprocess.Popen([BIN / "xionctl", "--socket", folder / "control.sock", "backup", folder / "one.backup"], stderr=subprocess.DEVNULL)
            wait_until("it has begun", lambda: (folder / "one.backup.part").exists())
            wait_until("it would hear of it", lambda: catches(process.pid, signal.SIGINT))   # The handler is set right behind.
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE), -signal.SIGINT)
        self.assertEqual([path.name for path in folder.iterdir()], ["control.sock"])

    def test_a_backup_that_is_killed_ends_at_the_daemon_too(self):
        process = subprocess.Popen([BIN / "xionctl", "--socket", self.gateway.socket_path, "backup", self.gateway.folder / "killed.backup"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.kill()
        process.wait()
        wait_until("another one can be made", lambda: self.ctl("backup", self.gateway.folder / "killed.backup").returncode == 0)

    # --- putting one back -----------------------------------------------------------------------------------------

    def test_a_damaged_backup_is_refused_and_nothing_is_written(self):
        whole = pathlib.Path(self.backup("whole.backup")["path"]).read_bytes()
        target, damaged = self.empty("target"), self.gateway.folder / "damaged.backup"
        chosen = random.Random(4)
        bad = {"short": whole[:-1], "half": whole[:len(whole) // 2], "empty": b"", "text": b"not a backup\n" * 1000,
               "data file": (self.gateway.folder / "data" / "data.mdb").read_bytes()}
        for n in range(20):
            at = chosen.randrange(len(whole))
            bad[f"bit {at}"] = whole[:at] + bytes([whole[at] ^ (1 << chosen.randrange(8))]) + whole[at + 1:]
        for what, octets in bad.items():
            with self.subTest(what):
                damaged.write_bytes(octets)
                self.refused(self.ctl("restore", damaged, "--to", target), 1, "damaged.backup", "take another backup")
                self.assertEqual(list(target.iterdir()), [])

    def test_a_store_is_never_replaced_and_a_used_one_not_touched(self):
        made = self.backup("good.backup")["path"]
        data = self.gateway.folder / "data"
        self.refused(self.ctl("restore", made, "--to", data), 1, "in use", "stop it first")
        self.refused(self.ctl("restore", made, "--to", self.gateway.folder / "nowhere"), 1, "there is no directory", "install -d")
        target = self.empty("twice")
        self.assertEqual(self.ctl("restore", made, "--to", target).returncode, 0)
        before = (target / "data.mdb").read_bytes()
        self.refused(self.ctl("restore", made, "--to", target), 1, "holds a store already", "move")
        self.assertEqual((target / "data.mdb").read_bytes(), before)
        self.assertEqual(self.ctl("restore", made).returncode, 2)

    def test_another_master_key_is_refused_where_a_configuration_names_it(self):
        made, target = self.backup("keyed.backup")["path"], self.empty("keyed")
        config = self.gateway.folder / "other-key.toml"
        config.write_text('[daemon]\nmaster_key_file = "another.key"\n')
        self.refused(self.ctl("restore", made, "--to", target, "--config", config), 1, "another.key")
        self.assertEqual(self.ctl("init-key", "--config", config).returncode, 0)
        self.refused(self.ctl("restore", made, "--to", target, "--config", config), 1, "not made by an xiond with this master key")
        self.assertEqual(list(target.iterdir()), [])
        self.assertEqual(self.ctl("restore", made, "--to", target, "--config", self.gateway.config_path).returncode, 0)

    def test_after_a_rotation_each_backup_needs_the_master_key_of_its_time(self):
        with Gateway(overrides=QUIET) as gateway:
            def restored(backup, name):
                folder = gateway.folder / name
                folder.mkdir()
                return self.ctl("restore", backup, "--to", folder, "--config", gateway.config_path)
            older = gateway.ctl("backup", gateway.folder / "older.backup")["path"]
            gateway.run_ctl("rotate-master-key", "--config", gateway.config_path)
            newer = gateway.ctl("backup", gateway.folder / "newer.backup")["path"]
            self.assertEqual(restored(newer, "one").returncode, 0)
            self.refused(restored(older, "two"), 1, "not made by an xiond with this master key")

    @unittest.skipUnless(os.geteuid() == 0, "only root gives files away")
    def test_what_root_restores_belongs_to_the_owner_of_the_directory(self):
        made, target = self.backup("owned.backup")["path"], self.empty("owned")
        os.chown(target, 65534, 65534)
        self.assertEqual(self.ctl("restore", made, "--to", target).returncode, 0)
        for file in target.iterdir():
            self.assertEqual((file.stat().st_uid, file.stat().st_gid), (65534, 65534), file)


if __name__ == "__main__":
    unittest.main()
