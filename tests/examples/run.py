"""The examples for clients do what they say: conf/examples, against the real daemon and carrier simulator."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "functional"))
from harness import BIN, PATIENCE, Gateway, wrong  # noqa: E402

EXAMPLES = here.parents[1] / "conf/examples"


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.gateway.__enter__()
        cls.environment = {**os.environ, "API_KEY": cls.gateway.key, "XIONID_URL": f"http://127.0.0.1:{cls.gateway.api_port}",
                           "PATH": f"{BIN}:{os.environ['PATH']}"}

    @classmethod
    def tearDownClass(cls):
        cls.gateway.__exit__(None, None, None)

    def run_it(self, *command, **more):
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env={**self.environment, **more.pop("env", {})}, **more)

    def test_curl(self):
        phone = "+37499410001"
        command = f"xionid-carrier inbox {phone} --wait 10 --code --admin {self.gateway.carriers[0].admin}"
        script = EXAMPLES / "curl/send-and-verify"
        done = self.run_it(script, phone, env={"CODE_COMMAND": command})
        self.assertEqual(done.returncode, 0, done)
        self.assertIn('"status":"verified"', done.stdout)
        phone = "+37499410002"
        refused = self.run_it(script, phone, env={"CODE_COMMAND": "echo 0000000000"})
        self.assertEqual(refused.returncode, 1, refused)
        self.assertIn('"code":"invalid_code"', refused.stdout)
        self.assertEqual(self.run_it(script).returncode, 1)
        self.assertEqual(self.run_it(script, phone, env={"API_KEY": "xk_live_no"}).returncode, 1)

    def test_node(self):
        """Made where nothing is left behind; npm keeps what it fetched for the next time."""
        with tempfile.TemporaryDirectory(prefix="xionid-example.") as folder:
            client = pathlib.Path(folder) / "node"
            shutil.copytree(EXAMPLES / "node", client, ignore=shutil.ignore_patterns("node_modules", "dist", "contract.ts"))
            for command in (("npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"), ("npm", "run", "generate"),
                            ("npm", "run", "build")):
                done = self.run_it(*command, cwd=client)
                self.assertEqual(done.returncode, 0, (command, done.stdout, done.stderr))
            phone = "+37499410003"
            process = subprocess.Popen(["node", client / "dist/send-and-verify.js", phone], env=self.environment, text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            code = self.gateway.handset(phone)
            told, _ = process.communicate(f"{wrong(code)}\n{code}\n", timeout=PATIENCE)
            self.assertEqual(process.returncode, 0, told)
            self.assertIn("wrong, 4 left", told)
            self.assertIn("verified at 20", told)
            self.assertIn("verified: created, ", told)
            self.gateway.ctl("block", "add", "+37499410004")
            refused = self.run_it("node", client / "dist/send-and-verify.js", "+37499410004")
            self.assertEqual(refused.returncode, 1, refused)
            self.assertIn("refused: 403 phone_blocked", refused.stdout)
            # What the contract does not allow is not built.
            (client / "src/wrong.ts").write_text('import { XionClient } from "./client.js";\n'
                                                 'new XionClient({ url: "", key: "" }).send({ phone: "+37499410005", ttlSecond: 60 });\n')
            done = self.run_it("npm", "run", "build", cwd=client)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("ttlSecond", done.stdout)


if __name__ == "__main__":
    unittest.main()
