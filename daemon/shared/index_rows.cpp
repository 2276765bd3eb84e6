#include "shared/index_rows.h"

#include <algorithm>

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

void KeyRow::set(const Entry& entry) {
  remove(entry.id);
  const auto at = std::ranges::find_if(entries, [&](const Entry& known) { return known.id < entry.id; });
  entries.insert(at, entry);
}
void KeyRow::remove(const OtpId& id) {
  std::erase_if(entries, [&](const Entry& known) { return known.id == id; });
}
void KeyRow::forget(WallTime before) {
  std::erase_if(entries, [&](const Entry& known) { return known.ended_at && *known.ended_at < before; });
}
std::optional<OtpId> KeyRow::pending() const {
  const auto at = std::ranges::find_if(entries, [](const Entry& known) { return !known.ended_at; });
  return at == entries.end() ? std::nullopt : std::optional(at->id);
}
std::optional<OtpId> KeyRow::latest(WallTime ended_since) const {
  const auto at = std::ranges::find_if(
      entries, [&](const Entry& known) { return !known.ended_at || *known.ended_at >= ended_since; });
  return at == entries.end() ? std::nullopt : std::optional(at->id);
}

std::string to_row(const KeyRow& row) {
  std::string octets;
  OctetWriter out(octets);
  out.u8(index_row_format);
  out.varint(row.entries.size());
  for (const auto& [id, ended_at] : row.entries) {
    out.raw(as_text(id.octets));
    write_optional(out, ended_at);
  }
  return octets;
}
KeyRow key_row_from(std::string_view octets) {
  KeyRow row;
  OctetReader in(octets);
  if (in.u8() != index_row_format) return row;
  for (auto left = in.varint(); left > 0 && !in.failed(); --left) {
    const OtpId id = read_id(in);
    row.entries.push_back({id, read_optional(in)});
  }
  return in.failed() ? KeyRow{} : row;
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
/// Handed over or not, it is queued for whoever asks of all nodes.
RowContent outbox_content(const OutboxRow& row, std::string_view key) {
  using row_keys::OutboxState;
  const auto for_all = row.state == OutboxState::handed ? OutboxState::queued : row.state;
  const std::string rest = row_keys::moment(row.expires_at).append(key);
  return {to_row(row), {row_keys::outbox_order(for_all) + rest, row_keys::outbox_order(row.node, row.state) + rest}};
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
