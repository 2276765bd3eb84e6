"""What a test waits for, and how long: a state, with a limit that only a hang meets; and ports that stay its own while it does."""

import contextlib
import random
import socket
import time

# A limit in seconds that only a hang meets, on however slow a machine: whoever waits for a state waits so long for it.
PATIENCE = 600

taken_ports = []   # Sockets that say to other tests which ports are this one's, for as long as it runs.


def free_port():
    """Below the ports that the kernel gives to outgoing connections, which could take it before its owner does, and not one that another test has
    chosen and does not listen at yet, or not again."""
    for _ in range(1000):
        port = random.randrange(10_000, 32_000)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0xionid-test-port-{port}")
            with contextlib.closing(socket.socket()) as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        taken_ports.append(claim)
        return port
    raise AssertionError("no port is free")


def wait_until(what, condition, seconds=PATIENCE):
    """Polls `condition` until it is true, the last time when the time is over; fails naming `what` if it never is. To ask may cost a process: it
    takes a fifth of the time at most, so that what is waited for has the machine."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        found = condition()
        if found:
            return found
        now = time.monotonic()
        if began >= deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(max(0, min(max(0.02, 4 * (now - began)), 0.5, deadline - now)))


def within_one_month(seconds=60):
    """For a test of what a plan counts, which begins anew with the month: where that is about to end, it has ended when this returns."""
    month = time.gmtime(time.time() + seconds).tm_mon
    while time.gmtime().tm_mon != month:
        time.sleep(0.2)
