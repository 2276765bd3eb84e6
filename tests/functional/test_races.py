"""A thousand clients at once, each on a connection of its own: what may happen once happens once."""

import collections
import json
import resource
import unittest

from harness import Gateway, within_one_month, wrong

CLIENTS = 1_000


def post(gateway, path, body, *lines):
    octets = json.dumps(body).encode()
    head = [f"POST {path} HTTP/1.1", "Host: x", "Connection: close", "Content-Type: application/json", *lines,
            f"Authorization: Bearer {gateway.key}", f"Content-Length: {len(octets)}", "", ""]
    return "\r\n".join(head).encode() + octets


def all_at_once(gateway, path, bodies):
    return gateway.raw_at_once([post(gateway, path, body) for body in bodies])


def counted(answers):
    return dict(collections.Counter((answer.status, answer.json.get("code")) for answer in answers))


class Races(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
        cls.gateway = cls.enterClassContext(Gateway(log_level="info"))

    def test_of_a_thousand_right_codes_one_gets_in(self):
        phone = "+37499261001"
        sent = self.gateway.send(phone)["requestId"]
        code = self.gateway.handset(phone)
        answers = all_at_once(self.gateway, "/v1/otp/verify", [{"phone": phone, "code": code}] * CLIENTS)
        self.assertEqual(counted(answers), {(200, None): 1, (410, "code_used"): CLIENTS - 1})
        self.assertEqual(self.gateway.read(sent)["status"], "verified")

    def test_a_thousand_sends_to_one_phone_are_one_message(self):
        phone = "+37499261002"
        answers = all_at_once(self.gateway, "/v1/otp/send", [{"phone": phone}] * CLIENTS)
        self.assertEqual(counted(answers), {(202, None): 1, (429, "cooldown_active"): CLIENTS - 1})
        sent = next(answer for answer in answers if answer.status == 202)
        self.assertEqual({answer["requestId"] for answer in answers}, {sent["requestId"]})
        self.gateway.wait_delivery(sent["requestId"])
        self.assertEqual(self.gateway.read(sent["requestId"])["sends"], 1)
        self.assertEqual(len(self.gateway.carriers[0].inbox(phone)), 1)

    def test_a_thousand_wrong_codes_are_five_guesses(self):
        phone = "+37499261003"
        sent = self.gateway.send(phone)["requestId"]
        code = self.gateway.handset(phone)
        answers = all_at_once(self.gateway, "/v1/otp/verify", [{"phone": phone, "code": wrong(code)}] * CLIENTS)
        self.assertEqual(counted(answers), {(422, "invalid_code"): 5, (423, "code_locked"): CLIENTS - 5})
        self.assertEqual(sorted(answer["attemptsRemaining"] for answer in answers if answer.status == 422), [0, 1, 2, 3, 4])
        self.assertEqual(self.gateway.verify(phone, code)["code"], "code_locked")
        self.assertEqual(sum(event["type"] == "attempt" for event in self.gateway.read(sent)["events"]), 5)

    def test_a_thousand_of_one_idempotency_key_are_one_request(self):
        within_one_month()
        phone = "+37499261004"
        sends = self.gateway.request("GET", "/v1/usage")["used"]
        answers = self.gateway.raw_at_once([post(self.gateway, "/v1/otp/send", {"phone": phone}, "Idempotency-Key: one")] * CLIENTS)
        seen = counted(answers)
        self.assertEqual(set(seen) - {(202, None), (409, "idempotency_in_progress")}, set())
        taken = [answer for answer in answers if answer.status == 202]
        self.assertEqual(len({answer.text for answer in taken}), 1)
        self.assertEqual(sum("idempotency-replayed" not in answer.headers for answer in taken), 1)
        self.assertEqual(self.gateway.request("GET", "/v1/usage")["used"], sends + 1)


if __name__ == "__main__":
    unittest.main()
