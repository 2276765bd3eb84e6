// What the API's names mean, for people.
import { Offline } from "./api.js";
import { seconds } from "./format.js";
import { local, t } from "./i18n.js";

const capital = (text) => text && text[0].toUpperCase() + text.slice(1);
export const statusName = (name) => ({ pending: t("Pending"), verified: t("Verified"), expired: t("Expired"), locked: t("Locked"), canceled: t("Canceled"), blocked: t("Blocked"), failed: t("Failed") })[name] ?? name;
export const statusKind = { pending: "info", verified: "good", expired: "", locked: "warn", canceled: "", blocked: "warn", failed: "bad" };
export const deliveryName = (name) => ({ queued: t("Queued"), submitted: t("Submitted"), delivered: t("Delivered"), undelivered: t("Undelivered"), expired: t("Not delivered in time"), rejected: t("Rejected"), unknown: t("Unknown") })[name] ?? name;
export const deliveryKind = { queued: "info", submitted: "info", delivered: "good", undelivered: "bad", expired: "bad", rejected: "bad", unknown: "" };

export const roleName = (role) => ({ viewer: t("Viewer"), owner: t("Owner"), operator: t("Operator") })[role] ?? "";

/** Why a send was blocked, or a request failed: codes of the error catalogue. */
const reasons = () => ({
  rate_limited: t("Too many messages"), cooldown_active: t("Resent too soon"), country_not_allowed: t("Country not allowed"),
  number_type_not_allowed: t("Type of number not allowed"), phone_blocked: t("Blocked number"), fraud_suspected: t("Suspected fraud"),
  plan_limit_reached: t("Plan used up"), spend_cap_reached: t("Spend cap reached"), phone_locked: t("Locked phone"), no_route_available: t("No route"), invalid_phone: t("Not a phone number"),
  invalid_number: t("No such number"), too_many_segments: t("Text too long"), template_error: t("Template error"), queue_expired: t("Waited too long for a carrier"),
});
/** Limits, rules of the pumping guard, and what a list names. */
const rules = () => ({
  cooldown: t("wait between messages"),
  country_daily: t("daily budget of the country"), country_hourly: t("hourly budget of the country"), prefix_daily: t("daily budget of the prefix"),
  prefix_hourly: t("hourly budget of the prefix"), user_ip_daily: t("daily budget of the address"), user_ip_hourly: t("hourly budget of the address"),
  user_ip_countries: t("countries of the address"),
  sends_per_phone: t("messages to the phone"), sends_per_phone_overall: t("messages to the phone from all apps"),
  sends_per_user_ip: t("messages from the address"), phones_per_user_ip: t("phones of the address"),
  sends_per_user_net: t("messages from the network"), phones_per_user_net: t("phones of the network"),
  sends_per_user_id: t("messages for the user"), phones_per_user_id: t("phones of the user"), requests: t("requests a second of the plan"),
  phone: t("the number itself"), prefix: t("its prefix"), country: t("its country"), everything: t("everything"),
});
/** "cooldown_active", or "rate_limited: sends_per_phone", or "fraud_suspected: country_daily country_hourly". */
export function reasonName(text) {
  const [code, more] = text.split(":");
  const name = reasons()[code] ?? code.replaceAll("_", " ");
  const list = (more ?? "").trim();
  return list ? `${name}: ${list.split(" ").map((rule) => rules()[rule] ?? rule.replaceAll("_", " ")).join(", ")}` : name;
}

export const eventName = (type) => ({
  created: t("Created"), queued: t("Queued"), resent: t("Resent"), submitting: t("Sent to the carrier"), failed_over: t("Failed over to another carrier"),
  superseded: t("Replaced by a newer code"), submitted: t("Accepted by the carrier"), refused: t("Refused by the carrier"),
  throttled: t("The carrier has too much to do"), waited: t("No carrier took it in time"), outcome_unknown: t("The carrier did not answer"),
  receipt: t("Delivery report"), attempt: t("Wrong code"), converted: t("Verified another way"), blocked: t("Blocked"), flagged: t("Flagged by a rule"),
})[type] ?? statusName(type);

/** A limit by its name in the configuration. */
export const limitName = (policy) => ({
  locks_per_phone: t("Locked requests"), guesses_in_a_row: t("Wrong codes in a row"),
})[policy] ?? capital(rules()[policy] ?? policy.replaceAll("_", " "));
/** What a carrier's error means; the daemon says it in English. */
export const meaning = (text) => capital(local.meanings?.[text] ?? text ?? "");

/** What is to be said of a template's text, which the daemon says in English: holes `{}` are filled as it filled them. */
export function findingText(text) {
  for (const [english, said] of Object.entries(local.findings ?? {})) {
    const whole = new RegExp(`^${english.split("{}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("(.*)")}$`, "s");
    const values = whole.exec(text)?.slice(1);
    if (values) return said.replaceAll("{}", () => values.shift());
  }
  return capital(text);
}

/** An error in words with its code; the code alone where nobody has words for it. */
export const errorText = (words, code) => (words && code && words !== code ? `${meaning(words)} (${code})` : meaning(words) || code || "");

/** Codes whose sentence says too little without what the daemon said of this very case. */
const needsDetail = new Set(["refused", "invalid_field", "unknown_field", "missing_field", "template_error"]);
/** Why something failed, as a sentence: by its code in the language of the page, else as the daemon said it. */
export function problemText(failure) {
  if (failure instanceof Offline) return t("No connection to the daemon");
  const said = [failure.message, failure.hint].filter(Boolean).join(" – ");
  const [, reason, wait] = /^the send was refused: (\w+)(?:, for (\d+) s still)?/.exec(failure.message) ?? [];
  if (reason) return [reasonName(reason), wait && t("possible again in {time}", { time: seconds(Number(wait)) })].filter(Boolean).join(" · ");
  const known = local.problems?.[failure.code];
  return !known ? said : needsDetail.has(failure.code) ? `${known} ${said}` : known;
}
