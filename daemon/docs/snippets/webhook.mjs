import { createHmac, timingSafeEqual } from "node:crypto";

/** The event, where it is from XionID. `headers` by lower-case names, `body` a Buffer as it came, before any parsing. */
export function verifyWebhook(secret, headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) throw new Error("too old");
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  // There are several while a secret is being changed.
  const isSigned = (signatures ?? "").split(" ").some((one) => {
    const signature = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  });
  if (!isSigned) throw new Error("not signed by XionID");
  return JSON.parse(body);
}
