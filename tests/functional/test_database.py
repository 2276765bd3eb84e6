"""Requests that are kept in a PostgreSQL database: what a client and an operator see of it when it is there, away, and another's."""

import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
import unittest

from database import CuttingProxy, Database
from harness import BIN, PATIENCE, Gateway, free_port, wait_until, wrong

PHONE = "+37499123056"


def kept_in(schema, **more):
    """A gateway on that schema, which is made where it isn't there."""
    return Gateway(config=Database.shared().table(schema, **more), overrides=["cooldown_seconds=none", "sends_per_phone=none"])


COULD_NOT, NOT_NOW = 2, 3


def refused_start(gateway, ended_with):
    """Starts xiond where it can't, and tells why not."""
    gateway.start(wait=False)
    code = gateway.process.wait(PATIENCE)
    gateway.process = None
    assert code == ended_with, (code, gateway.log())
    return gateway.log().splitlines()[-1]


class InADatabase(unittest.TestCase):
    def test_a_code_outlives_the_process_that_sent_it(self):
        with kept_in("outlives") as gateway:
            sent = gateway.send(PHONE)
            self.assertEqual(sent.status, 202, sent)
            code = gateway.handset(PHONE)
            gateway.kill()
            gateway.start()
            self.assertEqual(gateway.verify(PHONE, code).status, 200)
            self.assertEqual(gateway.verify(PHONE, code)["code"], "code_used")
            store = gateway.told("status")["store"]
            self.assertEqual((store["engine"], store["writable"], store["standby"]), ("postgresql", True, False), store)
            self.assertNotIn("dataBytes", store)

    def test_what_a_life_reads_is_known_before(self):
        """A task that reads what it hasn't told of runs once more, a commit later. What housekeeping looks for nobody can tell before."""
        def live(phone):
            sent = gateway.send(phone)
            self.assertEqual(sent.status, 202, sent)
            gateway.wait_delivery(sent["requestId"])
            code = gateway.handset(phone)
            self.assertEqual(gateway.verify(phone, wrong(code))["code"], "invalid_code")
            self.assertEqual(gateway.verify(phone, code).status, 200)

        def run_again():
            told = gateway.request("GET", "/metrics", port=gateway.operator_port).text
            return int(re.search(r"(?m)^xionid_database_read_again_total (\d+)$", told)[1])

        housekeeping_a_second = 20
        with kept_in("foreseen") as gateway:
            live(PHONE)   # Of the app and its carrier, once.
            before, began = run_again(), time.monotonic()
            phones = [f"+374991{number:05}" for number in range(200)]
            with concurrent.futures.ThreadPoolExecutor(16) as clients:
                list(clients.map(live, phones))
            seconds = time.monotonic() - began
            self.assertLess(run_again() - before, len(phones) / 2 + housekeeping_a_second * seconds, "each life has five tasks")

    def test_while_it_is_away_nothing_is_stored_and_then_it_goes_on_by_itself(self):
        database = Database.shared()
        with kept_in("away") as gateway:
            self.assertEqual(gateway.send(PHONE).status, 202)
            code = gateway.handset(PHONE)
            database.kill()
            try:
                wait_until("xiond knows it", lambda: not gateway.is_answering("/readyz"))
                for refused in (gateway.send("+37499123057"), gateway.verify(PHONE, code)):
                    self.assertEqual((refused.status, refused["code"]), (503, "store_unavailable"), refused)
                    self.assertEqual(refused.headers["retry-after"], "5")
                    self.assertIn("Nothing was stored, sent or charged: the store is away", refused["detail"])
                    self.assertNotIn("127.0.0.1", refused.text)   # Where it is, is nobody's affair.
                ready = gateway.request("GET", "/readyz", port=gateway.operator_port)
                self.assertEqual((ready.status, ready["missing"]), (503, "store"), ready)
                store = gateway.told("status")["store"]
                self.assertFalse(store["writable"])
                wait_until("it says where nobody is", lambda: str(database.port) in gateway.told("status")["store"]["reason"])
                self.assertNotIn("no answer came in time", gateway.log())   # It closed the connection.
                self.assertRegex(gateway.request("GET", "/metrics", port=gateway.operator_port).text, r"(?m)^xionid_store_writable 0$")
            finally:
                database.start()
            wait_until("it goes on", lambda: gateway.is_answering("/readyz"))
            self.assertEqual(gateway.verify(PHONE, code).status, 200)
            self.assertEqual(gateway.send("+37499123057").status, 202)
            self.assertEqual(gateway.request("GET", "/v1/usage")["used"], 2)

    def test_a_read_that_hangs_is_in_no_send_s_way(self):
        database = Database.shared()
        with kept_in("beside") as gateway:
            self.assertEqual(gateway.send(PHONE).status, 202)
            self.assertEqual(len(gateway.request("GET", "/v1/otp")["items"]), 1)
            readers = lambda: database.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'xiond-reads'").split()
            reader = int(wait_until("those of gateways before have ended", lambda: readers() if len(readers()) == 1 else None)[0])
            began = time.monotonic()
            os.kill(reader, signal.SIGSTOP)   # The server's process on that connection.
            try:
                with concurrent.futures.ThreadPoolExecutor(1) as clients:
                    export = clients.submit(gateway.request, "GET", "/v1/exports/otp.ndjson")
                    for number in range(2):
                        self.assertEqual(gateway.send(f"+3749912306{number}").status, 202)
                    self.assertTrue(not export.done() or time.monotonic() - began > 15)   # Then another connection was made.
                    os.kill(reader, signal.SIGCONT)
                    self.assertEqual(export.result().status, 200)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(reader, signal.SIGCONT)
            self.assertEqual(len(gateway.request("GET", "/v1/exports/otp.ndjson").text.splitlines()), 3)

    def test_a_commit_whose_answer_got_lost_is_told_as_it_was(self):
        database = Database.shared()
        with CuttingProxy(database.port) as proxy, kept_in("doubt", ports=[proxy.port]) as gateway:
            for number, is_kept in enumerate([True, False, True, False]):
                phone = f"+3749912310{number}"
                proxy.cut_at("otps_insert", is_kept)
                sent = gateway.send(phone)
                self.assertEqual(sent.status, 202, sent)
                code = gateway.handset(phone)
                self.assertEqual(len(gateway.carriers[0].inbox(phone)), 1)   # Sent once.
                gateway.wait_delivery(sent["requestId"])
                proxy.cut_at("otps_replace", is_kept)
                self.assertEqual(gateway.verify(phone, code).status, 200)
                self.assertEqual(gateway.verify(phone, code)["code"], "code_used")
            self.assertEqual(proxy.cuts, 8)
            self.assertEqual(gateway.request("GET", "/v1/usage")["used"], 4)
            doubts = re.search(r"(?m)^xionid_database_doubts_total (\d+)$", gateway.request("GET", "/metrics", port=gateway.operator_port).text)
            self.assertGreaterEqual(int(doubts[1]), 8)

    # A caller is told after ten seconds that nobody knows; a failover takes longer where a machine dies.
    def test_a_send_that_was_kept_after_all_leaves_under_its_key(self):
        headers = {"Idempotency-Key": "kept-after-all"}
        with CuttingProxy(Database.shared().port) as proxy, kept_in("kept_after_all", ports=[proxy.port]) as gateway:
            answer = self.in_doubt(proxy, gateway, "otps_insert", lambda: gateway.send(PHONE, headers=headers))
            self.assertEqual((answer.status, answer["code"]), (503, "store_unavailable"), answer)
            answer = gateway.send(PHONE, headers=headers)
            self.assertEqual(answer.status, 202, answer)
            gateway.wait_delivery(answer["requestId"], seconds=20)

    def test_an_accepted_message_whose_claim_was_kept_after_all_leaves(self):
        with CuttingProxy(Database.shared().port) as proxy, kept_in("claim_kept", ports=[proxy.port]) as gateway:
            gateway.ctl("carrier", "pause", "primary")
            answer = gateway.send(PHONE)
            self.assertEqual(answer.status, 202, answer)
            self.in_doubt(proxy, gateway, "otps_replace", lambda: gateway.ctl("carrier", "resume", "primary"))
            gateway.wait_delivery(answer["requestId"], seconds=20)

    def in_doubt(self, proxy, gateway, statement, act):
        """Does it; the commit with that statement is kept, which nobody can ask after for longer than callers are made to wait."""
        reached, proxy.to_port = proxy.to_port, free_port()
        proxy.cut_at(statement, is_kept=True)
        answer = act()
        wait_until("callers are told that it failed", lambda: "does not say whether it has kept the last commit" in gateway.log())
        proxy.to_port = reached
        wait_until("it goes on", lambda: gateway.is_answering("/readyz"))
        return answer

    def test_a_primary_that_dies_under_load_loses_nothing_that_was_accepted(self):
        primary = Database()
        primary.start()
        try:
            with primary.standby() as standby:
                table = primary.table("failover", ports=[primary.port, standby.port])
                with Gateway(config=table, overrides=["cooldown_seconds=none", "sends_per_phone=none", "requests_per_second=none"]) as gateway:
                    wait_until("the standby is waited for", lambda: primary.ask("SELECT sync_state FROM pg_stat_replication") == "sync")
                    self.fail_over(gateway, primary, standby)
        finally:
            primary.remove()

    def fail_over(self, gateway, primary, standby):
        phones = [f"+374991{number:05}" for number in range(400)]
        accepted, refused = {}, []

        def send(phone):
            """Until it is accepted: under its key a retry is the same call."""
            while True:
                answer = gateway.send(phone, headers={"Idempotency-Key": f"send-{phone}"})
                if answer.status == 202:
                    accepted[phone] = answer["requestId"]
                    return
                self.assertEqual(answer.status, 503, answer)
                refused.append(phone)
                time.sleep(0.2)

        with concurrent.futures.ThreadPoolExecutor(8) as clients:
            sends = [clients.submit(send, phone) for phone in phones]
            wait_until("it is under load", lambda: len(accepted) >= 100)
            primary.kill()
            standby.promote()
            for each in sends:
                each.result()
        self.assertEqual(len(set(accepted.values())), len(phones))   # None was made twice.
        for phone, request in accepted.items():
            self.assertEqual(gateway.read(request).status, 200, phone)   # None is lost.
        for phone in phones[::8]:
            code = gateway.handset(phone)
            with concurrent.futures.ThreadPoolExecutor(2) as clients:
                answers = list(clients.map(lambda _: gateway.verify(phone, code).status, range(2)))
            self.assertEqual(sorted(answers), [200, 410], phone)   # None is verified twice.

    def test_a_standby_that_comes_or_goes_is_known(self):
        """After a failover by Patroni a node is connected before the former primary is back as the standby."""
        primary = Database()
        primary.start()
        try:
            with primary.standby() as standby, Gateway(config=primary.table("comes")) as gateway:
                has_standby = lambda: gateway.told("status")["store"]["standby"]
                for is_waited_for in (False, True, False):
                    primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{'*' if is_waited_for else ''}'")
                    primary.ask("SELECT pg_reload_conf()")
                    wait_until(f"it says {is_waited_for}", lambda: has_standby() == is_waited_for)
                standby.kill()   # Nobody waits for it any more.
                self.assertEqual(gateway.send(PHONE).status, 202)
        finally:
            primary.remove()

    def test_one_xiond_at_a_time_writes_to_a_store(self):
        with kept_in("alone") as first:
            second = kept_in("alone")
            try:
                second.write_config()
                shutil.copy(first.folder / "master.key", second.folder / "master.key")
                (second.folder / "carrier.password").write_text("secret\n")
                self.assertRegex(refused_start(second, NOT_NOW), r"another xiond writes to this store: host=\S+ boot=\S+ of=\S+ pid=" + str(first.process.pid))
                self.assertEqual(first.send(PHONE).status, 202)
                first.stop()
                second.wait_bound = False
                second.start()   # At once: the first one said that it went.
                second.stop()
            finally:
                second.__exit__(None, None, None)
            first.start()

    def test_another_master_key_opens_nothing(self):
        with kept_in("sealed") as gateway:
            gateway.stop()
            (gateway.folder / "master.key").unlink()
            gateway.run_ctl("init-key", "--config", gateway.config_path, socket_option=False)
            self.assertIn("the master key is not the one that the store was made with", refused_start(gateway, COULD_NOT))

    def test_tables_that_are_not_there_are_missed_and_may_be_made_by_hand(self):
        database = Database.shared()
        gateway = kept_in("by_hand", create=False)
        try:
            gateway.write_config()
            gateway.run_ctl("init-key", "--config", gateway.config_path, socket_option=False)
            (gateway.folder / "carrier.password").write_text("secret\n")
            self.assertIn("`create = true` in [store] makes them", refused_start(gateway, NOT_NOW))
            checked = self.xiond(gateway, "--check")
            self.assertEqual(checked.returncode, 1, checked)
            self.assertRegex(checked.stderr, r'store\.url = .*relation "notices" does not exist')
            database.ask(self.xiond(gateway, "--schema").stdout)
            self.assertEqual(self.xiond(gateway, "--check").returncode, 0)
            gateway.wait_bound = False
            gateway.start()
            gateway.stop()
        finally:
            gateway.__exit__(None, None, None)

    def xiond(self, gateway, option):
        return subprocess.run([BIN / "xiond", "--config", gateway.config_path, option], capture_output=True, text=True, timeout=PATIENCE)

    def test_a_store_moves_into_a_database_and_back(self):
        database = Database.shared()
        with Gateway(overrides=["cooldown_seconds=none", "sends_per_phone=none"]) as gateway:
            first = gateway.send(PHONE, reference="moved")["requestId"]
            second = gateway.send("+37499123057")["requestId"]
            third = gateway.send("+37499123058")["requestId"]
            codes = {phone: gateway.handset(phone) for phone in (PHONE, "+37499123057", "+37499123058")}
            gateway.wait_delivery(first)
            gateway.ctl("block", "add", "+37499123059")
            used = gateway.request("GET", "/v1/usage")["used"]
            data = gateway.folder / "data"
            busy = self.move(gateway, "import", "--from", data)
            self.assertIn("store.engine is lmdb", busy.stderr)
            gateway.stop()

            gateway.extra = database.table("moved")
            gateway.write_config()
            self.assertIn("there is no data.mdb", self.move(gateway, "import", "--from", gateway.folder).stderr)
            moved = json.loads(self.moved(gateway, "import", "--from", data).stdout)
            self.assertEqual(moved["requests"], 3, moved)
            self.assertGreater(moved["changed"], 8, moved)
            self.assertEqual(moved["leftOut"], {"notes": 0, "answers": 0, "unreadable": 0}, moved)
            self.assertEqual(json.loads(self.moved(gateway, "import", "--from", data).stdout)["changed"], 0)
            gateway.start()
            self.assertEqual(gateway.verify(PHONE, codes[PHONE]).status, 200)
            self.assertEqual(gateway.read(first)["delivery"]["status"], "delivered")
            self.assertEqual(gateway.request("GET", "/v1/otp?reference=moved")["items"][0]["requestId"], first)
            self.assertEqual(gateway.send("+37499123059")["code"], "phone_blocked")
            self.assertEqual(gateway.request("GET", "/v1/usage")["used"], used)
            gateway.stop()
            self.assertIn("there is a store already", self.move(gateway, "import", "--from", data).stderr)

            back = gateway.folder / "back"
            self.moved(gateway, "export", "--to", back)
            self.assertIn("there is a data file already", self.move(gateway, "export", "--to", back).stderr)
            self.assertEqual(json.loads(self.moved(gateway, "forget-live", "--yes").stdout)["expired"], 2)   # Of the database.
            shutil.rmtree(data)
            shutil.move(back, data)
            gateway.extra = ""
            gateway.write_config()
            gateway.start()
            self.assertEqual(gateway.verify(PHONE, codes[PHONE])["code"], "code_used")
            self.assertEqual(gateway.verify("+37499123057", codes["+37499123057"]).status, 200)
            self.assertEqual(gateway.read(second)["status"], "verified")
            gateway.stop()
            self.assertEqual(json.loads(self.moved(gateway, "forget-live", "--yes").stdout)["expired"], 1)
            gateway.start()
            self.assertEqual(gateway.verify("+37499123058", codes["+37499123058"])["code"], "code_expired")
            self.assertEqual(gateway.read(third)["status"], "expired")

    def move(self, gateway, verb, *words):
        return gateway.run_ctl("store", verb, *map(str, words), "--config", str(gateway.config_path), socket_option=False, check=False)

    def moved(self, gateway, verb, *words):
        done = self.move(gateway, verb, *words)
        self.assertEqual(done.returncode, 0, done)
        return done

    def test_a_backup_is_the_database_s_own(self):
        with kept_in("backups") as gateway:
            refused = gateway.run_ctl("backup", str(gateway.folder / "copy"), check=False)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("whose backup is its own", refused.stderr)

    def test_a_check_tells_of_a_store_without_an_address(self):
        gateway = Gateway(config='[store]\nengine = "postgresql"\n')
        try:
            gateway.write_config()
            checked = gateway.run_ctl("config", "check", gateway.config_path, socket_option=False, check=False)
            self.assertTrue(re.search(r"store\.url is missing", checked.stdout + checked.stderr), checked)
        finally:
            gateway.__exit__(None, None, None)


if __name__ == "__main__":
    unittest.main()
