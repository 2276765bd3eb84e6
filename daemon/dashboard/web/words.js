// What the API's names mean, for people.
import { t } from "./i18n.js";

export const statusName = (name) => ({ pending: t("Pending"), verified: t("Verified"), expired: t("Expired"), locked: t("Locked"), canceled: t("Canceled"), blocked: t("Blocked"), failed: t("Failed") })[name] ?? name;
export const statusKind = { pending: "info", verified: "good", expired: "", locked: "warn", canceled: "", blocked: "warn", failed: "bad" };
export const deliveryName = (name) => ({ queued: t("Queued"), submitted: t("Submitted"), delivered: t("Delivered"), undelivered: t("Undelivered"), expired: t("Not delivered in time"), rejected: t("Rejected"), unknown: t("Unknown") })[name] ?? name;
export const deliveryKind = { queued: "info", submitted: "info", delivered: "good", undelivered: "bad", expired: "bad", rejected: "bad", unknown: "" };

/** Why a send was blocked, or a request failed: codes of the error catalogue. */
export const reasonName = (code) => ({
  rate_limited: t("Too many messages"), cooldown_active: t("Sent again too soon"), country_not_allowed: t("Country not allowed"),
  number_type_not_allowed: t("Type of number not allowed"), phone_blocked: t("Number is blocked"), fraud_suspected: t("Suspected fraud"),
  plan_limit_reached: t("Plan is used up"), phone_locked: t("Phone is locked"), no_route_available: t("No route"), invalid_phone: t("Not a phone number"),
  too_many_segments: t("Text too long"), template_error: t("Template error"), queue_expired: t("Waited too long for a carrier"),
})[code] ?? code.replaceAll("_", " ");

export const eventName = (type) => ({
  created: t("Created"), queued: t("Queued"), resent: t("Sent again"), submitting: t("On its way to the carrier"), failed_over: t("Moved to another carrier"),
  superseded: t("Replaced by a newer code"), submitted: t("Accepted by the carrier"), refused: t("Refused by the carrier"), outcome_unknown: t("The carrier did not answer"),
  receipt: t("Delivery report"), attempt: t("A wrong code"), converted: t("Verified another way"), blocked: t("Blocked"), flagged: t("Noted by a rule"),
})[type] ?? statusName(type);
