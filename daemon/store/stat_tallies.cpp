#include "store/stat_tallies.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "store/otp_key.h"
#include "store/row_octets.h"

namespace xion {
namespace {

/// Of either table, so many rows are remembered as they were written: 1 MiB.
constexpr std::size_t written_max = 1'000;

constexpr std::size_t name_at = sizeof(AppId) + 1 + sizeof(std::uint32_t);

Table table_of(const SumsPlace& place) {
  return place.period == SumsPlace::Period::day ? Table::stats : Table::stat_hours;
}

SumsPlace place_of(Table table, std::string_view key) {
  const auto number_at = [&](std::size_t at) { return from_big_endian<std::uint32_t>(key.substr(at, 4)); };
  if (table == Table::stats)
    return {SumsPlace::Period::day, number_at(0), static_cast<std::int32_t>(number_at(sizeof(AppId) + 1))};
  return {SumsPlace::Period::hour, number_at(4), static_cast<std::int32_t>(number_at(0))};
}

StatKind kind_of(Table table, std::string_view key) {
  return static_cast<StatKind>(key[table == Table::stats ? sizeof(AppId) : sizeof(AppId) + 4]);
}

}  // namespace

/// Days stay, and are read for one app at a time. Hours come and go in the order of time, so that what is written lies
/// together.
void StatTallies::write_key(std::string& key, const SumsPlace& place, StatKind kind, std::string_view name) {
  const BigEndian<AppId> app(place.app);
  const BigEndian<std::uint32_t> when(static_cast<std::uint32_t>(place.when));
  const bool is_day = place.period == SumsPlace::Period::day;
  key.resize(name_at + name.size());
  char* at = key.data();
  const auto put = [&](std::string_view part) { at = std::ranges::copy(part, at).out; };
  put(is_day ? app.view() : when.view());
  if (!is_day) put(app.view());
  *at++ = static_cast<char>(kind);
  if (is_day) put(when.view());
  put(name);
}

void StatTallies::clear() {
  changed_days_.clear();
  changed_hours_.clear();
}

bool StatTallies::has_sums(const SumsPlace& place) {
  write_key(key_, place, StatKind::all, {});
  return changed_of(table_of(place)).contains(key_) || kv_.get(table_of(place), key_).has_value();
}

StatSums& StatTallies::sums(const SumsPlace& place, StatKind kind, std::string_view name) {
  write_key(key_, place, kind, name);
  Changed& changed = changed_of(table_of(place));
  if (const auto at = changed.find(key_); at != changed.end()) return at->second;
  const auto kept = kv_.get(table_of(place), key_);
  return changed.emplace(key_, kept ? read(table_of(place), *kept) : StatSums{}).first->second;
}

/// Of the row of `key_`. What was written may not have been kept: the octets say whether it was.
StatSums StatTallies::read(Table table, std::string_view row) {
  const auto& written = written_of(table);
  const auto at = written.find(key_);
  if (at != written.end() && at->second.row == row) return at->second.sums;
  return stat_sums_from_row(row).value_or(StatSums{});
}

void StatTallies::flush() {
  for (const Table table : {Table::stats, Table::stat_hours}) {
    Changed& changed = changed_of(table);
    LastWritten& written = written_of(table);
    if (written.size() > written_max) written.clear();
    for (const auto& [key, sums] : changed) {
      Written& last = written[key];
      last = {to_row(sums), sums};
      kv_.put(table, key, last.row);
    }
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

std::map<std::string, StatSums> StatTallies::until(const SumsPlace& place, StatKind kind, std::int32_t last) {
  std::map<std::string, StatSums> found;
  std::string from, end;
  if (place.period == SumsPlace::Period::day) {
    write_key(from, place, kind, {});
    write_key(end, {place.period, place.app, last + 1}, kind, {});
    add_rows(found, Table::stats, from, end);
    return found;
  }
  for (SumsPlace hour = place; hour.when <= last; ++hour.when) {
    write_key(from, hour, kind, {});
    write_key(end, hour, static_cast<StatKind>(std::to_underlying(kind) + 1), {});
    add_rows(found, Table::stat_hours, from, end);
  }
  return found;
}

/// A place is the number of the table, then the key of a row.
void StatTallies::visit_from(std::string_view from, VisitSums visit) {
  flush();
  bool goes_on = true;
  for (const Table table : {Table::stats, Table::stat_hours}) {
    const std::string begin(1, static_cast<char>(table));
    if (!from.empty() && from.front() > begin.front()) continue;
    const bool is_within = !from.empty() && from.front() == begin.front();
    kv_.scan(table, is_within ? from.substr(1) : std::string_view(), [&](std::string_view key, std::string_view value) {
      const auto sums = stat_sums_from_row(value);
      if (!sums || key.size() < name_at) return true;
      goes_on = visit(begin + std::string(key) + '\0',
                      SumsRow{place_of(table, key), kind_of(table, key), std::string(key.substr(name_at)), *sums});
      return goes_on;
    });
    if (!goes_on) return;
  }
}

std::size_t StatTallies::erase_hours(Hour before, std::size_t limit) {
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
