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

    def test_nobody_makes_more_of_somebody_than_he_is(self):
        gateway = self.gateway
        gateway.ctl("app", "add", "other")
        visitors = {role: Visitor(gateway, "--app", "shop", "--role", role) for role in ("viewer", "owner")}
        before = gateway.ctl("dashboard", "sessions")
        wishes = [{"role": "operator"}, {"role": "operator", "operator": True}, {"role": "OPERATOR"}, {"role": ["operator"]}, {"role": "operator", "app": ""},
                  {"role": "operator", "app": None}, {"role": {"operator": True}}, {"role": 2}, {"role": "operator_"}, {"--role": "operator"}]
        for role, visitor in visitors.items():
            for wish in wishes:
                with self.subTest(role=role, wish=wish):
                    answer = visitor.post("sessions/invite", wish)
                    self.assertIn(answer.status, (400, 403), answer)
            for raw in ('{"role":"owner","role":"operator"}', '{"role":"operator"'):
                self.assertIn(visitor.post("sessions/invite", raw=raw).status, (400, 403))
        self.assertEqual(gateway.ctl("dashboard", "sessions"), before, "an invitation was made")
        # What is not asked is not given either: the app and the rank of who asks stay.
        for wish in ({"operator": True}, {"operator": True, "role": "viewer"}, {"app": "other", "role": "owner"}, {"app": None, "operator": True}):
            with self.subTest(wish=wish):
                made = visitors["owner"].post("sessions/invite", wish)["result"]
                self.assertEqual((made["app"], made["role"] in ("viewer", "owner")), ("shop", True))
                guest = Visitor(gateway)
                signed_in = guest.sign_in(made["link"].partition("#")[2])
                guest.cookie = signed_in.headers["set-cookie"].partition(";")[0]
                self.assertEqual(guest.get("operator/status").status, 403)
        self.assertEqual(visitors["viewer"].post("sessions/invite", {"role": "viewer"}).status, 403)
        self.assertEqual(visitors["owner"].post("sessions/invite", {"role": "owner"}).status, 200)

    def test_neither_keys_nor_the_command_line_make_an_operator_of_an_app(self):
        gateway = self.gateway
        admin = gateway.ctl("key", "create", "shop", *[part for each in ("keys", "templates", "webhooks", "lists", "policy")
                                                       for part in ("--scope", f"admin:{each}")])["key"]
        for path in ("sessions", "sessions/invite", "dashboard", "dashboard/invite", "invitations"):
            self.assertEqual(gateway.request("POST", f"/v1/admin/{path}", {"role": "operator", "operator": True}, key=admin).status, 404)
        bearer = {"X-Requested-With": "XionID"}
        self.assertEqual(gateway.request("POST", "/dashboard/api/sessions/invite", {"role": "operator"}, headers=bearer, key=admin).status, 401)
        for arguments in ({"app": "shop", "role": "operator"}, {"app": "shop", "operator": True}, {"role": "operator"}):
            answer = gateway.control(json.dumps({"command": "dashboard invite", "args": arguments}) + "\n")
            self.assertFalse(answer["ok"], (arguments, answer))
        self.assertEqual(gateway.ctl("dashboard", "sessions"), [])

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
            while b"event: still" not in heard:
                heard += page.recv(65536)
            self.assertNotIn(b"event: change", heard)
            self.assertEqual(self.gateway.send("+37499300001", key=own).status, 202)
            while b"event: change" not in heard:
                heard += page.recv(65536)


if __name__ == "__main__":
    unittest.main()
