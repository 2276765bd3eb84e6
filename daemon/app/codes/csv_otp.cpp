#include "app/codes/csv_otp.h"

#include <fmt/format.h>

#include <cstring>

#include "base/csv.h"
#include "core/otp/charges.h"
#include "core/otp/otp_rules.h"
#include "core/otp/world.h"
#include "core/phone.h"

namespace xion {
namespace {

/// What a column may look at.
struct CsvRow {
  const Otp& otp;
  const Secret& phone;
  const Describing& describing;
  const Submission* submission;  ///< The one that delivery is told by; null: none.
  const Message* message;
};

std::string when(const std::optional<WallTime>& at) { return at ? rfc3339(*at) : std::string(); }

std::string metadata_json(const Otp& otp) {
  if (otp.metadata.empty()) return {};
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : otp.metadata) json.field(name, value);
  return std::move(json.end_object()).str();
}

struct Column {
  std::string_view name;
  std::string (*text)(const CsvRow&);
};
constexpr Column columns[] = {
    {"requestId", [](const CsvRow& r) { return to_string(r.otp.id); }},
    {"status", [](const CsvRow& r) { return std::string(to_string(r.otp.status)); }},
    {"reason", [](const CsvRow& r) { return r.otp.reason; }},
    {"app", [](const CsvRow& r) { return std::string(r.describing.app_name); }},
    {"phone",
     [](const CsvRow& r) {
       return r.describing.shows_phone ? std::string(r.phone.reveal())
                                       : mask_phone(r.phone.reveal(), r.otp.calling_prefix);
     }},
    {"country", [](const CsvRow& r) { return r.otp.country; }},
    {"channel", [](const CsvRow&) { return std::string("sms"); }},
    {"purpose", [](const CsvRow& r) { return std::string(shown_purpose(r.otp.purpose)); }},
    {"createdAt", [](const CsvRow& r) { return rfc3339(r.otp.created_at); }},
    {"expiresAt", [](const CsvRow& r) { return rfc3339(r.otp.expires_at); }},
    {"endedAt",
     [](const CsvRow& r) { return r.otp.status == OtpStatus::pending ? std::string() : when(r.otp.ended_at); }},
    {"convertedAt", [](const CsvRow& r) { return when(r.otp.converted_at); }},
    {"sends", [](const CsvRow& r) { return fmt::to_string(r.otp.sends()); }},
    {"attemptsRemaining", [](const CsvRow& r) { return fmt::to_string(r.otp.attempts_remaining()); }},
    {"delivery", [](const CsvRow& r) { return std::string(delivery_status(r.otp)); }},
    {"route", [](const CsvRow& r) { return shown_route(r.otp, r.phone, r.describing); }},
    {"carrier", [](const CsvRow& r) { return r.submission ? r.submission->carrier : std::string(); }},
    {"segments",
     [](const CsvRow& r) { return r.submission ? fmt::to_string(r.submission->segments_expected) : std::string(); }},
    {"submittedAt", [](const CsvRow& r) { return r.submission ? rfc3339(r.submission->at) : std::string(); }},
    {"receiptAt", [](const CsvRow& r) { return r.submission ? when(r.submission->receipt_at) : std::string(); }},
    {"latencyMs",
     [](const CsvRow& r) {
       const bool is_delivered = r.message && r.message->state == MessageState::delivered && r.submission->receipt_at;
       return is_delivered ? fmt::to_string((*r.submission->receipt_at - r.message->queued_at).count()) : std::string();
     }},
    {"error", [](const CsvRow& r) { return r.submission ? delivery_error(*r.submission) : std::string(); }},
    {"price", [](const CsvRow& r) { return r.otp.currency.empty() ? std::string() : shown_money(price_of(r.otp)); }},
    {"currency", [](const CsvRow& r) { return r.otp.currency; }},
    {"userId", [](const CsvRow& r) { return r.otp.user_id; }},
    {"reference", [](const CsvRow& r) { return r.otp.reference; }},
    {"metadata", [](const CsvRow& r) { return metadata_json(r.otp); }},
    {"test", [](const CsvRow& r) { return std::string(r.otp.test ? "true" : "false"); }},
};

}  // namespace

void csv_otp_names(std::string& csv) {
  CsvLine line(csv);
  for (const Column& column : columns) line.add(column.name);
}

void csv_otp(std::string& csv, const OtpView& view, const Describing& describing) {
  Otp otp = view.otp;
  otp_rules::expire(otp, describing.now);
  const Message* message = told_message(otp);
  const CsvRow row{otp, view.phone, describing, message ? &message->submissions.back() : nullptr, message};
  CsvLine line(csv);
  for (const Column& column : columns) line.add(column.text(row));
}

}  // namespace xion
