"""No code outlives its message in the daemon's memory, and none of it goes into a core file."""

import os
import pathlib
import re
import unittest

from harness import BIN, Gateway, wait_until

PHONES = [f"+3749917400{n:02}" for n in range(30)]


def memory_of(pid):
    """Every readable page of a process, mapping by mapping."""
    maps = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            begin, end, rights, name = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)", line).groups()
            if "r" not in rights or name.startswith(("[vvar", "[vsyscall")):
                continue
            memory.seek(int(begin, 16))
            try:
                yield name, memory.read(int(end, 16) - int(begin, 16))
            except OSError:
                continue


class Memory(unittest.TestCase):
    def test_thirty_codes_are_nowhere_once_they_are_delivered(self):
        if b"__asan_init" in (BIN / "xiond").read_bytes():
            self.skipTest("the sanitizer keeps what is freed, to see who uses it")
        if os.geteuid() != 0:
            self.skipTest("only root may look into it")
        # Ten digits: shorter ones stand in any memory, as parts of times and numbers.
        with Gateway(overrides=["code_length=10", "cooldown_seconds=none"]) as gateway:
            requests = [gateway.send(phone)["requestId"] for phone in PHONES]
            codes = [gateway.handset(phone) for phone in PHONES]
            for request in requests:
                gateway.wait_delivery(request)
            # As long as nothing else happened the last message's buffers may still be what they were for.
            for phone, code in list(zip(PHONES, codes))[:10]:
                self.assertEqual(gateway.verify(phone, code).status, 200)
            other = gateway.send("+37499174099")["requestId"]
            gateway.wait_delivery(other)

            def found():
                seen = {}
                for name, octets in memory_of(gateway.process.pid):
                    for code in codes:
                        for spelling, written in (("ASCII", code.encode()), ("UTF-16", code.encode("utf-16-be"))):
                            count = octets.count(written)
                            if count:
                                seen.setdefault((name, spelling), []).append((codes.index(code), count))
                return seen
            seen = wait_until("no code is left", lambda: found() or "none", 10)
            self.assertEqual(seen, "none")

    def test_it_makes_no_core_file_and_tells_no_debugger(self):
        with Gateway() as gateway:
            limits = pathlib.Path(f"/proc/{gateway.process.pid}/limits").read_text()
            self.assertRegex(limits, r"Max core file size +0 +0 ")
            if os.geteuid() == 0:
                self.assertEqual(os.stat(f"/proc/{gateway.process.pid}/mem").st_uid, 0)
            status = gateway.request("GET", "/metrics", port=gateway.operator_port).text
            self.assertRegex(status, r"(?m)^process_open_fds [1-9]")


if __name__ == "__main__":
    unittest.main()
