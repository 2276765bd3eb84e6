"""What is shipped is compiled and linked as the compiler's hardening guide says: read from the binaries themselves."""

import os
import shutil
import subprocess
import unittest

from harness import BIN

PROGRAMS = ["xiond", "xionctl", "xionid-carrier"]
IS_SHIPPED = os.environ.get("XION_BUILD_TYPE", "").startswith("Rel")


def read(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


class Hardening(unittest.TestCase):
    def setUp(self):
        if b"__asan_init" in (BIN / "xiond").read_bytes() or b"__tsan_init" in (BIN / "xiond").read_bytes():
            self.skipTest("the sanitizers have a layout of their own")
        if shutil.which("readelf") is None:
            self.skipTest("readelf is not installed")

    def each(self):
        for program in PROGRAMS:
            with self.subTest(program):
                yield BIN / program

    def test_every_program_is_position_independent_with_tables_that_are_read_only(self):
        for program in self.each():
            header, segments, dynamic = (read("readelf", what, program) for what in ("-hW", "-lW", "-dW"))
            self.assertIn("DYN (Position-Independent Executable file)", header)
            self.assertIn("GNU_RELRO", segments)
            self.assertRegex(dynamic, r"BIND_NOW|FLAGS_1.*NOW")
            stack = next(line for line in segments.splitlines() if "GNU_STACK" in line)
            self.assertNotIn("E", stack.split()[6], stack)
            for line in segments.splitlines():
                self.assertFalse("LOAD" in line and "RWE" in line, line)

    def test_what_is_shipped_has_guards(self):
        if not IS_SHIPPED:
            self.skipTest("the inner loop is compiled without, so that it is quick")
        for program in self.each():
            symbols = read("readelf", "--dyn-syms", "-W", program)
            self.assertIn("__stack_chk_fail", symbols)
            self.assertRegex(symbols, r"__\w+_chk\b")
            self.assertIn("_ZSt21__glibcxx_assert_fail", symbols)
            if os.uname().machine == "x86_64" and shutil.which("objdump"):
                code = read("objdump", "-d", "--no-show-raw-insn", "-j", ".text", program)
                self.assertGreater(code.count("endbr64"), 100)


if __name__ == "__main__":
    unittest.main()
