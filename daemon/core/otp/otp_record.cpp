// The octets of a request. Format 1: an octet with the format number, a varint whose bits say which optional fields are
// there, then the fields. Times are differences: of `created_at` from the moment in the id, of all others from
// `created_at`.
#include <algorithm>

#include "base/octets.h"
#include "core/otp/otp.h"
#include "core/otp/otp_record.h"
#include "core/record_formats.h"
#include "core/tlv_text.h"

namespace xion {
namespace {

/// 139 years: a difference above this is a corrupt record, and sums of sane ones can't overflow.
constexpr std::int64_t longest_difference_ms = std::int64_t{1} << 42;
constexpr std::string_view default_purpose = "default";

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Texts that are often empty, in the order of their bits. The order is the order on disk: append only.
constexpr std::string Otp::* optional_texts[] = {
    &Otp::country, &Otp::calling_prefix, &Otp::locale,    &Otp::text_template, &Otp::app_hash, &Otp::web_origin,
    &Otp::sender,  &Otp::route,          &Otp::reference, &Otp::user_id,       &Otp::reason,
};
constexpr Pairs Otp::* optional_pairs[] = {&Otp::variables, &Otp::metadata};
/// Bits above those of the tables.
enum Bit : unsigned {
  test_bit = 13,
  purpose_bit,
  user_ip_bit,
  ended_bit,
  pattern_bit,
  block_bit,
  policy_bit,
  taken_bit,
  converted_bit,
  overruled_bit,
  tlvs_bit,
  bind_bit,
  own_code_bit,
  callback_bit,
  prices_bit,
  addresses_bit
};
constexpr unsigned last_bit = addresses_bit;
static_assert(std::size(optional_texts) + std::size(optional_pairs) == test_bit);

/// A request has 255 messages at most, numbered from 0.
constexpr std::uint8_t no_message = 255;

/// From where a message was asked for: as its request, from nowhere that was named, or from an address that follows.
enum class AddressOf : std::uint8_t { request, nowhere, message };

enum PricesBit : std::uint8_t { overage_bit = 1 };
enum PolicyEventBit : std::uint8_t { refusal_bit = 1, guard_bit = 2 };
enum SubmissionBit : std::uint8_t { answered_bit = 1, receipt_bit = 2, duplicate_bit = 4, refused_bit = 8 };

// --- writing ------------------------------------------------------------------------------------------------------

class RecordWriter {
 public:
  RecordWriter(std::string& out, const Otp& otp) : out_(out), otp_(otp) {}

  void write() {
    out_.u8(otp_format.writes());
    const std::uint64_t bits = present();
    out_.varint(bits);
    out_.varint(otp_.app);
    out_.raw(as_text(otp_.phone));
    out_.text(otp_.phone_sealed);
    for (const auto field : optional_texts) {
      if (!(otp_.*field).empty()) out_.text(otp_.*field);
    }
    for (const auto field : optional_pairs) {
      if (!(otp_.*field).empty()) write(otp_.*field);
    }
    if (bits >> purpose_bit & 1) out_.text(otp_.purpose);
    if (otp_.user_ip) out_.raw(as_text(*otp_.user_ip));
    out_.raw(as_text(otp_.salt));
    out_.u8(otp_.generation);
    out_.raw(as_text(otp_.code_hash));
    out_.u8(otp_.code_length);
    out_.signed_varint((otp_.created_at - made_at(otp_.id)).count());
    write(otp_.expires_at);
    out_.u8(static_cast<std::uint8_t>(otp_.status));
    if (otp_.ended_at) write(*otp_.ended_at);
    out_.u8(otp_.attempts_allowed);
    out_.varint(otp_.failed_attempts.size());
    for (const auto& attempt : otp_.failed_attempts) write(attempt.at);
    out_.varint(otp_.messages.size());
    for (const auto& message : otp_.messages) write(message);
    if (!otp_.text_pattern.empty()) out_.text(otp_.text_pattern);
    if (otp_.number_block != 0) out_.varint(otp_.number_block);
    if (!otp_.policy_events.empty()) write(otp_.policy_events);
    if (!otp_.route_taken.empty()) out_.text(otp_.route_taken);
    if (otp_.converted_at) write(*otp_.converted_at);
    if (bits >> overruled_bit & 1) write_overruled();
    if (!otp_.text_tlvs.empty()) write_tlvs(out_, otp_.text_tlvs);
    if (!otp_.bind.empty()) write(otp_.bind);
    if (!otp_.own_code_sealed.empty()) out_.text(otp_.own_code_sealed);
    if (!otp_.callback_url.empty()) out_.text(otp_.callback_url);
    if (!otp_.currency.empty()) write_prices();
    if (bits >> addresses_bit & 1) write_addresses();
  }

