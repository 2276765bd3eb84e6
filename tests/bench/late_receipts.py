"""What receipts cost that come late, at rates that don't fill the machine: called by tests/bench/run, which explains nothing of it.

Figures, each of lives in order, with receipts 1 s + up to 4 s late (`late_`) or a minute late (`minute_`): `slow_…` at 500 sends a second
over two connections, `paced_…` at 1,000 a second: `…_written_per_life`, what xiond wrote to the disk by the kernel's account, octets;
`…_cpu_ratio`, its CPU ÷ that in order; both until all that was put off is folded, which of a minute's wait is a part already.
"""

import os
import pathlib
import re
import time

LATE = ["--receipt-delay-ms", "1000", "--receipt-jitter-ms", "4000"]
MINUTE = ["--receipt-delay-ms", "60000"]
FOLDED_AFTER_S = 75   # A minute until what changed last is frozen, and then some for the rest.


def written_octets(pid):
    """Pages that the process made dirty for a disk, whether or not the disk has them yet. Source: proc(5), /proc/pid/io."""
    return int(re.search(r"^write_bytes: (\d+)", pathlib.Path(f"/proc/{pid}/io").read_text(), re.M).group(1))


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lives(gateway, send_for, seconds, rate, connections):
    """(octets written, seconds of CPU), each for a life."""
    pid = gateway.process.pid

    def drained():
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            made = gateway.ctl("status")["store"]["requests"]
            if gateway.carriers[0].stats()["receiptsAcknowledged"] >= made:
                return made
            time.sleep(0.1)
        raise AssertionError("receipts are missing")

    send_for(gateway, 1, rate, connections)
    made, written, cpu = drained(), written_octets(pid), cpu_seconds(pid)
    send_for(gateway, seconds, rate, connections)
    done = drained() - made
    time.sleep(FOLDED_AFTER_S)
    return (written_octets(pid) - written) / done, (cpu_seconds(pid) - cpu) / done


def measure(gateway_with, send_for, seconds, is_quick):
    """`gateway_with(arguments)` is a gateway over a carrier that has them."""
    figures = {}
    kinds = [("slow", 500, 2, [("", []), ("late_", LATE)])]
    if not is_quick:
        kinds.append(("paced", 1000, 64, [("", []), ("minute_", MINUTE)]))
    for name, rate, connections, habits in kinds:
        cpu = {}
        for habit, arguments in habits:
            with gateway_with(["--no-inbox", *arguments]) as gateway:
                octets, cpu[habit] = lives(gateway, send_for, seconds, rate, connections)
                figures[f"{name}_{habit}written_per_life"] = round(octets)
        for habit, _ in habits[1:]:
            figures[f"{name}_{habit}cpu_ratio"] = round(cpu[habit] / cpu[""], 3)
    return figures
