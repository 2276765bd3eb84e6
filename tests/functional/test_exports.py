"""The log as a file: the same requests as the list, by the same filters, in bounded memory, at the client's own pace."""

import csv
import io
import json
import pathlib
import socket
import threading
import time
import unittest

from harness import PATIENCE, Gateway, memory_bound, wait_until, wrong
from test_log_and_stats import walk


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def is_at_rest(pid):
    """Whether a process takes no time of a core for a while. Source: proc(5), stat."""
    spent = lambda: sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
    before = spent()
    time.sleep(0.2)
    return spent() == before


class Exports(unittest.TestCase):
    def test_the_exports_hold_what_the_list_holds(self):
        with Gateway() as gateway:
            phones = [f"+3749924{n:04}" for n in range(230)]
            for n, phone in enumerate(phones):
                gateway.send(phone, reference=f"order {n % 5}", metadata={"cart": f'a "big", {n}'})
            gateway.wait_delivery(gateway.send("+37499249999", reference='=SUM(A1)', userId="u-1")["requestId"])
            self.assertEqual(gateway.verify(phones[0], gateway.handset(phones[0])).status, 200)
            gateway.verify(phones[1], wrong(gateway.handset(phones[1])))

            table = gateway.request("GET", "/v1/exports/otp.csv")
            self.assertEqual((table.status, table.headers["content-type"]), (200, "text/csv; charset=utf-8; header=present"))
            self.assertEqual(table.headers["content-disposition"], 'attachment; filename="otp.csv"')
            self.assertTrue(table.headers["x-request-id"])
            self.assertTrue(table.headers["ratelimit"])
            lines = gateway.request("GET", "/v1/exports/otp.ndjson")
            self.assertEqual((lines.status, lines.headers["content-type"]), (200, "application/x-ndjson"))
            objects = [json.loads(line) for line in lines.text.splitlines()]
            listed, cursor = [], ""
            while cursor is not None:
                page = gateway.request("GET", f"/v1/otp?limit=100{cursor and '&cursor=' + cursor}").json
                listed += page["items"]
                cursor = page["nextCursor"]
            self.assertEqual(len(listed), 231)
            self.assertEqual(objects, listed)
            rows = rows_of(table)
            self.assertEqual([row["requestId"] for row in rows], [each["requestId"] for each in listed])
            for row, each in zip(rows, listed):
                for member in ("status", "phone", "country", "purpose", "createdAt", "expiresAt"):
                    self.assertEqual(row[member], each[member])
                self.assertEqual((row["delivery"], row["route"]), (each["delivery"]["status"], each["delivery"]["route"]))
                self.assertEqual(json.loads(row["metadata"]) if row["metadata"] else None, each.get("metadata"))
            last = next(row for row in rows if row["userId"] == "u-1")   # Two of one millisecond come in either order.
            self.assertEqual(last["reference"], "'=SUM(A1)")
            self.assertGreater(int(last["latencyMs"]), 0)
            self.assertNotIn(phones[3], table.text + lines.text)

            for query in ("reference=order%203", "status=verified", "delivery=delivered", "country=AM", "phone=%2B" + phones[7][1:],
                          "from=2080-01-01", "to=2021-01-01", "limit=7"):
                objects = [json.loads(line) for line in gateway.request("GET", f"/v1/exports/otp.ndjson?{query}").text.splitlines()]
                same = [row["requestId"] for row in rows_of(gateway.request("GET", f"/v1/exports/otp.csv?{query}"))]
                self.assertEqual([each["requestId"] for each in objects], same, query)
                if "limit" not in query:
                    self.assertEqual(same, walk(gateway, f"limit=100&{query}"), query)
            self.assertEqual(len(same), 7)

            bare = gateway.request("GET", "/v1/exports/otp.csv?status=canceled")
            self.assertEqual(bare.text.count("\r\n"), 1)
            self.assertTrue(bare.text.startswith("requestId,status,"))
            self.assertEqual(gateway.request("GET", "/v1/exports/otp.ndjson?status=canceled").text, "")
            self.assertEqual(gateway.request("HEAD", "/v1/exports/otp.csv").text, "")
            reader = gateway.ctl("key", "create", "shop", "--scope", "otp:read", "--scope", "pii:read")["key"]
            self.assertIn(phones[3], gateway.request("GET", "/v1/exports/otp.csv", key=reader).text)
            sender = gateway.ctl("key", "create", "shop", "--scope", "otp:send")["key"]
            self.assertEqual(gateway.request("GET", "/v1/exports/otp.csv", key=sender)["code"], "insufficient_scope")
            for query, code in (("statu=x", "unknown_field"), ("status=x", "invalid_field"), ("phone=12", "invalid_phone")):
                self.assertEqual(gateway.request("GET", f"/v1/exports/otp.csv?{query}")["code"], code)

            usage = rows_of(gateway.request("GET", "/v1/exports/usage.csv"))
            days = gateway.request("GET", "/v1/usage/daily")["items"]
            no_price = {"price": "", "currency": ""}   # Columns of their own, whether anything has a price or not.
            self.assertEqual(usage, [{name: str(value) for name, value in day.items()} | no_price for day in days])
            self.assertEqual(gateway.request("GET", "/v1/exports/usage.csv?from=x")["code"], "invalid_field")

    def resident_kib(self, gateway):
        with open(f"/proc/{gateway.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def fill(self, gateway, count):
        """Refused requests fill the log quickly: each is a record that no carrier sees."""
        def part(first, last):
            connection = gateway.connection()
            for n in range(first, last):
                connection.post("/v1/otp/send", {"phone": f"+374{77_000_000 + n}", "reference": "x" * 128, "userId": "y" * 100})
        threads = [threading.Thread(target=part, args=(count * n // 8, count * (n + 1) // 8)) for n in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    def test_slow_and_vanishing_clients_cost_nothing(self):
        with Gateway(log_level="info", overrides=["requests_per_second=none", "countries_allowed=DE"]) as gateway:
            self.fill(gateway, 4_000)
            whole = gateway.request("GET", "/v1/exports/otp.ndjson")
            self.assertEqual(whole.text.count("\n"), 4_000)
            before = self.resident_kib(gateway)
            ask = f"GET /v1/exports/otp.ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n\r\n".encode()
            slow = []
            for _ in range(40):
                connection = socket.socket()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect(("127.0.0.1", gateway.api_port))
                connection.sendall(ask)
                slow.append(connection)
            for each in slow:
                self.assertTrue(each.recv(100).startswith(b"HTTP/1.1 200"))
            wait_until("it has nothing left to do", lambda: is_at_rest(gateway.process.pid))
            # Forty exports of two megabytes each wait for their clients, and none of them is in memory.
            self.assertLess((self.resident_kib(gateway) - before) * 1024, memory_bound(16))
            self.assertEqual(gateway.send("+4915112345678").status, 202)
            for each in slow[:-1]:
                each.close()
            open_ones = lambda: int(next(line.split()[-1] for line in gateway.request("GET", "/metrics", port=gateway.operator_port).text.splitlines()
                                         if line.startswith("xionid_api_connections ")))
            wait_until("connections of vanished clients are gone", lambda: open_ones() <= 2)
            # The one that only was slow gets all of it.
            received = b""
            slow[-1].settimeout(PATIENCE)
            while not received.endswith(b"\r\n0\r\n\r\n"):
                received += slow[-1].recv(65536)
            self.assertEqual(received.count(b'"requestId"'), 4_001 - 1)
            slow[-1].close()

            # A client that reads nothing keeps nobody from stopping.
            held = socket.socket()
            held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            held.connect(("127.0.0.1", gateway.api_port))
            held.sendall(ask)
            held.recv(100)
            gateway.stop()
            held.close()

    def test_a_client_of_http_1_0_gets_it_up_to_the_end_of_the_connection(self):
        with Gateway() as gateway:
            gateway.send("+37499241234")
            with socket.create_connection(("127.0.0.1", gateway.api_port), timeout=PATIENCE) as connection:
                connection.sendall(f"GET /v1/exports/otp.ndjson HTTP/1.0\r\nConnection: keep-alive\r\nAuthorization: Bearer {gateway.key}\r\n\r\n".encode())
                received = b""
                while chunk := connection.recv(65536):
                    received += chunk
            head, _, body = received.partition(b"\r\n\r\n")
            self.assertNotIn(b"chunked", head)
            self.assertNotIn(b"Content-Length", head)
            self.assertEqual(json.loads(body)["country"], "AM")


if __name__ == "__main__":
    unittest.main()