 private:
  std::uint64_t present() const {
    std::uint64_t bits = 0;
    unsigned bit = 0;
    const auto note = [&](bool is_present) { bits |= std::uint64_t{is_present} << bit++; };
    for (const auto field : optional_texts) note(!(otp_.*field).empty());
    for (const auto field : optional_pairs) note(!(otp_.*field).empty());
    note(otp_.test);
    note(otp_.purpose != default_purpose);
    note(otp_.user_ip.has_value());
    note(otp_.ended_at.has_value());
    note(!otp_.text_pattern.empty());
    note(otp_.number_block != 0);
    note(!otp_.policy_events.empty());
    note(!otp_.route_taken.empty());
    note(otp_.converted_at.has_value());
    note(has_overruled());
    note(!otp_.text_tlvs.empty());
    note(!otp_.bind.empty());
    note(!otp_.own_code_sealed.empty());
    note(!otp_.callback_url.empty());
    note(!otp_.currency.empty());
    note(std::ranges::any_of(otp_.messages, &Message::has_own_address));
    return bits;
  }

  bool has_overruled() const {
    return std::ranges::any_of(otp_.messages, [](const Message& message) {
      return std::ranges::any_of(message.submissions,
                                 [](const Submission& submission) { return submission.overruled.has_value(); });
    });
  }

  /// Rare, so it stands behind everything else: the numbers of the message and of the submission, then the receipt; a
  /// message's number of 255, which none has, ends the list.
  void write_overruled() {
    for (std::size_t m = 0; m < otp_.messages.size(); ++m) {
      const auto& submissions = otp_.messages[m].submissions;
      for (std::size_t s = 0; s < submissions.size(); ++s) {
        if (!submissions[s].overruled) continue;
        out_.u8(static_cast<std::uint8_t>(m));
        out_.u8(static_cast<std::uint8_t>(s));
        write(submissions[s].overruled->at);
        out_.u8(static_cast<std::uint8_t>(submissions[s].overruled->state));
        out_.text(submissions[s].overruled->error);
      }
    }
    out_.u8(no_message);
  }

  /// Of every message, in their order: an installation without prices has none of it.
  void write_prices() {
    out_.text(otp_.currency);
    for (const Message& message : otp_.messages) {
      out_.u8(message.is_overage ? overage_bit : 0);
      out_.varint(static_cast<std::uint64_t>(message.held));
      for (const Submission& submission : message.submissions)
        out_.varint(static_cast<std::uint64_t>(submission.part_price));
    }
  }

  /// Of every message, in their order, where any was asked for from elsewhere than its request.
  void write_addresses() {
    for (const Message& message : otp_.messages) {
      const AddressOf whose = !message.has_own_address ? AddressOf::request
                              : message.user_ip        ? AddressOf::message
                                                       : AddressOf::nowhere;
      out_.u8(static_cast<std::uint8_t>(whose));
      if (whose == AddressOf::message) out_.raw(as_text(*message.user_ip));
    }
  }

  void write(WallTime at) { out_.signed_varint((at - otp_.created_at).count()); }

  void write(const Pairs& pairs) {
    out_.varint(pairs.size());
    for (const auto& [name, value] : pairs) {
      out_.text(name);
      out_.text(value);
    }
  }

  void write(const std::vector<PolicyEvent>& events) {
    out_.varint(events.size());
    for (const PolicyEvent& event : events) {
      write(event.at);
      out_.u8(
          static_cast<std::uint8_t>((event.is_refusal ? refusal_bit : 0) | (event.guard_rules != 0 ? guard_bit : 0)));
      if (event.guard_rules != 0)
        out_.u8(event.guard_rules);
      else
        out_.text(event.reason);
    }
  }

  void write(const Message& message) {
    // One octet for the state and whether it ended: the states are fewer than 128.
    out_.u8(
        static_cast<std::uint8_t>(static_cast<unsigned>(message.state) << 1 | unsigned{message.ended_at.has_value()}));
    out_.u8(message.generation);
    write(message.queued_at);
    if (message.ended_at) write(*message.ended_at);
    out_.varint(message.submissions.size());
    for (const auto& submission : message.submissions) write(submission);
  }

