"""Net::SMPP of Debian as SMSC for the real daemon: it reads what we write, and its receipts in each of the field's manners are matched."""

import json
import pathlib
import subprocess
import sys
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "functional"))
from harness import Gateway, wait_until  # noqa: E402

# An account is what its receipts are like; the purpose of a send chooses it.
ACCOUNTS = {"plain": "XionID", "datasm": "XionID", "straight": "37411223344", "foreign": "XionID"}


class Peer:
    def __init__(self):
        self.process = subprocess.Popen(["perl", HERE / "smsc.pl"], stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["listening"]
        self.said = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def stop(self):
        self.process.kill()
        self.process.wait()


def block(port, name, sender="XionID"):
    return (f'[[carrier]]\nname = "{name}"\naddress = "127.0.0.1:{port}"\nsystem_id = "{name}"\npassword_file = "carrier.password"\n'
            f'sender = "{sender}"\nrate = 0\nenquire_link_seconds = 1\nreconnect_min_seconds = 1\n')


class ForeignSmsc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.peer = Peer()
        cls.addClassCleanup(cls.peer.stop)

    def test_receipts_in_every_manner_are_matched(self):
        routes = "".join(f'[[route]]\nname = "{name}"\nmatch = {{ purpose = "{name}" }}\ncarriers = ["{name}"]\n' for name in ACCOUNTS)
        blocks = "\n".join(block(self.peer.port, name, sender) for name, sender in ACCOUNTS.items())
        with Gateway(carriers=0, routes=blocks + routes, overrides=["cooldown_seconds=none", "sends_per_phone=none", "fraud=off"]) as gateway:
            wait_until("every account is bound", lambda: all(each["state"] == "bound" for each in gateway.told("carrier list")))
            sent = {(name, number): gateway.send(f"+374992{place}{number:03}", purpose=name)["requestId"]
                    for place, name in enumerate(ACCOUNTS, 10) for number in range(3)}
            for request in sent.values():
                gateway.wait_delivery(request)
            self.assertEqual(gateway.ctl("receipt", "unmatched"), [])
            wait_until("a life sign was asked for", lambda: any(line.get("command") == "enquire_link" for line in self.peer.said))
        submits = [line for line in self.peer.said if line.get("command") == "submit_sm"]
        self.assertEqual(len(submits), len(sent))
        self.assertEqual({line["source_addr"] for line in submits if line["account"] == "straight"}, {"37411223344"})
        answers = {(line["answer"], line["status"]) for line in self.peer.said if "answer" in line}
        self.assertEqual(answers, {("deliver_sm_resp", 0), ("data_sm_resp", 0)})

    def test_a_bind_that_it_takes_and_drops_is_tried_ever_more_slowly(self):
        with Gateway(carriers=0, routes=block(self.peer.port, "dropped") + '[[route]]\ncarriers = ["dropped"]\n') as gateway:
            wait_until("it has tried five times", lambda: gateway.told("carrier show", name="dropped")["reconnects"] >= 4)
            # It has none while it connects.
            wait_until("the next is seconds away", lambda: gateway.told("carrier show", name="dropped").get("nextRetrySeconds", 0) >= 2)


if __name__ == "__main__":
    unittest.main()
