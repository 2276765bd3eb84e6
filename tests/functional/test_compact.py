"""The data file written anew while requests are served: nobody is refused, nothing is lost, whenever the daemon is killed."""

import http.client
import subprocess
import threading
import unittest

from harness import BIN, Gateway


class Load:
    """Sends from several connections until it is told to end; each answer is kept."""

    def __init__(self, gateway, threads=3):
        self.gateway, self.answers, self.troubles, self.is_over = gateway, [], [], False
        self.lock, self.answered = threading.Lock(), threading.Condition()
        self.threads = [threading.Thread(target=self.send, args=(n,)) for n in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        for thread in self.threads:
            thread.join()

    def send(self, number):
        connection, count = self.gateway.connection(), 0
        while not self.is_over:
            count += 1
            try:
                answer = connection.post("/v1/otp/send", {"phone": f"+374{(91, 93, 99)[number]}{Load.next_number():06d}"})
            except (OSError, http.client.HTTPException):   # Killed.
                return connection.close()
            with self.answered:
                (self.answers if answer.status == 202 else self.troubles).append(answer)
                self.answered.notify_all()
        connection.close()

    numbers, numbers_lock = 0, threading.Lock()

    @classmethod
    def next_number(cls):
        with cls.numbers_lock:
            cls.numbers += 1
            return cls.numbers

    def wait_for(self, more):
        with self.answered:
            wanted = len(self.answers) + more
            self.answered.wait_for(lambda: len(self.answers) >= wanted or self.troubles, 60)


class Compact(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(overrides=["sends_per_phone=none"], log_level="warning").__enter__()
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def check_all(self, answers):
        lost = [each["requestId"] for each in answers if self.gateway.read(each["requestId"]).status != 200]
        self.assertEqual(lost, [])

    def test_it_works_on_while_its_file_is_written_anew(self):
        with Load(self.gateway) as load:
            load.wait_for(300)
            for _ in range(4):
                self.assertGreaterEqual(self.gateway.ctl("compact")["pausedMs"], 0)
                load.wait_for(50)
        self.assertEqual(load.troubles, [], "nobody is refused")
        self.assertFalse((self.gateway.folder / "data" / "data.mdb.compact").exists())
        self.check_all(load.answers)
        verified = self.gateway.verify("+37499000777", "000000")
        self.assertIn(verified.status, (404, 409, 410, 422))
        code_of = self.gateway.send("+37499000778")
        self.assertEqual(self.gateway.verify("+37499000778", self.gateway.handset("+37499000778")).status, 200, code_of)
        self.gateway.stop()
        self.gateway.start()
        self.check_all(load.answers)
        event = self.gateway.ctl("audit", "--what", "compact")[0]
        self.assertEqual(event["outcome"], "done")

    def test_kill_9_meanwhile_loses_nothing(self):
        kept = []
        for after in (1, 2, 4, 8, 16, 32):
            with Load(self.gateway) as load:
                load.wait_for(60)
                compacting = subprocess.Popen([BIN / "xionctl", "--socket", self.gateway.socket_path, "compact"], stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL)
                load.wait_for(after)
                self.gateway.kill()
            compacting.wait()
            kept += load.answers
            self.gateway.start()
            self.check_all(load.answers)
        self.assertFalse((self.gateway.folder / "data" / "data.mdb.compact").exists())
        self.check_all(kept)
        self.assertTrue(self.gateway.told("status")["store"]["writable"])

    def test_a_second_one_and_a_viewer_are_refused(self):
        run = [subprocess.Popen([BIN / "xionctl", "--socket", self.gateway.socket_path, "compact"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
               for _ in range(8)]
        ended = [(each.communicate(), each.returncode) for each in run]
        self.assertIn(0, [code for _, code in ended])
        for (_, trouble), code in ended:
            if code:
                self.assertIn("under way already", trouble)


if __name__ == "__main__":
    unittest.main()
