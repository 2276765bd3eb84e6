"""Traces: spans of a request's life at a collector of OpenTelemetry, in the caller's own trace, and nothing at all where it is off."""

import http.server
import json
import re
import threading
import unittest

from harness import Gateway, wait_until

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00"


class Server:
    """Takes POSTs, keeps them, and answers what it is told to."""

    def __init__(self):
        self.calls, self.status, server = [], 200, self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                server.calls.append(({name.lower(): value for name, value in self.headers.items()}, self.path, json.loads(body)))
                self.send_response(server.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def spans(self):
        found = []
        for _, _, body in self.calls:
            for resource in body["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    found += scope["spans"]
        return [{**each, "of": {one["key"]: next(iter(one["value"].values())) for one in each["attributes"]}} for each in found]

    def named(self, name):
        return [each for each in self.spans() if each["name"] == name]


class Tracing(unittest.TestCase):
    def start(self, ratio="0.0", endpoint=None, query="", **more):
        self.collector = Server()
        self.addCleanup(self.collector.close)
        config = f'[tracing]\nendpoint = "{endpoint or self.collector.url + "/v1/traces" + query}"\nsample_ratio = {ratio}\n[webhooks]\nallow_private = true\n'
        self.gateway = Gateway(config=config, overrides=["cooldown_seconds=none", "sends_per_phone=none"], **more).__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)
        return self.gateway

    def wait_for(self, *names):
        wait_until(f"spans {names} came", lambda: set(names) <= {each["name"] for each in self.collector.spans()})

    def metric(self, name):
        text = self.gateway.request("GET", "/metrics", port=self.gateway.operator_port).text
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])

    def test_a_request_s_life_is_one_trace_of_the_caller_s(self):
        gateway = self.start()
        hooks = Server()
        self.addCleanup(hooks.close)
        gateway.ctl("webhook", "add", "shop", hooks.url + "/hook?secret=1", "--type", "otp.delivered")
        phone = "+37499123001"
        sent = gateway.send(phone, headers={"traceparent": SAMPLED})
        gateway.wait_delivery(sent["requestId"])
        code = gateway.handset(phone)
        other = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
        self.assertEqual(gateway.verify(phone, code, headers={"traceparent": other}).status, 200)
        self.wait_for("POST /v1/otp/send", "commit", "submit_sm", "deliver_sm", "POST", "POST /v1/otp/verify")
        spans = {each["name"]: each for each in self.collector.spans() if each["traceId"] == TRACE}
        call = spans["POST /v1/otp/send"]
        self.assertEqual((call["parentSpanId"], call["kind"], call["status"]), (SPAN, 2, {}))
        self.assertEqual(call["of"], {"http.request.method": "POST", "http.route": "/v1/otp/send", "http.response.status_code": "202",
                                      "xionid.app": "shop", "xionid.request.id": sent["requestId"]})
        for name in ("commit", "submit_sm", "deliver_sm", "POST"):
            self.assertEqual(spans[name]["parentSpanId"], call["spanId"], name)
            self.assertLessEqual(int(spans[name]["startTimeUnixNano"]), int(spans[name]["endTimeUnixNano"]), name)
        submit, receipt, hook = spans["submit_sm"], spans["deliver_sm"], spans["POST"]
        self.assertEqual((submit["kind"], submit["of"]["messaging.system"], submit["of"]["messaging.destination.name"]), (4, "smpp", "primary"))
        self.assertEqual(submit["of"]["smpp.command_status"], "0")
        self.assertEqual((receipt["kind"], receipt["of"]["xionid.delivery.status"]), (5, "delivered"))
        self.assertEqual(receipt["of"]["messaging.message.id"], submit["of"]["messaging.message.id"])
        self.assertEqual((hook["kind"], hook["of"]["http.response.status_code"], hook["of"]["server.address"]), (3, "200", "127.0.0.1"))
        wait_until("the receiver was called", lambda: hooks.calls)
        self.assertEqual(hooks.calls[0][0]["traceparent"], f"00-{TRACE}-{hook['spanId']}-01")
        verify = self.collector.named("POST /v1/otp/verify")[0]
        self.assertEqual(verify["traceId"], "1" * 32)
        self.assertEqual(verify["links"], [{"traceId": TRACE, "spanId": call["spanId"]}])
        text = json.dumps([body for _, _, body in self.collector.calls])
        for secret in (phone[1:], phone[-8:], f'"{code}"', gateway.key, "secret=1"):
            self.assertNotIn(secret, text)
        self.assertEqual({path for _, path, _ in self.collector.calls}, {"/v1/traces"})
        self.assertEqual(self.collector.calls[0][0]["content-type"], "application/json")
        resource = self.collector.calls[0][2]["resourceSpans"][0]["resource"]["attributes"]
        self.assertIn({"key": "service.name", "value": {"stringValue": "xiond"}}, resource)
        wait_until("they are counted", lambda: self.metric('xionid_trace_spans_total{outcome="exported"}') >= 6)

    def test_what_a_carrier_refuses_is_an_error_of_its_span(self):
        gateway = self.start(carriers=2)
        gateway.carriers[0].fault("status=0x45")
        sent = gateway.send("+37499123002", headers={"traceparent": SAMPLED})
        gateway.wait_delivery(sent["requestId"])
        wait_until("both submits came", lambda: len(self.collector.named("submit_sm")) == 2)
        first, second = sorted(self.collector.named("submit_sm"), key=lambda each: int(each["startTimeUnixNano"]))
        self.assertEqual((first["of"]["messaging.destination.name"], first["of"]["error.type"], first["status"]["code"]),
                         ("primary", "ESME_RSUBMITFAIL", 2))
        self.assertEqual((second["of"]["messaging.destination.name"], second["status"]), ("backup", {}))

    def test_who_is_sampled(self):
        gateway = self.start()
        malformed = ("", "00", SAMPLED.upper(), SAMPLED + "-x", "ff" + SAMPLED[2:], f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01",
                     SAMPLED.replace("-", "_"), "00-" + TRACE + "-" + SPAN + "-zz")
        for n, header in enumerate((NOT_SAMPLED, *malformed)):
            self.assertEqual(gateway.send(f"+3749912400{n % 10}", headers={"traceparent": header} if header else {}).status, 202)
        self.assertEqual(gateway.send("+37499124100", headers={"traceparent": "cc" + SAMPLED[2:] + "-later"}).status, 202)
        self.wait_for("POST /v1/otp/send")
        self.assertEqual(len(self.collector.named("POST /v1/otp/send")), 1, "sample_ratio is 0, and one brought a sampled trace")
        gateway.config_path.write_text(gateway.config_path.read_text().replace("sample_ratio = 0.0", "sample_ratio = 1.0"))
        gateway.ctl("config", "apply")
        self.assertEqual(gateway.send("+37499124200").status, 202)
        wait_until("it came", lambda: [each for each in self.collector.named("POST /v1/otp/send") if "parentSpanId" not in each])

    def test_it_is_off_by_default_and_ends_with_a_reload(self):
        gateway = self.start()
        text = gateway.config_path.read_text()
        gateway.config_path.write_text(re.sub(r"\[tracing\]\n.*\n.*\n", "", text))
        gateway.ctl("config", "apply")
        self.assertEqual(gateway.send("+37499125000", headers={"traceparent": SAMPLED}).status, 202)
        gateway.config_path.write_text(text)
        gateway.ctl("config", "apply")
        self.assertEqual(gateway.send("+37499125001", headers={"traceparent": SAMPLED}).status, 202)
        self.wait_for("POST /v1/otp/send")
        self.assertEqual(len(self.collector.named("POST /v1/otp/send")), 1)

    def test_a_collector_that_is_gone_or_refuses_costs_nothing_but_spans(self):
        gateway = self.start(query="?token=hush", log_level="info")
        self.collector.status = 400
        self.assertEqual(gateway.send("+37499126000", headers={"traceparent": SAMPLED}).status, 202)
        wait_until("they are dropped", lambda: self.metric('xionid_trace_spans_total{outcome="dropped"}') > 0)
        gateway.await_log("tracing.export.failed")
        self.assertNotIn("hush", gateway.log(), "what stands behind the question mark may be a secret")
        self.collector.status = 200
        self.assertEqual(gateway.send("+37499126001", headers={"traceparent": SAMPLED}).status, 202)
        wait_until("it goes on", lambda: "tracing.export.recovered" in gateway.log())

    def test_the_queue_is_bounded_and_what_finds_no_room_is_counted(self):
        gateway = self.start(log_level="info")
        self.collector.status = 503
        connection = gateway.connection()
        for n in range(1_500):   # Three spans and more each.
            self.assertEqual(connection.post("/v1/otp/send", {"phone": f"+374991{n:05d}"}, {"traceparent": SAMPLED}).status, 202)
        wait_until("some are dropped", lambda: self.metric('xionid_trace_spans_total{outcome="dropped"}') > 0)
        self.assertEqual(gateway.log().count("tracing.export.failed"), 1, "it is said once")
        self.collector.status = 200
        wait_until("the rest arrives", lambda: self.metric('xionid_trace_spans_total{outcome="exported"}') > 0)

    def test_a_wrong_configuration_has_its_hint(self):
        gateway = self.start()
        base = gateway.config_path.read_text()
        rows = (("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces?"), ("127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
                ("http://user:word@collector/v1/traces", "without a name or password"))
        for wrong, hint in rows:
            gateway.config_path.write_text(re.sub(r'endpoint = ".*"', f'endpoint = "{wrong}"', base))
            checked = gateway.run_ctl("config", "check", gateway.config_path, "--only-file", socket_option=False, check=False)
            self.assertEqual(checked.returncode, 1, wrong)
            finding = next(each for each in json.loads(checked.stdout) if each["severity"] == "error")
            self.assertIn("tracing.endpoint", finding["message"])
            self.assertIn(hint, finding["hint"])
        gateway.config_path.write_text(base.replace("sample_ratio = 0.0", "sample_ratio = 2"))
        self.assertEqual(gateway.run_ctl("config", "check", gateway.config_path, "--only-file", socket_option=False, check=False).returncode, 1)


if __name__ == "__main__":
    unittest.main()
