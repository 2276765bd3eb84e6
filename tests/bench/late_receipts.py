"""What receipts cost that come late, at rates that don't fill the machine: called by tests/bench/run, which explains nothing of it.

Figures, each of lives in order, with receipts 1 s + up to 4 s late (`late_`) or a minute late (`minute_`): `slow_…` at 500 sends a second
over two connections, `paced_…` at 1,000 a second: `…_written_per_life`, what xiond wrote to the disk by the kernel's account, octets;
`…_cpu_ratio`, its CPU ÷ that in order; both until all that was put off is folded. Both watch equally long, and what an idle xiond needs in
that time (`…_idle_cpu_share`, of a core) is no part of it. `…_steady_cpu_ratio`: while sends go on for as long as receipts are late.
"""

import concurrent.futures
import os
import pathlib
import re
import time

LATE_S, MINUTE_S = 5, 60
LATE = ["--receipt-delay-ms", "1000", "--receipt-jitter-ms", "4000"]
MINUTE = ["--receipt-delay-ms", "60000"]
IDLE_S = 20
FOLDED_AFTER_S = 75   # A minute until what changed last is frozen, and then some for the rest.


def written_octets(pid):
    """Pages that the process made dirty for a disk, whether or not the disk has them yet. Source: proc(5), /proc/pid/io."""
    return int(re.search(r"^write_bytes: (\d+)", pathlib.Path(f"/proc/{pid}/io").read_text(), re.M).group(1))


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lives(gateway, send_for, seconds, rate, connections, delay_s):
    """(octets written, seconds of CPU), each for a life, and the share of a core that it needs for nothing. `delay_s`: of the latest receipt
    of all habits that are compared."""
    pid = gateway.process.pid

    def drained():
        time.sleep(delay_s + 2)
        made = gateway.ctl("status")["store"]["requests"]
        assert gateway.carriers[0].stats()["receiptsAcknowledged"] >= made, "receipts are missing"
        return made

    send_for(gateway, 1, rate, connections)
    made, written, cpu, began = drained(), written_octets(pid), cpu_seconds(pid), time.monotonic()
    send_for(gateway, seconds, rate, connections)
    done = drained() - made
    time.sleep(FOLDED_AFTER_S)
    written, cpu, took = written_octets(pid) - written, cpu_seconds(pid) - cpu, time.monotonic() - began
    before = cpu_seconds(pid)
    time.sleep(IDLE_S)
    idle = (cpu_seconds(pid) - before) / IDLE_S
    return written / done, (cpu - idle * took) / done, idle


def steady(gateway, send_for, rate, connections, delay_s):
    """Seconds of CPU for each life where sends go on for as long as receipts are late, so that they share their commits: as on any day."""
    pid, window_s = gateway.process.pid, 20
    with concurrent.futures.ThreadPoolExecutor(1) as clients:
        sends = clients.submit(send_for, gateway, delay_s + window_s + 4, rate, connections)
        time.sleep(delay_s + 2)
        made, cpu = gateway.ctl("status")["store"]["requests"], cpu_seconds(pid)
        time.sleep(window_s)
        cpu = cpu_seconds(pid) - cpu
        made = gateway.ctl("status")["store"]["requests"] - made
        sends.result()
    return cpu / made


def measure(gateway_with, send_for, seconds, is_quick):
    """`gateway_with(arguments)` is a gateway over a carrier that has them."""
    figures = {}
    kinds = [("slow", 500, 2, LATE_S, [("", []), ("late_", LATE)])]
    if not is_quick:
        kinds.append(("paced", 1000, 64, MINUTE_S, [("", []), ("minute_", MINUTE)]))
    for name, rate, connections, delay_s, habits in kinds:
        cpu, in_time = {}, {}
        for habit, arguments in habits:
            with gateway_with(["--no-inbox", *arguments]) as gateway:
                octets, cpu[habit], idle = lives(gateway, send_for, seconds, rate, connections, delay_s)
                figures[f"{name}_{habit}cpu_us_per_life"] = round(cpu[habit] * 1e6, 1)
                figures[f"{name}_{habit}idle_cpu_share"] = round(idle, 4)
                figures[f"{name}_{habit}written_per_life"] = round(octets)
            if delay_s == MINUTE_S:
                with gateway_with(["--no-inbox", *arguments]) as gateway:
                    in_time[habit] = steady(gateway, send_for, rate, connections, delay_s)
                    figures[f"{name}_{habit}steady_cpu_us_per_life"] = round(in_time[habit] * 1e6, 1)
        for habit, _ in habits[1:]:
            figures[f"{name}_{habit}cpu_ratio"] = round(cpu[habit] / cpu[""], 3)
            if habit in in_time:
                figures[f"{name}_{habit}steady_cpu_ratio"] = round(in_time[habit] / in_time[""], 3)
    return figures
