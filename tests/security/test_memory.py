"""No code outlives its message in the daemon's memory, and keys are only where nothing is swapped out; none of it goes into a core file."""

import contextlib
import hashlib
import hmac
import os
import pathlib
import re
import unittest

from harness import BIN, Gateway, wait_until

LABELS = ["phone fingerprint", "address fingerprint", "api key hash", "body hash", "phone sealing", "code derivation", "code hash"]
PHONES = [f"+374991740{n:02}" for n in range(30)]


def memory_of(pid):
    """Every readable page of a process, mapping by mapping: (its name, the flags that smaps has for it, octets)."""
    smaps = pathlib.Path(f"/proc/{pid}/smaps").read_text()
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for begin, end, rights, name, flags in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)\n(?:[A-Z].*\n)*?VmFlags: (.*)", smaps, re.M):
            if "r" not in rights or name.startswith(("[vvar", "[vsyscall")):
                continue
            memory.seek(int(begin, 16))
            try:
                yield name, flags.split(), memory.read(int(end, 16) - int(begin, 16))
            except OSError:
                continue


def subkey(master, label):
    """HKDF-SHA256 without salt, one block: RFC 5869."""
    extracted = hmac.new(bytes(32), master, hashlib.sha256).digest()
    return hmac.new(extracted, f"xionid v1 {label}".encode() + b"\x01", hashlib.sha256).digest()


@unittest.skipIf(b"__asan_init" in (BIN / "xiond").read_bytes(), "the sanitizer keeps what is freed, to see who uses it")
@unittest.skipUnless(os.geteuid() == 0, "only root may look into it")
class Keys(unittest.TestCase):
    """The master key and what comes from it, which is also how the key schedule of AES-256 begins."""

    def found(self, gateway, master):
        """In which mappings each key is."""
        names = {"master": master, "in hexadecimal": master.hex().encode(), "in capitals": master.hex().upper().encode()}
        names |= {label: subkey(master, label) for label in LABELS}
        seen = {}
        for mapping, flags, octets in memory_of(gateway.process.pid):
            for name, key in names.items():
                if key in octets:
                    seen.setdefault(name, []).append((mapping, {"lo", "dd"} <= set(flags)))
        return seen

    def check(self, gateway, master):
        def outside():
            return {name: places for name, places in self.found(gateway, master).items() if not all(is_kept for _, is_kept in places)}
        with contextlib.suppress(AssertionError):
            wait_until("what was said of it is overwritten", lambda: not outside(), 10)
        self.assertEqual(outside(), {})

    def test_they_are_in_pages_that_are_locked_and_not_dumped(self):
        with Gateway(overrides=["cooldown_seconds=none"]) as gateway:
            key_file = gateway.folder / "master.key"
            master = bytes.fromhex(key_file.read_text())
            for phone in PHONES[:5]:
                self.assertEqual(gateway.send(phone).status, 202)
                self.assertEqual(gateway.verify(phone, gateway.handset(phone)).status, 200)
            self.check(gateway, master)
            self.assertEqual(set(self.found(gateway, master)), {"master", *LABELS}, "the test knows what it looks for")
            gateway.run_ctl("rotate-master-key", "--config", gateway.config_path)
            gateway.send(PHONES[6])
            gateway.handset(PHONES[6])
            rotated = bytes.fromhex(key_file.read_text())
            self.check(gateway, rotated)
            self.assertIn("master", self.found(gateway, rotated))
            self.check(gateway, master)
            self.assertNotIn("master", self.found(gateway, master), "nobody needs it any more")


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
                for name, _, octets in memory_of(gateway.process.pid):
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
