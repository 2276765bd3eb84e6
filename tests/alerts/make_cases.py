"""The alerts' cases, written short: for each alert series that make it fire, and series near them that don't. Writes into a folder what
`promtool test rules` reads: for each alert its cases, and rules of which it is the only alert, since each case goes through all of them.

A series is written as promtool has it: `0+5x60` is 0, 5, 10 … for an hour of minutes. `at` is the minute that is asked about."""

import json
import pathlib
import sys

import yaml

CARRIER = {"instance": "a", "carrier": "primary"}


def series(name, values, **labels):
    text = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return {"series": f"{name}{{{text}}}" if text else name, "values": values}


def states(carrier, state, instance="a"):
    return [series("xionid_carrier_state", f"{int(each == state)}x120", instance=instance, carrier=carrier, state=each)
            for each in ("down", "connecting", "binding", "bound", "paused", "draining")]


def carrier(name, state, binds):
    return [series("xionid_carrier_binds", f"{binds}x120", instance="a", carrier=name), *states(name, state)]


def nodes(**binds):
    """Nodes of one cluster, with so many binds to a carrier each."""
    return [each for instance, count in binds.items() for each in (
        series("xionid_cluster_nodes", f"{len(binds)}x120", instance=instance), *states("primary", "bound" if count else "down", instance),
        series("xionid_carrier_binds", f"{count}x120", instance=instance, carrier="primary"))]


def up(instance, values="1x120"):
    return series("xionid_build_info", values, instance=instance)


def counter(name, per_minute, **labels):
    return series(name, f"0+{per_minute}x120", instance="a", **labels)


def receipts(delivered, undelivered):
    return [counter("xionid_receipts_total", delivered, carrier="primary", state="delivered"),
            counter("xionid_receipts_total", undelivered, carrier="primary", state="undelivered")]


def histogram(name, quick, slow, bound, **labels):
    """So many a minute below and above a bound of seconds."""
    return [counter(f"{name}_bucket", quick, le=bound, **labels), counter(f"{name}_bucket", quick + slow, le="+Inf", **labels)]


def throttles(submits, throttled):
    return [counter("xionid_submits_total", submits, carrier="primary", bind="1"),
            counter("xionid_submit_throttles_total", throttled, carrier="primary", bind="1")]


def connections(open_ones):
    return [series("xionid_api_connections", f"{open_ones}x120", instance="a"), series("xionid_api_connections_limit", "100x120", instance="a")]


def responses(ok, refused):
    return [counter("xionid_submit_responses_total", ok, carrier="primary", bind="1", status="ESME_ROK"),
            counter("xionid_submit_responses_total", refused, carrier="primary", bind="1", status="ESME_RSUBMITFAIL")]


