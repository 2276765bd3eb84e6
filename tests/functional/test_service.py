"""xiond under a supervisor that speaks systemd's protocols: sockets handed over, readiness, watchdog, reload, stop."""

import os
import signal
import socket
import threading
import time
import unittest

from harness import BIN, Gateway, wait_until

PHONE = "+374991231{:02d}"


class Supervisor(Gateway):
    """Holds the API's socket over restarts and listens to what the daemon tells, as systemd does. Source: sd_listen_fds(3), sd_notify(3)."""

    watchdog_seconds = 1

    def __enter__(self):
        self.told = []
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify_path = str(self.folder / "notify")
        self.notify.bind(self.notify_path)
        self.held = socket.socket()
        self.held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.held.bind(("127.0.0.1", self.api_port))
        self.held.listen(1024)
        threading.Thread(target=self.hear, daemon=True).start()
        return super().__enter__()

    def hear(self):
        while True:
            message = self.notify.recv(4096).decode()
            self.told.append((time.monotonic(), message))

    def has_told(self, line, since=0):
        return any(line in message.split("\n") for at, message in self.told if at >= since)

    def start(self, wait=True):
        since = time.monotonic()
        log = os.open(self.log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.dup2(self.held.fileno(), 3)
            os.set_inheritable(3, True)
            os.execve(BIN / "xiond", ["xiond", "--config", str(self.config_path)],
                      {**os.environ, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), "NOTIFY_SOCKET": self.notify_path,
                       "WATCHDOG_USEC": str(self.watchdog_seconds * 1_000_000)})
        os.close(log)
        if wait:
            wait_until("READY=1", lambda: self.has_told("READY=1", since))
            wait_until("a bind", lambda: self.is_answering("/readyz"))

    def stop(self, check=True):
        pid, self.pid = getattr(self, "pid", None), None
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        status = os.waitpid(pid, 0)[1]
        if check:
            assert os.waitstatus_to_exitcode(status) == 0, self.log()


class Service(unittest.TestCase):
    def setUp(self):
        self.gateway = Supervisor().__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def test_readiness_watchdog_reload_and_stop_are_told(self):
        gateway = self.gateway
        begun = time.monotonic()
        wait_until("the watchdog is fed", lambda: sum("WATCHDOG=1" in message for at, message in gateway.told if at > begun) >= 3)
        os.kill(gateway.pid, signal.SIGHUP)
        wait_until("RELOADING=1", lambda: gateway.has_told("RELOADING=1", begun))
        wait_until("READY=1 after it", lambda: gateway.has_told("READY=1", begun))
        reloading = next(message for at, message in gateway.told if "RELOADING=1" in message)
        self.assertIn("MONOTONIC_USEC=", reloading)
        gateway.stop()
        self.assertTrue(gateway.has_told("STOPPING=1"))

    def test_restarts_under_load_refuse_no_connection_and_lose_no_request(self):
        gateway = self.gateway
        over, failures, sent = threading.Event(), [], []

        def load(number):
            count = 0
            while not over.is_set():
                try:
                    # A connection that the daemon closes while it stops was not answered: a client tries it again.
                    answer = gateway.send(f"+37499{number + 1}{count:05d}", headers={"Idempotency-Key": f"{number}-{count}"})
                except ConnectionRefusedError as refused:
                    failures.append(repr(refused))
                    continue
                except OSError:
                    continue
                except Exception as broken:   # http.client's own, for a connection that was closed unanswered.
                    if "RemoteDisconnected" not in repr(broken) and "BadStatusLine" not in repr(broken):
                        failures.append(repr(broken))
                    continue
                if answer.status == 503:
                    continue
                if answer.status != 202:
                    failures.append(repr(answer))
                sent.append(answer)
                count += 1

        threads = [threading.Thread(target=load, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                before = len(sent)
                wait_until("there is load", lambda: failures or len(sent) > before + 10)
                gateway.stop()
                gateway.start()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(len(sent), 3)
        for answer in sent:
            self.assertEqual(gateway.read(answer["requestId"]).status, 200)


if __name__ == "__main__":
    unittest.main()
