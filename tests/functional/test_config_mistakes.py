"""Mistakes that people make in the configuration: each is told at its place, in one line, with what to write instead."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import BIN, PATIENCE

CARRIER = '[[carrier]]\nname = "a"\naddress = "h:2775"\nsystem_id = "x"\npassword_file = "pw"\n'
ROUTE = '[[route]]\nname = "r"\ncarriers = ["a"]\n'


def in_carrier(line):
    """With everything else right. The line is the sixth."""
    return CARRIER + line + "\n" + ROUTE


def in_route(line):
    """The line is the eighth."""
    return CARRIER + '[[route]]\nname = "r"\n' + line + "\n"


OIDC = '[dashboard]\nurl = "https://otp.example.net"\n[dashboard.oidc]\n'


def in_oidc(line, without=""):
    """With everything else right, but for the key `without`. The line is the seventh, or the sixth."""
    rest = {"issuer": '"https://id.example.net"', "client_id": '"xionid"', "grants": '[{ group = "staff", role = "operator" }]'}
    return OIDC + "".join(f"{key} = {value}\n" for key, value in rest.items() if key != without) + line + "\n"


# What is written, where it is wrong (line, column), what is said of it, and the hint.
MISTAKES = [
    # Lists, truth, numbers, texts.
    (in_route('carriers = "a"'), 8, 12, 'route.carriers = "a": expected an array of carriers\' names', 'write ["a"]'),
    (in_carrier('tls = "yes"'), 6, 7, 'carrier.tls = "yes": expected true, false or { ca', "write true, without quotes"),
    (in_carrier('tls = "off"'), 6, 7, 'carrier.tls = "off"', "write false, without quotes"),
    (in_carrier('dest_plus = 1'), 6, 13, "carrier.dest_plus = 1: expected true or false", "write true, without quotes"),
    (in_carrier('transliterate = "no"'), 6, 17, 'carrier.transliterate = "no": expected true or false', "write false, without quotes"),
    (in_carrier('window = "10"'), 6, 10, 'carrier.window = "10": expected a whole number, 1–1000', "written without quotes?"),
    (in_carrier('window = 0'), 6, 10, "carrier.window = 0: expected 1–1000", "Unanswered submits on each bind; the default is 10."),
    (in_carrier('enquire_link_seconds = "25s"'), 6, 24, 'carrier.enquire_link_seconds = "25s": expected a number, 0.1–3600 seconds',
     "a number without quotes and without a unit, such as 25"),
    (in_carrier('sender = 1234'), 6, 10, "carrier.sender = 1234: expected text", "written in quotes?"),
    ('[daemon]\nretention_days = 90.5\n', 2, 18, "daemon.retention_days = 90.5: expected a whole number, 1–3650", "Days for which"),
    ('daemon = 3\n', 1, 10, "daemon = 3: expected a table, [daemon]", ""),
    ('[carrier]\nname = "a"\n', 1, 1, "carrier: expected [[carrier]], once for each", "write [[carrier]] with two brackets"),
    # Rates.
    ('[limits]\nsends_per_phone = ["5/2d"]\n', 2, 20, 'limits.sends_per_phone = "5/2d": expected "COUNT/WINDOW"', 'the window is a day at most: "5/1d"'),
    ('[limits]\nsends_per_phone = ["5/48h"]\n', 2, 20, 'limits.sends_per_phone = "5/48h"', 'the window is a day at most: "5/1d"'),
    ('[limits]\nsends_per_phone = ["5/600"]\n', 2, 20, 'limits.sends_per_phone = "5/600"', 'the window needs a unit, s, m, h or d: "5/600m"'),
    ('[limits]\nsends_per_phone = ["5"]\n', 2, 20, 'limits.sends_per_phone = "5"', 'a count, a slash, a window with its unit: "5/10m"'),
    ('[limits]\nsends_per_phone = ["5/d"]\n', 2, 20, 'limits.sends_per_phone = "5/d"', 'the window needs a number: "5/1d"'),
    ('[limits]\nsends_per_phone = ["5 / 10m"]\n', 2, 20, 'limits.sends_per_phone = "5 / 10m"', 'written without blanks: "5/10m"'),
    ('[limits]\nsends_per_phone = ["0/10m"]\n', 2, 20, 'limits.sends_per_phone = "0/10m"', "the count is 1 at least"),
    ('[limits]\nsends_per_phone = "5/10m"\n', 2, 19, 'limits.sends_per_phone = "5/10m": expected an array of', 'write ["5/10m"]'),
    ('[limits]\nphones_per_user_ip = 10\n', 2, 22, "limits.phones_per_user_ip = 10: expected", "written in quotes?"),
    # Addresses.
    (in_carrier('receiver_address = "h:99999"'), 6, 20, 'carrier.receiver_address = "h:99999": expected host:port', "the port is a number, 1–65535"),
    (in_carrier('receiver_address = "h:0"'), 6, 20, 'carrier.receiver_address = "h:0"', "the port is a number, 1–65535"),
    (in_carrier('receiver_address = "h"'), 6, 20, 'carrier.receiver_address = "h"', 'the port is missing, 1–65535: "h:2775"'),
    (in_carrier('receiver_address = "h:"'), 6, 20, 'carrier.receiver_address = "h:"', 'the port is missing, 1–65535: "h:2775"'),
    (in_carrier('receiver_address = "h:smpp"'), 6, 20, 'carrier.receiver_address = "h:smpp"', "the port is a number, 1–65535"),
    (in_carrier('receiver_address = "2001:db8::1"'), 6, 20, 'carrier.receiver_address = "2001:db8::1"',
     'an IPv6 address stands in brackets, and the port behind them: "[2001:db8::1]:2775"'),
    (in_carrier('receiver_address = "smpp://h:2775"'), 6, 20, 'carrier.receiver_address = "smpp://h:2775"', 'write it without "smpp://"'),
    (in_carrier('local_address = "192.0.2.7:0"'), 6, 17, 'carrier.local_address = "192.0.2.7:0": expected an address of this machine', ""),
    ('[api]\nlisten = ["8080"]\n', 2, 11, 'api.listen = "8080": expected address:port or unix:/path', 'the host is missing: "127.0.0.1:8080"'),
    ('[api]\nlisten = [":8080"]\n', 2, 11, 'api.listen = ":8080"', 'the host is missing: "127.0.0.1:8080"'),
    ('[api]\nlisten = ["/run/x.sock"]\n', 2, 11, 'api.listen = "/run/x.sock"', "a socket's path stands behind unix: \"unix:/run/x.sock\""),
    ('[api]\nlisten = ["unix:x"]\n', 2, 11, 'api.listen = "unix:x"', 'the path is absolute: "unix:/run/xionid/api.sock"'),
    ('[operator]\nlisten = "127.0.0.1:8080"\n', 2, 1, 'operator.listen = "127.0.0.1:8080": the API listens at 127.0.0.1:8080', "they are two"),
    # Countries, prefixes, words.
    (in_route('match = { country = "XX" }\ncarriers = ["a"]'), 8, 21, 'route.match.country = "XX": expected two capital letters of ISO 3166',
     "no country has the code XX"),
    (in_route('match = { country = "am" }\ncarriers = ["a"]'), 8, 21, 'route.match.country = "am"', 'write "AM"'),
    (in_route('match = { country = "UK" }\ncarriers = ["a"]'), 8, 21, 'route.match.country = "UK"', 'write "GB"'),
    (in_route('match = { country = "ARM" }\ncarriers = ["a"]'), 8, 21, 'route.match.country = "ARM"', 'write "AM"'),
    (in_route('match = { prefix = "374" }\ncarriers = ["a"]'), 8, 20, 'route.match.prefix = "374": expected + and 1–15 digits', 'write "+374"'),
    (in_route('match = { prefix = "00374" }\ncarriers = ["a"]'), 8, 20, 'route.match.prefix = "00374"', 'write "+374"'),
    (in_carrier('status_overrides = { "0x58" = "slowdown" }'), 6, 31, 'carrier.status_overrides = "slowdown": expected "slow_down"',
     'did you mean "slow_down"?'),
    (in_carrier('receipt_states = { GONE = "undelivred" }'), 6, 27, 'carrier.receipt_states = "undelivred": expected "delivered"',
     'did you mean "undelivered"?'),
    (in_carrier('receipt_id = "decimel"'), 6, 14, 'carrier.receipt_id = "decimel": expected "auto"', 'did you mean "decimal"?'),
    (in_carrier('bind = "tranceiver"'), 6, 8, 'carrier.bind = "tranceiver": expected "transceiver"', 'did you mean "transceiver"?'),
    (in_carrier('tlvs = { "1400" = "1107" }'), 6, 10, "carrier.tlvs.1400: a tag is written with 0x", "1400 is decimal, 0x0578: did you mean 0x1400?"),
    # Names, twice, elsewhere.
    (in_route('carriers = ["a", "a"]'), 8, 18, 'route.carriers = "a": named twice', "a message goes by a carrier once; leave one of the two"),
    (in_route('carriers = ["b"]'), 8, 13, 'route.carriers = "b": no carrier of that name', 'did you mean "a"?'),
    (CARRIER + CARRIER + ROUTE, 7, 8, 'carrier.name = "a": a second carrier of that name', "the first is at"),
    ('[api]\nretention_days = 3\n', 2, 1, "api.retention_days: unknown key", "retention_days belongs in [daemon]"),
    ('[daemon]\nwindow = 3\n', 2, 1, "daemon.window: unknown key", "window belongs in [[carrier]]"),
    ('window = 3\n', 1, 1, "window: unknown key", "window belongs in [[carrier]]"),
    ('[daemon]\ngroup = "xionid"\n', 2, 1, "daemon.group: unknown key", "known here: "),
    ('group = "xionid"\n', 1, 1, "group: unknown key", "known here: "),
    (in_oidc('group = "staff"'), 7, 1, "dashboard.oidc.group: unknown key", "group belongs in [[dashboard.oidc.grants]]"),
    (in_carrier("prefix = '+374'"), 6, 1, "carrier.prefix: unknown key", "prefix belongs in match = { … } of a [[route]]"),
    ('[daemon]\ndata_dri = "/tmp"\n', 2, 1, "daemon.data_dri: unknown key", 'did you mean "data_dir"?'),
    ('[otp]\nttl_seconds = 900\n', 2, 1, "otp.ttl_seconds = 900: above ttl_max_seconds, 600", ""),
    (in_carrier('password = "x"'), 6, 12, "carrier.password and carrier.password_file are both there", "keep password_file"),
    # A provider that signs people in.
    (in_oidc('issuer = "id.example.net"', "issuer"), 6, 10, 'dashboard.oidc.issuer = "id.example.net": expected https://host and perhaps a path',
     'the scheme is missing: "https://id.example.net"'),
    (in_oidc('issuer = "http://id.example.net/staff"', "issuer"), 6, 10, 'dashboard.oidc.issuer = "http://id.example.net/staff": expected https://host',
     'what people may do here must not come unencrypted: "https://id.example.net/staff"'),
    (in_oidc('issuer = "http://127.0.0.1.example.net"', "issuer"), 6, 10, 'dashboard.oidc.issuer = "http://127.0.0.1.example.net"', "what people may do here"),
    (in_oidc('issuer = "https://id.example.net/.well-known/openid-configuration"', "issuer"), 6, 10, "dashboard.oidc.issuer = ",
     'discovery is found behind it: "https://id.example.net"'),
    (in_oidc('issuer = "https://id.example.net/?tenant=1"', "issuer"), 6, 10, "dashboard.oidc.issuer = ", "The provider, by the name that its discovery"),
    (in_oidc('issuer = "https://ani:x@id.example.net"', "issuer"), 6, 10, "dashboard.oidc.issuer = ", "The provider, by the name that its discovery"),
    (in_oidc('issuer = ""', "issuer"), 6, 10, 'dashboard.oidc.issuer = "": expected', "The provider, by the name that its discovery"),
    (in_oidc("", "issuer"), 3, 1, "dashboard.oidc.issuer is missing", ""),
    (in_oidc("", "client_id"), 3, 1, "dashboard.oidc.client_id is missing", ""),
    (in_oidc('client_id = ""', "client_id"), 6, 13, 'dashboard.oidc.client_id = "": expected', "What the provider knows this gateway by."),
    (in_oidc('client_secret = "x"'), 7, 1, "dashboard.oidc.client_secret: unknown key", 'did you mean "client_secret_file"?'),
    (in_oidc('client_secret_file = "none"'), 7, 22, 'dashboard.oidc.client_secret_file = "none": No such file or directory',
     "looked in $CREDENTIALS_DIRECTORY, then for "),
    (in_oidc('client_secret_file = "empty"'), 7, 22, 'dashboard.oidc.client_secret_file = "empty": the file holds no client\'s secret',
     "File of the client's secret"),
    (in_oidc('ca = "none"'), 7, 6, 'dashboard.oidc.ca = "none": ', ""),
    (in_oidc('scopes = ["email"]'), 3, 1, 'dashboard.oidc.scopes lacks "openid"', "without it the provider tells of nobody"),
    (in_oidc('grants = [{ group = "a", role = "admin" }]', "grants"), 6, 33, 'dashboard.oidc.grants.role = "admin": expected "viewer"', ""),
    (in_oidc('grants = [{ group = "a", role = "onwer", app = "shop" }]', "grants"), 6, 33, 'dashboard.oidc.grants.role = "onwer": expected "viewer"',
     'did you mean "owner"?'),
    (in_oidc('grants = [{ group = "a", role = "viewer" }]', "grants"), 6, 11, "dashboard.oidc.grants", "a viewer or an owner is one app's"),
    (in_oidc('grants = [{ group = "a", role = "operator", app = "shop" }]', "grants"), 6, 11, "dashboard.oidc.grants", "leave app out"),
    (in_oidc('grants = [{ role = "operator" }]', "grants"), 6, 11, "dashboard.oidc.grants", ""),
    (in_oidc('grants = [{ group = "a" }]', "grants"), 6, 11, "dashboard.oidc.grants", "viewer, owner or operator"),
    (in_oidc('grants = ["a"]', "grants"), 6, 11, "dashboard.oidc.grants", ""),
    ('[dashboard]\noidc = "https://id.example.net"\n', 2, 8, "dashboard.oidc = \"https://id.example.net\": expected a table, [dashboard.oidc]", ""),
    (in_oidc("").replace('url = "https://otp.example.net"\n', ""), 2, 12, "dashboard.oidc without dashboard.url", "set url"),
    ('[dashboard]\nsession_idle_seconds = 60\n', 2, 24, "dashboard.session_idle_seconds = 60: expected", "A session ends so long after it was last used."),
    ('[dashboard]\nsession_days = 365\n', 2, 16, "dashboard.session_days = 365: expected 1–90", "A session ends so long after it began"),
    # What is no TOML.
    ('[daemon]\ndata_dir = "/tmp\n', 2, 12, "", 'the text that begins here isn\'t closed: a " is missing'),
    ('[daemon]\ndata_dir = “/tmp”\n', 2, 12, "", 'typographic quotes are none here: write plain ones, "'),
    ('[daemon]\nlog_level = info\n', 2, 13, "", 'text stands in quotes: "info"'),
    ('[daemon]\nretention_days = 90d\n', 2, 18, "", "a number has no unit"),
    ('[dashboard]\nenabled = True\n', 2, 11, "", "write true"),
    ('[daemon]\nlog: "auto"\n', 2, 4, "", "write = instead of :"),
    ('[daemon\nlog = "auto"\n', 1, 1, "", "the table's name isn't closed: ] is missing"),
    ('[daemon]\nlog = "auto"\nlog = "stderr"\n', 3, 7, "", "a key stands in a table once: remove one of them"),
    ('[daemon]\n// nothing\n', 2, 1, "", "a comment begins with #"),
    ('[daemon]\nlog =\n', 2, 5, "", "a value is missing behind the ="),
    ('[api]\nlisten = ["127.0.0.1:8080"\n[operator]\n', 2, 10, "", "what begins here isn't closed: ] is missing"),
    ('[daemon]\ndata_dir = "C:\\data"\n', 2, 15, "", "in quotes a backslash is written twice"),
]

# One mistake is told once: what can't be read is no reason to blame what would follow from it.
ALONE = [
    in_route('carriers = "a"'),
    in_route('carriers = ["a", 3]'),
    in_route('carriers = [{ name = "a", weight = "x" }]'),
    in_route('carriers = []'),
    CARRIER.replace('"a"', '3') + ROUTE,
    CARRIER.replace('name = "a"', 'name = ""') + ROUTE,
    CARRIER + "[route]\ncarriers = ['a']\n",
    CARRIER.replace("[[carrier]]", "[carrier]") + ROUTE,
    CARRIER.replace("[[carrier]]", "[[carier]]") + ROUTE,
    in_carrier('tls = "yes"').replace("h:2775", "203.0.113.5:2775"),
    in_carrier('usessl = true').replace("usessl", "use-ssl").replace("h:2775", "203.0.113.5:2775"),
    in_carrier('reconnect_min_seconds = 100\nreconnect_max_seconds = "200"'),
    in_route('match = { network = "28301" }\ncarriers = ["a"]') + '[networks]\n28301 = "+37491"\n',
    in_route('match = { country = "xx" }\ncarriers = ["a"]\n[[route]]\nname = "r"\ncarriers = ["a"]'),
    in_carrier("") + '[api]\ntls_certificate = 3\ntls_key = "pw"\n',
    in_carrier("") + '[operator]\nlisten = 3\n[api]\nlisten = ["127.0.0.1:9090"]\n',
    in_carrier("") + '[otp]\nttl_seconds = 900\nttl_max_seconds = "900"\n',
    in_carrier("") + '[otp]\ncode_length = "8"\nattempts = 10\n',
    in_carrier("") + '[billing]\ncurrency = "euro"\n[prices.a]\ndefault = "0.1"\n',
    in_carrier("") + '[billing]\ncurrency = "EUR"\n[prices.a]\ndefault = "a lot"\n',
    'include = ["broken.toml"]\n' + ROUTE,
    'include = ["nowhere.toml"]\n' + ROUTE,
]

# What is right, and probably not meant.
WARNINGS = [
    (in_carrier('status_overrides = { "88" = "slow_down" }'), 6, 22, "carrier.status_overrides.88: a status without 0x",
     "88 is decimal, 0x58: did you mean 0x88?"),
    (CARRIER.replace('"pw"', '"blank"') + ROUTE, 5, 17, 'carrier.password_file = "blank": the password begins or ends with a blank', "it is sent whole"),
    (in_oidc("", "grants"), 3, 1, "dashboard.oidc.grants is missing: nobody may do anything", "such as grants = "),
    ('[dashboard]\nsession_idle_seconds = 172800\nsession_days = 1\n', 2, 1,
     "dashboard.session_idle_seconds = 172800: longer than session_days = 1, which ends a session first", ""),
]


class Mistakes(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="xionid-mistakes."))
        self.addCleanup(shutil.rmtree, self.folder)
        for name, text in (("pw", "secret\n"), ("blank", "secret \n"), ("empty", "\n")):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o600)

    def check(self, text, program=("xiond", "--check", "--config")):
        file = self.folder / "xionid.toml"
        file.write_text(text)
        return subprocess.run([BIN / program[0], *program[1:], file], capture_output=True, text=True, timeout=PATIENCE)

    def findings(self, told):
        """(line, column, message, hint) of each finding."""
        pattern = re.compile(r"^\S*xionid\.toml:(\d+):(\d+): (?:warning: )?(.*)(?:\n  hint: (.*))?", re.MULTILINE)
        return [(int(line), int(column), message, hint) for line, column, message, hint in pattern.findall(told)]

    def test_each_mistake_is_told_with_line_column_and_hint(self):
        self.assertGreaterEqual(len(MISTAKES), 60)
        for text, line, column, message, hint in MISTAKES:
            with self.subTest(text=text):
                done = self.check(text)
                self.assertEqual(done.returncode, 1, done.stderr)
                found = [each for each in self.findings(done.stderr) if each[:2] == (line, column)]
                self.assertTrue(found, f"nothing at {line}:{column} in\n{done.stderr}")
                self.assertTrue(any(each[2].startswith(message) and each[3].startswith(hint) for each in found), done.stderr)

    def test_one_mistake_is_told_once_and_nothing_is_concluded_from_it(self):
        (self.folder / "broken.toml").write_text("[[carrier]\n")
        for text in ALONE:
            with self.subTest(text=text):
                done = self.check(text, ("xionctl", "config", "check", "--only-file"))
                self.assertEqual(done.returncode, 1, done.stderr)
                told = re.findall(r"^\S*\.toml:\d.*", done.stderr, re.MULTILINE)
                self.assertEqual(len(told), 1, done.stderr)

    def test_what_is_probably_not_meant_is_a_warning(self):
        for text, line, column, message, hint in WARNINGS:
            with self.subTest(text=text):
                done = self.check(text, ("xionctl", "config", "check", "--only-file"))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(any(each[:2] == (line, column) and each[2].startswith(message) and each[3].startswith(hint)
                                    for each in self.findings(done.stderr)), done.stderr)

    def test_numbers_of_things_are_written_as_people_say_them(self):
        self.assertIn("good; 1 carrier, 1 route\n", self.check(CARRIER + ROUTE, ("xionctl", "config", "check", "--only-file")).stdout)


if __name__ == "__main__":
    unittest.main()
