#pragma once
#include <map>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "ports/store.h"
#include "store/kv.h"

namespace xion {

/// The sums that statistics are told from, one row for each app, kind, day and name. A request takes its old share out of
/// them and puts its new one in, in the transaction that changes it: so they can't disagree with a recount.
class StatTallies {
 public:
  explicit StatTallies(Kv& kv) : kv_(kv) {}

  /// Nothing is known of a transaction before.
  void clear() { changed_.clear(); }
  void replace(AppId app, const OtpId& id, const OtpShare& before, const OtpShare& after);
  /// Writes what changed.
  void flush();
  /// As the transaction sees them.
  std::map<std::string, StatSums> sums(AppId app, StatKind kind, Day first, Day last);

 private:
  StatSums& row(AppId app, StatKind kind, Day day, std::string_view name);
  void add(AppId app, const OtpId& id, const OtpShare& share, int sign);
  void add(StatSums& sums, const OtpId& id, const OtpShare& share, int sign);

  Kv& kv_;
  absl::flat_hash_map<std::string, StatSums> changed_;   ///< By the key on disk.
  std::string key_;                                      ///< Scratch, kept for its room.
};

}  // namespace xion