  void write(const Submission& submission) {
    const auto bit = [](bool is_set, SubmissionBit value) { return is_set ? value : 0; };
    out_.u8(static_cast<std::uint8_t>(
        bit(submission.answered_at.has_value(), answered_bit) | bit(submission.receipt_at.has_value(), receipt_bit) |
        bit(submission.possible_duplicate, duplicate_bit) | bit(submission.command_status != 0, refused_bit) |
        static_cast<int>(submission.state) << 4));
    out_.text(submission.carrier);
    write(submission.at);
    if (submission.answered_at) write(*submission.answered_at);
    if (submission.command_status != 0) out_.varint(submission.command_status);
    out_.u8(submission.segments_expected);
    out_.varint(submission.segments.size());
    for (const auto& segment : submission.segments) {
      out_.text(segment.smsc_message_id);
      out_.u8(static_cast<std::uint8_t>(segment.state));
    }
    if (submission.receipt_at) {
      write(*submission.receipt_at);
      out_.text(submission.receipt_error);
    }
  }

  OctetWriter out_;
  const Otp& otp_;
};

// --- reading ------------------------------------------------------------------------------------------------------

class RecordReader {
 public:
  RecordReader(std::string_view record, Otp& otp) : in_(record), otp_(otp) {}

  bool read() {
    if (!otp_format.can_read(in_.u8())) return false;
    const std::uint64_t bits = in_.varint();
    if (bits >> (last_bit + 1) != 0) return false;
    otp_.app = static_cast<AppId>(in_.varint());
    fill(otp_.phone);
    otp_.phone_sealed = in_.text();
    unsigned bit = 0;
    for (const auto field : optional_texts) {
      if (bits >> bit++ & 1) otp_.*field = in_.text();
    }
    for (const auto field : optional_pairs) {
      if (bits >> bit++ & 1) read(otp_.*field);
    }
    otp_.test = bits >> test_bit & 1;
    if (bits >> purpose_bit & 1) otp_.purpose = in_.text();
    if (bits >> user_ip_bit & 1) fill(otp_.user_ip.emplace());
    fill(otp_.salt);
    otp_.generation = in_.u8();
    fill(otp_.code_hash);
    otp_.code_length = in_.u8();
    otp_.created_at = moment_after(made_at(otp_.id));
    otp_.expires_at = moment();
    otp_.status = value_up_to(OtpStatus::failed);
    if (bits >> ended_bit & 1) otp_.ended_at = moment();
    otp_.attempts_allowed = in_.u8();
    read_all(otp_.failed_attempts, [&](FailedAttempt& attempt) { attempt.at = moment(); });
    read_all(otp_.messages, [&](Message& message) { read(message); });
    if (bits >> pattern_bit & 1) otp_.text_pattern = in_.text();
    if (bits >> block_bit & 1) otp_.number_block = static_cast<std::uint32_t>(in_.varint());
    if (bits >> policy_bit & 1) read(otp_.policy_events);
    if (bits >> taken_bit & 1) otp_.route_taken = in_.text();
    if (bits >> converted_bit & 1) otp_.converted_at = moment();
    if (bits >> overruled_bit & 1) read_overruled();
    if (bits >> tlvs_bit & 1) otp_.text_tlvs = read_tlvs(in_);
    if (bits >> bind_bit & 1) read(otp_.bind);
    if (bits >> own_code_bit & 1) otp_.own_code_sealed = in_.text();
    if (bits >> callback_bit & 1) otp_.callback_url = in_.text();
    if (bits >> prices_bit & 1) read_prices();
    if (bits >> addresses_bit & 1) read_addresses();
    return !is_corrupt_ && !in_.failed() && in_.at_end() && is_sane();
  }

 private:
  /// What the rules rely on: code_from has no other lengths, attempts_remaining can't go below zero.
  bool is_sane() const {
    return otp_.code_length >= 4 && otp_.code_length <= 10 && otp_.failed_attempts.size() <= otp_.attempts_allowed &&
           otp_.messages.size() <= 255;
  }

  template <std::size_t N>
  void fill(std::array<std::uint8_t, N>& out) {
    const auto octets = in_.raw(N);
    std::copy(octets.begin(), octets.end(), out.begin());
  }

  WallTime moment_after(WallTime base) {
    const std::int64_t difference = in_.signed_varint();
    if (difference > longest_difference_ms || difference < -longest_difference_ms) {
      is_corrupt_ = true;
      return base;
    }
    return base + Millis{difference};
  }
  WallTime moment() { return moment_after(otp_.created_at); }

