"""xiond and oidc-provider of npm: people sign in by each way that ID tokens are signed, and come in as their groups say."""

import http.client
import os
import pathlib
import re
import subprocess
import sys
import unittest
import urllib.parse

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent.parent / "functional"))

from harness import PATIENCE, Gateway   # noqa: E402
from waiting import free_port, wait_until   # noqa: E402

SETTINGS = """[dashboard]
url = "http://127.0.0.1:{api_port}"
[dashboard.oidc]
issuer = "http://127.0.0.1:{port}"
client_id = "xionid-{algorithm}"
client_secret_file = "{secret}"
grants = [{{ group = "chiefs", role = "operator" }}, {{ group = "support", app = "shop", role = "viewer" }}]
"""


class Browser:
    """Follows from page to page, and keeps cookies by host and port, as these two differ by port alone."""

    def __init__(self):
        self.cookies = {}

    def ask(self, url, form=None, method=None):
        parts = urllib.parse.urlsplit(url)
        kept = self.cookies.setdefault(parts.netloc, {})
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())} if kept else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
        connection.request(method or ("GET" if form is None else "POST"), f"{parts.path}?{parts.query}" if parts.query else parts.path,
                           urllib.parse.urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            if value and "Max-Age=0" not in line:
                kept[name] = value
            else:
                kept.pop(name, None)
        return answer

    def sign_in(self, start, who):
        """Through all pages; the last address."""
        url, answer = start, self.ask(start)
        for _ in range(20):
            if answer.status in (302, 303):
                url = urllib.parse.urljoin(url, answer.headers["Location"])
                if url.partition("?")[0].endswith("/dashboard/sign-in"):
                    return url
                answer = self.ask(url)
                continue
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert prompt, (url, answer.status, answer.text[:500])
            url = urllib.parse.urljoin(url, re.search(r'action="([^"]+)"', answer.text)[1])
            answer = self.ask(url, {"prompt": prompt[1], "login": who, "password": "x"})
        raise AssertionError("too many pages")


class OidcProvider(unittest.TestCase):
    def test_people_sign_in(self):
        with Gateway(carriers=0, routes="") as gateway:
            port = free_port()
            provider = subprocess.Popen([here / "run", str(port), f"http://127.0.0.1:{gateway.api_port}/dashboard/oidc/callback"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            self.addCleanup(provider.wait, PATIENCE)
            self.addCleanup(os.killpg, provider.pid, 15)
            wait_until("the provider listens", lambda: is_listening(port), seconds=10 * PATIENCE)
            secret = gateway.folder / "oidc.secret"
            secret.write_text("p@ss word")
            secret.chmod(0o600)
            base = f"http://127.0.0.1:{gateway.api_port}"
            for algorithm in ("RS256", "PS256", "ES256"):
                gateway.stop()
                gateway.extra = SETTINGS.format(api_port=gateway.api_port, port=port, algorithm=algorithm, secret=secret)
                gateway.write_config()
                gateway.start()
                for who, role in (("chief", "operator"), ("ani", "viewer")):
                    with self.subTest(algorithm, who=who):
                        browser = Browser()
                        self.assertEqual(browser.sign_in(f"{base}/dashboard/oidc/start", who), f"{base}/dashboard/sign-in", gateway.log()[-2000:])
                        session = browser.ask(f"{base}/dashboard/api/session")
                        self.assertIn(f'"role":"{role}"', session.text)
                        self.assertIn(f'"person":"{who}@example.am"', session.text)


def is_listening(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/.well-known/openid-configuration")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    unittest.main()
