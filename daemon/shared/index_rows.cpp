#include "shared/index_rows.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/octets.h"
#include "core/octets_of_time.h"

namespace xion {
namespace {

constexpr std::uint8_t index_row_format = 1;

OtpId read_id(OctetReader& in) {
  const auto octets = in.raw(OtpId::size);
  return in.failed() ? OtpId{} : row_keys::otp_of(octets);
}

}  // namespace

void PhoneRow::set(Request request) {
  remove(request.id);
  const auto at = std::ranges::find_if(requests, [&](const Request& known) { return known.id < request.id; });
  requests.insert(at, std::move(request));
}
void PhoneRow::remove(const OtpId& id) {
  std::erase_if(requests, [&](const Request& known) { return known.id == id; });
}
void PhoneRow::add(const Event& event) {
  const auto is_alike = [&](const Event& other) { return other.kind == event.kind && other.app == event.app; };
  if (std::cmp_equal(std::ranges::count_if(events, is_alike), events_of_a_row))
    events.erase(std::ranges::find_if(events, is_alike));
  const auto later = std::ranges::find_if(events, [&](const Event& other) { return other.at > event.at; });
  events.insert(later, event);
}
void PhoneRow::forget(WallTime requests_ended_before, WallTime events_before) {
  std::erase_if(requests,
                [&](const Request& known) { return known.ended_at && *known.ended_at < requests_ended_before; });
  std::erase_if(events, [&](const Event& event) { return event.at < events_before; });
}
std::optional<OtpId> PhoneRow::pending(const LiveKey& key) const {
  const auto at =
      std::ranges::find_if(requests, [&](const Request& known) { return known.is_of(key) && !known.ended_at; });
  return at == requests.end() ? std::nullopt : std::optional(at->id);
}
std::optional<OtpId> PhoneRow::latest(const LiveKey& key, WallTime ended_since) const {
  const auto at = std::ranges::find_if(requests, [&](const Request& known) {
    return known.is_of(key) && (!known.ended_at || *known.ended_at >= ended_since);
  });
  return at == requests.end() ? std::nullopt : std::optional(at->id);
}
std::optional<WallTime> PhoneRow::first_expiry() const {
  std::optional<WallTime> first;
  for (const Request& request : requests)
    if (!request.ended_at) first = std::min(first.value_or(request.expires_at), request.expires_at);
  return first;
}
std::vector<HistoryEntry> PhoneRow::history(const HistoryKey& key) const {
  const bool is_overall = key.kind == HistoryKind::sends_of_phone_overall;
  const HistoryKind kind = is_overall ? HistoryKind::sends_of_phone : key.kind;
  std::vector<HistoryEntry> found;
  for (const Event& event : events)
    if (event.kind == kind && (is_overall || event.app == key.app))
      found.push_back({event.at, tag_of_phone(key.subject)});
  return found;
}

std::uint32_t tag_of_phone(const Fingerprint& phone) {
  std::uint32_t octets = 0;
  std::memcpy(&octets, phone.data(), sizeof octets);
  return octets;
}

RowContent phone_content(const PhoneRow& row, WallTime now) {
  std::string octets;
  OctetWriter out(octets);
  out.u8(index_row_format);
  out.varint(row.requests.size());
  for (const PhoneRow::Request& request : row.requests) {
    out.varint(request.app);
    out.text(request.purpose);
    out.raw(as_text(request.id.octets));
    write_optional(out, request.ended_at);
    if (!request.ended_at) out.signed_varint(unix_millis(request.expires_at));
  }
  out.varint(row.events.size());
  WallTime before{};
  for (const PhoneRow::Event& event : row.events) {
    out.u8(static_cast<std::uint8_t>(event.kind));
    out.varint(event.app);
    out.signed_varint((event.at - before).count());
    before = event.at;
  }
  const auto expiry = row.first_expiry();
  return {std::move(octets), {expiry ? row_keys::pending_phone(*expiry) : row_keys::idle_phone(now)}};
}
PhoneRow phone_row_from(std::string_view octets) {
  PhoneRow row;
  OctetReader in(octets);
  if (in.u8() != index_row_format) return row;
  for (auto left = in.varint(); left > 0 && !in.failed(); --left) {
    PhoneRow::Request request{.app = static_cast<AppId>(in.varint()), .purpose = std::string(in.text()), .id = {}};
    request.id = read_id(in);
    request.ended_at = read_optional(in);
    if (!request.ended_at) request.expires_at = wall_time(in.signed_varint());
    row.requests.push_back(std::move(request));
  }
  WallTime before{};
  for (auto left = in.varint(); left > 0 && !in.failed(); --left) {
    const auto kind = static_cast<HistoryKind>(in.u8());
    const auto app = static_cast<AppId>(in.varint());
    before += Millis{in.signed_varint()};
    row.events.push_back({kind, app, before});
  }
  return in.failed() ? PhoneRow{} : row;
}

std::string to_row(const CarrierIdRow& row) {
  std::string octets;
  OctetWriter out(octets);
  out.u8(index_row_format);
  out.varint(row.submissions.size());
  for (const SubmissionRef& ref : row.submissions) {
    out.raw(as_text(ref.otp.octets));
    for (const std::uint8_t part : {ref.message, ref.submission, ref.segment}) out.u8(part);
  }
  out.varint(row.parked.size());
  for (const RowId id : row.parked) out.varint(id);
  return octets;
}
CarrierIdRow carrier_id_row_from(std::string_view octets) {
  CarrierIdRow row;
  OctetReader in(octets);
  if (in.u8() != index_row_format) return row;
  for (auto left = in.varint(); left > 0 && !in.failed(); --left) {
    SubmissionRef ref{read_id(in), 0, 0, 0};
    ref.message = in.u8();
    ref.submission = in.u8();
    ref.segment = in.u8();
    row.submissions.push_back(ref);
  }
  for (auto left = in.varint(); left > 0 && !in.failed(); --left) row.parked.push_back(in.varint());
  return in.failed() ? CarrierIdRow{} : row;
}

std::string to_row(const std::vector<HistoryEntry>& events) {
  std::string octets;
  OctetWriter out(octets);
  out.u8(index_row_format);
  out.varint(events.size());
  WallTime before{};
  for (const HistoryEntry& event : events) {
    out.signed_varint((event.at - before).count());
    out.varint(event.tag);
    before = event.at;
  }
  return octets;
}
std::vector<HistoryEntry> events_from(std::string_view octets) {
  std::vector<HistoryEntry> events;
  OctetReader in(octets);
  if (in.u8() != index_row_format) return events;
  WallTime before{};
  for (auto left = in.varint(); left > 0 && !in.failed(); --left) {
    before += Millis{in.signed_varint()};
    events.push_back({before, static_cast<std::uint32_t>(in.varint())});
  }
  if (in.failed()) events.clear();
  return events;
}

std::string to_row(const OutboxRow& row) {
  std::string octets;
  OctetWriter out(octets);
  out.u8(index_row_format);
  out.u8(static_cast<std::uint8_t>(row.state));
  out.u8(row.node);
  out.varint(row.incarnation);
  out.u8(row.submission);
  out.signed_varint(unix_millis(row.expires_at));
  return octets;
}
RowContent outbox_content(const OutboxRow& row, std::string_view key) {
  const std::string rest = row_keys::moment(row.expires_at).append(key);
  return {to_row(row), {row_keys::outbox_order(row.node, row.state) + rest}};
}
OutboxRow outbox_row_from(std::string_view octets) {
  OutboxRow row;
  OctetReader in(octets);
  if (in.u8() != index_row_format) return row;
  row.state = static_cast<row_keys::OutboxState>(in.u8());
  row.node = in.u8();
  row.incarnation = static_cast<std::uint32_t>(in.varint());
  row.submission = in.u8();
  row.expires_at = wall_time(in.signed_varint());
  return in.failed() ? OutboxRow{} : row;
}

}  // namespace xion
