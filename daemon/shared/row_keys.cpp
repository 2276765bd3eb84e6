#include "shared/row_keys.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "smpp/message_id.h"

namespace xion::row_keys {
namespace {

/// Longer ones are told apart by whoever reads what is found.
constexpr std::size_t name_octets = 200;

template <typename Integer>
void add(std::string& to, Integer value) {
  to += BigEndian(value).view();
}

/// So that negative ones sort before the others.
std::uint32_t sorted(std::int32_t value) { return static_cast<std::uint32_t>(value) ^ 0x8000'0000U; }

constexpr std::size_t when_at = 1 + sizeof(AppId) + 1, name_at = when_at + sizeof(std::int32_t);

}  // namespace

std::string moment(WallTime at) {
  return std::string(BigEndian(static_cast<std::uint64_t>(std::max<std::int64_t>(unix_millis(at), 0))).view());
}
WallTime moment_at(std::string_view octets) {
  return wall_time(static_cast<std::int64_t>(from_big_endian<std::uint64_t>(octets.substr(0, 8))));
}

std::string after(std::string prefix) {
  while (!prefix.empty()) {
    const auto last = static_cast<std::uint8_t>(prefix.back());
    if (last != 0xFF) {
      prefix.back() = static_cast<char>(last + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return prefix;
}

RowName thing(ThingKind kind, std::string_view key) {
  if (kind == ThingKind::guesses) return {RowTable::guesses, std::string(key)};
  return {RowTable::things, std::string(1, static_cast<char>(kind)).append(key)};
}

RowName otp(const OtpId& id) { return {RowTable::otps, std::string(as_text(id.octets))}; }
OtpId otp_of(std::string_view octets) {
  OtpId id;
  std::ranges::copy(as_octets(octets.substr(0, OtpId::size)), id.octets.begin());
  return id;
}

std::string of_app(AppId app) { return std::string(BigEndian(app).view()); }
std::string of_phone(const Fingerprint& phone) { return std::string(as_text(phone)); }

std::string name_prefix(AppId app, char kind, std::string_view name) {
  std::string prefix = of_app(app);
  prefix += kind;
  prefix += name.substr(0, name_octets);
  prefix += '\0';
  return prefix;
}

RowName phone(const Fingerprint& phone) { return {RowTable::phones, std::string(as_text(phone))}; }
std::string idle_phone(WallTime since) { return std::string(1, '\1').append(moment(since)); }
std::string pending_phone(WallTime expires_at) { return std::string(1, '\2').append(moment(expires_at)); }

RowName outbox(const OtpId& id, std::uint8_t message) {
  return {RowTable::outbox, std::string(as_text(id.octets)) + static_cast<char>(message)};
}
std::string outbox_order(NodeId node, OutboxState state) {
  return {static_cast<char>(node + 1), static_cast<char>(std::to_underlying(state) + 1)};
}

RowName carrier_id(std::string_view carrier, std::string_view smsc_message_id) {
  return {RowTable::carrier_ids,
          std::string(carrier).append(1, '\0').append(smpp::canonical_message_id(smsc_message_id).substr(0, 200))};
}

RowName events(const HistoryKey& key) {
  std::string octets(1, static_cast<char>(key.kind));
  add(octets, key.app);
  octets += as_text(key.subject);
  return {RowTable::events, std::move(octets)};
}

std::optional<HistoryKey> history_of(std::string_view key) {
  HistoryKey history{};
  if (key.size() != 1 + sizeof(AppId) + history.subject.size()) return std::nullopt;
  history.kind = static_cast<HistoryKind>(key.front());
  history.app = from_big_endian<AppId>(key.substr(1, sizeof(AppId)));
  std::ranges::copy(as_octets(key.substr(1 + sizeof(AppId))), history.subject.begin());
  return history;
}

RowName answer(const Digest& key) { return {RowTable::answers, std::string(as_text(key))}; }
RowName row(RowTable table, RowId id) { return {table, std::string(BigEndian(id).view())}; }
RowId row_of(std::string_view octets) { return from_big_endian<RowId>(octets.substr(0, sizeof(RowId))); }

std::string sums_of_kind(const SumsPlace& place, StatKind kind) {
  std::string octets(1, place.period == SumsPlace::Period::day ? days_begin : hours_begin);
  add(octets, place.app);
  octets += static_cast<char>(kind);
  add(octets, sorted(place.when));
  return octets;
}
std::string sums(const SumsPlace& place, StatKind kind, std::string_view name) {
  return sums_of_kind(place, kind).append(name.substr(0, name_octets)).append(1, '\0');
}
std::int32_t when_of(std::string_view key) {
  return static_cast<std::int32_t>(from_big_endian<std::uint32_t>(key.substr(when_at, sizeof(std::int32_t))) ^
                                   0x8000'0000U);
}
std::string_view name_of(std::string_view key) {
  key.remove_suffix(2);  // Its end, and the node.
  return key.substr(name_at);
}

std::string counters(AppId app, CounterPeriod period) {
  std::string octets(1, counters_begin);
  add(octets, app);
  add(octets, sorted(period.key()));
  return octets;
}

std::optional<SumsRow> sums_of(std::string_view key) {
  if (key.size() < name_at + 2 || (key.front() != days_begin && key.front() != hours_begin)) return std::nullopt;
  const auto period = key.front() == days_begin ? SumsPlace::Period::day : SumsPlace::Period::hour;
  return SumsRow{{period, from_big_endian<AppId>(key.substr(1, sizeof(AppId))), when_of(key)},
                 static_cast<StatKind>(key[when_at - 1]),
                 std::string(name_of(key)),
                 {}};
}
std::optional<CountersRow> counters_of(std::string_view key) {
  constexpr std::size_t period_at = 1 + sizeof(AppId), octets = period_at + sizeof(std::int32_t) + 1;
  if (key.size() != octets || key.front() != counters_begin) return std::nullopt;
  const auto period = from_big_endian<std::uint32_t>(key.substr(period_at, sizeof(std::int32_t))) ^ 0x8000'0000U;
  return CountersRow{from_big_endian<AppId>(key.substr(1, sizeof(AppId))), static_cast<std::int32_t>(period), {}};
}

RowName stripe(std::string prefix, NodeId node) {
  return {RowTable::sums, std::move(prefix) + static_cast<char>(node)};
}

RowName traffic(std::uint64_t subject, NodeId node) {
  return {RowTable::traffic, std::string(BigEndian(subject).view()) + static_cast<char>(node)};
}

namespace {

constexpr char of_all_nodes = '\xFF';

std::string volume_prefix(AppId app, Month month) {
  std::string octets = of_app(app);
  add(octets, sorted(CounterPeriod(month).key()));
  return octets;
}

}  // namespace

RowName volume_share(AppId app, Month month, NodeId node) {
  return {RowTable::quotas, volume_prefix(app, month) + static_cast<char>(node)};
}
RowName volume_pool(AppId app, Month month) { return {RowTable::quotas, volume_prefix(app, month) + of_all_nodes}; }
RowRange volume(AppId app, Month month) { return all_with(RowTable::quotas, volume_prefix(app, month)); }

}  // namespace xion::row_keys
