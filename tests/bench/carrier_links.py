"""What the links to carriers make of a fault and of a window: called by tests/bench/run, which explains nothing of it.

Figures: `failover_reset_p50_ms`, `failover_reset_max_ms` (from the answer to the customer until the next carrier has the
message, where the first one resets the connection at it), `window_per_s`, `window_ratio` (one bind, a window of 100 and
20 ms of carrier latency, ÷ window/latency), `window_four_per_s` (four such carriers).
"""

import time

WINDOW, LATENCY_S = 100, 0.020
QUIET = ["cooldown_seconds=none", "sends_per_phone=none", "requests_per_second=none", "sms_per_month=none"]


def accepted(gateway):
    return sum(carrier.stats()["accepted"] for carrier in gateway.carriers)


def wait_bound(gateway, name):
    while gateway.ctl("carrier", "show", name)["state"] != "bound":
        time.sleep(0.02)


def failover(Gateway, rounds=20):
    took = []
    with Gateway(carriers=2, overrides=QUIET, log_level="info", carrier_arguments=["--quiet"],
                 carrier_settings={"reconnect_min_seconds": 0.1, "reconnect_max_seconds": 0.2}) as gateway:
        primary, backup = gateway.carriers
        for n in range(rounds):
            wait_bound(gateway, "primary")
            phone = f"+3749917{n:04}"
            primary.fault("rst-every=1@1x")
            if gateway.send(phone).status != 202:
                continue
            began = time.monotonic()
            while not any(line.startswith(phone) for line in backup.codes()):
                time.sleep(0.0005)
                if time.monotonic() - began > 20:
                    break
            took.append((time.monotonic() - began) * 1000)
    took.sort()
    return {"failover_reset_p50_ms": round(took[len(took) // 2], 1), "failover_reset_max_ms": round(took[-1], 1)}


def through_windows(Gateway, send_for, carriers, seconds):
    names = ["primary", "backup", "third", "fourth"][:carriers]
    shared = ", ".join(f'{{ name = "{name}", weight = 1 }}' for name in names)
    with Gateway(carriers=carriers, overrides=QUIET, log_level="info",
                 carrier_arguments=["--quiet", "--no-inbox", "--latency-ms", str(round(LATENCY_S * 1000))],
                 carrier_settings={"window": WINDOW}, routes=f'[[route]]\nname = "main"\ncarriers = [{shared}]\n') as gateway:
        rate = round(1.1 * carriers * WINDOW / LATENCY_S)
        send_for(gateway, 1, rate)
        before, began = accepted(gateway), time.monotonic()
        send_for(gateway, seconds, rate)
        return (accepted(gateway) - before) / (time.monotonic() - began)


def measure(Gateway, send_for, seconds):
    """`send_for(gateway, seconds, rate)` keeps so many sends a second coming for so long."""
    figures = failover(Gateway)
    one = through_windows(Gateway, send_for, 1, seconds)
    figures["window_per_s"] = round(one)
    figures["window_ratio"] = round(one / (WINDOW / LATENCY_S), 3)
    figures["window_four_per_s"] = round(through_windows(Gateway, send_for, 4, seconds))
    return figures
