"""More nodes beside a gateway whose requests are in a database: the same file, the same master key, another name."""

import shutil

from database import Database
from harness import Gateway

OVERRIDES = ["sends_per_phone=none", "requests_per_second=none"]
CLUSTER = """
[cluster]
lease_seconds = {lease}
rebalance_seconds = {rebalance}
"""


class Node(Gateway):
    """One that joins `first`, whose carriers, app and key it has."""

    def __init__(self, first, name):
        super().__init__(carriers=0, config=first.extra, routes=first.routes, log_level=first.log_level)
        self.first, self.carriers, self.key = first, first.carriers, first.key
        self.carrier_settings = first.carrier_settings
        self.environment = {"XIONID_NODE": name}

    def __enter__(self):
        self.write_config()
        (self.folder / "data").mkdir()
        for name in ("master.key", "carrier.password"):
            shutil.copy2(self.first.folder / name, self.folder / name)
        self.start()
        return self

    def __exit__(self, kind, error, trace):
        self.carriers = []
        super().__exit__(kind, error, trace)


def first_node(schema, binds=1, lease=3, rebalance=1, overrides=(), name="a", ports=None, carrier_settings=None, config="", **more):
    """The first of them, with a carrier that allows so many binds."""
    table = Database.shared().table(schema, ports=ports) + CLUSTER.format(lease=lease, rebalance=rebalance)
    settings = {"binds": binds, **(carrier_settings or {})}
    gateway = Gateway(config=table + config, overrides=[*OVERRIDES, *overrides], carrier_settings=settings, **more)
    gateway.environment = {"XIONID_NODE": name}
    return gateway
