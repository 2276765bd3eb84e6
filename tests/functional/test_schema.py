"""Data files of every release are opened by today's binary and read as they were; one of a later release is refused."""

import json
import lzma
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from harness import BIN, PATIENCE, Gateway

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
sys.path.insert(0, str(FIXTURES))
from store import ask  # noqa: E402


# What a release told otherwise on purpose, and what is told now.
RETOLD = {("fraud", "record"): "auto"}
A_TIME = re.compile(r"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z")


def as_told_now(told, name=""):
    """Times have whole seconds, the guard's default is another, and an error code of zeros is none."""
    if isinstance(told, dict):
        return {key: as_told_now(value, key) for key, value in told.items() if (key, value) != ("error", "000")}
    if isinstance(told, list):
        return [as_told_now(each) for each in told]
    if isinstance(told, str):
        return RETOLD.get((name, told), A_TIME.sub(r"\1Z", told))
    return told


def without_new_members(found, expected):
    """What later versions tell beside what was told then is no difference."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return {name: without_new_members(found[name], value) for name, value in expected.items() if name in found}
    if isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        return [without_new_members(one, other) for one, other in zip(found, expected)]
    return found


def of_the_days_told(found, told):
    """A month that was not over when the file was made has had more days since, on which nobody sent: they are taken away where they count nothing."""
    days = {(row["app"], row["period"]) for row in told}
    return [row for row in found if (row["app"], row["period"]) in days or any(value for value in row.values() if isinstance(value, int))]


class Releases(unittest.TestCase):
    maxDiff = None

    def gateway(self, version, change=None):
        """Over a release's data file; not started."""
        gateway = Gateway(carriers=0, routes="", wait_bound=False)
        self.addCleanup(gateway.__exit__, None, None, None)
        gateway.write_config()
        # Nothing is pruned, in whatever year this runs.
        config = gateway.config_path.read_text().replace("[daemon]\n", "[daemon]\nretention_days = 3650\n")
        gateway.config_path.write_text(config)
        (gateway.folder / "data").mkdir()
        data = lzma.decompress((FIXTURES / version / "data.mdb.xz").read_bytes())
        (gateway.folder / "data" / "data.mdb").write_bytes(change(data) if change else data)
        shutil.copy(FIXTURES / version / "master.key", gateway.folder / "master.key")
        (gateway.folder / "master.key").chmod(0o600)
        return gateway

    def versions(self):
        found = sorted(path.parent.name for path in FIXTURES.glob("*/data.mdb.xz"))
        self.assertIn("0.1.0", found)
        return found

    def test_requests_keys_apps_and_statistics_read_as_they_were(self):
        for version in self.versions():
            expected = json.loads((FIXTURES / version / "expected.json").read_text())
            gateway = self.gateway(version)
            gateway.start()
            found = ask(gateway, expected["month"])
            found["usage_by_day"] = of_the_days_told(found["usage_by_day"], expected["usage_by_day"])
            for name, told in expected.items():
                if name in found:
                    with self.subTest(version=version, name=name):
                        self.assertTrue(told)
                        told = as_told_now(told)
                        self.assertEqual(without_new_members(as_told_now(found[name]), told), told)
            # The customer's key works still, and what was verified stays so.
            verified = next(each for each in expected["requests"] if each["status"] == "verified")
            answer = gateway.request("GET", f"/v1/otp/{verified['requestId']}", key=expected["key"])
            self.assertEqual((answer.status, answer["status"]), (200, "verified"))
            self.assertNotIn("unreadable", gateway.log())
            gateway.stop()

    def test_one_of_a_later_release_is_refused_in_a_line(self):
        def of_schema_9(data):
            changed = data.replace(b"schema\x00\x00\x00\x01", b"schema\x00\x00\x00\x09")
            self.assertNotEqual(changed, data)
            return changed
        gateway = self.gateway("0.1.0", of_schema_9)
        before = (gateway.folder / "data" / "data.mdb").read_bytes()
        done = subprocess.run([BIN / "xiond", "--config", gateway.config_path], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertRegex(done.stderr, r"made by a newer xiond \(schema 9, this one knows [1-8]\)")
        self.assertEqual((gateway.folder / "data" / "data.mdb").read_bytes(), before)

    def test_a_data_file_that_is_none_is_refused_in_a_line(self):
        for name, change in {"text": lambda _: b"no data file\n" * 1000, "pages of nothing": lambda data: bytes(len(data))}.items():
            with self.subTest(name):
                gateway = self.gateway("0.1.0", change)
                done = subprocess.run([BIN / "xiond", "--config", gateway.config_path], capture_output=True, text=True, timeout=PATIENCE)
                self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)


if __name__ == "__main__":
    unittest.main()
