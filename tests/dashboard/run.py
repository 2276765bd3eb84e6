"""The dashboard in a browser: starts the real daemon and carrier simulator with some traffic behind them, then e2e.mjs.

    XION_BIN=build/dev/bin python3 tests/dashboard/run.py [--shots FOLDER]

--shots keeps a picture of every page at 360 and 1440 px, light and dark, and of what shots.mjs opens. How fast it is: tests/bench/dashboard.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "functional"))
from harness import BIN, Gateway, wait_until, wrong  # noqa: E402

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


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--shots")
    options = options.parse_args()
    if not (here / "node_modules" / "playwright-core").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=here, check=True)
    chromium = shutil.which("chromium")
    assert chromium, "Debian's chromium is missing: cmake/packages test"
    routes = '[[route]]\nname = "armenia"\nmatch = { country = "AM" }\ncarriers = ["primary", "backup"]\n\n[[route]]\nname = "world"\ncarriers = ["backup", "primary"]\n'
    config = '[plans.growth]\nsms_per_month = 3000\nrequests_per_second = 0\n\n[webhooks]\nallow_private = true\n'
    script = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"xionid-dashboard.{os.getpid()}.script"
    script.write_text(SCRIPT)
    try:
        with Gateway(carriers=2, carrier_arguments=["--script", str(script)], config=config, routes=routes, plan="growth", log_level="info",
                     overrides=["cooldown_seconds=600", "ttl_seconds=600"]) as gateway:   # Longer than a morning on a slow machine.
            traffic_of_a_morning(gateway)
            given = {"base": f"http://127.0.0.1:{gateway.api_port}", "key": gateway.key, "chromium": chromium, "shots": options.shots or "",
                     "ctl": [str(BIN / "xionctl"), "--socket", str(gateway.socket_path), "--json"]}
            done = subprocess.run(["node", str(here / "e2e.mjs")], env={**os.environ, "XION_DASHBOARD": json.dumps(given)}, timeout=3000)
            assert done.returncode == 0, f"ended with {done.returncode}"
    finally:
        script.unlink()


main()
