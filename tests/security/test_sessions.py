"""The dashboard: signing in costs little and shuts nobody out, and a session sees and ends what is its own."""

import json
import socket
import unittest

from harness import PATIENCE, Gateway, wait_until
from visitor import Visitor, link_of

GUESS = "xi_" + "0" * 40


class Sessions(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(carriers=0, routes="", overrides=["requests_per_second=none"])
        self.gateway.__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def test_a_sign_in_is_small(self):
        stranger = Visitor(self.gateway)
        names = {f"name-{n}": "" for n in range(8_000)}
        nested = "[" * 9 + "]" * 9
        for name, raw, status, code in (
                ("of 1 KiB and more", json.dumps({"token": "x" * 1_024}), 413, "body_too_large"),
                ("of eight thousand names", json.dumps(names)[:65_000], 413, "body_too_large"),
                ("of too many members", json.dumps({"token": GUESS} | {f"{n}": 0 for n in range(64)}), 400, "missing_field"),
                ("of too much depth", f'{{"token":"{GUESS}","x":{nested}}}', 400, "missing_field"),
                ("of one name twice", f'{{"token":"{GUESS}","token":"{GUESS}"}}', 400, "missing_field"),
                ("that is none", "{", 400, "missing_field")):
            with self.subTest(name):
                answer = stranger.post("sign-in", raw=raw)
                self.assertEqual((answer.status, answer["code"]), (status, code), answer)

    def test_tries_are_few_whatever_they_are(self):
        stranger = Visitor(self.gateway)
        codes = [stranger.post("sign-in", raw="{" if n % 2 else json.dumps({"token": GUESS})).json["code"] for n in range(20)]
        self.assertEqual(codes[-1], "rate_limited")
        self.assertEqual(stranger.post("sign-in", raw="{").headers["retry-after"], "6")

    def test_who_tries_behind_a_proxy_shuts_nobody_out(self):
        link = link_of(self.gateway, "--app", "shop")
        stranger = Visitor(self.gateway)
        while stranger.sign_in(GUESS).status != 429:
            pass
        self.assertEqual(stranger.sign_in(link).status, 200)

    def test_signing_out_everywhere_ends_ones_own(self):
        nameless, other = Visitor(self.gateway, "--app", "shop"), Visitor(self.gateway, "--app", "shop")
        ani, ani_too = (Visitor(self.gateway, "--app", "shop", "--for", "Ani") for _ in range(2))
        self.assertEqual(nameless.post("sign-out-everywhere")["sessions"], 1)
        self.assertEqual([one.get("session").status for one in (nameless, other, ani, ani_too)], [401, 200, 200, 200])
        self.assertEqual(ani.post("sign-out-everywhere")["sessions"], 2)
        self.assertEqual([one.get("session").status for one in (other, ani, ani_too)], [200, 401, 401])

    def test_a_viewer_sees_its_own_sessions(self):
        viewer, _, _ = Visitor(self.gateway, "--app", "shop"), Visitor(self.gateway, "--app", "shop"), Visitor(self.gateway, "--operator")
        named = [Visitor(self.gateway, "--app", "shop", "--for", "Ani") for _ in range(2)]
        self.assertEqual(len(viewer.get("sessions")["items"]), 1)
        self.assertEqual(len(named[0].get("sessions")["items"]), 2)
        self.assertEqual(len(Visitor(self.gateway, "--app", "shop", "--role", "owner").get("sessions")["items"]), 5, "an owner sees the app's")

    def test_events_tell_of_ones_own_app(self):
        self.gateway.ctl("app", "add", "other")
        foreign, own = (self.gateway.ctl("key", "create", name, "--test")["key"] for name in ("other", "shop"))
        viewer = Visitor(self.gateway, "--app", "shop")
        with socket.create_connection(("127.0.0.1", self.gateway.api_port), timeout=PATIENCE) as page:
            page.sendall(f"GET /dashboard/api/events HTTP/1.1\r\nHost: x\r\nCookie: {viewer.cookie}\r\n\r\n".encode())
            heard = b""
            while b"event: hello" not in heard:
                heard += page.recv(65536)
            # A beat comes every fifteen looks: by then what happened before it was looked at.
            self.assertEqual(self.gateway.send("+37499300001", key=foreign).status, 202)
            while b"still here" not in heard:
                heard += page.recv(65536)
            self.assertNotIn(b"event: change", heard)
            self.assertEqual(self.gateway.send("+37499300001", key=own).status, 202)
            while b"event: change" not in heard:
                heard += page.recv(65536)


if __name__ == "__main__":
    unittest.main()
