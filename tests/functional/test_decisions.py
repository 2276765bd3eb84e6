"""A dry run decides as a send does; who a dedicated route serves; from where and for how long a key works; when a route is down."""

import datetime
import re
import unittest

from harness import Gateway, wait_until, within_one_month
from test_webhooks import ALLOWED, Receiver

PLANS = "[plans.two]\nsms_per_month = 2\nrequests_per_second = 0\n"
# Of the day on which this began: a month that ends meanwhile takes nothing out of the sum.
YESTERDAY = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)
FREE = ["cooldown_seconds=none", "sends_per_phone=none", "requests_per_second=none"]


def without_waits(answer, names):
    """Of its members those `names`, without how long is left: a second answer comes a moment later."""
    return {name: re.sub(r"\b\d+ s\b|\d+ seconds|(?<='retryAfterSeconds': )\d+", "a while", str(answer[name])) for name in names}


class DryRun(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(config=PLANS, overrides=[*FREE, "senders=Acme", "sender=Acme", "routes=main"]))

    def app(self, name, *overrides, plan="custom"):
        self.gateway.ctl("app", "add", name, "--plan", plan, *[part for each in overrides for part in ("--set", each)])
        return self.gateway.ctl("key", "create", name, "--scope", "otp:send", "--scope", "otp:read", "--scope", "stats:read")["key"]

    def settle(self, key):
        """Until nothing is under way that earlier sends began."""
        under_way = lambda: [item for item in self.gateway.request("GET", "/v1/otp?limit=100", key=key)["items"]
                             if item["delivery"]["status"] in ("queued", "submitted")]
        wait_until("all is delivered", lambda: not under_way())

    def state(self, key):
        """All that a send would have changed."""
        usage = self.gateway.request("GET", f"/v1/usage/daily?from={YESTERDAY}", key=key)
        listed = self.gateway.request("GET", "/v1/otp?limit=100", key=key)
        stats = self.gateway.request("GET", "/v1/stats", key=key)
        return (sum(day["used"] for day in usage["items"]), listed["items"], stats["requests"], stats["blocked"],
                self.gateway.told("status")["store"]["requests"], self.gateway.carriers[0].stats()["submits"])

    def decide_both(self, phone, key=None, **fields):
        """A dry run, twice, that changes nothing; then the send, whose verdict is the same."""
        key = key or self.gateway.key
        self.settle(key)
        before = self.state(key)
        tried = [self.gateway.send(phone, key=key, dryRun=True, **fields) for _ in range(2)]
        self.assertEqual(self.state(key), before, tried)
        sent = self.gateway.send(phone, key=key, **fields)
        for dry in tried:
            self.assertEqual((dry.status, dry.json.get("code")), (200 if sent.status == 202 else sent.status, sent.json.get("code")), (dry, sent))
            if sent.status == 202:
                self.assertEqual(dry["status"], "dry_run")
                self.assertEqual(dry["delivery"]["route"], sent["delivery"]["route"])
            else:
                # A send's refusal is kept as a request; a dry run's is not. What is waited for is less a moment later.
                same = set(sent.json) - {"requestId", "retryAfterSeconds"}
                self.assertEqual(without_waits(dry, same), without_waits(sent, same))
                self.assertGreaterEqual(dry.json.get("retryAfterSeconds", 0), sent.json.get("retryAfterSeconds", 0))
        return sent

    def test_a_send_that_would_go_out_is_told_and_stays(self):
        phone = "+37499310001"
        self.assertEqual(self.decide_both(phone).status, 202)
        self.gateway.handset(phone)
        self.assertEqual(len(self.gateway.carriers[0].inbox(phone)), 1)

    def test_the_block_list(self):
        self.gateway.ctl("block", "add", "+37499310002")
        self.assertEqual(self.decide_both("+37499310002")["code"], "phone_blocked")

    def test_rights_to_senders_routes_countries_and_types(self):
        self.assertEqual(self.decide_both("+37499310003", sender="Bank")["field"], "sender")
        self.assertEqual(self.decide_both("+37499310003", route="vip")["field"], "route")
        self.assertEqual(self.decide_both("+37499310003", sender="Acme", route="main").status, 202)
        key = self.app("narrow", "countries_denied=GE", "number_types=mobile", *FREE)
        self.assertEqual(self.decide_both("+995555123456", key)["code"], "country_not_allowed")
        self.assertEqual(self.decide_both("+37410123456", key)["code"], "number_type_not_allowed")

    def test_the_plan(self):
        within_one_month()
        key = self.app("two", plan="two")
        for n in range(2):
            self.assertEqual(self.decide_both(f"+3749931001{n}", key).status, 202)
        refused = self.decide_both("+37499310012", key)
        self.assertEqual((refused["code"], refused["used"]), ("plan_limit_reached", 2))

    def test_the_pumping_guard(self):
        key = self.app("guarded", "fraud=enforce", "fraud_hourly_floor=1", *FREE)
        self.assertEqual(self.decide_both("+37499310020", key).status, 202)
        self.assertEqual(self.decide_both("+37499310021", key)["code"], "fraud_suspected")

    def test_cooldown_and_limits(self):
        key = self.app("patient", "cooldown_seconds=600", "requests_per_second=none")
        self.assertEqual(self.decide_both("+37499310030", key).status, 202)
        cooling = self.gateway.send("+37499310030", key=key, dryRun=True)
        self.assertEqual((cooling.status, cooling["code"]), (429, "cooldown_active"), cooling)
        key = self.app("twice", "cooldown_seconds=none", "sends_per_phone=2/10m", "requests_per_second=none")
        for _ in range(2):
            self.assertEqual(self.decide_both("+37499310031", key).status, 202)
        self.assertEqual(self.decide_both("+37499310031", key)["code"], "rate_limited")

    def test_templates_and_texts(self):
        self.gateway.ctl("template", "add", "shop", "dear", "--text", "Dear {name}, {code} is your code")
        self.assertEqual(self.decide_both("+37499310040", template="none")["code"], "template_error")
        self.assertEqual(self.decide_both("+37499310040", template="dear")["code"], "template_error")
        self.gateway.ctl("template", "add", "shop", "long", "--text", "{code} {name} {name} {name} {name} {name}")
        self.assertEqual(self.decide_both("+37499310040", template="long", variables={"name": "x" * 120})["code"], "too_many_segments")
        self.assertEqual(self.decide_both("+37499310040", template="dear", variables={"name": "Ani"}).status, 202)
        self.assertIn("Dear Ani", str(self.gateway.carriers[0].inbox("+37499310040")[0]))


