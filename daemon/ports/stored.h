#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/month.h"
#include "core/otp/delivery_rules.h"
#include "core/otp/otp.h"
#include "core/otp/otp_sums.h"
#include "core/otp/retention.h"
#include "core/otp/why_unmatched.h"
#include "core/owners/audit_event.h"
#include "core/owners/webhook.h"
#include "core/row_id.h"

/// What is stored beside what the rules have types for: keys by which it is looked up, rows, sums, what is asked for.
namespace xion {

using otp_rules::SubmissionRef;

/// One live request at most for each.
struct LiveKey {
  AppId app = 0;
  Fingerprint phone{};
  std::string purpose;
  bool operator==(const LiveKey&) const = default;
};

/// As which purpose a refused send is the latest of its phone: no purpose of the API begins so. `reason` is why.
inline std::string purpose_of_refusals(std::string_view reason) { return std::string("\x02").append(reason); }

/// What recent events are counted for: sends and locks follow from requests; failed verifies, resets, sends of an end
/// user's network, and those of a userId or a limit key of the app's own are noted by hand. The numbers are on disk:
/// append only.
enum class HistoryKind : std::uint8_t {
  sends_of_phone,
  sends_of_user_ip,
  failed_verifies_of_user_ip,
  locks_of_phone,
  resets,
  sends_of_phone_overall,  ///< By whichever app: of app 0.
  sends_of_user_net,       ///< Of an IPv6 /48.
  sends_of_end_user        ///< Of a userId, or a limit key of the app's own.
};
struct HistoryKey {
  HistoryKind kind;
  AppId app = 0;
  Fingerprint subject{};
  bool operator==(const HistoryKey&) const = default;
};
struct HistoryEntry {
  WallTime at{};
  std::uint32_t tag = 0;  ///< Tells phones of one address apart: their first 4 octets.
};

/// A message that waits for a carrier.
struct OutboxEntry {
  OtpId otp;
  std::uint8_t message = 0;
  WallTime expires_at{};
  NodeId node = only_node;  ///< Who has to send it.
};

/// What waits belongs to one node: that which made it, until it is handed over.
enum class Whose : std::uint8_t { this_node, every_node };

/// What another node left that writes nothing any more: this node's from now on.
struct Inherited {
  std::vector<OutboxEntry> queued;       ///< Messages.
  std::vector<SubmissionRef> unsettled;  ///< Messages in `submitting` or `unknown`.
  std::size_t deliveries = 0;            ///< That wait to be tried.
  std::size_t size() const { return queued.size() + unsettled.size() + deliveries; }
};

/// A number that a receipt names: as it is written, and its last digits, which stay the same however it is spelt.
struct NamedPhone {
  Fingerprint whole{};
  Fingerprint tail{};
  bool operator==(const NamedPhone&) const = default;
};

/// A receipt that came before the response that names its message, or that names none we know.
struct StoredReceipt {
  std::uint64_t row = 0;  ///< What it is called while it is kept; 0: not kept.
  std::string carrier;
  std::string smsc_message_id;
  std::string other_id{};  ///< Of the text, where the TLV has another.
  MessageState state = MessageState::unknown;
  std::string error;
  WallTime received_at{};
  std::vector<NamedPhone> phones{};  ///< The numbers in its two addresses.
  WhyUnmatched why = WhyUnmatched::id_unknown;
  std::string state_word{};             ///< Where the state is unknown.
  std::string shown_phone{};            ///< Masked, of its source.
  std::optional<OtpId> candidate{};     ///< phone_disagrees: the newest request that has the id …
  std::string shown_candidate_phone{};  ///< … and its phone, masked.
};
/// So many of one carrier wait for their response; above them the next is unmatched at once.
inline constexpr std::size_t parked_of_carrier_max = 20'000;

/// What a day counts, per app. The order is the order on disk: append only.
enum class Counter : std::uint8_t {
  requests,
  sends,
  resends,
  blocked,
  verified,
  failed_attempts,
  expired,
  locked,
  canceled,
  delivered,
  undelivered,
  segments,
  count_
};
using Counters = std::array<std::uint64_t, static_cast<std::size_t>(Counter::count_)>;
/// Which requests are looked for; what is not given matches all.
struct OtpFilter {
  std::optional<AppId> app;
  std::optional<bool> is_test;
  std::optional<Fingerprint> phone;
  std::string reference;  ///< Of the app that is given.
  std::string name;       ///< One of `search_names`, of the app that is given.
  std::optional<OtpStatus> status;
  std::string delivery;  ///< As `delivery_status` says it.
  std::string country;
};
struct FoundOtps {
  std::vector<Otp> otps;      ///< Newest first.
  std::optional<OtpId> rest;  ///< More may match, all older than it; nothing: that was all.
};

/// An answer kept for its Idempotency-Key.
struct StoredAnswer {
  Digest body_hash{};
  std::uint16_t http_status = 0;
  std::string headers;  ///< `Name: value` lines, such as Location.
  std::string body;
};

/// An answer with the keyed hash of its Idempotency-Key.
struct KeptAnswer {
  Digest key{};
  StoredAnswer answer;
};

/// What is noted by hand.
struct Note {
  HistoryKey key{};
  HistoryEntry entry;
};

/// Things that come with time, each under a RowId.
enum class RowKind : std::uint8_t {
  parked,     ///< StoredReceipt that came before the response that names its message.
  unmatched,  ///< StoredReceipt that nothing matched.
  answer,     ///< KeptAnswer
  note,       ///< Note
  waiting,    ///< WebhookDelivery that is to be tried.
  over,       ///< WebhookDelivery that was made, or given up.
  audit       ///< AuditEvent
};
using Row = std::variant<StoredReceipt, KeptAnswer, Note, WebhookDelivery, AuditEvent>;

/// Things each under a name of its own: few of them, but for the wrong codes of phones.
enum class ThingKind : std::uint8_t {
  app,
  api_key,
  message_template,
  list_entry,
  webhook,
  webhook_health,
  dashboard_pass,
  mark,
  guesses
};

/// What waits for one webhook.
struct WaitingDeliveries {
  std::string webhook;
  AppId app = 0;
  std::size_t count = 0;
  WallTime next_at{};  ///< When the first of them is due.
};

/// What an app counts in a period, and what its requests of a day or an hour add up to under a name.
struct CountersRow {
  AppId app = 0;
  std::int32_t period = 0;  ///< As `CounterPeriod::key` has it.
  Counters counters{};
};
struct SumsRow {
  SumsPlace place;
  StatKind kind{};
  std::string name;
  StatSums sums;
};

/// Which deliveries of a webhook are looked for; what is not given matches all.
struct DeliveryFilter {
  std::optional<DeliveryState> state{};
  std::uint64_t before = 0;  ///< Older than this one; 0: the newest.
};

/// What goes by itself when its time is over.
enum class Aged : std::uint8_t { requests, answers, notes, deliveries, sums_of_hours, audit };

/// A month's volume of messages of an app.
struct Quota {
  std::uint64_t used = 0;
  bool has_room = true;  ///< For one more.
};

/// Which entries of the block and allow lists there can be at all: nearly every number is on none.
struct ListShape {
  bool has_any = false;
  std::uint32_t prefix_lengths = 0;  ///< Bit n: of so many characters, `+` included; bit 31: of more.
  bool may_have_prefix_of(std::size_t length) const { return length < 32 && (prefix_lengths >> length & 1) != 0; }
};

}  // namespace xion
