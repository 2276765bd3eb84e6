"""Prism's validating proxy between a test and the daemon, where XION_PRISM names it: what it finds against the OpenAPI file fails the test.

Calls that are meant to be wrong are refused by the daemon, so of a call only what was answered 2xx is held against the file; of answers, each.
"""

import json
import os
import pathlib
import signal
import subprocess

from waiting import free_port, wait_until

PRISM = os.environ.get("XION_PRISM")
CONTRACT = pathlib.Path(__file__).resolve().parents[2] / "daemon/api/openapi.yaml"


class Prism:
    def __init__(self, folder, api_port):
        self.port = free_port()
        self.log = folder / "prism.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([PRISM, "proxy", str(CONTRACT), f"http://127.0.0.1:{api_port}", "--host", "127.0.0.1", "--port", str(self.port)],
                                            stdout=log, stderr=log, start_new_session=True)
        wait_until("Prism listens", self.is_listening)

    def is_listening(self):
        assert self.process.poll() is None, self.log.read_text()
        return "Prism is listening" in self.log.read_text(errors="replace")

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def is_of_prism(answer):
    """Prism's own answer: the path is in no operation, so that it never came to the daemon."""
    return "stoplight.io/prism" in (answer.text or "")


def complaints(answer):
    """What Prism has to say of an exchange."""
    found = json.loads(answer.headers.get("sl-violations", "[]"))
    return [each for each in found if each["location"][0] == "response" or answer.status < 300]