class Keys(unittest.TestCase):
    def test_a_key_works_from_its_networks_alone(self):
        with Gateway() as gateway:
            of = lambda *networks: gateway.ctl("key", "create", "shop", *[part for each in networks for part in ("--network", each)])["key"]
            for number, (networks, status) in enumerate(((["127.0.0.0/8"], 202), (["127.0.0.1"], 202), (["10.0.0.0/8", "127.0.0.0/30"], 202),
                                                         (["10.0.0.0/8"], 403), (["127.0.0.2/31"], 403), (["::/96"], 403),
                                                         (["::ffff:127.0.0.0/104"], 202))):
                answer = gateway.send(f"+3749932000{number}", key=of(*networks), headers={"X-Forwarded-For": "10.1.2.3"})
                self.assertEqual(answer.status, status, (networks, answer))
                self.assertEqual(answer.json.get("code"), "client_not_allowed" if status == 403 else None)
            for bad in ("10.0.0.1/8", "10.0.0.0/33", "everywhere", "::/129", ""):
                refused = gateway.run_ctl("key", "create", "shop", "--network", bad, check=False)
                self.assertIn("network", refused.stderr, bad)
                self.assertEqual(refused.returncode, 1, bad)

    def test_an_expiry_ends_a_key_at_its_time_and_across_a_restart(self):
        with Gateway() as gateway:
            lasting = gateway.ctl("key", "create", "shop", "--expires", "1h")
            made = gateway.ctl("key", "create", "shop", "--expires", "1s")
            wait_until("it is over", lambda: gateway.send("+37499320100", key=made["key"], dryRun=True).status == 401)
            self.assertEqual(gateway.send("+37499320100", key=lasting["key"]).status, 202)
            refused = gateway.send("+37499320101", key=made["key"])
            self.assertEqual((refused.status, refused["code"]), (401, "expired_api_key"), refused)
            self.assertIn("Bearer", refused.headers["www-authenticate"])
            gateway.kill()
            gateway.start()
            self.assertEqual(gateway.send("+37499320101", key=made["key"])["code"], "expired_api_key")
            self.assertEqual([key["state"] for key in gateway.ctl("key", "list") if key["id"] == made["id"]], ["expired"])
            self.assertEqual(gateway.send("+37499320101").status, 202)   # The other key of the app works on.


