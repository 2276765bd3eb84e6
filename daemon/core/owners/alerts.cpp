#include "core/owners/alerts.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "base/octets.h"
#include "core/record_formats.h"

namespace xion {
namespace {

/// Whether something is wrong now, and what to say of it.
struct Finding {
  AlertKind kind;
  std::string subject;
  bool is_wrong = false;
  Seconds for_long{0};  ///< It has to be wrong for so long before anybody is told.
  double before = 0;
  std::string data;
};

double rounded(double rate) { return std::round(rate * 10'000) / 10'000; }

/// Two shares are held against each other as two samples of one. Source: the two-proportion z-test with a pooled share.
bool is_beyond_chance(const RateReading& now, const RateReading& before) {
  const double pooled = static_cast<double>(now.good + before.good) / static_cast<double>(now.all + before.all);
  const double deviation =
      std::sqrt(pooled * (1 - pooled) * (1 / static_cast<double>(now.all) + 1 / static_cast<double>(before.all)));
  return deviation > 0 && (before.rate() - now.rate()) / deviation >= alert_rate_deviations;
}

const Alert* find_alert(const std::vector<Alert>& open, AlertKind kind, std::string_view subject) {
  const auto found =
      std::ranges::find_if(open, [&](const Alert& one) { return one.kind == kind && one.subject == subject; });
  return found == open.end() ? nullptr : &*found;
}

/// A rate that is down is held against what it was, since the week before would become as bad as it is.
Finding rate_finding(AlertKind kind, const RateReading& now, const RateReading& before, const Alert* open) {
  Finding finding{.kind = kind, .subject = {}, .before = open != nullptr ? open->before : before.rate(), .data = {}};
  if (open != nullptr) {
    finding.is_wrong = now.all >= alert_rate_of_too_few && now.rate() < open->before - alert_rate_back;
  } else {
    finding.is_wrong = now.all >= alert_rate_of_at_least && before.all >= alert_rate_of_at_least &&
                       before.rate() - now.rate() >= alert_rate_drop && is_beyond_chance(now, before);
  }
  JsonWriter json;
  json.begin_object().field("rate", rounded(now.rate())).field("rateBefore", rounded(finding.before));
  json.field(kind == AlertKind::delivery_rate ? "messages" : "requests", now.all).end_object();
  finding.data = std::move(json).str();
  return finding;
}

Finding plan_finding(const AlertReadings& readings) {
  Finding finding{.kind = AlertKind::plan_usage, .subject = {}, .data = {}};
  finding.is_wrong = readings.included > 0 && readings.used * 100 >= readings.included * alert_share_percent;
  JsonWriter json;
  json.begin_object().field("used", readings.used).field("included", readings.included).end_object();
  finding.data = std::move(json).str();
  return finding;
}

Finding spend_finding(const SpendReading& spend, std::string_view currency) {
  Finding finding{.kind = AlertKind::spend, .subject = spend.period, .data = {}};
  finding.is_wrong = spend.cap > 0 && spend.spent * 100 >= spend.cap * alert_share_percent;
  JsonWriter json;
  json.begin_object().field("period", spend.period).field("spent", shown_money(spend.spent));
  json.field("cap", shown_money(spend.cap)).field("currency", currency).end_object();
  finding.data = std::move(json).str();
  return finding;
}

Finding webhook_finding(const WebhookReading& webhook) {
  Finding finding{.kind = AlertKind::webhook_failing,
                  .subject = webhook.id,
                  .is_wrong = webhook.is_failing,
                  .for_long = alert_webhook_after,
                  .data = {}};
  JsonWriter json;
  json.begin_object().field("webhook", webhook.id).field("url", webhook.url);
  if (webhook.http_status != 0) json.field("httpStatus", std::int64_t{webhook.http_status});
  if (!webhook.error.empty()) json.field("error", webhook.error);
  json.end_object();
  finding.data = std::move(json).str();
  return finding;
}

std::vector<Finding> findings_of(const AlertReadings& readings, const std::vector<Alert>& open) {
  const auto rate = [&](AlertKind kind, const RateReading& now, const RateReading& before) {
    return rate_finding(kind, now, before, find_alert(open, kind, {}));
  };
  std::vector<Finding> all{rate(AlertKind::delivery_rate, readings.delivery, readings.delivery_before),
                           rate(AlertKind::verification_rate, readings.verification, readings.verification_before),
                           plan_finding(readings)};
  for (const SpendReading& spend : readings.spends) all.push_back(spend_finding(spend, readings.currency));
  for (const WebhookReading& webhook : readings.webhooks) all.push_back(webhook_finding(webhook));
  // Of what is not there any more, such as a webhook that was removed, nothing is wrong.
  for (const Alert& alert : open) {
    const bool is_known = std::ranges::any_of(
        all, [&](const Finding& one) { return one.kind == alert.kind && one.subject == alert.subject; });
    if (!is_known) all.push_back({.kind = alert.kind, .subject = alert.subject, .data = alert.data});
  }
  return all;
}

/// What everybody is told: which alert, of which app, since when, and the members of its kind.
std::string told(const AlertReadings& readings, const Alert& alert, std::string_view members) {
  JsonWriter json;
  json.begin_object().field("app", readings.app).field("alert", to_string(alert.kind));
  json.field("since", rfc3339(alert.since)).end_object();
  std::string text = std::move(json).str();
  if (members.size() <= 2) return text;
  text.back() = ',';
  return text.append(members.substr(1));
}

}  // namespace

std::string_view to_string(AlertKind kind) {
  switch (kind) {
    case AlertKind::delivery_rate: return "delivery_rate";
    case AlertKind::verification_rate: return "verification_rate";
    case AlertKind::plan_usage: return "plan_usage";
    case AlertKind::spend: return "spend";
    case AlertKind::webhook_failing: return "webhook_failing";
  }
  return "";
}

AlertDecision decide_alerts(const AlertReadings& readings, const std::vector<Alert>& open, WallTime now) {
  AlertDecision decision;
  for (const Finding& finding : findings_of(readings, open)) {
    const Alert* known = find_alert(open, finding.kind, finding.subject);
    if (known == nullptr && !finding.is_wrong) continue;
    Alert alert = known != nullptr ? *known : Alert{finding.kind, finding.subject, now, false, finding.before, {}};
    if (!finding.is_wrong) {
      if (!alert.is_told) continue;
      alert.data = told(readings, alert, finding.data);
      decision.news.push_back({"alert.resolved", std::move(alert)});
      continue;
    }
    if (!alert.is_told && now - alert.since >= finding.for_long) {
      alert.is_told = true;
      alert.data = told(readings, alert, finding.data);
      decision.news.push_back({"alert.raised", alert});
    }
    decision.open.push_back(std::move(alert));
  }
  return decision;
}

std::string to_record(const std::vector<Alert>& open) {
  std::string record;
  OctetWriter out(record);
  out.u8(alerts_format.writes());
  out.varint(open.size());
  for (const Alert& alert : open) {
    out.u8(static_cast<std::uint8_t>(alert.kind));
    out.text(alert.subject);
    out.signed_varint(unix_millis(alert.since));
    out.u8(alert.is_told ? 1 : 0);
    out.varint(static_cast<std::uint64_t>(std::llround(std::clamp(alert.before, 0.0, 1.0) * 10'000)));
    out.text(alert.data);
  }
  return record;
}

std::optional<std::vector<Alert>> alerts_from_record(std::string_view record) {
  OctetReader in(record);
  if (!alerts_format.can_read(in.u8())) return std::nullopt;
  std::vector<Alert> open;
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
    Alert alert;
    const std::uint8_t kind = in.u8();
    if (kind > static_cast<std::uint8_t>(AlertKind::webhook_failing)) return std::nullopt;
    alert.kind = static_cast<AlertKind>(kind);
    alert.subject = in.text();
    alert.since = wall_time(in.signed_varint());
    alert.is_told = in.u8() != 0;
    alert.before = static_cast<double>(in.varint()) / 10'000;
    alert.data = in.text();
    open.push_back(std::move(alert));
  }
  if (in.failed() || !in.at_end()) return std::nullopt;
  return open;
}

}  // namespace xion
