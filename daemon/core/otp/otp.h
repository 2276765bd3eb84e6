#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "core/ids.h"
#include "core/money.h"
#include "core/otp/kept_fields.h"

namespace xion {

/// The state of a request, as `status` in the HTTP API. Terminal once it has left `pending`.
enum class OtpStatus : std::uint8_t { pending, verified, expired, locked, canceled, blocked, failed };

/// The state of one SMS. `queued` and `submitting` have not been accepted by any carrier; from `submitted` on the
/// outcome is the carrier's to tell. `superseded`: not sent, since a newer send, a verification, a cancel or a lock
/// made it pointless.
enum class MessageState : std::uint8_t {
  queued,
  submitting,
  submitted,
  delivered,
  undelivered,
  expired,
  rejected,
  unknown,
  superseded
};

/// One part of a long text as the carrier knows it.
struct Segment {
  std::string smsc_message_id;  ///< Opaque, at most 65 octets. Source: SMPP 3.4 §5.2.23.
  MessageState state = MessageState::submitted;
};

/// Which receipts a carrier sends for a text of several parts.
enum class ReceiptsForLong : std::uint8_t {
  each,  ///< One for every part.
  any,   ///< One for the whole text, under the id of any part.
  last,  ///< One for the whole text, under the last part's id.
};

/// A receipt that a later one overruled: carriers give up on a message, then bring it after all.
struct OverruledReceipt {
  WallTime at{};
  MessageState state = MessageState::undelivered;
  std::string error;
  bool operator==(const OverruledReceipt&) const = default;
};

/// One try to send a message by one carrier.
struct Submission {
  std::string carrier;                            ///< Name of the carrier block.
  MessageState state = MessageState::submitting;  ///< rejected: the carrier refused it; unknown: no answer came.
  WallTime at{};                                  ///< When it was handed to the link.
  std::optional<WallTime> answered_at;            ///< submit_sm_resp, or when it was known that none will come.
  std::uint32_t command_status = 0;               ///< Of the submit_sm_resp.
  std::vector<Segment> segments;                  ///< Filled by the responses.
  std::uint8_t segments_expected = 1;
  Micros part_price = 0;               ///< Of each part that the carrier accepts, as it was when this was handed over.
  std::optional<WallTime> receipt_at;  ///< When the last final receipt was stored.
  std::string receipt_error;           ///< `err` of the receipt, as the carrier wrote it.
  std::optional<OverruledReceipt> overruled;
  bool possible_duplicate = false;  ///< Sent while an earlier submission's outcome was unknown.
};

/// One send of one code: a request has one, and one more for each resend.
struct Message {
  MessageState state = MessageState::queued;
  std::uint8_t generation = 0;  ///< Which code it carries; `rotate` makes a new one.
  WallTime queued_at{};
  std::optional<WallTime> ended_at;
  std::vector<Submission> submissions;
  Micros held = 0;          ///< What it may cost at most; 0: its app has no cap.
  bool is_overage = false;  ///< Beyond the messages that the plan included when it was made.
  /// Asked for from another address than `Otp::user_ip`, which is the newest that a send named: `user_ip`, or nowhere.
  bool has_own_address = false;
  std::optional<Fingerprint> user_ip;
};

/// One verification attempt that failed. (The one that succeeded is `Otp::ended_at` of a verified request.)
struct FailedAttempt {
  WallTime at{};
};

/// A rule that had something to say about a send: it refused it, or only noted it.
struct PolicyEvent {
  WallTime at{};
  bool is_refusal = false;
  std::uint8_t guard_rules =
      0;               ///< Of the pumping guard: which budgets were used up, as `guard_rule_bit`; 0: another rule.
  std::string reason;  ///< Of another rule: a code of the error catalogue, and after a colon more: "rate_limited:
                       ///< sends_per_phone".
};
/// What people are told: the reason, or "fraud_suspected: country_hourly prefix_hourly".
std::string describe(const PolicyEvent& event);
/// So many are kept of one request; later ones are neither kept nor counted.
inline constexpr std::size_t policy_events_max = 200;

/// One OTP request with all that happened to it: the unit that is stored, and that every rule decides on.
/// The code itself is nowhere in it: it is derived from `salt`, `id` and `generation` where a PDU is built, unless the
/// caller brought it (`own_code_sealed`).
struct Otp : KeptFields {
  OtpId id;
  AppId app = 0;
  bool test = false;           ///< Made with a test key: touches no carrier, quota or limit.
  Fingerprint phone{};         ///< Keyed hash of the E.164 number.
  std::string phone_sealed;    ///< The number, AES-256-GCM under the id.
  std::string country;         ///< ISO 3166 alpha-2, empty for non-geographic numbers.
  std::string calling_prefix;  ///< First digits of the number (country code), for masks and routing statistics.
  std::string purpose = "default";
  std::string own_code_sealed;  ///< A code that the caller brought; empty: ours. Gone when the request has ended.
  std::string route_taken;  ///< Name of the route that it was sent by at first, as `delivery.route`; empty: not known.
  std::optional<Fingerprint> user_ip;  ///< Keyed hash; the newest that a send named.
  std::uint32_t number_block =
      0;  ///< First octets of the keyed hash of the number less its last four digits; 0: not known.

  std::array<std::uint8_t, 16> salt{};
  std::uint8_t generation = 0;
  Digest code_hash{};  ///< HMAC(hash key, salt ‖ id ‖ code ‖ bind) of the current generation.
  std::uint8_t code_length = 6;

  WallTime created_at{};
  WallTime expires_at{};  ///< Hard: no resend moves it.
  OtpStatus status = OtpStatus::pending;
  std::string reason;                ///< Of blocked and failed, a code of the error catalogue; of pending, empty.
  std::optional<WallTime> ended_at;  ///< When `status` left pending: verified_at, expired_at, …
  std::uint8_t attempts_allowed = 5;
  std::vector<FailedAttempt> failed_attempts;
  std::vector<Message> messages;
  std::vector<PolicyEvent> policy_events;  ///< Oldest first.
  std::optional<WallTime> converted_at;    ///< When the customer told that the user was verified another way.
  std::string currency;                    ///< Of its prices; empty: nothing of it has a price.

  std::uint32_t sends() const { return static_cast<std::uint32_t>(messages.size()); }
  std::uint32_t attempts_remaining() const {
    return static_cast<std::uint32_t>(attempts_allowed - failed_attempts.size());
  }
};

/// Whether it tells something and has no code: nothing about it is verified, or counted as a request.
bool is_notice(const Otp& otp);
inline constexpr std::string_view notice_purpose = "notice:";
/// The end user's address that a message was asked for from, for which it counts; nothing: its send named none.
const std::optional<Fingerprint>& address_of(const Otp& otp, const Message& message);
/// How long the code was given to live; a rotation may have given it a life of its own.
Seconds life_of(const Otp& otp);
/// `delivery.status` of the HTTP API: the newest message's state in the catalogue's words.
std::string_view delivery_status(const Otp& otp);
/// What went wrong with a submission: the receipt's `err`, or the name of the status that it was refused with. Empty
/// where nothing did, or nothing was told: carriers fill `err` with zeros.
std::string delivery_error(const Submission& submission);
std::string_view to_string(OtpStatus status);
std::string_view to_string(MessageState state);
/// No carrier will change it any more, and nothing more is to be sent.
bool is_final(MessageState state);

}  // namespace xion
