// Sends a code to a phone, asks for it, and verifies it: API_KEY=… node dist/send-and-verify.js +37499123056
import { createInterface } from "node:readline";
import { XionClient, XionError } from "./client.js";

const [phone] = process.argv.slice(2);
const key = process.env["API_KEY"];
if (!phone || !key) {
  console.error("usage: API_KEY=… node dist/send-and-verify.js PHONE");
  process.exit(2);
}
const xion = new XionClient({ url: process.env["XIONID_URL"] ?? "http://127.0.0.1:8080", key });

try {
  const sent = await xion.send({ phone, ttlSeconds: 120 });
  console.log(`sent to ${sent.phone} as ${sent.requestId}, ${sent.delivery.status} by ${sent.delivery.route ?? "no route"}`);
  process.stderr.write("The code: ");
  for await (const code of createInterface({ input: process.stdin })) {
    try {
      const { verifiedAt } = await xion.verify({ phone, code });
      console.log(`verified at ${verifiedAt}`);
      break;
    } catch (error) {
      if (!(error instanceof XionError) || error.code !== "invalid_code") throw error;
      process.stderr.write(`wrong, ${error.problem.attemptsRemaining} left; the code: `);
    }
  }
  const { status, events } = await xion.read(sent.requestId);
  console.log(`${status}: ${events.map((event) => event.type).join(", ")}`);
} catch (error) {
  console.log(error instanceof XionError ? `refused: ${error.message}` : error);
  process.exitCode = 1;
}
