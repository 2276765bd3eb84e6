"""xiond under a supervisor that speaks systemd's protocols: sockets handed over, readiness, watchdog, reload, stop."""

import os
import signal
import socket
import threading
import time
import unittest

from harness import BIN, Gateway, free_port, wait_until

# So many times it is started anew under load.
RESTARTS = int(os.environ.get("XION_RESTARTS", "100"))


class Supervisor(Gateway):
    """Holds the API's socket over restarts and listens to what the daemon tells, as systemd does. Source: sd_listen_fds(3), sd_notify(3)."""

    watchdog_seconds = 1

    def __enter__(self):
        self.messages = []
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
            self.messages.append((time.monotonic(), message))

    def has_told(self, line, since=0):
        return any(line in message.split("\n") for at, message in self.messages if at >= since)

    def start(self, wait=True, bound=True):
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
            if bound:
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
        self.gateway = Supervisor(overrides=["sends_per_phone=none", "cooldown_seconds=none"], log_level="info").__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def test_readiness_watchdog_reload_and_stop_are_told(self):
        gateway = self.gateway
        begun = time.monotonic()
        wait_until("the watchdog is fed", lambda: sum("WATCHDOG=1" in message for at, message in gateway.messages if at > begun) >= 3)
        os.kill(gateway.pid, signal.SIGHUP)
        wait_until("RELOADING=1", lambda: gateway.has_told("RELOADING=1", begun))
        wait_until("READY=1 after it", lambda: gateway.has_told("READY=1", begun))
        reloading = next(message for at, message in gateway.messages if "RELOADING=1" in message)
        self.assertIn("MONOTONIC_USEC=", reloading)
        gateway.stop()
        self.assertTrue(gateway.has_told("STOPPING=1"))

    def test_restarts_under_load_refuse_nobody_and_lose_no_request(self):
        """Clients that connect for each call, and one that keeps its connection: nobody is refused, answered 503 or left without an answer."""
        gateway = self.gateway
        over, failures, sent = threading.Event(), [], []

        def note(answer):
            if answer.status != 202:
                failures.append(repr(answer))
            sent.append(answer)

        def load(number):
            count = 0
            while not over.is_set() and not failures:
                try:
                    note(gateway.send(f"+37499{number + 1}{count:05d}"))
                except Exception as broken:
                    failures.append(repr(broken))
                count += 1

        def load_on_one_connection():
            """As long as it may: an answer that says `Connection: close` is the last on it. One that was closed while this client was slow takes
            nothing of the next request, which goes by another (RFC 9112 §9.3.1)."""
            count, connection = 0, None
            while not over.is_set() and not failures:
                try:
                    connection = connection or gateway.connection().connect()
                    answer = connection.post("/v1/otp/send", {"phone": f"+374999{count:05d}"})
                    note(answer)
                    if answer.headers.get("connection") == "close":
                        connection = connection.close()
                except BrokenPipeError:
                    connection = connection.close()
                except Exception as broken:
                    failures.append(repr(broken))
                count += 1
            if connection:
                connection.close()

        threads = [threading.Thread(target=load, args=(number,)) for number in range(2)] + [threading.Thread(target=load_on_one_connection)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(RESTARTS):
                before = len(sent)
                wait_until("there is load", lambda: failures or len(sent) > before + 5)
                if failures:
                    break
                gateway.stop()
                gateway.start(bound=False)
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(len(sent), RESTARTS * 5)
        for answer in sent[:: max(1, len(sent) // 200)]:
            self.assertEqual(gateway.read(answer["requestId"]).status, 200)

    def test_a_reload_that_is_refused_is_told_everywhere(self):
        gateway = self.gateway
        whole = gateway.config_path.read_text()
        gateway.config_path.write_text(whole + "\nwrong = 1\n")
        begun = time.monotonic()
        os.kill(gateway.pid, signal.SIGHUP)
        wait_until("it is over", lambda: gateway.has_told("READY=1", begun))
        told = next(message for at, message in gateway.messages if at > begun and "READY=1" in message)
        self.assertRegex(told, r"STATUS=.*reload was refused: .*xionid\.toml:\d+:1: .*wrong: unknown key")
        reload = gateway.ctl("status")["lastReload"]
        self.assertEqual(reload["outcome"], "refused")
        self.assertIn("wrong: unknown key", reload["reason"])
        self.assertIn("xionid_config_last_reload_successful 0", gateway.request("GET", "/metrics", port=gateway.operator_port).text)
        gateway.config_path.write_text(whole)
        gateway.ctl("config", "apply")
        self.assertEqual(gateway.ctl("status")["lastReload"]["outcome"], "applied")
        self.assertIn("xionid_config_last_reload_successful 1", gateway.request("GET", "/metrics", port=gateway.operator_port).text)

    def test_sockets_that_differ_from_the_configuration_are_told_everywhere(self):
        gateway = self.gateway
        self.assertNotIn("warning", gateway.ctl("status")["api"])
        self.assertEqual(gateway.ctl("config", "diff"), [])
        other = free_port()
        gateway.config_path.write_text(gateway.config_path.read_text().replace(f"127.0.0.1:{gateway.api_port}", f"127.0.0.1:{other}"))
        change = gateway.ctl("config", "diff")[0]
        self.assertEqual((change["key"], change["before"], change["after"]),
                         ("api.listen", f'["127.0.0.1:{gateway.api_port}"]', f'["127.0.0.1:{other}"]'))
        self.assertIn("xiond.socket", change["takesEffect"])
        gateway.stop()
        since = time.monotonic()
        gateway.start()
        gateway.await_log("api.sockets.differ")
        self.assertTrue(any("STATUS=serving, but systemd holds" in message for at, message in gateway.messages if at > since))
        api = gateway.ctl("status")["api"]
        self.assertEqual((api["bySystemd"], api["listening"]), (True, [f"127.0.0.1:{gateway.api_port}"]))
        self.assertIn(f"api.listen is 127.0.0.1:{other}", api["warning"])
        unit = gateway.run_ctl("config", "socket-unit", "--config", gateway.config_path, socket_option=False)
        self.assertIn(f"ListenStream=127.0.0.1:{other}\\n", unit.stdout)


if __name__ == "__main__":
    unittest.main()
