"""What is shipped is compiled and linked as the compiler's hardening guide says: read from the binaries themselves, and from how they would be made."""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import unittest

from harness import BIN

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Source: OpenSSF, Compiler Options Hardening Guide for C and C++.
FLAGS = {"-fstack-protector-strong", "-fstack-clash-protection", "-fPIE", "-D_FORTIFY_SOURCE=2", "-D_GLIBCXX_ASSERTIONS", "-O2"}
FLAGS |= {"x86_64": {"-fcf-protection"}, "aarch64": {"-mbranch-protection=standard"}}.get(os.uname().machine, set())
LINK_FLAGS = {"-pie", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack"}
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


class Made(unittest.TestCase):
    """How the preset that is shipped compiles, whatever this build is: so the inner loop and the sanitizers' run see it, too."""

    def test_every_piece_of_what_is_shipped_is_compiled_with_guards(self):
        with tempfile.TemporaryDirectory(prefix="xionid-flags-") as folder:
            subprocess.run(["cmake", "--preset", "release", "-B", folder, "-DXION_TESTS=OFF", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"], cwd=ROOT,
                           capture_output=True, check=True)
            pieces = json.loads(pathlib.Path(folder, "compile_commands.json").read_text())
            self.assertGreater(len(pieces), 30)
            for piece in pieces:
                self.assertEqual(FLAGS - set(shlex.split(piece["command"])), set(), piece["file"])
            ninja = pathlib.Path(folder, "build.ninja").read_text()
            for program in PROGRAMS:
                rule = next(rule for rule in ninja.split("\nbuild ") if rule.startswith(f"bin/{program}:"))
                flags = next(line.partition("=")[2] for line in rule.splitlines() if line.startswith("  LINK_FLAGS ="))
                self.assertEqual(LINK_FLAGS - set(shlex.split(flags)), set(), program)


if __name__ == "__main__":
    unittest.main()
