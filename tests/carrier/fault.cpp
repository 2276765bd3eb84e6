#include "carrier/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

namespace xion::carrier {
namespace {

/// In a scope of its own: some faults are names of functions, too.
struct FaultTable {
  using enum Fault;
  static constexpr auto nothing = FaultValue::nothing;
  static constexpr auto number = FaultValue::number;

  static constexpr FaultRow rows[] = {
      {window, "window", number, 10, "N", "submits beyond N unanswered ones on a connection get 0x14 and are counted"},
      {max_tps, "max-tps", number, 10, "N", "submits above N a second of one account get 0x58"},
      {latency_ms, "latency-ms", number, 100, "MS", "every submit_sm_resp comes this much later"},
      {latency_jitter_ms, "latency-jitter-ms", number, 100, "MS", "and up to this much later still, at random"},
      {receipt_delay_ms, "receipt-delay-ms", number, 1000, "MS", "a receipt comes this long after its submit_sm"},
      {receipt_jitter_ms, "receipt-jitter-ms", number, 500, "MS", "and up to this much later still, at random"},
      {receipt_retry_ms, "receipt-retry-ms", number, 1000, "MS", "pause before a refused receipt is sent again"},
      {no_receipts, "no-receipts", nothing, 1, "", "sends no receipts, whatever is asked for"},

      {throttle, "throttle", nothing, 1, "", "answers 0x58 (throttled)"},
      {queue_full, "queue-full", nothing, 1, "", "answers 0x14 (queue full)"},
      {status, "status", number, 0x55F, "CODE", "answers this command_status; 0x55F is a vendor's own"},
      {status_burst, "status-burst", number, 20, "N",
       "of every ten times N submits, N in a row get 0x58, 0x14 and 0x45 mixed"},
      {header_only_error, "header-only-error", nothing, 1, "", "answers 0x08 as a bare header"},
      {error_body, "error-body", nothing, 1, "", "answers 0x08 with an id and a TLV behind it"},
      {missing_id, "missing-id", nothing, 1, "", "accepts, but the response has no message_id"},
      {response_tlv, "response-tlv", nothing, 1, "", "accepts, with a TLV behind the message_id"},
      {nack, "nack", nothing, 1, "", "answers generic_nack 0x08 with the submit's sequence number"},
      {nack_zero, "nack-zero", nothing, 1, "", "answers generic_nack 0x08 with sequence number 0"},
      {odd_status, "odd-status", nothing, 1, "", "answers a 32-bit status of its own, another each time"},
      {mixed_status, "mixed-status", nothing, 1, "",
       "answers one of the statuses that carriers refuse with, at random"},
      {id_blanks, "id-blanks", nothing, 1, "", "accepts, with blanks behind the message_id"},
      {id_long, "id-long", number, 60000, "OCTETS", "accepts, with a message_id of so many octets"},
      {id_of_nodes, "id-of-nodes", number, 2, "N", "N nodes count ids each for itself: N messages have one id"},
      {late_response, "late-response", number, 25000, "MS", "accepts, but answers this much later"},
      {drop_response, "drop-response", nothing, 1, "", "accepts, but never answers; the receipt comes all the same"},

      {receipt_before_response, "receipt-before-response", nothing, 1, "",
       "the receipt leaves before the submit_sm_resp"},
      {receipt_other_bind, "receipt-other-bind", nothing, 1, "",
       "receipts avoid the bind that submitted, if there is another"},
      {receipt_twice, "receipt-twice", nothing, 1, "", "sends the receipt twice"},
      {receipt_never, "receipt-never", nothing, 1, "", "sends no receipt"},
      {receipt_id, "receipt-id", FaultValue::id_style, static_cast<std::int64_t>(IdStyle::hex), "STYLE",
       "the receipt spells the id otherwise: hex, decimal (of a hex id), padded, upper; or uuid ids throughout"},
      {receipt_missing_fields, "receipt-missing-fields", nothing, 1, "", "the receipt's text has only id and stat"},
      {receipt_in_payload, "receipt-in-payload", nothing, 1, "", "the receipt's text is in message_payload"},
      {receipt_text_only, "receipt-text-only", nothing, 1, "", "the receipt has no TLVs"},
      {receipt_tlv_only, "receipt-tlv-only", nothing, 1, "", "the receipt has no text"},
      {receipt_wide_state, "receipt-wide-state", nothing, 1, "", "the message_state TLV is two octets long"},
      {receipt_intermediate, "receipt-intermediate", nothing, 1, "",
       "an ENROUTE notification comes before the receipt"},
      {receipt_national, "receipt-national", number, 3, "N",
       "the receipt names the phone without its first N digits, and with a 0"},
      {receipt_no_id, "receipt-no-id", nothing, 1, "", "the receipt names no message"},
      {receipt_data_sm, "receipt-data-sm", nothing, 1, "", "the receipt comes by data_sm"},
      {receipt_not_turned, "receipt-not-turned", nothing, 1, "", "the receipt goes from the sender to the phone"},
      {receipt_other_phone, "receipt-other-phone", nothing, 1, "",
       "the receipt comes from the service centre's number"},
      {receipt_foreign_id, "receipt-foreign-id", nothing, 1, "",
       "the receipt's TLV has another network's id, the text the right one"},
      {receipt_word, "receipt-word", nothing, 1, "", "the receipt has vendors' words: FAILED, DELIVERED, REJECT"},
      {receipt_overruled, "receipt-overruled", nothing, 1, "", "a receipt of UNDELIV comes before that of DELIVRD"},
      {undelivered, "undelivered", nothing, 1, "",
       "the message reaches nobody; its receipt says UNDELIV, EXPIRED, REJECTD or DELETED"},
      {receipt_commas, "receipt-commas", nothing, 1, "", "the receipt is ID,STAT,ERR,DONE, and has no TLVs"},
      {receipt_once, "receipt-once", number, 0, "N",
       "of a long text only the Nth part gets a receipt; 0: the last one"},

      {one_segment, "one-segment", nothing, 1, "", "bind_resp and a deliver_sm leave in one write"},
      {enquire_before_bind, "enquire-before-bind", nothing, 1, "", "sends enquire_link before bind_resp"},
      {bind_fail, "bind-fail", number, 0x0D, "CODE", "answers a bind with this command_status"},
      {bind_dropped, "bind-dropped", number, 50, "MS", "accepts a bind, and closes the connection so much later"},
      {already_bound, "already-bound", number, 30, "SECONDS",
       "after a lost connection, binds of its account get 0x05 for so long"},
      {unbind_every, "unbind-every", number, 100, "N", "sends unbind at every Nth submit"},
      {silent_after, "silent-after", number, 100, "N", "a connection falls silent at its Nth submit, and stays open"},
      {ignore_enquire_link, "ignore-enquire-link", nothing, 1, "", "does not answer enquire_link"},
      {unknown_tlvs, "unknown-tlvs", nothing, 1, "", "responses and receipts carry TLVs that nobody knows"},
      {unknown_command_every, "unknown-command-every", number, 100, "N",
       "sends a command 0x00010201 at every Nth submit"},
      {long_message_every, "long-message-every", number, 100, "N",
       "sends a deliver_sm of sm_length 255 at every Nth submit"},
      {lying_length_every, "lying-length-every", number, 100, "N",
       "sends a deliver_sm that promises 255 octets and ends, at every Nth submit"},
      {command_length, "command-length", number, 4, "N",
       "after its first submit a connection gets a header with this command_length, such as 4 or 2^31"},

      {split_writes, "split-writes", number, 1, "MS",
       "writes one octet at a time, so far apart; 0: one a write, without pause"},
      {slow_reader, "slow-reader", number, 1000, "OCTETS", "reads at most so many octets a second"},
      {delayed_acks, "delayed-acks", nothing, 1, "",
       "acknowledges TCP segments as late as its kernel allows, mostly 40 ms"},
      {disconnect_every, "disconnect-every", number, 100, "N",
       "closes the connection at every Nth submit, which it does not answer"},
      {rst_every, "rst-every", number, 100, "N", "resets the connection at every Nth submit, which it does not answer"},
      {expired_certificate, "expired-certificate", nothing, 1, "",
       "with --tls-self-signed: the certificate ended yesterday (from the start only)"},
  };
};
constexpr std::span<const FaultRow> table = FaultTable::rows;
static_assert(table.size() == fault_count);
static_assert(
    [] {
      for (std::size_t i = 0; i < fault_count; ++i) {
        if (static_cast<std::size_t>(table[i].fault) != i) return false;
      }
      return true;
    }(),
    "the table is in the order of the enum");

struct IdStyleRow {
  std::string_view name;
  IdStyle style;
};
constexpr IdStyleRow id_styles[] = {{"same", IdStyle::same},       {"hex", IdStyle::hex},
                                    {"decimal", IdStyle::decimal}, {"padded", IdStyle::padded},
                                    {"upper", IdStyle::upper},     {"uuid", IdStyle::uuid}};

/// `100`, `0x64`, `2^31`.
std::optional<std::int64_t> parse_number(std::string_view text) {
  if (text.starts_with("2^")) {
    const auto exponent = parse_number(text.substr(2));
    if (!exponent || *exponent < 0 || *exponent > 62) return std::nullopt;
    return std::int64_t{1} << *exponent;
  }
  const int base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<double> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 100)) return std::nullopt;
  return value / 100;
}