  template <typename Enum>
  Enum checked(unsigned value, Enum last) {
    if (value > static_cast<unsigned>(last)) is_corrupt_ = true;
    return static_cast<Enum>(std::min(value, static_cast<unsigned>(last)));
  }
  template <typename Enum>
  Enum value_up_to(Enum last) {
    return checked(in_.u8(), last);
  }

  /// A count that the octets don't bear out ends at their end, having made one element at most for each octet.
  template <typename T, typename Read>
  void read_all(std::vector<T>& out, Read read_one) {
    const std::uint64_t count = in_.varint();
    if (count <= 4) out.reserve(count);
    for (std::uint64_t i = 0; i < count && !in_.failed(); ++i) read_one(out.emplace_back());
  }

  void read(Pairs& pairs) {
    read_all(pairs, [&](auto& pair) {
      pair.first = in_.text();
      pair.second = in_.text();
    });
  }

  void read(std::vector<PolicyEvent>& events) {
    read_all(events, [&](PolicyEvent& event) {
      event.at = moment();
      const std::uint8_t head = in_.u8();
      event.is_refusal = head & refusal_bit;
      if (head & guard_bit)
        event.guard_rules = in_.u8();
      else
        event.reason = in_.text();
    });
  }

  void read_overruled() {
    for (std::uint8_t m = in_.u8(); m != no_message && !in_.failed() && !is_corrupt_; m = in_.u8()) {
      const std::uint8_t s = in_.u8();
      if (m >= otp_.messages.size() || s >= otp_.messages[m].submissions.size()) {
        is_corrupt_ = true;
        return;
      }
      OverruledReceipt& overruled = otp_.messages[m].submissions[s].overruled.emplace();
      overruled.at = moment();
      overruled.state = value_up_to(MessageState::superseded);
      overruled.error = in_.text();
    }
  }

  void read_prices() {
    otp_.currency = in_.text();
    is_corrupt_ |= !is_currency(otp_.currency);
    for (Message& message : otp_.messages) {
      message.is_overage = in_.u8() & overage_bit;
      message.held = amount(amount_max);
      for (Submission& submission : message.submissions) submission.part_price = amount(part_price_max);
    }
  }

  void read_addresses() {
    for (Message& message : otp_.messages) {
      const AddressOf whose = value_up_to(AddressOf::message);
      message.has_own_address = whose != AddressOf::request;
      if (whose == AddressOf::message) fill(message.user_ip.emplace());
    }
  }

  /// Sums of sane ones can't overflow.
  Micros amount(Micros most) {
    const std::uint64_t value = in_.varint();
    is_corrupt_ |= value > static_cast<std::uint64_t>(most);
    return static_cast<Micros>(std::min(value, static_cast<std::uint64_t>(most)));
  }

  void read(Message& message) {
    const std::uint8_t head = in_.u8();
    message.state = checked(head >> 1, MessageState::superseded);
    message.generation = in_.u8();
    message.queued_at = moment();
    if (head & 1) message.ended_at = moment();
    read_all(message.submissions, [&](Submission& submission) { read(submission); });
  }

  void read(Submission& submission) {
    const std::uint8_t head = in_.u8();
    submission.state = checked(head >> 4, MessageState::superseded);
    submission.possible_duplicate = head & duplicate_bit;
    submission.carrier = in_.text();
    submission.at = moment();
    if (head & answered_bit) submission.answered_at = moment();
    if (head & refused_bit) submission.command_status = static_cast<std::uint32_t>(in_.varint());
    submission.segments_expected = in_.u8();
    read_all(submission.segments, [&](Segment& segment) {
      segment.smsc_message_id = in_.text();
      segment.state = value_up_to(MessageState::superseded);
    });
    if (head & receipt_bit) {
      submission.receipt_at = moment();
      submission.receipt_error = in_.text();
    }
  }

  OctetReader in_;
  Otp& otp_;
  bool is_corrupt_ = false;
};

}  // namespace

std::string to_record(const Otp& otp) {
  std::string record;
  record.reserve(256);
  RecordWriter(record, otp).write();
  return record;
}

std::optional<Otp> from_record(const OtpId& id, std::string_view record) {
  std::optional<Otp> otp(std::in_place);
  otp->id = id;
  if (!RecordReader(record, *otp).read()) otp.reset();
  return otp;
}

}  // namespace xion
