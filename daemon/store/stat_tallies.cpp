#include "store/stat_tallies.h"

#include <algorithm>
#include <vector>

#include "store/row_id.h"
#include "store/rows.h"

namespace xion {
namespace {

constexpr std::size_t name_at = sizeof(AppId) + 1 + sizeof(std::uint32_t);

void write_stat_key(std::string& key, AppId app, StatKind kind, Day day, std::string_view name) {
  key.assign(BigEndian<AppId>(app).view());
  key.push_back(static_cast<char>(kind));
  key += BigEndian<std::uint32_t>(static_cast<std::uint32_t>(day)).view();
  key += name;
}

}  // namespace

StatSums& StatTallies::row(AppId app, StatKind kind, Day day, std::string_view name) {
  write_stat_key(key_, app, kind, day, name);
  if (const auto at = changed_.find(key_); at != changed_.end()) return at->second;
  StatSums sums;
  if (const auto kept = kv_.get(Table::stats, key_)) sums = stat_sums_from_row(*kept).value_or(StatSums{});
  return changed_.emplace(key_, sums).first->second;
}

void StatTallies::add(StatSums& sums, const OtpId& id, const OtpShare& share, int sign) {
  for (std::size_t i = 0; i < stat_count; ++i) sums.counts[i] += sign * share.counts[i];
  for (const std::uint8_t latency : share.latencies) sums.latencies[latency] += sign;
  sums.latest = std::max(sums.latest, id);
}

void StatTallies::add(AppId app, const OtpId& id, const OtpShare& share, int sign) {
  if (!share.is_counted) return;
  const Day day = day_of(made_at(id));
  add(row(app, StatKind::all, day, {}), id, share, sign);
  add(row(app, StatKind::country, day, share.country), id, share, sign);
  add(row(app, StatKind::route, day, share.route), id, share, sign);
  const auto count_one = [&](StatKind kind, std::string_view name, Stat stat) {
    row(app, kind, day, name).counts[static_cast<std::size_t>(stat)] += sign;
  };
  for (const std::string& error : share.errors) count_one(StatKind::error, error, Stat::undelivered);
  for (const std::string& refusal : share.refusals) count_one(StatKind::blocked, refusal, Stat::blocked);
}

void StatTallies::replace(AppId app, const OtpId& id, const OtpShare& before, const OtpShare& after) {
  if (before == after) return;
  add(app, id, before, -1);
  add(app, id, after, 1);
}

void StatTallies::flush() {
  for (const auto& [key, sums] : changed_) kv_.put(Table::stats, key, to_row(sums));
  changed_.clear();
}

std::map<std::string, StatSums> StatTallies::sums(AppId app, StatKind kind, Day first, Day last) {
  std::map<std::string, StatSums> found;
  std::string from, end;
  write_stat_key(from, app, kind, first, {});
  write_stat_key(end, app, kind, last + 1, {});
  kv_.scan(Table::stats, from, [&](std::string_view key, std::string_view value) {
    if (key >= end) return false;
    if (changed_.contains(std::string(key))) return true;   // The newer one is added below.
    if (const auto sums = stat_sums_from_row(value)) found[std::string(key.substr(name_at))].add(*sums);
    return true;
  });
  for (const auto& [key, sums] : changed_) {
    if (key >= from && key < end) found[key.substr(name_at)].add(sums);
  }
  return found;
}

}  // namespace xion
