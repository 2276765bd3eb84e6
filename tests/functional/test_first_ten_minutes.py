"""The README's first ten minutes, read out of it and done to the letter, on a machine that real systemd boots: from the source, and from the package.
Then what a week would show: a reboot, a file that is wrong, a key that is missing, sockets that systemd holds."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from booted import Booted
from harness import BIN, PATIENCE, free_port, wait_until

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = BIN.parent
README = (SOURCE / "README.md").read_text()
FIRST, SECOND = "+37499123001", "+37499123002"


def blocks(heading):
    """The console and TOML blocks of a chapter, in order: (language, text)."""
    chapter = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```(console|toml)\n(.*?)```", chapter, re.DOTALL)


def commands(block):
    return [re.sub(r"\s{2,}#.*", "", line[2:]).strip() for line in block.splitlines() if line.startswith("# ")]


CHAPTER = blocks("First carrier in ten minutes")
FROM_SOURCE, FROM_PACKAGE, STEPS, RELOAD = [commands(text) for language, text in CHAPTER if language == "console" and text.startswith("# ")][:4]
CARRIER = next(text for language, text in CHAPTER if language == "toml")


def setUpModule():
    why_not = Booted.why_not()
    if why_not:
        raise unittest.SkipTest(why_not)


class Minutes(unittest.TestCase):
    def setUp(self):
        self.machine = Booted().__enter__()
        self.addCleanup(self.machine.__exit__, None, None, None)
        self.ports = {name: free_port() for name in ("primary", "backup")}
        self.admin = free_port()
        if b"__asan_init" in (BIN / "xiond").read_bytes():   # Its leak check traces the process, which the sandbox forbids: status 1 whatever it was.
            self.machine.shell("mkdir -p /etc/systemd/system/xiond.service.d && "
                               "printf '[Service]\\nEnvironment=ASAN_OPTIONS=detect_leaks=0\\n' >/etc/systemd/system/xiond.service.d/sanitized.conf")

    # --- what the README's lines stand for here ------------------------------------------------------------------

    def type_into(self, file):
        """`editor FILE`: what a person would type."""
        name = pathlib.Path(file).name
        if name.endswith(".password"):
            return self.machine.write(file, "secret\n")
        text = CARRIER.replace("smsc.example.net:2775", f"127.0.0.1:{self.ports[name.removesuffix('.toml')]}")
        if name == "backup.toml":
            text = text.split("[[route]]")[0].replace("primary", "backup") + '[[route]]\nname = "am"\nmatch = { prefix = "+37499" }\ncarriers = ["backup"]\n'
        self.machine.write(file, text)

    def do(self, line):
        """One line of the README. Only the compilation, and what it takes, is left out: what is installed is this build."""
        if line.startswith("cmake/packages "):
            return self.assertRegex((SOURCE / "cmake/packages").read_text(), rf"(?m)^  {line.split()[1]}\) wanted=")
        if line.startswith("editor "):
            return self.type_into(line.split()[1])
        if line.startswith("cmake --preset"):
            line = f"cmake --install {BUILD}"
        line = line.replace("cd build/release && cpack &&", f"cd {self.package_folder()} &&") if "cpack" in line else line
        return self.machine.shell(line).stdout

    def package_folder(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="xionid-package."))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        # The daemon's alone: of the sanitizers' build the debug symbols are large.
        packed = ["cpack", "--config", BUILD / "CPackConfig.cmake", "-D", "CPACK_COMPONENTS_ALL=xionid", "-B", folder]
        done = subprocess.run(packed, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        inside = "/root/package"
        self.machine.run("mkdir", "-p", inside)
        for package in folder.glob("*.deb"):
            with open(package, "rb") as octets:
                subprocess.run(self.machine.inside("bash", "-c", f"cat >{inside}/{package.name}"), stdin=octets, check=True)
        return inside

    def carriers(self):
        """The SMSCs, which are somebody else's machines: simulators on this one's loopback."""
        for name, port in self.ports.items():
            process = self.machine.start_process(BIN / "xionid-carrier", "serve", "--listen", f"127.0.0.1:{port}", "--admin",
                                                 f"127.0.0.1:{self.admin if name == 'primary' else free_port()}")
            self.addCleanup(process.wait, PATIENCE)
            self.addCleanup(process.terminate)

    def ctl(self, *words):
        return json.loads(self.machine.run("xionctl", "--json", *words).stdout)

    def wait_bound(self, name):
        wait_until(f"{name} is bound", lambda: any(each["name"] == name and each["state"] == "bound" for each in self.ctl("carrier", "list")))

    def call(self, port, path, body):
        done = self.machine.run("curl", "-s", "-w", "\n%{http_code}", "-H", f"Authorization: Bearer {self.key}", "-H", "Content-Type: application/json",
                                "-d", json.dumps(body), f"http://127.0.0.1:{port}{path}", check=False)
        text, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(text) if text else None

    def first_ten_minutes(self, install):
        self.carriers()
        for line in install:
            self.do(line)
        for line in STEPS:
            told = self.do(line)
            if "carrier list" in line:
                self.wait_bound("primary")
            if "key create" in line:
                self.key = re.search(r"xk_live_\w+", told)[0]
        status, sent = self.call(8080, "/v1/otp/send", {"phone": FIRST, "channel": "sms", "ttlSeconds": 120})
        self.assertEqual(status, 202, sent)
        code = self.machine.run(BIN / "xionid-carrier", "inbox", FIRST, "--wait", PATIENCE, "--code", "--admin", f"127.0.0.1:{self.admin}").stdout.strip()
        self.assertEqual(self.call(8080, "/v1/otp/verify", {"phone": FIRST, "code": code})[0], 200)
        for line in RELOAD:
            self.do(line)
        self.wait_bound("backup")
        self.assertEqual(self.call(8080, "/v1/otp/send", {"phone": SECOND})[1]["delivery"]["route"], "am")

    # --- the tests ------------------------------------------------------------------------------------------------

    def test_from_the_source(self):
        self.first_ten_minutes(FROM_SOURCE)
        self.a_reboot_moves_nothing()
        self.a_start_that_cannot_be_helped_is_not_repeated()
        self.sockets_of_systemd()

    def test_from_the_package(self):
        self.first_ten_minutes(FROM_PACKAGE)
        self.a_reboot_moves_nothing()
        self.an_upgrade_that_would_not_start_is_seen()
        self.a_purge_takes_data_and_key_from_who_says_so_alone()

    def listening(self):
        return set(re.findall(r"127\.0\.0\.1:(\d+)", self.machine.run("ss", "-Hltn").stdout))

    def a_reboot_moves_nothing(self):
        """The API is where `api.listen` says, before and after."""
        machine, port = self.machine, free_port()
        machine.shell(f"sed -i 's/^\\[api\\]/[api]\\nlisten = [\"127.0.0.1:{port}\"]/' /etc/xionid/xionid.toml && systemctl restart xiond")
        self.assertIn(str(port), self.listening())
        machine.reboot()
        wait_until("it is up", lambda: machine.unit("ActiveState") == "active")
        self.assertIn(str(port), self.listening())
        self.assertNotIn("8080", self.listening())
        self.carriers()
        self.wait_bound("primary")
        self.assertEqual(self.call(port, "/v1/otp/send", {"phone": "+37499123003"})[0], 202)
        self.port = port

    def dpkg(self, *words):
        done = self.machine.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", *words, check=False)
        return done.returncode, done.stdout + done.stderr

    def package(self):
        return self.machine.shell("ls /root/package/xionid_*.deb").stdout.strip()

    def an_upgrade_that_would_not_start_is_seen(self):
        """dpkg fails, says why and what to do, and what ran runs on; once the file is mended, the new version takes over."""
        machine, before = self.machine, self.machine.unit("MainPID")
        machine.shell("sed -i '1i wrong = 1' /etc/xionid/xionid.toml")
        status, said = self.dpkg("--install", self.package())
        self.assertNotEqual(status, 0)
        for words in ("xionid.toml:1:1: wrong: unknown key", "the old one runs on", "dpkg --configure xionid"):
            self.assertIn(words, said)
        self.assertEqual((machine.unit("ActiveState"), machine.unit("MainPID")), ("active", before))
        machine.shell("sed -i 1d /etc/xionid/xionid.toml")
        status, said = self.dpkg("--configure", "xionid")
        self.assertEqual(status, 0, said)
        self.assertEqual(machine.unit("ActiveState"), "active")
        self.assertNotEqual(machine.unit("MainPID"), before)
        self.assertEqual(self.ctl("app", "list")[0]["name"], "shop")

    def a_purge_takes_data_and_key_from_who_says_so_alone(self):
        """Where nobody can be asked, both stay, which is said; a new installation finds them."""
        machine, key = self.machine, self.machine.run("cat", "/etc/xionid/master.key").stdout
        status, said = self.dpkg("--purge", "xionid")
        self.assertEqual(status, 0, said)
        for kept in ("/etc/xionid", "/var/lib/xionid"):
            self.assertIn(f"xionid: kept: {kept}\n", said)
        self.assertEqual(machine.run("cat", "/etc/xionid/master.key").stdout, key)
        machine.run("test", "-e", "/var/lib/xionid/data.mdb")
        self.assertNotEqual(machine.run("test", "-e", "/usr/sbin/xiond", check=False).returncode, 0)
        status, said = self.dpkg("--install", self.package())
        self.assertEqual(status, 0, said)
        machine.shell("echo 'xionid xionid/purge-data boolean true' | debconf-set-selections")
        status, said = self.dpkg("--purge", "xionid")
        self.assertEqual(status, 0, said)
        for taken in ("/etc/xionid", "/var/lib/xionid", "/var/lib/xionid-known"):
            self.assertNotEqual(machine.run("test", "-e", taken, check=False).returncode, 0, taken)

    def a_start_that_cannot_be_helped_is_not_repeated(self):
        machine = self.machine
        key = machine.run("cat", "/etc/xionid/master.key").stdout
        wrongs = (("a missing key", "mv /etc/xionid/master.key /root/", "mv /root/master.key /etc/xionid/", "2", "xionctl init-key"),
                  ("a wrong file", "sed -i '1i wrong = 1' /etc/xionid/xionid.toml", "sed -i 1d /etc/xionid/xionid.toml", "1",
                   "xionid.toml:1:1: wrong: unknown key"),
                  ("a password that nobody may read", "chmod 0600 /etc/xionid/carriers.d/primary.password",
                   "chmod 0640 /etc/xionid/carriers.d/primary.password", "1", "Permission denied"))
        for what, spoil, mend, status, says in wrongs:
            with self.subTest(what):
                machine.shell(spoil)
                machine.run("systemctl", "restart", "xiond", check=False)
                wait_until("it has failed", lambda: machine.unit("ActiveState") == "failed")
                self.assertEqual(machine.unit("ExecMainStatus"), status)
                self.assertEqual(machine.unit("NRestarts"), "0")
                self.assertIn(says, machine.run("systemctl", "status", "-n", "20", "-l", "xiond", check=False).stdout)
                self.assertEqual(machine.run("xiond", "--check", check=False).returncode, 1)
                machine.shell(mend)
                self.assertEqual(machine.run("xiond", "--check").returncode, 0)
                machine.shell("systemctl reset-failed xiond && systemctl start xiond")
        self.assertEqual(machine.run("cat", "/etc/xionid/master.key").stdout, key)

    def sockets_of_systemd(self):
        """Who enables the socket has its addresses; where the file says others, everything says so."""
        machine = self.machine
        machine.shell("systemctl stop xiond && systemctl enable xiond.socket && systemctl start xiond.socket xiond")
        status = self.ctl("status")["api"]
        self.assertTrue(status["bySystemd"])
        self.assertEqual(status["listening"], ["127.0.0.1:8080"])
        self.assertIn(f"api.listen is 127.0.0.1:{self.port}", status["warning"])
        differs = [each for each in self.ctl("config", "diff") if each["key"] == "api.listen"]
        self.assertIn("xiond.socket", differs[0]["takesEffect"])
        self.assertIn("api.sockets.differ", machine.run("journalctl", "-u", "xiond", "--no-pager").stdout)
        self.assertIn("systemd holds", machine.run("systemctl", "status", "xiond", check=False).stdout)
        machine.shell("xionctl config socket-unit >/etc/systemd/system/xiond.socket && systemctl daemon-reload && systemctl stop xiond xiond.socket && "
                      "systemctl start xiond.socket xiond")
        self.assertNotIn("warning", self.ctl("status")["api"])
        self.assertEqual(self.ctl("config", "diff"), [])
        self.assertIn(str(self.port), self.listening())
        machine.reboot()
        wait_until("it is up", lambda: machine.unit("ActiveState") == "active")
        self.assertEqual(self.ctl("status")["api"]["listening"], [f"127.0.0.1:{self.port}"])


if __name__ == "__main__":
    unittest.main()
