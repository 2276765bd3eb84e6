"""The .deb: what is in it and where, and an operator's day with what it installs. On a machine that is thrown away (CI, as root)
it is really installed, and purged in the end; elsewhere it is unpacked into a folder and run from there."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from harness import BIN, PATIENCE, Gateway, wait_until, wrong

BUILD = BIN.parent
ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE, **more)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


DROP_IN = pathlib.Path("/etc/systemd/system/xiond.service.d/carriers.conf")
IS_THROWN_AWAY = os.environ.get("CI") == "true" and os.geteuid() == 0 and not pathlib.Path("/etc/xionid").exists()


def setUpModule():
    """Makes the packages, once, as root of a machine where root's files are nobody else's."""
    for tool in ("cpack", "dpkg-deb", "dpkg-shlibdeps"):
        if shutil.which(tool) is None:
            raise unittest.SkipTest(f"{tool} is not installed")
    global FOLDER, PACKAGE
    FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="xionid-package."))
    unittest.addModuleCleanup(shutil.rmtree, FOLDER, ignore_errors=True)
    run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", FOLDER, umask=0o077)
    PACKAGE = next(FOLDER.glob("xionid_*.deb"))


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder, cls.package = FOLDER, PACKAGE

    def test_everything_is_where_debian_expects_it(self):
        root = self.folder / "root"
        run("dpkg-deb", "--extract", self.package, root)
        found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
        wanted = {"usr/sbin/xiond", "usr/bin/xionctl", "etc/xionid/xionid.toml", "usr/lib/systemd/system/xiond.service",
                  "usr/lib/systemd/system/xiond.socket", "usr/lib/sysusers.d/xionid.conf", "usr/lib/tmpfiles.d/xionid.conf",
                  "usr/share/man/man8/xiond.8.gz", "usr/share/man/man1/xionctl.1.gz",
                  "usr/share/man/man5/xionid.toml.5.gz", "usr/share/man/man7/xionid-data.7.gz", "usr/share/man/man7/xionid-sizing.7.gz",
                  "usr/share/bash-completion/completions/xionctl",
                  "usr/share/zsh/vendor-completions/_xionctl", "usr/share/fish/vendor_completions.d/xionctl.fish",
                  "usr/share/doc/xionid/prometheus/xionid.rules.yml", "usr/share/doc/xionid/grafana/xionid.json"}
        self.assertEqual(wanted - found, set())
        self.assertEqual([path for path in found if path.startswith("usr/local")], [])
        simulator = run("dpkg-deb", "--contents", next(self.folder.glob("xionid-carrier_*.deb")))
        for path in ("./usr/bin/xionid-carrier", "./usr/share/man/man1/xionid-carrier.1.gz"):
            self.assertIn(path, simulator)
        self.assertIn("xiond ", run(root / "usr/sbin/xiond", "--version"))
        run("bash", "-n", root / "usr/share/bash-completion/completions/xionctl")

    def test_what_is_in_it_can_be_read_whatever_the_umask_of_who_packed(self):
        for package in self.folder.glob("*.deb"):
            for line in run("dpkg-deb", "--contents", package).splitlines():
                self.assertRegex(line, "^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) root/root ", package.name)

    def test_it_depends_on_the_libraries_that_it_links(self):
        depends = run("dpkg-deb", "--field", self.package, "Depends")
        for library in ("libevent", "liblmdb0", "libsmpp34", "libssl3"):
            self.assertIn(library, depends)
        for floor in (line.split() for line in (ROOT / "cmake/floors").read_text().splitlines() if not line.startswith("#")):
            self.assertIn("{} (>= {})".format(*floor), depends)
        control = self.folder / "control"
        run("dpkg-deb", "--control", self.package, control)
        self.assertEqual((control / "conffiles").read_text(), "/etc/xionid/xionid.toml\n")

    def test_each_package_says_first_what_it_is(self):
        said = {run("dpkg-deb", "--field", package, "Description").splitlines()[0] for package in self.folder.glob("*.deb")}
        self.assertEqual(said, {"one-time codes by SMS over SMPP, sent and verified", "simulated SMSC for tests and staging of XionID",
                                "debug symbols for xionid and xionid-carrier"})

    def test_debug_symbols_are_a_package_that_a_debugger_finds_by_build_id(self):
        """What is installed is stripped; what its addresses mean is where gdb and perf look, and says so by function and line."""
        for tool in ("readelf", "addr2line"):
            if shutil.which(tool) is None:
                self.skipTest(f"{tool} is not installed")
        root = self.folder / "symbols"
        for package in ("xionid", "xionid-carrier", "xionid-dbgsym"):
            run("dpkg-deb", "--extract", next(self.folder.glob(f"{package}_*.deb")), root)
        found = {path.relative_to(root / "usr/lib/debug/.build-id") for path in root.rglob("*.debug")}
        wanted = set()
        for program, main in (("usr/sbin/xiond", "daemon/main.cpp"), ("usr/bin/xionctl", "cli/main.cpp"), ("usr/bin/xionid-carrier", "carrier/main.cpp")):
            with self.subTest(program):
                self.assertNotRegex(run("readelf", "--sections", "--wide", root / program), r"\.(symtab|debug_)")
                build_id = re.search("Build ID: ([0-9a-f]+)", run("readelf", "--notes", root / program))[1]
                wanted.add(pathlib.Path(build_id[:2], f"{build_id[2:]}.debug"))
                symbols = root / "usr/lib/debug/.build-id" / build_id[:2] / f"{build_id[2:]}.debug"
                self.assertIn(build_id, run("readelf", "--notes", symbols))
                address = next(line.split()[1] for line in run("readelf", "--symbols", "--wide", symbols).splitlines() if line.endswith(" main"))
                function, line = run("addr2line", "--functions", "--exe", symbols, address).splitlines()
                self.assertEqual(function, "main")
                self.assertRegex(line, rf"{main}:[1-9]")
        self.assertEqual(found, wanted)
        version = run("dpkg-deb", "--field", self.package, "Version").strip()
        depends = run("dpkg-deb", "--field", next(self.folder.glob("xionid-dbgsym_*.deb")), "Depends")
        self.assertEqual(depends, f"xionid (= {version}) | xionid-carrier (= {version})\n")

    def test_lintian_finds_no_error(self):
        if shutil.which("lintian") is None:
            self.skipTest("lintian is not installed")
        for package in sorted(FOLDER.glob("*.deb")):
            with self.subTest(package.name):
                found = subprocess.run(["lintian", "--no-cfg", "--allow-root", "--fail-on", "error", package], capture_output=True, text=True)
                self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_the_same_source_gives_the_same_octets(self):
        """Packed twice, at another time, in another folder and in another zone, as of one moment; and what is shipped doesn't know where it was
        compiled."""
        packed = []
        for name, zone in (("one", "UTC"), ("two", "Asia/Kathmandu")):
            folder = FOLDER / name
            run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder, env={**os.environ, "SOURCE_DATE_EPOCH": "1770897600", "TZ": zone})
            packed.append({package.name: package.read_bytes() for package in folder.glob("*.deb")})
        self.assertEqual({name.partition("_")[0] for name in packed[0]}, {"xionid", "xionid-carrier", "xionid-dbgsym"})
        self.assertEqual(sorted(packed[0]), sorted(packed[1]))
        self.assertEqual([name for name in packed[0] if packed[0][name] != packed[1][name]], [])
        if "XION_SHIPPED:BOOL=ON" in (BUILD / "CMakeCache.txt").read_text():
            for program in ("xiond", "xionctl", "xionid-carrier"):   # With all that a debugger reads.
                self.assertNotIn(str(ROOT).encode(), (BIN / program).read_bytes(), program)


class Installed(Gateway):
    """What the package installed, with the paths that it has there: below / where it is really installed, else below a folder."""

    def __init__(self):
        super().__init__(carriers=2)
        self.root = pathlib.Path("/") if IS_THROWN_AWAY else FOLDER / "unpacked"
        self.credentials = self.folder / "credentials"

    def install(self):
        if IS_THROWN_AWAY:
            run("dpkg", "--install", PACKAGE)
            return
        config = self.root / "etc/xionid/xionid.toml"
        edited = config.read_text() if config.exists() else None
        run("dpkg-deb", "--extract", PACKAGE, self.root)
        for folder in ("etc/xionid/carriers.d", "var/lib/xionid", "run"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        if edited is not None:   # dpkg's own matter, which keeps a conffile.
            config.write_text(edited)

    def give_password_as_credential(self):
        """What `systemctl edit xiond` would write: the service's own user never sees the file itself."""
        if IS_THROWN_AWAY:
            DROP_IN.parent.mkdir(parents=True, exist_ok=True)
            DROP_IN.write_text("[Service]\nLoadCredential=carrier.password:/etc/xionid/carriers.d/carrier.password\n")

    def purge(self):
        if IS_THROWN_AWAY:
            shutil.rmtree(DROP_IN.parent, ignore_errors=True)
            run("dpkg", "--purge", "xionid")
        else:
            shutil.rmtree(self.root)

    def forget(self):
        """What a purge keeps, since it is the operator's: keys and data."""
        self.purge()
        for kept in ("/etc/xionid", "/var/lib/xionid", "/var/lib/xionid-known"):
            shutil.rmtree(kept, ignore_errors=True)

    @property
    def config_path(self):
        return self.root / "etc/xionid/xionid.toml"

    @property
    def socket_path(self):
        return self.root / "run/xionid/control.sock"

    def ctl_words(self, *words):
        return [self.root / "usr/bin/xionctl", "--socket", self.socket_path, *words]

    def run_ctl(self, *words, socket_option=True, check=True):
        done = subprocess.run([self.ctl_words()[0], "--json", *(["--socket", self.socket_path] if socket_option else []), *words],
                              capture_output=True, text=True, timeout=PATIENCE)
        if check and done.returncode != 0:
            raise AssertionError(f"xionctl {words} ended with {done.returncode}: {done.stderr}")
        return done

    def plain(self, *words):
        return subprocess.run(self.ctl_words(*words), capture_output=True, text=True, timeout=PATIENCE)

    def start(self, wait=True):
        """As the unit does it: as its own user, where there is one, with the key and the passwords as credentials."""
        self.credentials.mkdir(exist_ok=True)
        shutil.copy(self.root / "etc/xionid/master.key", self.credentials / "master.key")
        (self.credentials / "carrier.password").write_text("secret\n")
        (self.root / "run/xionid").mkdir(exist_ok=True)
        user = []
        if IS_THROWN_AWAY:
            self.folder.chmod(0o711)
            run("chown", "-R", "xionid:xionid", self.credentials, "/run/xionid")
            user = ["setpriv", "--reuid", "xionid", "--regid", "xionid", "--init-groups"]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([*user, self.root / "usr/sbin/xiond", "--config", self.config_path], stdout=log, stderr=log,
                                            env={**os.environ, "CREDENTIALS_DIRECTORY": str(self.credentials)})
        wait_until("xiond is ready", lambda: self.check_alive() and self.is_answering("/readyz"))

    def state(self, name):
        return next(each["state"] for each in self.ctl("carrier", "list") if each["name"] == name)


