// API_KEY=xk_test_… XIONID_URL=https://otp.example node first_call.mjs +37499123056 000000
const { API_KEY, XIONID_URL } = process.env;

async function call(path, body) {
  const answer = await fetch(XIONID_URL + path, {
    method: "POST",
    headers: { Authorization: `Bearer ${API_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const told = await answer.json();
  if (!answer.ok) {
    console.error(`${answer.status} ${told.code}: ${told.detail}`);
    process.exit(1);
  }
  return told;
}

const [phone, code] = process.argv.slice(2);
const sent = await call("/v1/otp/send", { phone });
console.log("sent to", sent.phone);
// Your user types the code. With a test key it is 000000.
const verified = await call("/v1/otp/verify", { phone, code });
console.log("verified at", verified.verifiedAt);
