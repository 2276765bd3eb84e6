"""A PostgreSQL of a test's own, on loopback and not as root, that goes with the test.

    database = Database.shared()
    database.table("shop")      # [store] for a configuration: a schema of its own
    database.kill(); database.start()
    with database.standby() as standby: ...; standby.promote()
    with CuttingProxy(database.port) as proxy: proxy.cut_at("otps_insert", is_kept=True)
    with SilentProxy(database.port) as proxy: proxy.fall_silent(); proxy.speak()
"""

import atexit
import contextlib
import itertools
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading

from waiting import PATIENCE, free_port

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
schemas = itertools.count(1)


class Database:
    the_shared = None

    @classmethod
    def shared(cls):
        """One for all gateways of a test."""
        if cls.the_shared is None:
            cls.the_shared = cls()
            atexit.register(cls.the_shared.remove)
            cls.the_shared.start()
        return cls.the_shared

    def __init__(self, copy_of=None, settings=("fsync=off", "shared_buffers=32MB")):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="xionid-database."))
        self.port = free_port()
        self.settings = copy_of.settings if copy_of else settings
        if os.geteuid() == 0:   # The server refuses to run as root.
            shutil.chown(self.folder, "postgres", "postgres")
        if copy_of is None:
            self.run("initdb", "-D", self.folder / "data", "-U", "xion", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        else:
            self.run("pg_basebackup", "-h", copy_of.folder, "-p", str(copy_of.port), "-U", "xion", "-D", self.folder / "data", "-R", "-c", "fast", "--no-sync")

    def run(self, program, *arguments):
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        with open(self.folder / "output", "ab") as output:
            subprocess.run([*as_user, PROGRAMS / program, *arguments], cwd=self.folder, stdout=output, stderr=output, check=True, timeout=2 * PATIENCE)

    def start(self):
        options = " ".join([f"-k {self.folder} -p {self.port} -c listen_addresses=127.0.0.1", *(f"-c {each}" for each in self.settings)])
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options, "start")

    @contextlib.contextmanager
    def standby(self):
        """Another server that each commit of this one waits for, while it is there."""
        copy = Database(copy_of=self)
        try:
            copy.start()
            self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
            self.ask("SELECT pg_reload_conf()")
            yield copy
        finally:
            copy.remove()

    def promote(self):
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "promote")

    def kill(self):
        """As `kill -9` ends it: nothing is flushed, no connection is told."""
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def remove(self):
        try:
            self.kill()
        except subprocess.CalledProcessError:
            pass   # It is down already.
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, query):
        done = subprocess.run([PROGRAMS / "psql", "-h", self.folder, "-p", str(self.port), "-U", "xion", "-d", "postgres", "-At", "-c", query],
                              capture_output=True, text=True, check=True, timeout=PATIENCE)
        return done.stdout.strip()

    def table(self, schema=None, ports=None, create=True):
        schema = schema or f"gateway_{next(schemas)}"
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports or [self.port])
        return f"""[store]
engine = "postgresql"
url = "postgresql://xion@{hosts}/postgres"
schema = "{schema}"
create = {str(create).lower()}
durability = "asynchronous"
"""


class Proxy:
    """Between a client and the server. What becomes of a connection is `connect(client)`, in a thread of its own."""

    def __init__(self, to_port):
        self.to_port = to_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):   # The listener was closed.
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def carry_both_ways(self, client, there, back):
        """`there(client, server)` in this thread, `back(server, client)` in one more; nothing where there is no server now."""
        try:
            server = socket.create_connection(("127.0.0.1", self.to_port))
        except OSError:
            return client.close()
        threading.Thread(target=back, args=(server, client), daemon=True).start()
        there(client, server)


class CuttingProxy(Proxy):
    """Cuts the connection when a COMMIT was sent, so that its answer never comes."""

    def __init__(self, to_port):
        super().__init__(to_port)
        self.lock = threading.Lock()
        self.statement, self.is_kept = None, False
        self.cuts = 0

    def cut_at(self, statement, is_kept):
        """The next commit in which that statement is: kept by the server, or cut before the server has heard of the COMMIT."""
        with self.lock:
            self.statement, self.is_kept = statement.encode(), is_kept

    def connect(self, client):
        self.carry_both_ways(client, self.forward, self.answer)

    def forward(self, client, server):
        """What the client sends, a transaction at a time, so that a commit is seen whole."""
        transaction = b""
        with contextlib.suppress(OSError), client, server:
            while octets := client.recv(1 << 16):
                transaction += octets
                if b"BEGIN\0" in transaction and b"COMMIT\0" not in transaction:
                    continue
                with self.lock:
                    is_cut = self.statement is not None and self.statement in transaction and b"COMMIT\0" in transaction
                    is_kept = self.is_kept
                    if is_cut:
                        self.statement = None
                        self.cuts += 1
                if is_cut:
                    client.shutdown(socket.SHUT_RDWR)   # The answer goes nowhere.
                    if is_kept:
                        server.sendall(transaction)
                        server.shutdown(socket.SHUT_WR)
                        while server.recv(1 << 16):   # Until the server has done it.
                            pass
                    return
                server.sendall(transaction)
                transaction = b""

    def answer(self, server, client):
        with contextlib.suppress(OSError):
            while octets := server.recv(1 << 16):
                client.sendall(octets)


class SilentProxy(Proxy):
    """A network that loses everything for a while, and tells nobody."""

    def __init__(self, to_port):
        super().__init__(to_port)
        self.is_speaking = threading.Event()
        self.is_speaking.set()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.speak()

    def fall_silent(self):
        self.is_speaking.clear()

    def speak(self):
        self.is_speaking.set()

    def connect(self, client):
        self.is_speaking.wait()
        self.carry_both_ways(client, self.carry, self.carry)

    def carry(self, source, to):
        """What was under way when everything went silent comes afterwards, as it does over TCP."""
        with contextlib.suppress(OSError), source, to:
            while octets := source.recv(1 << 16):
                self.is_speaking.wait()
                to.sendall(octets)


def store_table():
    """What a configuration says of its store, by the engine that this run is on."""
    return Database.shared().table() if os.environ.get("XION_ENGINE") == "postgresql" else ""
