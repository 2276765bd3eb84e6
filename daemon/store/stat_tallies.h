#pragma once
#include <map>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "ports/store.h"
#include "store/kv.h"

namespace xion {

/// The sums that statistics are told from, one row for each app, kind, day and name, and for the last two days one for
/// each hour as well. A request takes its old share out of them and puts its new one in, in the transaction that
/// changes it: so they can't disagree with a recount.
class StatTallies {
 public:
  explicit StatTallies(Kv& kv) : kv_(kv) {}

  /// Nothing is known of a transaction before.
  void clear();
  void replace(AppId app, const OtpId& id, const OtpShare& before, const OtpShare& after);
  /// Writes what changed.
  void flush();
  /// As the transaction sees them.
  std::map<std::string, StatSums> of_days(AppId app, StatKind kind, Day first, Day last);
  std::map<std::string, StatSums> of_hours(AppId app, StatKind kind, Hour first, Hour last);
  /// Removes at most `limit` rows of hours before `before`, the oldest first; returns how many.
  std::size_t prune_hours(Hour before, std::size_t limit);

 private:
  using Changed = absl::flat_hash_map<std::string, StatSums>;  ///< By the key on disk.
  /// The rows of one app in one day, or in one hour.
  struct Place {
    Table table = Table::stats;
    AppId app = 0;
    std::int32_t when = 0;
  };
  /// What a request added and what it adds; null: nothing.
  struct Change {
    const OtpId& id;
    const OtpShare* out = nullptr;
    const OtpShare* in = nullptr;
  };

  static void write_key(std::string& key, const Place& place, StatKind kind, std::string_view name);
  Changed& changed_of(Table table) { return table == Table::stats ? changed_days_ : changed_hours_; }
  bool is_kept(const Place& place);
  StatSums& row(const Place& place, StatKind kind, std::string_view name);
  void change(const Place& place, const Change& change);
  void change_named(const Place& place, StatKind kind, const std::string OtpShare::* name, const Change& change);
  void add_rows(std::map<std::string, StatSums>& found, Table table, const std::string& first, const std::string& end);

  Kv& kv_;
  Changed changed_days_;
  Changed changed_hours_;
  std::string key_;  ///< Scratch, kept for its room.
};

}  // namespace xion
