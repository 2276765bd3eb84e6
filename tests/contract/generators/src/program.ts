// What a backend does with a generated client: switches on `code`, and gets the members that it expects.
import type { Problem, SendOtpData, SendOtpResponses, VerifyOtpResponse } from "../made/hey/types.gen.js";
import type { components, operations } from "../made/openapi-typescript.js";
import type { Problem as OrvalProblem, sendOtp } from "../made/orval.js";

export function told(problem: Problem): string {
  switch (problem.code) {
    case "invalid_code": return `${problem.attemptsRemaining} left`;
    // What a code brings for certain is no "perhaps" there.
    case "cooldown_active": return `in ${problem.retryAfterSeconds * 1000} ms`;
    case "plan_limit_reached": return `${problem.included - problem.used} left until ${problem.resetsAt.slice(0, 10)}`;
    case "spend_cap_reached": return `${problem.spent} of ${problem.cap} ${problem.currency} this ${problem.period}`;
    case "live_request_differs": return problem.fields.join(", ");
    default: return problem.title;
  }
}
export function toldByOrval(problem: OrvalProblem): string {
  switch (problem.code) {
    case "cooldown_active": return `in ${problem.retryAfterSeconds * 1000} ms`;
    case "live_request_differs": return problem.fields.join(", ");
    default: return problem.title;
  }
}
type OrvalAnswer = Awaited<ReturnType<typeof sendOtp>>;
export const requestOfOrval = (answer: OrvalAnswer): string => (answer.status === 202 ? answer.data.requestId : "");

export const send: SendOtpData["body"] = { phone: "+37499123056", purpose: "login" };
export const requestOf = (sent: SendOtpResponses[202]): string => sent.requestId;
export const momentOf = (verified: VerifyOtpResponse): "verified" => verified.status;

type Sent = operations["sendOtp"]["responses"][202]["content"]["application/json"];
export const statusOf = (sent: Sent): "pending" => sent.status;
export const isLocked = (code: components["schemas"]["ErrorCode"]) => code === "code_locked" || code === "phone_locked";

// What a key with admin:* gets has its members, too.
type Answer<Of extends keyof operations> = operations[Of]["responses"] extends { 200: { content: { "application/json": infer Body } } } ? Body : never;
export const isWell = (shown: Answer<"showWebhook">) => shown.result.health === "good" && shown.result.waiting < 10;
export const secretOf = (made: Answer<"addWebhook">): string => made.result.secret;
export const failed = (all: Answer<"listDeliveries">) => all.result.filter((one) => one.state === "failed").map((one) => one.payload.type);
export const partsOf = (all: Answer<"previewTemplate">): number[] => all.result.map((one) => one.segments);
export const errorsIn = (text: Answer<"lintText">) => text.result.findings.filter((one) => one.severity === "error");

// @ts-expect-error no such code
export const wrong: Problem["code"] = "no_such_code";
