"""Starting: what can't work says so in one clear line, with the right exit code."""

import os
import pathlib
import signal
import socket
import subprocess
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until


def run(gateway, *arguments):
    done = subprocess.run([BIN / "xiond", "--config", gateway.config_path, *arguments], capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, (done.stdout + done.stderr).strip()


class Start(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(carriers=1)
        self.gateway.__enter__()
        self.gateway.stop()

    def tearDown(self):
        self.gateway.__exit__(None, None, None)

    def fails(self, code, *words):
        status, text = run(self.gateway)
        self.assertEqual(status, code, text)
        for word in words:
            self.assertIn(word, text)
        self.assertEqual(len(text.splitlines()), 1, text)

    def test_a_port_in_use(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", self.gateway.api_port))
            holder.listen()
            self.fails(2, str(self.gateway.api_port), "in use")

    def test_a_missing_data_directory(self):
        os.rename(self.gateway.folder / "data", self.gateway.folder / "elsewhere")
        self.fails(2, "data")

    def test_an_emptied_data_directory_is_no_new_store(self):
        """Its disk isn't mounted, most likely: nobody's codes, keys and limits are there, and that must be seen."""
        self.gateway.start()
        self.gateway.stop()
        for file in (self.gateway.folder / "data").iterdir():
            file.unlink()
        self.fails(2, "is its disk mounted?", "--init")
        status, text = run(self.gateway, "--check")
        self.assertEqual(status, 1)
        self.assertRegex(text, r"xionid\.toml:\d+:\d+: daemon\.data_dir = .*is its disk mounted")
        process = subprocess.Popen([BIN / "xiond", "--config", self.gateway.config_path, "--init"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until("it serves", lambda: self.gateway.is_answering("/healthz"))
        finally:
            process.terminate()
            process.wait(PATIENCE)
        self.gateway.start()

    def test_a_wrong_master_key(self):
        (self.gateway.folder / "master.key").unlink()
        self.gateway.run_ctl("init-key", "--config", self.gateway.config_path, socket_option=False)
        self.fails(2, "master key")

    def test_a_missing_master_key(self):
        (self.gateway.folder / "master.key").unlink()
        self.fails(2, "master.key", "init-key")

    def test_a_second_daemon_on_the_same_data(self):
        self.gateway.start()
        status, text = run(self.gateway)
        self.assertEqual(status, 2, text)

    def test_check_names_every_finding_with_its_place(self):
        config = pathlib.Path(self.gateway.config_path)
        self.assertEqual(run(self.gateway, "--check")[0], 0)
        good = config.read_text()
        config.write_text(good.replace("system_id", "sistem_id").replace('name = "main"', "failover_after_seconds = -1"))
        status, text = run(self.gateway, "--check")
        self.assertEqual(status, 1)
        self.assertIn("system_id", text)
        self.assertRegex(text, r"xionid\.toml:\d+:\d+: ")
        self.assertGreaterEqual(text.count("xionid.toml:"), 2)
        self.assertEqual(run(self.gateway)[0], 1)

    def test_a_second_signal_ends_it_at_once_and_nothing_is_left_undone(self):
        self.gateway.start()
        said = {event: self.gateway.log().count(event) for event in ("daemon.stopping", "daemon.stopped")}   # Before: setUp stopped one.
        carrier = self.gateway.carriers[0].process
        carrier.send_signal(signal.SIGSTOP)   # It never answers, so what was submitted keeps the first signal waiting.
        try:
            sent = self.gateway.send("+37499123056")["requestId"]
            wait_until("it is submitted", lambda: self.gateway.told("carrier list")[0]["inFlight"] == 1)
            process = self.gateway.process
            process.send_signal(signal.SIGTERM)
            wait_until("it stops", lambda: self.gateway.log().count("daemon.stopping") > said["daemon.stopping"])
            self.assertIsNone(process.poll())
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE), 0)
            self.assertEqual(self.gateway.log().count("daemon.stopped"), said["daemon.stopped"])
        finally:
            carrier.send_signal(signal.SIGCONT)
        self.gateway.start()
        self.assertEqual(self.gateway.ctl("otp", "show", sent)["requestId"], sent)

    def test_xionctl_without_a_daemon(self):
        done = self.gateway.run_ctl("status", check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn(str(self.gateway.socket_path), done.stderr)

    def test_init_key_refuses_to_overwrite(self):
        done = self.gateway.run_ctl("init-key", "--config", self.gateway.config_path, socket_option=False, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual((self.gateway.folder / "master.key").stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
