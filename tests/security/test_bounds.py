"""Who opens much and says nothing starves nobody: of an address, of a user of the control socket, of all who have begun."""

import contextlib
import os
import pwd
import socket
import subprocess
import sys
import unittest

from harness import PATIENCE, Gateway, RawAnswer, wait_until

IDLE_CLIENTS = """
import os, socket, sys
os.setgroups([int(sys.argv[2])]); os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[3]))
clients = []
for _ in range(200):
    client = socket.socket(socket.AF_UNIX)
    try:
        client.connect(sys.argv[1])
    except OSError:
        break
    clients.append(client)
print("there", flush=True)
sys.stdin.read()
"""


class Bounds(unittest.TestCase):
    def open_from(self, gateway, address, count, said=b""):
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", gateway.api_port), timeout=PATIENCE, source_address=(address, 0))
            self.addCleanup(connection.close)
            with contextlib.suppress(ConnectionError):
                connection.sendall(said)
            yield connection

    def ask_from(self, gateway, address, key):
        with socket.create_connection(("127.0.0.1", gateway.api_port), timeout=PATIENCE, source_address=(address, 0)) as connection:
            connection.sendall(f"GET /v1/usage HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n".encode())
            return RawAnswer(b"".join(iter(lambda: connection.recv(65536), b"")))

    def test_one_address_takes_a_part_of_all_connections(self):
        with Gateway(carriers=0, routes="", api="max_connections = 400\n", overrides=["requests_per_second=none"]) as gateway:
            idle = list(self.open_from(gateway, "127.0.0.9", 101))
            refused = RawAnswer(b"".join(iter(lambda: idle[-1].recv(65536), b"")))
            self.assertEqual((refused.status, refused["code"]), (503, "overloaded"))
            self.assertIn("key", refused["detail"])
            self.assertEqual(self.ask_from(gateway, "127.0.0.8", gateway.key).status, 200)
            # Whoever has shown a key is no stranger: a pool may be larger.
            asked = f"GET /v1/usage HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n\r\n".encode()
            for connection in self.open_from(gateway, "127.0.0.7", 200, asked):
                self.assertIn(b" 200 OK", connection.recv(65536))

    def test_an_address_that_left_has_its_places_again(self):
        with Gateway(carriers=0, routes="", api="max_connections = 100\n", overrides=["requests_per_second=none"]) as gateway:
            for _ in range(3):
                idle = list(self.open_from(gateway, "127.0.0.9", 64))
                for connection in idle:
                    connection.close()
                wait_until("they have left", lambda: self.ask_from(gateway, "127.0.0.9", gateway.key).status == 200)

    @unittest.skipIf(os.environ.get("XION_SANITIZE"), "the sanitizers are slower than the ten seconds that a body may take")
    def test_unfinished_bodies_have_a_bound_in_sum(self):
        """64 MiB: eleven hundred bodies that lack an octet are more, and a request that comes whole is served beside them."""
        with Gateway(carriers=0, routes="", overrides=["requests_per_second=none"]) as gateway:
            body = b"POST /v1/otp/send HTTP/1.1\r\nHost: x\r\nContent-Length: 65000\r\n\r\n" + b" " * 64_999
            began = list(self.open_from(gateway, "127.0.0.9", 1_100, body))
            answers = []
            for connection in began[-20:]:
                with contextlib.suppress(ConnectionResetError):
                    answers.append(RawAnswer(b"".join(iter(lambda: connection.recv(65536), b""))))
            self.assertIn((503, "overloaded"), [(answer.status, answer["code"]) for answer in answers])
            self.assertEqual(self.ask_from(gateway, "127.0.0.8", gateway.key).status, 200)

    @unittest.skipUnless(os.getuid() == 0, "needs root, to be somebody else")
    def test_who_may_look_does_not_close_the_control_socket(self):
        """Two hundred idle clients of a user who may connect: of those sixteen are kept, and whoever may command is served."""
        nobody = pwd.getpwnam("nobody")
        group = next(entry for entry in __import__("grp").getgrall() if entry.gr_name == "nogroup")
        with Gateway(carriers=0, routes="") as gateway:
            gateway.folder.chmod(0o755)
            gateway.socket_path.chmod(0o666)
            with subprocess.Popen([sys.executable, "-c", IDLE_CLIENTS, str(gateway.socket_path), str(group.gr_gid), str(nobody.pw_uid)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as idle:
                self.assertEqual(idle.stdout.readline(), "there\n")
                for _ in range(3):
                    self.assertEqual(gateway.run_ctl("status", check=False).returncode, 0)
                idle.stdin.close()


if __name__ == "__main__":
    unittest.main()