class Routes(unittest.TestCase):
    ROUTES = ('[[route]]\nname = "shops-own"\nmatch = { app = "shop" }\ncarriers = ["primary"]\n'
              '[[route]]\nname = "main"\ncarriers = ["backup"]\n')

    def test_a_dedicated_route_serves_its_app_alone(self):
        with Gateway(carriers=2, routes=self.ROUTES) as gateway:
            gateway.ctl("app", "add", "other", "--plan", "custom")
            other = gateway.ctl("key", "create", "other")["key"]
            sent = gateway.send("+37499330001")
            self.assertEqual(sent["delivery"]["route"], "shops-own", sent)
            self.assertTrue(gateway.handset("+37499330001", carrier=0))
            sent = gateway.send("+37499330002", key=other)
            self.assertEqual(sent["delivery"]["route"], "main", sent)
            self.assertTrue(gateway.handset("+37499330002", carrier=1))
            asked = gateway.send("+37499330003", key=other, route="shops-own")
            self.assertIn((asked.status, asked["code"]), ((400, "invalid_field"), (503, "no_route_available")), asked)
            self.assertEqual(gateway.carriers[0].inbox("+37499330003", wait=1), [])

    def test_where_only_the_dedicated_route_is_left_others_have_none(self):
        routes = self.ROUTES[:self.ROUTES.index('[[route]]\nname = "main"')]
        with Gateway(routes=routes) as gateway:
            gateway.ctl("app", "add", "other", "--plan", "custom")
            other = gateway.ctl("key", "create", "other")["key"]
            refused = gateway.send("+37499330010", key=other)
            self.assertEqual((refused.status, refused["code"]), (503, "no_route_available"), refused)
            self.assertEqual(gateway.send("+37499330010").status, 202)

    def test_a_route_without_a_bound_carrier_is_told_and_its_return_too(self):
        routes = self.ROUTES.replace('match = { app = "shop" }\n', 'match = { prefix = "+374" }\n')
        with Receiver() as receiver, Gateway(carriers=2, routes=routes, config=ALLOWED) as gateway:
            gateway.ctl("webhook", "add", "shop", receiver.url, "--type", "route.down", "--type", "route.up")
            gateway.ctl("app", "add", "other", "--plan", "custom")
            gateway.ctl("webhook", "add", "other", receiver.url, "--type", "route.up")
            primary = gateway.carriers[0]
            primary.stop()
            wait_until("it is told to who wants it", receiver.events)
            (down,) = receiver.events()
            self.assertEqual((down["type"], down["data"]["route"]), ("route.down", "shops-own"), down)
            self.assertGreaterEqual(down["data"]["downSeconds"], 5)
            primary.start()
            wait_until("its return is told to both", lambda: len(receiver.events()) == 3)
            for up in receiver.events()[1:]:
                self.assertEqual((up["type"], up["data"]["route"]), ("route.up", "shops-own"), up)
                self.assertGreaterEqual(up["data"]["downSeconds"], down["data"]["downSeconds"])
            self.assertEqual(receiver.types().count("route.down"), 1)


if __name__ == "__main__":
    unittest.main()
