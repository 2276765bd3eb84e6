"""Starts the real daemon, the real carrier simulator and the real xionctl on loopback, for tests that use them from outside.

    with Gateway() as gateway:
        answer = gateway.send("+37499123056")
        code = gateway.handset("+37499123056")

The binaries are those of the build folder in XION_BIN (ctest sets it). Where XION_EXCHANGES names a file, every exchange with the customers' API
is added to it as a line of JSON; tests/contract holds them against the OpenAPI file. XION_ENGINE=postgresql runs them on a database.
"""

import collections
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import database
import prism
from waiting import PATIENCE, free_port, wait_until, within_one_month  # noqa: F401  (tests take them from here)

# A shell that starts a test in the background has SIGINT ignored in it, and in all that it starts. Tests send it.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

BIN = pathlib.Path(os.environ.get("XION_BIN", "build/dev/bin")).resolve()
EXCHANGES = os.environ.get("XION_EXCHANGES")


def record_exchange(method, path, status, headers, text):
    """One line in one write, so that tests that run side by side don't mix."""
    if not EXCHANGES:
        return
    line = json.dumps({"method": method, "path": path, "status": status, "headers": headers, "body": text}) + "\n"
    file = os.open(EXCHANGES, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


def memory_bound(mib):
    """So many MiB, in octets; and 320 more where the address sanitizer keeps freed memory aside (256 MiB by default)."""
    is_sanitized = b"__asan_init" in (BIN / "xiond").read_bytes()
    return mib + (320 if is_sanitized else 0) << 20


class Answer:
    """One HTTP answer: `status`, `headers` (lower-case names) and the parsed body."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.text = body.decode("utf-8", "replace")
        try:
            self.json = json.loads(self.text) if self.text else None
        except ValueError:
            self.json = None

    def __getitem__(self, member):
        return self.json[member]

    def __repr__(self):
        return f"<{self.status} {self.text}>"


class RawAnswer(Answer):
    """The same, read from the octets of a connection that has ended."""

    def __init__(self, octets):
        head, _, body = octets.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        self.text = body.decode("utf-8", "replace")
        try:
            self.json = json.loads(self.text) if self.text else None
        except ValueError:
            self.json = None


def answers_at_once(requests, seconds=PATIENCE):
    """Opens a connection for each (port, request), sends all of them before any answer is read, and gives the answers."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=seconds)) for port, _ in requests]
        for connection, (_, octets) in zip(connections, requests):
            connection.sendall(octets)
        answers = []
        for connection in connections:
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
            answers.append(RawAnswer(received))
        return answers


class Connection:
    """One connection of a backend, kept for many calls."""

    def __init__(self, port, key):
        self.key = key
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def connect(self):
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def post(self, path, body, headers=None):
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **(headers or {})}
        self.connection.request("POST", path, json.dumps(body), sent)
        response = self.connection.getresponse()
        return Answer(response, response.read())

    def close(self):
        self.connection.close()