std::optional<std::uint64_t> parse_times(std::string_view text) {
  if (!text.ends_with('x')) return std::nullopt;
  const auto times = parse_number(text.substr(0, text.size() - 1));
  if (!times || *times == 0) return std::nullopt;
  return static_cast<std::uint64_t>(*times);
}

std::optional<std::int64_t> parse_value(const FaultRow& row, std::string_view text) {
  switch (row.value) {
    case FaultValue::nothing: return std::nullopt;
    case FaultValue::number: return parse_number(text);
    case FaultValue::id_style: {
      const auto found = std::ranges::find(id_styles, text, &IdStyleRow::name);
      if (found == std::end(id_styles)) return std::nullopt;
      return static_cast<std::int64_t>(found->style);
    }
  }
  return std::nullopt;
}

std::string shape_of(const FaultRow& row) {
  return row.shape.empty() ? fmt::format("{}", row.name) : fmt::format("{}={}", row.name, row.shape);
}

}  // namespace

std::span<const FaultRow> fault_table() { return table; }

std::expected<void, std::string> Faults::set(std::string_view text) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  const auto row = std::ranges::find(table, name, &FaultRow::name);
  if (row == std::end(table))
    return std::unexpected(fmt::format("no fault is called `{}`; `fault list` shows them", name));

  Setting setting{.is_on = true, .number = row->number};
  const auto refused = [&](std::string_view part) {
    return std::unexpected(fmt::format("{}: `{}` is no value; expected `{}`, with @10% or @3x behind it, or `off`",
                                       name, part, shape_of(*row)));
  };
  std::string_view rest = equals == std::string_view::npos ? std::string_view{} : text.substr(equals + 1);
  if (equals != std::string_view::npos && rest.empty()) return refused(rest);
  if (rest == "off") {
    own(row->fault) = {};
    return {};
  }
  while (!rest.empty()) {
    const auto mark = rest.find('@');
    const auto part = rest.substr(0, mark);
    rest = mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
    if (const auto share = parse_percent(part)) {
      setting.share = *share;
    } else if (const auto times = parse_times(part)) {
      setting.times_left = *times;
    } else if (const auto value = parse_value(*row, part)) {
      setting.number = *value;
    } else {
      return refused(part);
    }
  }
  own(row->fault) = setting;
  return {};
}

