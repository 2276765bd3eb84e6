#include "shared/member_rows.h"

#include "base/octets.h"
#include "shared/row_keys.h"

namespace xion {
namespace {

constexpr std::uint8_t beat_format = 1;
constexpr std::uint8_t lease_format = 1;
/// What keys of members begin with.
constexpr char by_name = 'n', by_number = '#';
/// Of a call a second.
constexpr double thousandths = 1'000;
/// A line of others is no longer.
constexpr std::uint64_t names_at_most = 4'096;

std::string one_octet(NodeId node) { return std::string(1, static_cast<char>(node)); }

/// What an older release doesn't tell.
void read_news(OctetReader& in, BeatRow& beat) {
  NodeReport& report = beat.report;
  report.has_all_demands = false;
  if (in.failed() || in.at_end()) return;
  const bool has_skew = in.u8() != 0;
  const Millis skew{in.signed_varint()};
  if (has_skew) report.clock_skew = skew;
  report.has_all_demands = in.u8() != 0;
  const std::uint64_t demands = in.varint();
  for (std::uint64_t n = 0; n < std::min(demands, names_at_most) && !in.failed(); ++n) {
    DemandOfApp& demand = report.demands.emplace_back();
    demand.app = static_cast<AppId>(in.varint());
    demand.calls_per_second = static_cast<double>(in.varint()) / thousandths;
  }
  if (!in.at_end()) report.key_check = in.text();
  if (!in.at_end()) beat.formats_read = in.text();
}

}  // namespace

std::string to_row(const BeatRow& beat) {
  std::string row;
  OctetWriter out(row);
  out.u8(beat_format);
  out.varint(beat.incarnation);
  out.varint(beat.number);
  out.text(beat.name);
  out.varint(beat.wishes.size());
  for (const std::string& group : beat.wishes) out.text(group);
  out.varint(beat.report.carriers.size());
  for (const CarrierOfNode& carrier : beat.report.carriers) {
    out.text(carrier.name);
    out.varint(carrier.binds);
  }
  out.text(beat.report.version);
  out.text(beat.report.config_hash);
  out.varint(beat.report.queued);
  out.u8(beat.report.clock_skew ? 1 : 0);
  out.signed_varint(beat.report.clock_skew.value_or(Millis{0}).count());
  out.u8(beat.report.has_all_demands ? 1 : 0);
  out.varint(beat.report.demands.size());
  for (const DemandOfApp& demand : beat.report.demands) {
    out.varint(demand.app);
    out.varint(static_cast<std::uint64_t>(demand.calls_per_second * thousandths));
  }
  out.text(beat.report.key_check);
  out.text(beat.formats_read);
  return row;
}

/// What a newer release adds stands behind what this one knows, and is missing where an older one wrote.
std::optional<BeatRow> beat_from(std::string_view row) {
  OctetReader in(row);
  if (in.u8() < beat_format) return std::nullopt;
  BeatRow beat;
  beat.incarnation = static_cast<std::uint32_t>(in.varint());
  beat.number = in.varint();
  beat.name = in.text();
  const std::uint64_t wishes = in.varint();
  for (std::uint64_t n = 0; n < std::min(wishes, names_at_most) && !in.failed(); ++n) beat.wishes.emplace(in.text());
  const std::uint64_t carriers = in.varint();
  for (std::uint64_t n = 0; n < std::min(carriers, names_at_most) && !in.failed(); ++n) {
    CarrierOfNode& carrier = beat.report.carriers.emplace_back();
    carrier.name = in.text();
    carrier.binds = static_cast<std::uint32_t>(in.varint());
  }
  beat.report.version = in.text();
  beat.report.config_hash = in.text();
  beat.report.queued = in.varint();
  read_news(in, beat);
  return in.failed() ? std::nullopt : std::optional(std::move(beat));
}

std::string to_row(const LeaseRow& lease) {
  std::string row;
  OctetWriter out(row);
  out.u8(lease_format);
  out.u8(lease.node);
  out.varint(lease.incarnation);
  out.u8(lease.is_held ? 1 : 0);
  out.varint(lease.epoch);
  return row;
}

std::optional<LeaseRow> lease_from(std::string_view row) {
  OctetReader in(row);
  if (in.u8() < lease_format) return std::nullopt;
  LeaseRow lease;
  lease.node = in.u8();
  lease.incarnation = static_cast<std::uint32_t>(in.varint());
  lease.is_held = in.u8() != 0;
  lease.epoch = in.varint();
  return in.failed() ? std::nullopt : std::optional(lease);
}

namespace row_keys {

RowName beat(NodeId node) { return {RowTable::beats, one_octet(node)}; }
RowRange beats_of(NodeId node) { return all_with(RowTable::beats, one_octet(node)); }
std::optional<NodeId> node_of_beat(std::string_view key) {
  return key.size() == 1 ? std::optional(static_cast<NodeId>(key.front())) : std::nullopt;
}
RowName lease(std::string_view name) { return {RowTable::leases, std::string(name)}; }
RowName notice(std::string_view name) { return {RowTable::notices, std::string(name)}; }
RowName member(std::string_view name) { return {RowTable::members, by_name + std::string(name)}; }
RowName member(NodeId node) { return {RowTable::members, by_number + one_octet(node)}; }
RowRange member_numbers() { return all_with(RowTable::members, std::string(1, by_number)); }
std::optional<NodeId> node_of_member(std::string_view key) {
  return key.size() == 2 && key.front() == by_number ? std::optional(static_cast<NodeId>(key.back())) : std::nullopt;
}

}  // namespace row_keys
}  // namespace xion
