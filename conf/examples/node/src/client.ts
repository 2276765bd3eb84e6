// A client of XionID with nothing but fetch below it. The types are those of the OpenAPI file: `npm run generate` makes contract.ts.
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import type { components, operations } from "./contract.js";

type Schemas = components["schemas"];
export type SendRequest = Schemas["SendRequest"];
export type VerifyRequest = Schemas["VerifyRequest"];
export type Problem = Schemas["Problem"];
export type ErrorCode = Schemas["ErrorCode"];
/** The body of an operation's answer. */
type Answer<Name extends keyof operations, Status extends keyof operations[Name]["responses"]> =
  operations[Name]["responses"][Status] extends { content: { "application/json": infer Body } } ? Body : never;
type Query<Name extends keyof operations> = NonNullable<operations[Name]["parameters"]["query"]>;

/** A refusal. Switch on `code`; `problem` has the members that it comes with, such as `attemptsRemaining`. */
export class XionError extends Error {
  readonly code: ErrorCode;
  constructor(readonly status: number, readonly problem: Problem) {
    super(`${status} ${problem.code}: ${problem.detail}`);
    this.code = problem.code;
  }
}

export interface Options {
  url: string;
  key: string;
  /** Of one try. */
  timeoutMs?: number;
  /** Tries of one call, where the network or the daemon fails for a moment. */
  tries?: number;
}

// No answer that says no for good: the request was late, is still running, or nothing could take it for a moment.
const triesAgain = (status: number) => [408, 409, 500, 502, 503, 504].includes(status);
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

export class XionClient {
  constructor(private readonly options: Options) {}

  send(body: SendRequest): Promise<Answer<"sendOtp", 202>> {
    return this.call("POST", "/v1/otp/send", body);
  }
  /** Resolves only for the right code; everything else is thrown. */
  verify(body: VerifyRequest): Promise<Answer<"verifyOtp", 200>> {
    return this.call("POST", "/v1/otp/verify", body);
  }
  read(requestId: string): Promise<Answer<"readOtp", 200>> {
    return this.call("GET", `/v1/otp/${encodeURIComponent(requestId)}`);
  }
  cancel(requestId: string): Promise<Answer<"cancelOtp", 200>> {
    return this.call("POST", `/v1/otp/${encodeURIComponent(requestId)}/cancel`);
  }
  list(query: Query<"listOtps"> = {}): Promise<Answer<"listOtps", 200>> {
    const text = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
    return this.call("GET", `/v1/otp?${text}`);
  }

  private async call<Body>(method: "GET" | "POST", path: string, body?: unknown): Promise<Body> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.options.key}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    // One key for all tries: where only the answer was lost, the next try gets it, and nothing is sent twice.
    if (method === "POST") headers["Idempotency-Key"] = randomUUID();
    for (let left = this.options.tries ?? 3; ; ) {
      --left;
      let response: Response;
      try {
        response = await fetch(this.options.url + path, {
          method, headers, signal: AbortSignal.timeout(this.options.timeoutMs ?? 10_000),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
      } catch (error) {
        if (left <= 0) throw error;
        await sleep(500);
        continue;
      }
      if (response.ok) return (await response.json()) as Body;
      // What stands between us and the daemon may answer in another form.
      const problem = (await response.json().catch(() => ({ detail: response.statusText }))) as Problem;
      if (left <= 0 || !triesAgain(response.status)) throw new XionError(response.status, problem);
      await sleep(1000 * Math.min(30, Number(response.headers.get("retry-after") ?? 1)));
    }
  }
}

export interface WebhookEvent {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** The event, where it is from XionID; else it throws. `headers` by lower-case names, `body` as it came, before any parsing. */
export function verifyWebhook(
  secret: string, headers: Record<string, string | string[] | undefined>, body: Buffer, toleranceSeconds = 300,
): WebhookEvent {
  const header = (name: string) => String(headers[name] ?? "");
  const timestamp = header("webhook-timestamp");
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > toleranceSeconds) throw new Error("The webhook is too old");
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${header("webhook-id")}.${timestamp}.`).update(body).digest();
  // There are several while a secret is being changed.
  const isSigned = header("webhook-signature").split(" ").some((one) => {
    const signature = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  });
  if (!isSigned) throw new Error("The webhook is not signed by XionID");
  return JSON.parse(body.toString()) as WebhookEvent;
}