class Day(unittest.TestCase):
    """An operator's day, from the installation to the purge, by the commands of the manual."""

    def setUp(self):
        self.day = Installed()
        self.addCleanup(self.day.__exit__, None, None, None)

    def edit(self, old, new):
        text = self.day.config_path.read_text()
        self.assertIn(old, text)
        self.day.config_path.write_text(text.replace(old, new, 1))

    def configure(self):
        """The installed file with what it leaves open filled in, and two carriers in files of their own."""
        day = self.day
        for carrier in day.carriers:
            carrier.start()
            (day.root / f"etc/xionid/carriers.d/{carrier.name}.toml").write_text(carrier.settings())
        self.assertIn('\ninclude = ["carriers.d/*.toml"]', day.config_path.read_text())
        self.edit("[api]\n", f'[api]\nlisten = ["127.0.0.1:{day.api_port}"]\n')
        self.edit("[operator]\n", f'[operator]\nlisten = "127.0.0.1:{day.operator_port}"\n')
        if not IS_THROWN_AWAY:
            self.edit("[daemon]\n", f'[daemon]\ndata_dir = "{day.root}/var/lib/xionid"\ncontrol_socket = "{day.socket_path}"\n')
        day.config_path.write_text(day.config_path.read_text() + '\n[[route]]\nname = "main"\ncarriers = ["primary", "backup"]\n')

    def test_a_day(self):
        day = self.day
        if IS_THROWN_AWAY:   # A red day leaves nothing behind either: the next one would take the machine for somebody's.
            self.addCleanup(day.forget)
        day.install()
        if IS_THROWN_AWAY:
            self.assertIn("xionid", run("getent", "passwd", "xionid"))
            self.assertIn("xionid-view", run("getent", "group", "xionid-view"))
        day.run_ctl("init-key", "--config", day.config_path, socket_option=False)
        self.configure()
        (day.root / "etc/xionid/carriers.d/carrier.password").write_text("secret\n")
        (day.root / "etc/xionid/carriers.d/carrier.password").chmod(0o600)
        day.give_password_as_credential()
        self.assertIn("fine: 2 carriers, 1 route\n", run(day.root / "usr/sbin/xiond", "--config", day.config_path, "--check"))
        day.start()
        self.a_key_a_code_a_look()
        self.a_carrier_is_lost_and_explained()
        self.traffic_is_moved()
        self.a_key_is_rotated()
        self.a_limit_is_changed()
        self.a_disk_is_lost()
        kept = self.an_upgrade()
        self.assertGreater(kept, 3)
        day.stop()
        day.purge()
        self.assertFalse(day.config_path.exists())
        self.assertFalse((day.root / "usr/sbin/xiond").exists())

    def a_key_a_code_a_look(self):
        day = self.day
        day.ctl("app", "add", "shop", "--plan", "growth", "--set", "cooldown_seconds=none", "--set", "sends_per_phone=none")
        day.key = day.ctl("key", "create", "shop")["key"]
        sent = day.send("+37499123001")
        self.assertEqual(sent.status, 202)
        code = day.handset("+37499123001")
        self.assertEqual(day.verify("+37499123001", wrong(code)).status, 422)
        self.assertEqual(day.verify("+37499123001", code).status, 200)
        told = day.plain("send", "+37499123002", "--watch")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("delivered", told.stdout)
        self.assertIn("bound", day.plain("status").stdout)
        self.assertTrue(day.ctl("log", "--event", "daemon.ready", "-n", "1"))
        self.assertIn("xionid_submits_total", day.request("GET", "/metrics", port=day.operator_port).text)

    def a_carrier_is_lost_and_explained(self):
        day = self.day
        day.carriers[0].stop()
        wait_until("it is seen", lambda: day.state("primary") != "bound")
        told = day.ctl("send", "+37499123003")
        self.assertEqual((told["delivery"]["status"], told["delivery"]["carrier"]), ("delivered", "backup"))
        why = day.ctl("route", "explain", "+37499123003")
        self.assertEqual(why["chosen"], "backup")
        self.assertRegex({option["carrier"]: option["reason"] for option in why["options"]}["primary"], "^(down|connecting)")
        self.assertTrue(next(each["lastError"] for each in day.ctl("status")["carriers"] if each["name"] == "primary"))
        self.assertTrue(day.ctl("log", "--carrier", "primary", "--event", "smsc.link.closed", "-n", "5"))
        day.carriers[0].start()
        wait_until("it is back", lambda: day.state("primary") == "bound")

    def traffic_is_moved(self):
        day = self.day
        day.ctl("carrier", "drain", "primary")
        wait_until("it has drained", lambda: day.ctl("carrier", "show", "primary")["binds"] == 0)
        self.assertEqual(day.ctl("send", "+37499123004")["delivery"]["carrier"], "backup")
        day.ctl("carrier", "resume", "primary")
        wait_until("it is back", lambda: day.state("primary") == "bound")
        self.assertEqual(day.ctl("send", "+37499123005")["delivery"]["carrier"], "primary")

    def a_key_is_rotated(self):
        day = self.day
        old = day.key
        day.key = day.ctl("key", "rotate", day.ctl("key", "list")[0]["id"])["key"]
        self.assertEqual(day.send("+37499123006").status, 202)
        self.assertEqual(day.send("+37499123007", key=old).status, 202)   # For a day still.

    def a_limit_is_changed(self):
        day = self.day
        self.edit("[otp]\n", "[otp]\nttl_seconds = 240\n")
        self.assertEqual([change["key"] for change in day.ctl("config", "diff")], ["otp.ttl_seconds"])
        day.process.send_signal(signal.SIGHUP)   # As systemctl reload does.
        wait_until("it is in force", lambda: day.ctl("config", "show")["otp"]["ttl_seconds"] == 240)
        self.assertEqual(day.send("+37499123008")["ttlSeconds"], 240)
        self.assertEqual({each["reconnects"] for each in day.ctl("carrier", "list") if each["name"] == "backup"}, {0})

    def a_disk_is_lost(self):
        """A backup while it works; the data directory is emptied; the backup is put back, and what it has is there."""
        day = self.day
        backups = day.folder / "backups"
        backups.mkdir()
        made = day.ctl("backup", backups)
        self.assertGreater(made["requests"], 3)
        before = [each["requestId"] for each in day.ctl("otp", "list", "--limit", "100")]
        day.stop()
        data = day.root / "var/lib/xionid"
        for file in data.iterdir():
            file.unlink()
        day.run_ctl("restore", made["path"], "--to", data, "--config", day.config_path, socket_option=False)
        day.start()
        self.assertEqual([each["requestId"] for each in day.ctl("otp", "list", "--limit", "100")], before)
        self.assertEqual(day.send("+37499123010").status, 202)   # The rotated key is in it.

    def an_upgrade(self):
        """The same version again; what was made is there afterwards. Gives the number of requests."""
        day = self.day
        before = day.ctl("otp", "list", "--limit", "100")
        day.stop()
        day.install()
        self.assertIn("ttl_seconds = 240", day.config_path.read_text())
        day.start()
        self.assertEqual([each["requestId"] for each in day.ctl("otp", "list", "--limit", "100")], [each["requestId"] for each in before])
        self.assertEqual(day.send("+37499123009").status, 202)
        return len(before)


if __name__ == "__main__":
    unittest.main()