void Faults::set(Fault fault, std::int64_t value, double share) {
  own(fault) = {.is_on = true, .number = value, .share = share};
}

bool Faults::strikes(Fault fault, Random& random) {
  Setting& setting = at(fault);
  if (!setting.is_on) return false;
  if (setting.share < 1 && random.fraction() >= setting.share) return false;
  if (setting.times_left > 0 && --setting.times_left == 0) setting.is_on = false;
  return true;
}

std::string Faults::text(Fault fault) const {
  const Setting& setting = at(fault);
  if (!setting.is_on) return {};
  const FaultRow& row = table[static_cast<std::size_t>(fault)];
  std::string parts;
  const auto add = [&](std::string_view part) { parts.append(parts.empty() ? "=" : "@").append(part); };
  switch (row.value) {
    case FaultValue::nothing: break;
    case FaultValue::number: add(fmt::format("{}", setting.number)); break;
    case FaultValue::id_style: add(id_styles[setting.number].name); break;
  }
  if (setting.share < 1) add(fmt::format("{:g}%", setting.share * 100));
  if (setting.times_left > 0) add(fmt::format("{}x", setting.times_left));
  return fmt::format("{}{}", row.name, parts);
}

std::string fault_help() {
  std::string out;
  for (const FaultRow& row : table) out += fmt::format("  {:<26}{}\n", shape_of(row), row.sentence);
  return out;
}

}  // namespace xion::carrier
