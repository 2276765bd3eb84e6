"""A network between a client and a server on this machine: each direction takes its time.

    with DelayProxy(database.port, one_way=0.00025) as proxy: ...proxy.port...
"""

import contextlib
import socket
import threading
import time


class DelayProxy:
    def __init__(self, to_port, one_way):
        self.to_port, self.one_way = to_port, one_way
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
                server = socket.create_connection(("127.0.0.1", self.to_port))
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        """What comes while something waits leaves a little later than it would: that is on the safe side."""
        with contextlib.suppress(OSError), one, other:
            while octets := one.recv(1 << 20):
                time.sleep(self.one_way)
                other.sendall(octets)