class Carrier:
    """A simulated SMSC."""

    def __init__(self, folder, name="primary", arguments=()):
        self.name = name
        self.folder = folder
        self.port, self.admin_port = free_port(), free_port()
        self.admin = f"127.0.0.1:{self.admin_port}"
        self.arguments = list(arguments)
        self.process = None
        # By phone: how many messages had come when the handset was last read, and how many sends were accepted since.
        self.read, self.accepted = collections.Counter(), collections.Counter()

    def start(self):
        self.read.clear()
        with open(self.folder / f"carrier-{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                [BIN / "xionid-carrier", "serve", "--listen", f"127.0.0.1:{self.port}", "--admin", self.admin, *self.arguments],
                stdout=log, stderr=log)
        wait_until(f"carrier {self.name} listens", self.is_listening)
        return self

    def is_listening(self):
        try:
            socket.create_connection(("127.0.0.1", self.admin_port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        self.process = None

    def command(self, *arguments, check=True):
        done = subprocess.run([BIN / "xionid-carrier", *arguments, "--admin", self.admin], capture_output=True, text=True, timeout=2 * PATIENCE)
        if check and done.returncode != 0:
            raise AssertionError(f"xionid-carrier {arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def ask(self, *words):
        """What `xionid-carrier` would ask it, without a process for each question: the lines of its answer."""
        with socket.create_connection(("127.0.0.1", self.admin_port), timeout=2 * PATIENCE) as connection:
            connection.sendall((" ".join(words) + "\n").encode())
            return b"".join(iter(lambda: connection.recv(1 << 20), b"")).decode().splitlines()

    def told(self, *words):
        """The same, as JSON; a refusal ends the test."""
        answers = [json.loads(line) for line in self.ask(*words)]
        refused = [each["error"] for each in answers if "error" in each]
        if refused:
            raise AssertionError(f"{self.name} refuses {words}: {refused}")
        return answers

    def inbox(self, phone, wait=PATIENCE):
        """What has come for that number, oldest first; nothing from a simulator that is stopped."""
        with contextlib.suppress(ConnectionError):
            return self.told("inbox", phone, *([f"wait={wait}"] if wait else []))
        return []

    def messages(self, phone, count):
        """The same, once so many have come: of several codes the last one is not there before."""
        return wait_until(f"{count} came to {phone}", lambda: (lambda all: all if len(all) >= count else None)(self.inbox(phone)))

    def code(self, phone, wait=PATIENCE, newer=1):
        """The newest, once so many have come since it was last asked."""
        messages = self.messages(phone, self.read[phone] + newer) if newer > 1 or self.read[phone] else self.inbox(phone, wait)
        if not messages or not messages[-1].get("code"):
            raise AssertionError(f"no message with a code has come to {self.name} for {phone}")
        self.read[phone] = len(messages)
        return messages[-1]["code"]

    def stats(self):
        return self.told("stats")[0]

    def codes(self):
        """Lines of "+NUMBER CODE": every message that the simulator still keeps, oldest first."""
        return self.ask("codes")

    def fault(self, *settings):
        self.told("fault", *settings)

    def settings(self, **more):
        keys = {"name": self.name, "address": f"127.0.0.1:{self.port}", "system_id": "xion", "password_file": "carrier.password",
                "sender": "XionID", "rate": 0, "reconnect_min_seconds": 1, **more}
        return "\n".join(["[[carrier]]"] + [f"{key} = {json.dumps(value)}" for key, value in keys.items()]) + "\n"


class Gateway:
    """xiond with carriers, an app and a key. Everything lives in one folder that goes away with it."""

    def __init__(self, carriers=1, carrier_arguments=(), carrier_settings=None, config="", routes=None, plan="custom", overrides=(), log_level="debug",
                 wait_bound=True, api=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="xionid-test."))
        names = ["primary", "backup", "third", "fourth"][:carriers]
        self.carriers = [Carrier(self.folder, name, carrier_arguments) for name in names]
        self.carrier_settings = carrier_settings or {}
        self.api_port, self.operator_port = free_port(), free_port()
        self.extra = config
        self.api_extra = api
        self.routes = routes
        self.plan = plan
        self.overrides = overrides
        self.wait_bound = wait_bound
        self.log_level = log_level
        self.process = None
        self.prism = None
        self.key = None
        self.store = database.store_table() if "[store]" not in config else ""
        self.program = "xiond"
        self.environment = {}   # What the daemon has beside this test's own.

    # --- life ---------------------------------------------------------------------------------------------------

    def __enter__(self):
        try:
            for carrier in self.carriers:
                carrier.start()
            self.write_config()
            (self.folder / "data").mkdir(exist_ok=True)
            (self.folder / "carrier.password").write_text("secret\n")
            (self.folder / "carrier.password").chmod(0o600)
            self.make_master_key()
            self.start()
            # Most tests verify nothing, which the guard would take for what it is made for.
            guard = [] if "[fraud]" in self.extra or any(each.startswith("fraud=") for each in self.overrides) else ["fraud=record"]
            self.told("app add", name="shop", plan=self.plan, set=dict(each.split("=", 1) for each in [*guard, *self.overrides]))
            self.key = self.told("key create", app="shop")["key"]
            return self
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def __exit__(self, kind, error, trace):
        self.stop(check=False)
        if self.prism:
            self.prism.stop()
        for carrier in self.carriers:
            carrier.stop()
        if kind is not None and self.log_path.exists():
            sys.stderr.write("--- xiond's log, the end of it\n" + "\n".join(self.log().splitlines()[-40:]) + "\n")
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def config_path(self):
        return self.folder / "xionid.toml"

    @property
    def socket_path(self):
        return self.folder / "control.sock"

    @property
    def log_path(self):
        return self.folder / "xiond.log"

    def make_master_key(self):
        """As `xionctl init-key` does it."""
        path = self.folder / "master.key"
        path.touch(0o600)
        path.write_text(os.urandom(32).hex() + "\n")

    def write_config(self):
        routes = self.routes
        if routes is None:
            names = ", ".join(f'"{carrier.name}"' for carrier in self.carriers)
            routes = f'[[route]]\nname = "main"\ncarriers = [{names}]\n'
        blocks = [carrier.settings(**self.carrier_settings) for carrier in self.carriers]
        self.config_path.write_text(f"""
[daemon]
data_dir = "{self.folder}/data"
control_socket = "{self.socket_path}"
master_key_file = "{self.folder}/master.key"
log = "stderr"
log_level = "{self.log_level}"

[api]
listen = ["127.0.0.1:{self.api_port}"]
{self.api_extra}
[operator]
listen = "127.0.0.1:{self.operator_port}"

{self.store}
{self.extra}
""" + "\n".join(blocks) + routes)

    def start(self, wait=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([BIN / self.program, "--config", self.config_path], stdout=log, stderr=log,
                                            env={**os.environ, **self.environment})
        if not wait:
            return
        path = "/readyz" if self.wait_bound and self.carriers else "/healthz"
        wait_until("xiond is ready", lambda: self.check_alive() and self.is_answering(path))
        if prism.PRISM and not self.prism:
            self.prism = prism.Prism(self.folder, self.api_port)

    def check_alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"xiond ended with {self.process.returncode}:\n{self.log()}")
        return True

    def is_answering(self, path):
        try:
            return self.request("GET", path, port=self.operator_port).status == 200
        except OSError:
            return False

    def stop(self, check=True):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            code = self.process.wait(PATIENCE)
            if check and code != 0:
                raise AssertionError(f"xiond ended with {code}:\n{self.log()}")
        self.process = None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def await_log(self, text):
        """What is answered is logged a little later."""
        wait_until(f"the log has {text}", lambda: text in self.log())

    # --- xionctl ------------------------------------------------------------------------------------------------

    def run_ctl(self, *arguments, socket_option=True, check=True):
        command = [BIN / "xionctl", "--json"] + (["--socket", self.socket_path] if socket_option else []) + list(arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        if check and done.returncode != 0:
            raise AssertionError(f"xionctl {arguments} ended with {done.returncode}: {done.stderr}")
        return done

    def control(self, line):
        """One line to the control socket as it is, and its answer."""
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
            client.settimeout(PATIENCE)
            client.connect(str(self.socket_path))
            client.sendall(line.encode())
            return json.loads(client.makefile().readline())

    def ctl(self, *arguments):
        return json.loads(self.run_ctl(*arguments).stdout)

    def told(self, command, **arguments):
        """What xionctl would ask and print, without a process for each question: for what is asked again and again, and what only prepares."""
        answer = self.control(json.dumps({"command": command, "args": arguments}) + "\n")
        if not answer["ok"]:
            raise AssertionError(f"{command} {arguments}: {answer}")
        return answer["result"]

    # --- HTTP ---------------------------------------------------------------------------------------------------

    def request(self, method, path, body=None, headers=None, key=None, port=None, raw=None):
        if not self.prism or port is not None or method == "HEAD":   # Prism knows no HEAD.
            return self.request_at(port or self.api_port, method, path, body, headers, key, port, raw)
        answer = self.request_at(self.prism.port, method, path, body, headers, key, port, raw)
        if prism.is_of_prism(answer):
            return self.request_at(self.api_port, method, path, body, headers, key, port, raw)
        found = prism.complaints(answer)
        assert not found, (method, path, body, answer, found)
        return answer

    def request_at(self, where, method, path, body, headers, key, port, raw):
        connection = http.client.HTTPConnection("127.0.0.1", where, timeout=PATIENCE)
        try:
            sent = dict(headers or {})
            if key is not False and port is None:
                sent.setdefault("Authorization", f"Bearer {key or self.key}")
            payload = raw
            if body is not None:
                payload = json.dumps(body)
                sent.setdefault("Content-Type", "application/json")
            connection.request(method, path, payload, sent)
            response = connection.getresponse()
            answer = Answer(response, response.read())
            if port is None:
                record_exchange(method, path, answer.status, answer.headers, answer.text)
            return answer
        finally:
            connection.close()

    def connection(self, key=None):
        return Connection(self.api_port, key or self.key)

    def raw(self, octets, seconds=PATIENCE):
        """What comes back for octets that may be anything, up to the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.api_port), timeout=seconds) as connection:
            connection.sendall(octets)
            received = b""
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                while chunk := connection.recv(65536):
                    received += chunk
        return RawAnswer(received)

    def raw_at_once(self, requests, seconds=PATIENCE):
        return answers_at_once([(self.api_port, octets) for octets in requests], seconds)

    def send(self, phone, key=None, headers=None, **fields):
        answer = self.request("POST", "/v1/otp/send", {"phone": phone, **fields}, headers=headers, key=key)
        if answer.status == 202 and "idempotency-replayed" not in answer.headers:
            for carrier in self.carriers:
                carrier.accepted[phone] += 1
        return answer

    def verify(self, phone=None, code=None, key=None, headers=None, **fields):
        body = {"code": code, **fields}
        if phone is not None:
            body["phone"] = phone
        return self.request("POST", "/v1/otp/verify", body, headers=headers, key=key)

    def read(self, request_id):
        return self.request("GET", f"/v1/otp/{request_id}")

    def wait_delivery(self, request_id, state="delivered", seconds=PATIENCE):
        return wait_until(f"{request_id} is {state}",
                          lambda: (lambda answer: answer if answer["delivery"]["status"] == state else None)(self.read(request_id)), seconds)

    # --- the handset --------------------------------------------------------------------------------------------

    def handset(self, phone, carrier=0, wait=PATIENCE):
        """The code that it shows, once what `send` was accepted for has come: an older one may be there before."""
        accepted = self.carriers[carrier].accepted[phone]
        code = self.carriers[carrier].code(phone, wait, accepted if len(self.carriers) == 1 else min(accepted, 1))
        for each in self.carriers:
            each.accepted.pop(phone, None)
        assert re.fullmatch(r"\d{4,10}", code), f"no code on the handset: {code!r}"
        return code


def wrong(code):
    """A code of the same length that is not this one."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))
