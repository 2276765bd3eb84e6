#include "store/row_octets.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/octets.h"
#include "core/record_formats.h"
#include "store/webhook_rows.h"

namespace xion {
namespace {

template <std::size_t size>
std::array<std::uint8_t, size> octets_of(OctetReader& in) {
  std::array<std::uint8_t, size> octets{};
  std::ranges::copy(as_octets(in.raw(size)), octets.begin());
  return octets;
}

struct ToOctets {
  std::string operator()(const StoredReceipt& receipt) const { return to_row(receipt); }
  std::string operator()(const KeptAnswer& kept) const { return to_row(kept.key, kept.answer); }
  std::string operator()(const Note& note) const { return to_row(note.key, note.entry); }
  std::string operator()(const WebhookDelivery& delivery) const { return to_row(delivery); }
  std::string operator()(const AuditEvent& event) const { return to_record(event); }
};

template <typename T>
std::optional<Row> as_row(std::optional<T> read) {
  return read ? std::optional<Row>(std::move(*read)) : std::nullopt;
}

}  // namespace

std::string to_octets(const Row& row) { return std::visit(ToOctets(), row); }

std::optional<Row> row_from_octets(RowKind kind, RowId id, std::string_view octets) {
  switch (kind) {
    case RowKind::parked:
    case RowKind::unmatched: return as_row(receipt_from_row(octets));
    case RowKind::answer: return as_row(answer_from_row(octets));
    case RowKind::note: return as_row(note_from_row(octets));
    case RowKind::waiting:
    case RowKind::over: return as_row(delivery_from_row(id, octets));
    case RowKind::audit: return as_row(audit_event_from_record(octets));
  }
  return std::nullopt;
}

std::string to_row(const StoredReceipt& receipt) {
  std::string row;
  OctetWriter out(row);
  out.u8(receipt_format.writes());
  out.signed_varint(unix_millis(receipt.received_at));
  out.u8(static_cast<std::uint8_t>(receipt.state));
  out.text(receipt.carrier);
  out.text(receipt.smsc_message_id);
  out.text(receipt.error);
  out.text(receipt.other_id);
  out.u8(static_cast<std::uint8_t>(receipt.why));
  out.text(receipt.state_word);
  out.text(receipt.shown_phone);
  out.text(receipt.shown_candidate_phone);
  out.text(receipt.candidate ? as_text(receipt.candidate->octets) : std::string_view());
  out.varint(receipt.phones.size());
  for (const NamedPhone& phone : receipt.phones) {
    out.raw(as_text(phone.whole));
    out.raw(as_text(phone.tail));
  }
  return row;
}

namespace {

constexpr std::size_t fingerprint_octets = std::tuple_size_v<Fingerprint>;

/// Format 1 had one number and no reason.
void read_first_format(OctetReader& in, StoredReceipt& receipt) {
  const auto phone = octets_of<fingerprint_octets>(in);
  if (phone != Fingerprint{}) receipt.phones.push_back({phone, {}});
  receipt.carrier = in.text();
  receipt.smsc_message_id = in.text();
  receipt.error = in.text();
  if (receipt.smsc_message_id.empty()) receipt.why = WhyUnmatched::id_missing;
}

/// False where a value is none of its kind.
bool read_second_format(OctetReader& in, StoredReceipt& receipt) {
  receipt.carrier = in.text();
  receipt.smsc_message_id = in.text();
  receipt.error = in.text();
  receipt.other_id = in.text();
  const std::uint8_t why = in.u8();
  receipt.state_word = in.text();
  receipt.shown_phone = in.text();
  receipt.shown_candidate_phone = in.text();
  const std::string candidate(in.text());
  if (candidate.size() == OtpId::size)
    std::ranges::copy(as_octets(candidate), receipt.candidate.emplace().octets.begin());
  const std::uint64_t phones = in.varint();
  if (why >= why_unmatched_count || phones > 2) return false;
  receipt.why = static_cast<WhyUnmatched>(why);
  for (std::uint64_t i = 0; i < phones; ++i) {
    NamedPhone& phone = receipt.phones.emplace_back();
    phone.whole = octets_of<fingerprint_octets>(in);
    phone.tail = octets_of<fingerprint_octets>(in);
  }
  return true;
}

}  // namespace

std::optional<StoredReceipt> receipt_from_row(std::string_view row) {
  OctetReader in(row);
  const std::uint8_t format = in.u8();
  if (!receipt_format.can_read(format)) return std::nullopt;
  StoredReceipt receipt;
  receipt.received_at = wall_time(in.signed_varint());
  const std::uint8_t state = in.u8();
  if (format == 1) {
    read_first_format(in, receipt);
  } else if (!read_second_format(in, receipt)) {
    return std::nullopt;
  }
  if (in.failed() || !in.at_end() || state > static_cast<std::uint8_t>(MessageState::superseded)) return std::nullopt;
  receipt.state = static_cast<MessageState>(state);
  return receipt;
}

std::string to_row(const Counters& counters) {
  std::string row;
  OctetWriter out(row);
  out.u8(counters_format.writes());
  for (const std::uint64_t value : counters) out.varint(value);
  return row;
}

std::optional<Counters> counters_from_row(std::string_view row) {
  OctetReader in(row);
  if (!counters_format.can_read(in.u8())) return std::nullopt;
  Counters counters{};
  for (std::uint64_t& value : counters) {
    if (in.at_end()) break;
    value = in.varint();
  }
  if (in.failed()) return std::nullopt;
  return counters;
}

std::string to_row(const HistoryKey& key, const HistoryEntry& entry) {
  std::string row;
  OctetWriter out(row);
  out.u8(note_format.writes());
  out.u8(static_cast<std::uint8_t>(key.kind));
  out.varint(key.app);
  out.raw(as_text(key.subject));
  out.signed_varint(unix_millis(entry.at));
  out.varint(entry.tag);
  return row;
}

std::optional<Note> note_from_row(std::string_view row) {
  OctetReader in(row);
  if (!note_format.can_read(in.u8())) return std::nullopt;
  Note read;
  const std::uint8_t kind = in.u8();
  read.key.app = static_cast<AppId>(in.varint());
  read.key.subject = octets_of<std::tuple_size_v<Fingerprint>>(in);
  read.entry.at = wall_time(in.signed_varint());
  read.entry.tag = static_cast<std::uint32_t>(in.varint());
  if (in.failed() || !in.at_end() || kind > static_cast<std::uint8_t>(HistoryKind::sends_of_end_user))
    return std::nullopt;
  read.key.kind = static_cast<HistoryKind>(kind);
  return read;
}

/// Counts, then the latency classes that are not empty: steps from the one before, and what they hold.
/// Written in every commit, several times: in one piece rather than an octet at a time.
std::string to_row(const StatSums& sums) {
  std::array<char, 1 + OtpId::size + varint_max * (1 + stat_count + 2 * latency_classes)> octets;
  char* at = octets.data();
  *at++ = static_cast<char>(stat_sums_format.writes());
  at = std::ranges::copy(as_text(sums.latest.octets), at).out;
  at = put_varint(at, sums.counts.size());
  for (const std::int64_t value : sums.counts) at = put_varint(at, zigzag(value));
  std::size_t written = 0;
  for (std::size_t i = 0; i < sums.latencies.size(); ++i) {
    if (sums.latencies[i] == 0) continue;
    at = put_varint(at, i - written);
    at = put_varint(at, zigzag(sums.latencies[i]));
    written = i;
  }
  return {octets.data(), at};
}

std::optional<StatSums> stat_sums_from_row(std::string_view row) {
  OctetReader in(row);
  if (!stat_sums_format.can_read(in.u8())) return std::nullopt;
  StatSums sums;
  sums.latest.octets = octets_of<OtpId::size>(in);
  const std::uint64_t counts = in.varint();
  if (counts > sums.counts.size()) return std::nullopt;
  for (std::size_t i = 0; i < counts; ++i) sums.counts[i] = in.signed_varint();
  for (std::uint64_t at = 0; !in.at_end();) {
    at += in.varint();
    if (at >= sums.latencies.size()) return std::nullopt;
    sums.latencies[at] = in.signed_varint();
  }
  if (in.failed()) return std::nullopt;
  return sums;
}

std::string to_row(const Digest& key, const StoredAnswer& answer) {
  std::string row;
  OctetWriter out(row);
  out.u8(answer_format.writes());
  out.raw(as_text(key));
  out.raw(as_text(answer.body_hash));
  out.varint(answer.http_status);
  out.text(answer.headers);
  out.text(answer.body);
  return row;
}

std::optional<KeptAnswer> answer_from_row(std::string_view row) {
  OctetReader in(row);
  if (!answer_format.can_read(in.u8())) return std::nullopt;
  KeptAnswer read;
  read.key = octets_of<std::tuple_size_v<Digest>>(in);
  read.answer.body_hash = octets_of<std::tuple_size_v<Digest>>(in);
  read.answer.http_status = static_cast<std::uint16_t>(in.varint());
  read.answer.headers = in.text();
  read.answer.body = in.text();
  if (in.failed() || !in.at_end()) return std::nullopt;
  return read;
}

std::optional<Digest> answer_key_from_row(std::string_view row) {
  OctetReader in(row);
  if (!answer_format.can_read(in.u8())) return std::nullopt;
  const Digest key = octets_of<std::tuple_size_v<Digest>>(in);
  if (in.failed()) return std::nullopt;
  return key;
}

}  // namespace xion
