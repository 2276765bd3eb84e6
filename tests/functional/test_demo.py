"""What conf/demo shows is so, with the programs of this build."""

import os
import pathlib
import signal
import subprocess
import unittest

from harness import BIN, PATIENCE

DEMOS = pathlib.Path(__file__).resolve().parents[2] / "conf" / "demo"


def demo(*arguments):
    return subprocess.Popen([DEMOS / arguments[0], *arguments[1:]], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env={**os.environ, "XION_BIN": str(BIN), "LEASE_SECONDS": "3"})


class Demo(unittest.TestCase):
    def shown(self, *arguments):
        shows = demo(*arguments)
        output, _ = shows.communicate(timeout=3 * PATIENCE)
        self.assertEqual(shows.returncode, 0, output)
        return output

    def test_one_code_goes_the_whole_way(self):
        self.assertIn("✓ sent over SMPP, delivered, verified", self.shown("run", "--once"))

    def test_three_nodes_lose_nothing_while_one_of_them_and_the_primary_die(self):
        output = self.shown("cluster", "--once")
        self.assertIn("what it had is others'", output)
        self.assertRegex(output, r"(\d+) sends acknowledged, \1 found on what was the standby: 0 lost")
        self.assertIn("more than two binds at no time: it refused 0", output)

    def test_it_stays_up_until_it_is_told_to_end_and_leaves_nothing(self):
        shows = demo("run", "--engine", "postgresql")
        lines = []
        for line in shows.stdout:
            lines.append(line)
            if "xiond's log" in line:
                break
        log = pathlib.Path(lines[-1].split()[-1])
        self.assertTrue(log.exists(), lines)
        shows.send_signal(signal.SIGTERM)
        rest = shows.communicate(timeout=PATIENCE)[0]
        self.assertEqual(shows.returncode, 0, rest)
        self.assertFalse(log.parent.exists())

    def test_what_it_is_not_made_for_is_refused(self):
        for arguments in (["run", "--twice"], ["run", "--engine", "paper"], ["cluster", "--twice"]):
            shows = demo(*arguments)
            self.assertIn("usage: conf/demo/", shows.communicate(timeout=PATIENCE)[0])
            self.assertEqual(shows.returncode, 2)


if __name__ == "__main__":
    unittest.main()
