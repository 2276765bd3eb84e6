"""The dashboard in a browser: the real daemon and carrier simulator with a morning's traffic behind them (pure, e2e, kinds, owners), then
beside an OpenID provider (enter), then with two months' traffic (decide), and of two nodes on one database (nodes).

    XION_BIN=build/dev/bin python3 tests/dashboard/run.py [--shots FOLDER] [--only SCRIPT…] [--minutes N]

--shots keeps a picture of every page at 360 and 1440 px, light and dark, and of what shots.mjs opens. How fast it is: tests/bench/dashboard.
"""

import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "functional"))
from cluster import Node, first_node  # noqa: E402
from harness import BIN, Gateway, wait_until, wrong  # noqa: E402
from provider import Provider  # noqa: E402

SCRIPT = """+374990009* outcome=UNDELIV err=001 delay=20
+374990008* outcome=EXPIRED err=005 delay=20
+1* outcome=DELIVRD delay=900
+7* outcome=DELIVRD delay=2600
+995* status=0x45
* outcome=DELIVRD delay=300
"""


def traffic_of_a_morning(gateway):
    """Every state that a request can be in."""
    sent = []
    for number in range(64):
        sent.append(gateway.send(f"+3749910{number:04}", reference=f"order-{number}", metadata={"basket": str(number)} if number % 9 == 0 else {}))
    for number in range(8):
        sent.append(gateway.send(f"+1202555{number:04}"))
        sent.append(gateway.send(f"+7912345{number:04}"))
    for number in range(4):
        gateway.send(f"+374990009{number:02}")
        gateway.send(f"+374990008{number:02}")
        gateway.send(f"+9955551234{number:02}")
    for number in range(40):
        phone = f"+3749910{number:04}"
        code = gateway.handset(phone)
        if number % 8 == 0:
            gateway.verify(phone, wrong(code))
        gateway.verify(phone, code)
    for number in range(6):
        assert gateway.send(f"+3749910{50 + number:04}").status == 429   # Too soon.
    locked = "+37499100045"
    code = gateway.handset(locked)
    for _ in range(5):
        gateway.verify(locked, wrong(code))
    gateway.request("POST", f"/v1/otp/{sent[46]['requestId']}/cancel", {})
    gateway.ctl("block", "add", "+37499666666")
    gateway.ctl("app", "add", "empty", "--plan", "starter")
    gateway.send("+37499666666")
    assert all(answer.status == 202 for answer in sent), sent
    wait_until("the receipts are in", lambda: gateway.request("GET", "/v1/otp?delivery=submitted").json["items"] == [])


ROUTES = """[[route]]
name = "armenia"
match = { country = "AM" }
carriers = ["primary", "backup"]

[[route]]
name = "world"
carriers = ["backup", "primary"]
"""
CONFIG = """[plans.growth]
sms_per_month = 3000
requests_per_second = 0
spend_per_day = "40"
spend_per_month = "250"

[billing]
currency = "EUR"

[prices.primary]
default = "0.0452"
"+374" = "0.031"

[prices.backup]
default = "0.0618"

[webhooks]
allow_private = true
"""
REQUESTS_A_DAY = 120


def gateway_with(script):
    """Its lives and waits are longer than a morning on a slow machine."""
    return Gateway(carriers=2, carrier_arguments=["--script", str(script)], config=CONFIG, routes=ROUTES, plan="growth", log_level="info",
                   overrides=["cooldown_seconds=600", "ttl_seconds=600"])


@contextlib.contextmanager
def with_provider(gateway):
    """It is another site for a browser: localhost and 127.0.0.1 are two. Passkeys belong to the name, never to an address."""
    with tempfile.TemporaryDirectory() as folder:
        provider = Provider(pathlib.Path(folder))
        gateway.extra = CONFIG + (f'[dashboard]\nurl = "http://localhost:{gateway.api_port}"\n[dashboard.oidc]\nissuer = "{provider.issuer}"\n'
                                  'client_id = "xionid"\nname = "Example"\ngrants = [{ group = "support", app = "shop", role = "viewer" }]\n')
        gateway.write_config()
        gateway.ctl("config", "apply")
        try:
            yield provider
        finally:
            provider.close()


def look(gateway, script, shots="", minutes=1, **more):
    """Runs one of the scripts over the gateway; returns whether all of its checks held."""
    given = {"base": f"http://127.0.0.1:{gateway.api_port}", "key": gateway.key, "pid": gateway.process.pid, "shots": shots,
             "ctl": [str(BIN / "xionctl"), "--socket", str(gateway.socket_path), "--json"], **more}
    print(f"--- {script}", flush=True)
    environment = {**os.environ, "XION_SECONDS": str(minutes * 60), "XION_DASHBOARD": json.dumps(given)}
    return subprocess.run(["node", str(here / script)], env=environment, timeout=3000 + minutes * 60).returncode == 0


def two_months(gateway):
    """Traffic of two months, of which the last week went wrong by one carrier."""
    gateway.stop()
    made = [BIN / "dashboard_story", gateway.folder / "data", gateway.folder / "master.key", str(REQUESTS_A_DAY)]
    subprocess.run(made, check=True)
    gateway.start()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--shots", default="")
    options.add_argument("--minutes", type=int, default=1, help="how long live is")
    options.add_argument("--only", nargs="+", help="some of the scripts: pure, e2e, kinds, owners, enter, decide, nodes; or live, which measures")
    options = options.parse_args()
    wanted = options.only or ["pure", "e2e", "kinds", "owners", "enter", "decide", "nodes"]
    with open(pathlib.Path(tempfile.gettempdir()) / "xionid-dashboard-npm.lock", "w") as lock:   # Its scripts may begin beside each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (here / "node_modules" / ".package-lock.json").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=here, check=True)
    assert shutil.which("chromium-headless-shell"), "Debian's Chromium is missing: cmake/packages test"
    script = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"xionid-dashboard.{os.getpid()}.script"
    script.write_text(SCRIPT)
    right = {}
    try:
        if set(wanted) - {"decide", "nodes"}:
            with gateway_with(script) as gateway:
                traffic_of_a_morning(gateway)
                for name in wanted:
                    if name not in ("decide", "enter", "nodes"):
                        right[name] = look(gateway, f"{name}.mjs", options.shots, options.minutes)
                if "enter" in wanted:
                    with with_provider(gateway) as provider:
                        right["enter"] = look(gateway, "enter.mjs", options.shots, provider=provider.issuer, base=f"http://localhost:{gateway.api_port}")
        if "decide" in wanted:
            with gateway_with(script) as gateway:
                two_months(gateway)
                right["decide"] = look(gateway, "decide.mjs", options.shots)
        if "nodes" in wanted:
            with first_node("dashboard", log_level="info") as gateway, Node(gateway, "b") as other:
                right["nodes"] = look(gateway, "nodes.mjs", options.shots, other=f"http://127.0.0.1:{other.api_port}")
    finally:
        script.unlink()
    assert all(right.values()), f"not right: {[name for name in right if not right[name]]}"


main()
