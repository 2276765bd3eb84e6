"""The .deb: what is in it and where; on a machine that is thrown away (CI, as root) also installed, used and purged."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from harness import BIN

BUILD = BIN.parent


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=150, **more)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for tool in ("cpack", "dpkg-deb", "dpkg-shlibdeps"):
            if shutil.which(tool) is None:
                raise unittest.SkipTest(f"{tool} is not installed")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="xionid-package."))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", cls.folder)
        cls.package = next(cls.folder.glob("xionid_*.deb"))

    def test_everything_is_where_debian_expects_it(self):
        root = self.folder / "root"
        run("dpkg-deb", "--extract", self.package, root)
        found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
        wanted = {"usr/sbin/xiond", "usr/bin/xionctl", "usr/bin/xionid-carrier", "etc/xionid/xionid.toml", "usr/lib/systemd/system/xiond.service",
                  "usr/lib/systemd/system/xiond.socket", "usr/lib/sysusers.d/xionid.conf", "usr/lib/tmpfiles.d/xionid.conf",
                  "usr/share/man/man8/xiond.8", "usr/share/man/man1/xionctl.1", "usr/share/man/man1/xionid-carrier.1",
                  "usr/share/man/man5/xionid.toml.5", "usr/share/bash-completion/completions/xionctl",
                  "usr/share/zsh/vendor-completions/_xionctl", "usr/share/fish/vendor_completions.d/xionctl.fish",
                  "usr/share/doc/xionid/prometheus/xionid.rules.yml", "usr/share/doc/xionid/grafana/xionid.json"}
        self.assertEqual(wanted - found, set())
        self.assertEqual([path for path in found if path.startswith("usr/local")], [])
        self.assertIn("xiond ", run(root / "usr/sbin/xiond", "--version"))
        run("bash", "-n", root / "usr/share/bash-completion/completions/xionctl")

    def test_it_depends_on_the_libraries_that_it_links(self):
        depends = run("dpkg-deb", "--field", self.package, "Depends")
        for library in ("libevent", "liblmdb0", "libsmpp34", "libssl3"):
            self.assertIn(library, depends)
        control = self.folder / "control"
        run("dpkg-deb", "--control", self.package, control)
        self.assertEqual((control / "conffiles").read_text(), "/etc/xionid/xionid.toml\n")

    @unittest.skipUnless(os.environ.get("CI") == "true" and os.geteuid() == 0 and not pathlib.Path("/etc/xionid").exists(),
                         "only where the machine is thrown away afterwards")
    def test_it_is_installed_used_reinstalled_and_purged(self):
        config = pathlib.Path("/etc/xionid/xionid.toml")
        try:
            run("dpkg", "--install", self.package)
            self.assertIn("xionid", run("getent", "passwd", "xionid"))
            run("xionctl", "init-key")
            run("xiond", "--version")
            config.write_text(config.read_text() + "\n# mine\n")
            run("dpkg", "--install", self.package)
            self.assertIn("# mine", config.read_text())
        finally:
            subprocess.run(["dpkg", "--purge", "xionid"], capture_output=True, timeout=60)
        self.assertFalse(config.exists())
        self.assertIsNone(shutil.which("xiond"))


if __name__ == "__main__":
    unittest.main()
