"""Whole lives of requests, and what they cost the daemon: what the benchmarks of guards and of tracing share."""

import pathlib
import subprocess
import time

from late_receipts import cpu_seconds

BENCH = pathlib.Path(__file__).resolve().parent
# What a gateway is made with, so that nothing but the daemon is in the way.
GATEWAY = {"carrier_arguments": ["--quiet", "--no-inbox"], "carrier_settings": {"window": 500}, "log_level": "info", "plan": "custom",
           "overrides": ["cooldown_seconds=none", "sends_per_phone=none", "requests_per_second=none", "sms_per_month=none"]}


def begin(gateway, first, seconds):
    """Sends for so long over 64 connections and waits for the receipts: how many were acknowledged since the start."""
    subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", "--timeout", "20s", "-s", BENCH / "send.lua",
                    f"http://127.0.0.1:{gateway.api_port}", "--", gateway.key, str(first)], capture_output=True, check=True)
    made, last = gateway.ctl("status")["store"]["requests"], -1
    while (done := gateway.carriers[0].stats()["receiptsAcknowledged"]) < made and done != last:
        last = done
        time.sleep(1)
    return done


def cpu_of_lives(gateway, seconds):
    """Seconds of CPU for each life that began in so many seconds, from the request to the acknowledged receipt."""
    began = begin(gateway, 0, 1)
    cpu = cpu_seconds(gateway.process.pid)
    done = begin(gateway, 5_000_000, seconds)
    return (cpu_seconds(gateway.process.pid) - cpu) / (done - began)