# Alert → (what makes it fire, labels beside the severity), and what comes near and must not.
CASES = {
    "XionIDDown": ([[]], [[up("a")]]),
    "XionIDHostDown": ([[up("a"), up("b", "1x20 _x100")]], [[up("a"), up("b")]]),
    "XionIDStoreNotWritable": ([[series("xionid_store_writable", "0x120", instance="a")]], [[series("xionid_store_writable", "1x120", instance="a")]]),
    "XionIDDiskFillsUp": ([[series("xionid_store_disk_free_bytes", "5e8x120", instance="a")],
                           [series("xionid_store_disk_free_bytes", "2e10-1e8x120", instance="a")]],
                          [[series("xionid_store_disk_free_bytes", "2e10x120", instance="a")]]),
    "XionIDNoCarrierBound": ([carrier("primary", "down", 0) + carrier("backup", "paused", 0), nodes(a=0, b=0)],
                             [carrier("primary", "bound", 1) + carrier("backup", "down", 0), carrier("primary", "draining", 0), nodes(a=0, b=1)]),
    "XionIDAllCarriersPaused": ([carrier("primary", "paused", 1) + carrier("backup", "draining", 0)],
                                [carrier("primary", "paused", 1) + carrier("backup", "bound", 1)]),
    "XionIDRouteDown": ([[series("xionid_route_up", "0x120", instance="a", route="main")]], [[series("xionid_route_up", "1x120", instance="a", route="main")]]),
    "XionIDCarrierDown": ([carrier("primary", "down", 0), nodes(a=0, b=0)],
                          [carrier("primary", "draining", 0), carrier("primary", "paused", 0), carrier("primary", "bound", 1), nodes(a=0, b=1)]),
    "XionIDCarrierReconnecting": ([[counter("xionid_carrier_reconnects_total", 1, carrier="primary")]],
                                  [[series("xionid_carrier_reconnects_total", "0x60 3x60", **CARRIER)]]),
    "XionIDCarrierThrottling": ([throttles(100, 10)], [throttles(2, 1), throttles(100, 1)]),
    "XionIDCarrierRefusing": ([responses(80, 20)], [responses(0.5, 0.5), responses(98, 2)]),
    "XionIDUnansweredSubmits": ([[counter("xionid_submits_unanswered_total", 1, carrier="primary", bind="1")]],
                                [[series("xionid_submits_unanswered_total", "0x110 2x10", **CARRIER, bind="1")]]),
    "XionIDDeliveryFalling": ([receipts(6, 4), receipts(0, 10)], [receipts(1, 1), receipts(9, 1)]),
    "XionIDNoReceipts": ([[counter("xionid_submits_total", 10, carrier="primary", bind="1")],
                          [counter("xionid_submits_total", 10, carrier="primary", bind="1"), *receipts(0, 0)]],
                         [[counter("xionid_submits_total", 1, carrier="primary", bind="1")],
                          [counter("xionid_submits_total", 10, carrier="primary", bind="1"), *receipts(10, 0)]]),
    "XionIDWebhooksDropped": ([[counter("xionid_webhook_events_total", 1, result="dropped")]],
                              [[counter("xionid_webhook_events_total", 100, result="delivered")]]),
    "XionIDWebhooksWait": ([[series("xionid_webhook_events_waiting", "200000x120", instance="a")]],
                           [[series("xionid_webhook_events_waiting", "0x110 200000x10", instance="a")]]),
    "XionIDVerificationFalling": ([[counter("xionid_sends_total", 10, result="sent"), counter("xionid_verifies_total", 1, result="verified")],
                                   [counter("xionid_sends_total", 10, result="sent"), counter("xionid_verifies_total", 0, result="verified")]],
                                  [[counter("xionid_sends_total", 1, result="sent"), counter("xionid_verifies_total", 0, result="verified")],
                                   [counter("xionid_sends_total", 10, result="sent"), counter("xionid_verifies_total", 8, result="verified")]]),
    "XionIDSlowToWire": ([histogram("xionid_accept_to_wire_seconds", 1, 9, "2.5", carrier="primary")],
                         [histogram("xionid_accept_to_wire_seconds", 10, 0, "0.5", carrier="primary")]),
    "XionIDQueueFilling": ([[series("xionid_queue_messages", "600x120", instance="a"), series("xionid_queue_limit_messages", "1000x120", instance="a")]],
                           [[series("xionid_queue_messages", "400x120", instance="a"), series("xionid_queue_limit_messages", "1000x120", instance="a")]]),
    "XionIDMessagesWait": ([[series("xionid_queue_oldest_seconds", "0+60x120", instance="a")]],
                           [[series("xionid_queue_oldest_seconds", "20x120", instance="a")]]),
    "XionIDCodesDiedUnsent": ([[counter("xionid_messages_died_unsent_total", 1, route="main")]],
                              [[counter("xionid_messages_died_unsent_total", 0, route="main")]]),
    "XionIDSlowCommits": ([histogram("xionid_store_commit_seconds", 9, 1, "0.5")], [histogram("xionid_store_commit_seconds", 10, 0, "0.25")]),
    "XionIDServerErrors": ([[counter("xionid_http_requests_total", 50, status="202"), counter("xionid_http_requests_total", 5, status="503")]],
                           [[counter("xionid_http_requests_total", 1, status="202"), counter("xionid_http_requests_total", 1, status="503")],
                            [counter("xionid_http_requests_total", 500, status="202"), counter("xionid_http_requests_total", 1, status="503")]]),
    "XionIDManyBlocked": ([[counter("xionid_limits_hit_total", 120, limit="sends_per_phone")]],
                          [[counter("xionid_limits_hit_total", 30, limit="sends_per_phone")]]),
    "XionIDKeysRefused": ([[counter("xionid_refused_keys_total", 60, reason="invalid_api_key")]],
                          [[counter("xionid_refused_keys_total", 600, reason="missing_api_key")],
                           [counter("xionid_refused_keys_total", 6, reason="invalid_api_key")]]),
    "XionIDLogDropped": ([[counter("xionid_log_lines_dropped_total", 1)]], [[counter("xionid_log_lines_dropped_total", 0)]]),
    "XionIDReloadRefused": ([[series("xionid_config_last_reload_successful", "1x60 0x60", instance="a")]],
                            [[series("xionid_config_last_reload_successful", "0x60 1x60", instance="a")]]),
    "XionIDCertificateExpires": ([[series("xionid_certificate_expiry_timestamp_seconds", f"{13 * 86400}x120", instance="a", use="api")]],
                                 [[series("xionid_certificate_expiry_timestamp_seconds", f"{20 * 86400}x120", instance="a", use="api")]]),
    "XionIDCertificateExpired": ([[series("xionid_certificate_expiry_timestamp_seconds", "600x120", instance="a", use="api")]],
                                 [[series("xionid_certificate_expiry_timestamp_seconds", "86400x120", instance="a", use="api")]]),
    "XionIDBackupOld": ([[series("xionid_backup_last_success_timestamp_seconds", f"{-3 * 86400}x120", instance="a")]],
                        [[series("xionid_backup_last_success_timestamp_seconds", "0x120", instance="a")], [up("a")]]),
    "XionIDConnectionsNearLimit": ([connections(90)], [connections(70)]),
    "XionIDDescriptorsNearLimit": ([[up("a"), series("process_open_fds", "90x120", instance="a"), series("process_max_fds", "100x120", instance="a")]],
                                   [[up("a"), series("process_open_fds", "50x120", instance="a"), series("process_max_fds", "100x120", instance="a")],
                                    [series("process_open_fds", "99x120", instance="b"), series("process_max_fds", "100x120", instance="b")]]),
    "XionIDNoHousekeeper": ([[series("xionid_cluster_housekeeper", "0x120", instance="a")]],
                            [[series("xionid_cluster_housekeeper", "0x120", instance="a"), series("xionid_cluster_housekeeper", "1x120", instance="b")]]),
    "XionIDBindUnheld": ([[series("xionid_cluster_binds_unheld", "1x120", instance="a")]], [[series("xionid_cluster_binds_unheld", "0x120", instance="a")]]),
    "XionIDConfigDiffers": ([[series("xionid_cluster_config_differs", "1x120", instance="a")]],
                            [[series("xionid_cluster_config_differs", "0x115 1x5", instance="a")]]),
    "XionIDClockSkewed": ([[series("xionid_cluster_clock_skew_seconds", "-1.5x120", instance="a")]],
                          [[series("xionid_cluster_clock_skew_seconds", "0.8x120", instance="a")]]),
}


def case(alert, given, fires):
    """promtool compares labels and annotations whole: it is enough that one alert of the name is, or isn't, firing."""
    query = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)'
    return {"interval": "1m", "input_series": given or [series("nothing", "0x120")],
            "promql_expr_test": [{"expr": f"({query}) > bool 0", "eval_time": "2h", "exp_samples": [{"labels": "{}", "value": int(fires)}]}]}


def alone(groups, alert):
    """The recording rules, and that alert."""
    kept = [{**group, "rules": [rule for rule in group["rules"] if rule.get("alert", alert) == alert]} for group in groups]
    return {"groups": [group for group in kept if group["rules"]]}


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: make_cases.py RULES FOLDER")
    groups = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())["groups"]
    folder = pathlib.Path(sys.argv[2])
    for alert, (firing, silent) in CASES.items():
        rules = folder / f"{alert}.rules.json"
        rules.write_text(json.dumps(alone(groups, alert)))
        tests = [case(alert, given, fires) for fires, cases in ((True, firing), (False, silent)) for given in cases]
        told = {"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": tests}
        (folder / f"{alert}.cases.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
