"""The dashboard's ways in and out: invitations, sessions, roles, what a session may ask, live events, files and headers."""

import base64
import hashlib
import http.client
import json
import re
import ssl
import subprocess
import threading

from harness import PATIENCE, Gateway, wait_until

OWN = {"X-Requested-With": "XionID"}


class Visitor:
    """A browser, as far as cookies go."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.cookie = None

    def ask(self, method, path, body=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = self.cookie
        return self.gateway.request(method, path, body, headers=sent, key=False)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, body if body is not None else {}, **{"X_Requested_With": "XionID", **headers})

    def enter(self, *invitation):
        link = self.gateway.ctl("dashboard", "invite", *invitation)["link"]
        answer = self.post("/dashboard/api/sign-in", {"token": link.partition("#")[2]})
        assert answer.status == 200, answer
        line = answer.headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
            assert part in line, line
        assert "Secure" not in line, line
        self.cookie = line.partition(";")[0]
        return self


def invitations(gateway):
    made = gateway.ctl("dashboard", "invite", "--app", "shop", "--role", "owner", "--for", "Ani")
    assert re.fullmatch(rf"http://127\.0\.0\.1:{gateway.api_port}/dashboard/sign-in#xi_[0-9a-z]{{40}}", made["link"]), made
    token = made["link"].partition("#")[2]
    visitor = Visitor(gateway)
    assert visitor.ask("POST", "/dashboard/api/sign-in", {"token": token}).status == 403, "a request of another site's form"
    assert visitor.post("/dashboard/api/sign-in", {"token": token}, Origin="https://evil.example").status == 403
    assert visitor.post("/dashboard/api/sign-in", {"token": token}, Sec_Fetch_Site="cross-site").status == 403
    assert visitor.post("/dashboard/api/sign-in", {"token": "xi_" + "0" * 40}).json["code"] == "invite_over"
    assert visitor.post("/dashboard/api/sign-in", {"token": token}, Origin=f"http://127.0.0.1:{gateway.api_port}").status == 200
    assert visitor.post("/dashboard/api/sign-in", {"token": token}).json["code"] == "invite_over", "a link works once"

    revoked = gateway.ctl("dashboard", "invite", "--app", "shop")
    gateway.ctl("dashboard", "revoke", revoked["id"])
    assert visitor.post("/dashboard/api/sign-in", {"token": revoked["link"].partition("#")[2]}).status == 401
    assert gateway.run_ctl("dashboard", "invite", "--app", "nowhere", check=False).returncode == 1
    assert gateway.run_ctl("dashboard", "invite", check=False).returncode == 2
    assert gateway.run_ctl("dashboard", "invite", "--app", "shop", "--role", "king", check=False).returncode == 2
    assert token not in gateway.log() and revoked["link"] not in gateway.log(), "a secret is in the log"
    assert token.encode() not in b"".join(file.read_bytes() for file in (gateway.folder / "data").iterdir() if file.is_file())


def roles(gateway):
    gateway.ctl("app", "add", "other")
    foreign = gateway.ctl("key", "create", "other")["id"]
    viewer = Visitor(gateway).enter("--app", "shop")
    owner = Visitor(gateway).enter("--app", "shop", "--role", "owner")
    chief = Visitor(gateway).enter("--operator")

    assert viewer.ask("GET", "/dashboard/api/session").json["role"] == "viewer"
    assert viewer.ask("GET", "/dashboard/api/keys").json["code"] == "insufficient_role"
    assert viewer.post("/dashboard/api/keys", {"scope": ["otp:send"]}).status == 403
    assert owner.ask("GET", "/dashboard/api/operator/status").status == 403

    made = owner.post("/dashboard/api/keys", {"scope": ["otp:send", "otp:verify"], "app": "other"})
    assert made.status == 200 and made["result"]["app"] == "shop", made
    assert gateway.send("+37499000101", key=made["result"]["key"]).status == 202
    assert owner.post(f"/dashboard/api/keys/{foreign}/revoke").status == 404, "another app's key"
    assert owner.post("/dashboard/api/keys", {"scope": ["pii:read"]}).status == 403
    assert owner.post(f"/dashboard/api/keys/{made['result']['id']}/revoke").status == 200
    assert gateway.send("+37499000102", key=made["result"]["key"]).status == 401
    assert owner.ask("POST", "/dashboard/api/keys", {"scope": ["otp:send"]}).status == 403, "no header of our own page"
    assert owner.post("/dashboard/api/keys", {"colour": "red"}).status == 400

    hook = owner.post("/dashboard/api/webhooks", {"url": "https://example.com/hook"})["result"]
    gateway.ctl("webhook", "add", "other", "https://example.com/other")
    foreign_hook = gateway.ctl("webhook", "list", "other")[0]["id"]
    assert owner.post(f"/dashboard/api/webhooks/{foreign_hook}/remove").status == 404, "another app's webhook"
    assert [one["id"] for one in owner.ask("GET", "/dashboard/api/webhooks")["result"]] == [hook["id"]]
    foreign_delivery = gateway.ctl("webhook", "test", foreign_hook)["id"]
    assert owner.post(f"/dashboard/api/deliveries/{foreign_delivery}/replay").status == 404, "another app's delivery"
    lint = owner.post("/dashboard/api/templates/lint", {"text": "no end of {code"})["result"]
    assert lint["right"] is False and lint["findings"], lint

    assert {carrier["name"] for carrier in chief.ask("GET", "/dashboard/api/operator/status")["result"]["carriers"]} == {"primary"}
    assert chief.ask("GET", "/v1/stats").status == 404, "an operator says which app"
    assert chief.ask("GET", "/v1/stats", X_XionID_App="shop").status == 200
    return viewer, owner, chief


def acts(gateway):
    """What support does about a request and its phone: for the own app alone, by role, and without ever seeing the number."""
    viewer, owner = Visitor(gateway).enter("--app", "shop"), Visitor(gateway).enter("--app", "shop", "--role", "owner")
    stranger, chief = Visitor(gateway).enter("--app", "other", "--role", "owner"), Visitor(gateway).enter("--operator")
    made = gateway.send("+37499300400")["requestId"]
    place = f"/dashboard/api/otp/{made}"
    told = viewer.ask("GET", f"{place}/limits", {"reveal": True})
    assert told.status == 200 and "300400" not in told.text and told["result"]["subject"].endswith("400"), told
    for path in ("cancel", "limits/reset", "block", "unblock"):
        assert viewer.post(f"{place}/{path}").json["code"] == "insufficient_role", path
        assert stranger.post(f"{place}/{path}").status == 404, path
    assert viewer.ask("GET", "/dashboard/api/otp/OTP-0000000000000/limits").status == 404
    assert gateway.send("+37499300400")["code"] == "cooldown_active"
    assert owner.post(f"{place}/limits/reset", {"subject": "+37499300401"}).status == 200
    assert gateway.send("+37499300400").status == 202
    assert owner.post(f"{place}/block", {"reason": "asked for it", "subject": "*"}).status == 200
    assert gateway.send("+37499300400", purpose="other")["code"] == "phone_blocked"
    assert gateway.send("+37499300401").status == 202, "nobody else is blocked"
    assert owner.post(f"{place}/unblock").status == 200
    assert owner.post(f"{place}/cancel").status == 200
    assert gateway.read(made)["status"] == "canceled"

    link = owner.post("/dashboard/api/sessions/invite", {"name": "Nare", "role": "viewer", "for": "3d", "operator": True, "app": "other"})
    assert link.status == 200 and link["result"]["app"] == "shop" and link["result"]["role"] == "viewer", link
    assert owner.post("/dashboard/api/sessions/invite", {"role": "operator"}).status == 400
    assert owner.post("/dashboard/api/sessions/invite", {"for": "8d"}).status == 400
    assert viewer.post("/dashboard/api/sessions/invite", {"role": "viewer"}).status == 403
    passes = gateway.ctl("dashboard", "sessions", "--app", "shop")
    mine = next(one for one in passes if one["role"] == "viewer" and one["kind"] == "session")
    assert stranger.post(f"/dashboard/api/sessions/{mine['id']}/revoke").status == 404
    assert owner.post(f"/dashboard/api/sessions/{mine['id']}/revoke").status == 200

    assert owner.post("/dashboard/api/operator/carriers/primary/pause").status == 403
    assert chief.post("/dashboard/api/operator/carriers/primary/pause").status == 200
    assert gateway.told("carrier list")[0]["state"] == "paused"
    assert chief.post("/dashboard/api/operator/carriers/primary/resume").status == 200
    assert owner.post("/dashboard/api/operator/stats", {"by": "carrier"}).status == 403
    assert chief.post("/dashboard/api/operator/stats", {"by": "carrier", "days": 7, "together": True}).status == 200
    assert owner.post("/dashboard/api/keys", {"scope": []}).status == 400, "a key without a scope"
    assert owner.post("/dashboard/api/templates", {"locale": "xx", "text": "{code}"}).status == 400, "no such language"


def audits(gateway):
    """An owner sees who changed what of the own app, whoever did it and by whatever it was named; of others nothing."""
    viewer, owner = Visitor(gateway).enter("--app", "shop"), Visitor(gateway).enter("--app", "shop", "--role", "owner", "--for", "Ani")
    stranger, chief = Visitor(gateway).enter("--app", "other", "--role", "owner"), Visitor(gateway).enter("--operator")

    def told(visitor, **filters):
        return visitor.post("/dashboard/api/audit", {"limit": 1000, **filters}, X_XionID_App="shop")["result"]

    mine = owner.post("/dashboard/api/keys", {"scope": ["otp:send"]})["result"]["id"]
    gateway.ctl("key", "revoke", mine)
    hook = gateway.ctl("webhook", "add", "shop", "https://example.com/audited?token=hidden")["id"]
    gateway.ctl("webhook", "rotate", hook)
    gateway.ctl("webhook", "replay", gateway.ctl("webhook", "test", hook)["id"])
    gateway.ctl("app", "set", "shop", "ttl_seconds=300")
    gateway.ctl("otp", "cancel", gateway.send("+37499300900")["requestId"])
    gateway.ctl("dashboard", "revoke", next(one["id"] for one in gateway.ctl("dashboard", "sessions", "--app", "shop") if one["role"] == "viewer"))
    gateway.ctl("carrier", "pause", "primary")
    gateway.ctl("carrier", "resume", "primary")
    gateway.ctl("template", "add", "other", "--text", "name=shop app=shop {code}")
    stranger.post("/dashboard/api/otp/OTP-0000000000000/block", {"reason": "x app=shop"})
    gateway.ctl("block", "add", "+37499300901", "--reason", "app=shop")

    all_of_it = told(owner)
    commands = [event["command"] for event in all_of_it]
    for command in ("key create", "key revoke", "webhook add", "webhook rotate", "webhook test", "webhook replay", "app set", "otp cancel", "dashboard revoke"):
        assert command in commands, (command, commands)
    assert not {"carrier pause", "carrier resume"} & set(commands), commands
    assert all(event["arguments"].split()[0] in ("app=shop", "name=shop") for event in all_of_it), all_of_it
    assert not any(word in str(all_of_it) for word in ("hidden", "uid", "pid ", "sudoUser")), "the machine's own business"
    made, ended = (next(event for event in all_of_it if event["command"] == name) for name in ("key create", "key revoke"))
    assert made["by"] == "Ani (dashboard)" and ended["by"] == "operator" and ended["from"] == "", (made, ended)
    assert {event["command"] for event in told(owner, by="ani")} == {"key create"}
    assert {event["by"] for event in told(owner, by="operator")} == {"operator"}
    assert {event["command"] for event in told(owner, what="webhook")} == {"webhook add", "webhook rotate", "webhook test", "webhook replay"}
    assert told(owner, since="1h") == all_of_it and len(told(owner, limit=2)) == 2
    assert told(owner, app="other") == all_of_it, "a body says nothing of whose app it is"
    assert [event["command"] for event in told(stranger) if event["command"] != "dashboard invite"] == ["template add"], told(stranger)
    assert viewer.ask("GET", "/dashboard/api/audit").status in (401, 403)
    assert Visitor(gateway).enter("--app", "shop").post("/dashboard/api/audit").json["code"] == "insufficient_role"
    assert owner.post("/dashboard/api/operator/audit").status == 403
    assert "pid " in str(told(chief)) and len(told(chief)) == len(told(owner)), "an operator sees who it was"
    assert len(chief.post("/dashboard/api/operator/audit", {"limit": 1000})["result"]) > len(all_of_it)
    # Another app of the same name is not this one.
    gateway.ctl("app", "remove", "shop", "--yes")
    gateway.ctl("app", "add", "shop")
    again = Visitor(gateway).enter("--app", "shop", "--role", "owner")
    assert {event["command"] for event in told(again)} <= {"dashboard invite"}, told(again)


def reads(gateway, viewer, hasty):
    request_id = gateway.send("+37499123056")["requestId"]
    gateway.wait_delivery(request_id)
    for path in ("/v1/stats?window=30d", "/v1/stats/daily?window=7d", "/v1/stats/countries", "/v1/stats/routes", "/v1/stats/errors", "/v1/usage", "/v1/otp"):
        assert viewer.ask("GET", path).json == gateway.request("GET", path).json, path
    assert "RateLimit" not in viewer.ask("GET", "/v1/usage").headers
    assert viewer.ask("GET", f"/v1/otp/{request_id}")["phone"] == "+374•••••056"
    assert viewer.post("/v1/otp/send", {"phone": "+37499123057"}).json["code"] == "insufficient_scope"
    assert viewer.ask("GET", "/v1/stats", X_XionID_App="other").json == gateway.request("GET", "/v1/stats").json, "a viewer stays with its app"
    asks = [f"GET /v1/usage HTTP/1.1\r\nHost: x\r\nCookie: {hasty.cookie}\r\nConnection: close\r\n\r\n".encode()] * 400
    many = [answer.status for answer in gateway.raw_at_once(asks)]
    assert 429 in many and gateway.request("GET", "/v1/usage").status == 200, "a session has a rate of its own"
    assert viewer.ask("GET", "/v1/usage").status == 200, "of another session"


def live(gateway, viewer):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.api_port, timeout=PATIENCE)
    connection.request("GET", "/dashboard/api/events", headers={"Cookie": viewer.cookie})
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream", answer.headers

    def until(event):
        while True:
            line = answer.readline().decode()
            assert line, f"the stream ended before {event}"
            if line.strip() == f"event: {event}":
                return

    until("hello")
    # A look is compared with the one before: the first request may come before any, one of them does not.
    over = threading.Event()

    def requests():
        number = 0
        while not over.wait(0.5):
            assert gateway.send(f"+374990007{number:02}").status == 202
            number += 1
    sender = threading.Thread(target=requests)
    sender.start()
    try:
        until("change")
    finally:
        over.set()
        sender.join()
    session = viewer.ask("GET", "/dashboard/api/sessions")["items"]
    mine = next(one["id"] for one in session if one["isThisOne"])
    gateway.ctl("dashboard", "revoke", mine)
    until("end")
    connection.close()
    assert viewer.ask("GET", "/v1/stats").status == 401
    assert viewer.ask("GET", "/dashboard/api/session").json["code"] == "not_signed_in"


def ways_out(gateway):
    here = Visitor(gateway).enter("--app", "shop", "--role", "owner", "--for", "Ani")
    there = Visitor(gateway).enter("--app", "shop", "--role", "owner", "--for", "Ani")
    else_ = Visitor(gateway).enter("--app", "shop", "--role", "owner", "--for", "Davit")
    # kill -9, and everybody is still signed in.
    gateway.kill()
    gateway.start()
    assert here.ask("GET", "/dashboard/api/session")["person"] == "Ani"
    assert here.post("/dashboard/api/sign-out-everywhere").json["sessions"] >= 2
    assert [one.ask("GET", "/dashboard/api/session").status for one in (here, there, else_)] == [401, 401, 200]
    left = else_.post("/dashboard/api/sign-out")
    assert "Max-Age=0" in left.headers["set-cookie"], left.headers
    assert else_.ask("GET", "/dashboard/api/session").status == 401


def files(gateway):
    page = gateway.request("GET", "/dashboard/", key=False)
    assert page.status == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy, policy
    for kind in ("style", "script"):
        inline = re.findall(rf"<{kind}>(.*?)</{kind}>", page.text, re.DOTALL)
        assert len(inline) == 1, kind
        assert f"{kind}-src 'self' 'sha256-{base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()}';" in policy, policy
    assert page.headers["x-content-type-options"] == "nosniff" and page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-cache"
    assert gateway.request("GET", "/dashboard/", key=False, headers={"If-None-Match": page.headers["etag"]}).status == 304
    assert gateway.request("GET", "/dashboard", key=False).headers["location"] == "/dashboard/"
    for method, path, allowed in (("POST", "/dashboard/", "GET, HEAD"), ("POST", "/dashboard", "GET, HEAD"), ("PUT", "/dashboard/api/keys", "GET, HEAD, POST")):
        refused = gateway.request(method, path, {}, key=False)
        assert refused.status == 405 and refused.headers["allow"] == allowed, refused
        assert refused["title"] == "This path does not take this method" and refused["code"] == "method_not_allowed", refused
    assert gateway.request("GET", "/dashboard/api/keys", key=False)["title"] == "Nobody is signed in"
    names = set(re.findall(r"/dashboard/assets/[0-9a-f]{16}/[a-z0-9./-]+", page.text))
    assert len(names) > 10 and not any(name.endswith(("keys.js", "operator.js", "chart.js")) for name in names), names   # Those come when they are wanted.
    for name in names:
        file = gateway.request("GET", name, key=False, headers={"Accept-Encoding": "gzip"})
        assert file.status == 200 and file.headers["content-encoding"] == "gzip", name
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert file.headers["x-content-type-options"] == "nosniff" and ("content-security-policy" in file.headers) == name.endswith(".svg"), name
    assert not re.search(r"https?://", re.sub(r"http://www\.w3\.org/2000/svg", "", page.text)), "another host"
    assert gateway.request("GET", "/dashboard/assets/0000000000000000/app.js", key=False).status == 404


def as_the_contract_says(gateway, viewer):
    """A session reads what the OpenAPI file lets it, and nothing else takes one."""
    request_id = gateway.send("+37499123060")["requestId"]
    contract = gateway.request("GET", "/openapi.json", key=False).json
    taken = set()
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            security = operation.get("security", contract["security"])
            if not security:
                continue   # Needs nobody.
            status = viewer.ask(method.upper(), path.replace("{requestId}", request_id).replace("{phone}", "%2B37499123060"), {} if method == "post" else None).status
            if any("dashboardSession" in each for each in security):
                assert status == 200, (method, path, status)
                taken.add(path)
            else:
                assert status == 403, (method, path, status)
    assert len(taken) == 16, taken


def by_https():
    """Over TLS the cookie is for HTTPS and for this host alone, and no other is taken."""
    with Gateway(carriers=0, routes="") as gateway:
        certificate, key = gateway.folder / "api.pem", gateway.folder / "api.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-days", "2",
                        "-out", certificate, "-keyout", key], check=True, capture_output=True)
        gateway.stop()
        gateway.api_extra = f'tls_certificate = "{certificate}"\ntls_key = "{key}"\n'
        gateway.write_config()
        gateway.start()
        trusts = ssl.create_default_context(cafile=certificate)
        trusts.check_hostname = False

        def ask(method, path, body=None, **headers):
            connection = http.client.HTTPSConnection("127.0.0.1", gateway.api_port, timeout=PATIENCE, context=trusts)
            connection.request(method, path, json.dumps(body) if body is not None else None, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer

        link = gateway.ctl("dashboard", "invite", "--app", "shop")["link"]
        assert link.startswith(f"https://127.0.0.1:{gateway.api_port}/dashboard/sign-in#"), link
        entered = ask("POST", "/dashboard/api/sign-in", {"token": link.partition("#")[2]}, X_Requested_With="XionID")
        assert entered.status == 200, entered.status
        line = entered.headers["Set-Cookie"]
        assert re.fullmatch(r"__Host-xionid_session=xs_[0-9a-z]{40}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure", line), line
        secret = line.partition("=")[2].partition(";")[0]
        assert ask("GET", "/v1/stats", Cookie=f"__Host-xionid_session={secret}").status == 200
        unsafe = ask("GET", "/v1/stats", Cookie=f"xionid_session={secret}")
        assert unsafe.status == 401, "a cookie that a page without TLS may have set"
        left = ask("POST", "/dashboard/api/sign-out", {}, X_Requested_With="XionID", Cookie=f"__Host-xionid_session={secret}").headers["Set-Cookie"]
        assert left.startswith("__Host-xionid_session=;") and left.endswith("; Secure"), left


by_https()
with Gateway() as gateway:
    files(gateway)
    invitations(gateway)
    viewer, owner, chief = roles(gateway)
    reads(gateway, viewer, owner)
    as_the_contract_says(gateway, viewer)
    live(gateway, viewer)
    ways_out(gateway)
    tries = [Visitor(gateway).post("/dashboard/api/sign-in", {"token": "xi_" + "1" * 40}).status for _ in range(14)]
    assert 429 in tries, tries
with Gateway(overrides=["cooldown_seconds=600"]) as gateway:   # Tries to sign in are counted by address.
    gateway.ctl("app", "add", "other")
    acts(gateway)
    audits(gateway)
