#include "store/stat_tallies.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "store/row_id.h"
#include "store/rows.h"

namespace xion {
namespace {

constexpr std::size_t name_at = sizeof(AppId) + 1 + sizeof(std::uint32_t);

void add(StatSums& sums, const OtpId& id, const OtpShare& share, int sign) {
  for (std::size_t i = 0; i < stat_count; ++i) sums.counts[i] += sign * share.counts[i];
  for (const std::uint8_t latency : share.latencies) sums.latencies[latency] += sign;
  sums.latest = std::max(sums.latest, id);
}

}  // namespace

/// Days stay, and are read for one app at a time. Hours come and go in the order of time, so that what is written lies
/// together.
void StatTallies::write_key(std::string& key, const Place& place, StatKind kind, std::string_view name) {
  const BigEndian<AppId> app(place.app);
  const BigEndian<std::uint32_t> when(static_cast<std::uint32_t>(place.when));
  const bool is_day = place.table == Table::stats;
  key.assign(is_day ? app.view() : when.view());
  if (!is_day) key += app.view();
  key.push_back(static_cast<char>(kind));
  if (is_day) key += when.view();
  key += name;
}

void StatTallies::clear() {
  changed_days_.clear();
  changed_hours_.clear();
}

bool StatTallies::is_kept(const Place& place) {
  write_key(key_, place, StatKind::all, {});
  return changed_of(place.table).contains(key_) || kv_.get(place.table, key_).has_value();
}

StatSums& StatTallies::row(const Place& place, StatKind kind, std::string_view name) {
  write_key(key_, place, kind, name);
  Changed& changed = changed_of(place.table);
  if (const auto at = changed.find(key_); at != changed.end()) return at->second;
  StatSums sums;
  if (const auto kept = kv_.get(place.table, key_)) sums = stat_sums_from_row(*kept).value_or(StatSums{});
  return changed.emplace(key_, sums).first->second;
}

/// Most changes stay within a row, which is then looked for once.
void StatTallies::change_named(const Place& place, StatKind kind, const std::string OtpShare::* name,
                               const Change& change) {
  if (change.out != nullptr && change.in != nullptr && change.out->*name == change.in->*name) {
    StatSums& sums = row(place, kind, change.in->*name);
    add(sums, change.id, *change.out, -1);
    add(sums, change.id, *change.in, 1);
    return;
  }
  if (change.out != nullptr) add(row(place, kind, change.out->*name), change.id, *change.out, -1);
  if (change.in != nullptr) add(row(place, kind, change.in->*name), change.id, *change.in, 1);
}

void StatTallies::change(const Place& place, const Change& change) {
  StatSums& all = row(place, StatKind::all, {});
  if (change.out != nullptr) add(all, change.id, *change.out, -1);
  if (change.in != nullptr) add(all, change.id, *change.in, 1);
  change_named(place, StatKind::country, &OtpShare::country, change);
  change_named(place, StatKind::route, &OtpShare::route, change);
  for (const auto& [share, sign] : {std::pair(change.out, -1), std::pair(change.in, 1)}) {
    if (share == nullptr) continue;
    const auto count_one = [&](StatKind kind, std::string_view name, Stat stat) {
      row(place, kind, name).counts[static_cast<std::size_t>(stat)] += sign;
    };
    for (const std::string& error : share->errors) count_one(StatKind::error, error, Stat::undelivered);
    for (const std::string& refusal : share->refusals) count_one(StatKind::blocked, refusal, Stat::blocked);
  }
}

void StatTallies::replace(AppId app, const OtpId& id, const OtpShare& before, const OtpShare& after) {
  if (before == after) return;
  const Change difference{id, before.is_counted ? &before : nullptr, after.is_counted ? &after : nullptr};
  change({Table::stats, app, day_of(made_at(id))}, difference);
  const Place hour{Table::stat_hours, app, hour_of(made_at(id))};
  // An hour that has gone, or that no request made in it has begun, is not begun by what came of one.
  if (difference.out == nullptr || is_kept(hour)) change(hour, difference);
}

void StatTallies::flush() {
  for (const Table table : {Table::stats, Table::stat_hours}) {
    Changed& changed = changed_of(table);
    for (const auto& [key, sums] : changed) kv_.put(table, key, to_row(sums));
    changed.clear();
  }
}

/// The rows whose keys are not before `first`, and before `end`.
void StatTallies::add_rows(std::map<std::string, StatSums>& found, Table table, const std::string& first,
                           const std::string& end) {
  const Changed& changed = changed_of(table);
  kv_.scan(table, first, [&](std::string_view key, std::string_view value) {
    if (key >= end) return false;
    if (changed.contains(std::string(key))) return true;  // The newer one is added below.
    if (const auto sums = stat_sums_from_row(value)) found[std::string(key.substr(name_at))].add(*sums);
    return true;
  });
  for (const auto& [key, sums] : changed) {
    if (key >= first && key < end) found[key.substr(name_at)].add(sums);
  }
}

std::map<std::string, StatSums> StatTallies::of_days(AppId app, StatKind kind, Day first, Day last) {
  std::map<std::string, StatSums> found;
  std::string from, end;
  write_key(from, {Table::stats, app, first}, kind, {});
  write_key(end, {Table::stats, app, last + 1}, kind, {});
  add_rows(found, Table::stats, from, end);
  return found;
}

std::map<std::string, StatSums> StatTallies::of_hours(AppId app, StatKind kind, Hour first, Hour last) {
  std::map<std::string, StatSums> found;
  for (Hour hour = first; hour <= last; ++hour) {
    std::string from, end;
    write_key(from, {Table::stat_hours, app, hour}, kind, {});
    write_key(end, {Table::stat_hours, app, hour}, static_cast<StatKind>(std::to_underlying(kind) + 1), {});
    add_rows(found, Table::stat_hours, from, end);
  }
  return found;
}

std::size_t StatTallies::prune_hours(Hour before, std::size_t limit) {
  std::vector<std::string> over;
  const BigEndian<std::uint32_t> end(static_cast<std::uint32_t>(before));
  kv_.scan(Table::stat_hours, {}, [&](std::string_view key, std::string_view) {
    if (key >= end.view() || over.size() >= limit) return false;
    over.emplace_back(key);
    return true;
  });
  for (const std::string& key : over) {
    changed_hours_.erase(key);
    kv_.erase(Table::stat_hours, key);
  }
  return over.size();
}

}  // namespace xion
