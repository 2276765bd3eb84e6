"""One to three nodes on one database: what `tests/bench/cluster --nodes N` measures."""

import concurrent.futures
import contextlib
import datetime
import re
import time

from cluster import Node, first_node
from harness import wait_until

NAMES = "abc"
LEASE = 5
TOLD_AFTER = 2   # Who has bound a moment ago has told nobody yet.
NUMBERS_OF_A_NODE = 100_000_000   # Nobody sends to another's phone.
HANDED_OVER = 100


def counter(node, name):
    return int(re.search(rf"(?m)^{name} (\d+)$", node.request("GET", "/metrics", port=node.operator_port).text)[1])


def total(nodes, name):
    return sum(counter(node, name) for node in nodes)


def bound(node):
    return sum(each["binds"] for each in node.ctl("carrier", "list"))


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def sends(wrk, nodes, seconds):
    """Sends of one app at all nodes at once, 64 connections in all; and of 1,000 commits how many were begun again."""
    commits, conflicts = total(nodes, "xionid_store_commits_total"), total(nodes, "xionid_database_conflicts_total")
    with concurrent.futures.ThreadPoolExecutor(len(nodes)) as clients:
        done = list(clients.map(lambda each: wrk(each[1].api_port, 64 // len(nodes), seconds, "send.lua", each[1].key, each[0] * NUMBERS_OF_A_NODE),
                                enumerate(nodes)))
    commits, conflicts = total(nodes, "xionid_store_commits_total") - commits, total(nodes, "xionid_database_conflicts_total") - conflicts
    return {"sends_per_s": round(sum(rate for _, rate, _ in done)), "sends_refused": sum(refused for _, _, refused in done),
            "conflicts_per_1000_commits": round(1000 * conflicts / max(commits, 1), 2)}


def settle(carrier, quiet_for=2):
    """Until no receipt has come for so many seconds."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < quiet_for:
        if (now := carrier.stats()["receiptsAcknowledged"]) != last:
            last, since = now, time.monotonic()
        time.sleep(0.05)


def accept_to_wire(node):
    """Milliseconds from the request to the submit at whoever has the bind, of messages that a node without one was given, one after the other."""
    taken = []
    for number in range(HANDED_OVER):
        sent = node.send(f"+7988{number:07}")["requestId"]
        node.wait_delivery(sent)
        story = node.ctl("otp", "trace", sent)["events"]   # Whose times have milliseconds.
        at = {event["type"]: moment(event["at"]) for event in story}
        taken.append((at["submitting"] - at["created"]).total_seconds() * 1000)
    return {"handed_over": counter(node, "xionid_messages_handed_over_total"), "accept_to_wire_p50_ms": round(percentile(taken, 0.5)),
            "accept_to_wire_p99_ms": round(percentile(taken, 0.99))}


def takeover(holder, other):
    """Seconds after `kill -9` of the bind's holder until another one has it, and until it has delivered what was sent meanwhile."""
    holder.kill()
    began = time.monotonic()
    sent = other.send("+79890000001")["requestId"]
    wait_until("another has the bind", lambda: bound(other) == 1)
    has_bound = time.monotonic() - began
    other.wait_delivery(sent)
    return {"lease_s": LEASE, "takeover_s": round(has_bound, 2), "takeover_delivered_s": round(time.monotonic() - began, 2)}


def measure(wrk, schema, count, seconds):
    with contextlib.ExitStack() as stack:
        overrides = ["cooldown_seconds=none", "sms_per_month=none"]
        first = first_node(schema, lease=LEASE, overrides=overrides, log_level="info", carrier_arguments=["--quiet"])
        first.carrier_settings["window"] = 500
        stack.enter_context(first)
        nodes, starts = [first], []
        for name in NAMES[1:count]:
            node = Node(first, name)
            node.start, start = (lambda: None), node.start
            nodes.append(stack.enter_context(node))
            time.sleep(TOLD_AFTER)
            began = time.monotonic()
            start()
            starts.append(round(time.monotonic() - began, 2))
        sends(wrk, nodes, 1)
        figures = {"nodes": count} | sends(wrk, nodes, seconds)
        settle(first.carriers[0])
        if count > 1:
            figures |= {"node_start_s": max(starts)} | accept_to_wire(nodes[1]) | takeover(first, nodes[1])
        return figures
