#pragma once
#include <map>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "core/otp/otp_sums.h"
#include "ports/records.h"
#include "store/kv.h"

namespace xion {

/// The rows of sums, one for each app, kind, day and name, and for the last two days one for each hour as well. Those
/// that a transaction changes are in memory until it is flushed.
class StatTallies {
 public:
  explicit StatTallies(Kv& kv) : kv_(kv) {}

  /// Nothing is known of a transaction before.
  void clear();
  /// A row to be added to, valid until the next call.
  StatSums& sums(const SumsPlace& place, StatKind kind, std::string_view name);
  /// Whether there is the row `StatKind::all` of a place.
  bool has_sums(const SumsPlace& place);
  /// Writes what changed.
  void flush();
  /// By name, from `place.when` to `last`, as the transaction sees them.
  std::map<std::string, StatSums> until(const SumsPlace& place, StatKind kind, std::int32_t last);
  /// Rows of days, then of hours, from a place on.
  void visit_from(std::string_view from, VisitSums visit);
  /// Removes at most `limit` rows of hours before `before`, the oldest first; returns how many.
  std::size_t erase_hours(Hour before, std::size_t limit);

 private:
  /// By the key on disk.
  using Changed = absl::flat_hash_map<std::string, StatSums>;
  /// A row as it was written last, and what it says: most are changed again by the next transaction.
  struct Written {
    std::string row;
    StatSums sums;
  };
  using LastWritten = absl::flat_hash_map<std::string, Written>;

  static void write_key(std::string& key, const SumsPlace& place, StatKind kind, std::string_view name);
  Changed& changed_of(Table table) { return table == Table::stats ? changed_days_ : changed_hours_; }
  LastWritten& written_of(Table table) { return table == Table::stats ? written_days_ : written_hours_; }
  StatSums read(Table table, std::string_view row);
  void add_rows(std::map<std::string, StatSums>& found, Table table, const std::string& first, const std::string& end);

  Kv& kv_;
  Changed changed_days_;
  Changed changed_hours_;
  LastWritten written_days_;
  LastWritten written_hours_;
  std::string key_;  ///< Scratch, kept for its room.
};

}  // namespace xion
