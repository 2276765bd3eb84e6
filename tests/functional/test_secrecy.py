"""No code and no phone number, in any form, in the data file, the log, or anything else that the daemon writes."""

import pathlib
import re
import unittest

from harness import Gateway

QUIET = ["cooldown_seconds=none", "sends_per_phone=none", "code_length=10", "sends_per_user_ip=none", "phones_per_user_ip=none"]


class Secrecy(unittest.TestCase):
    def test_nothing_written_holds_a_code_or_a_number(self):
        with Gateway(overrides=QUIET) as gateway:
            secrets = {}
            for n in range(60):
                phone = f"+3749{9160000 + n}"
                gateway.send(phone, reference=f"ref-{n}", userIp="203.0.113.7" if n % 2 else f"203.0.113.{n}")
                code = gateway.handset(phone)
                secrets[phone] = code
                if n % 3 == 0:
                    gateway.verify(phone, code)
                if n % 3 == 1:
                    gateway.verify(phone, "0" * 10)
            gateway.stop()
            written = [path for path in pathlib.Path(gateway.folder).rglob("*")
                       if path.is_file() and not path.name.startswith("carrier-")]
            self.assertTrue(any(path.stat().st_size > 10_000 for path in written), "the data file is among them")
            for path in written:
                octets = path.read_bytes()
                for phone, code in secrets.items():
                    for secret in (code, phone, phone[1:], phone[4:]):
                        self.assertNotIn(secret.encode(), octets, f"{path.name} holds {secret}")
                        self.assertNotIn(secret.encode("utf-16-be"), octets, f"{path.name} holds {secret} as UTF-16")
                self.assertNotIn(gateway.key.encode(), octets, f"{path.name} holds the API key")
            self.assertTrue(re.search(r"smsc\.link\.bound", gateway.log()), "the log was written")


if __name__ == "__main__":
    unittest.main()
