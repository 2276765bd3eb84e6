#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <absl/container/flat_hash_map.h>

#include "base/time.h"
#include "ports/rows.h"

namespace xion {

/// Rows as this node read or wrote them last. Of `things` all there are; of the others so many as were touched lately:
/// what a round did not fetch itself may be old by now, which the commit of whoever changes it finds out, at the price
/// of its whole batch: where there are others, what they may have changed is known for a while only. That a row is not
/// there is known for one round only.
class RowCache {
 public:
  struct Known {
    std::optional<RowContent> content;  ///< Nothing: there is no such row.
    RowStamp stamp = 0;
    std::uint64_t round = 0;  ///< In which it was fetched, or written.
    MonoTime at{};            ///< When that was.
  };
  /// `rows_of_generation`: twice as many are kept at most.
  explicit RowCache(std::size_t rows_of_generation = 50'000) : rows_of_generation_(rows_of_generation) {}
  /// Of things it knows what another one does, and learns none.
  explicit RowCache(const RowCache* things_of) : RowCache() { things_of_ = things_of; }
  RowCache(const RowCache&) = delete;
  RowCache& operator=(const RowCache&) = delete;

  static bool is_whole(RowTable table) { return table == RowTable::things; }

  /// Rows that other nodes may change are known for so long. Without it: for ever.
  void keep_for(Millis time) { kept_for_ = time; }

  /// What is learnt from now on is of this round, in which nothing of it goes.
  void begin_round(MonoTime now = {});
  std::uint64_t round() const { return round_; }

  /// Null: not known. Valid until something is learnt or forgotten.
  const Known* find(const RowName& name);
  /// However old: what is still likely, and nothing to decide by.
  const RowContent* remembered(const RowName& name) const;
  void learn(RowName name, const std::optional<StoredRow>& row);
  void wrote(const RowName& name, std::optional<RowContent> content, RowStamp stamp);
  /// It isn't what it was thought to be.
  void forget(const RowName& name);
  void forget_all();

  /// Of a whole table, in the order of keys.
  const std::map<std::string, Known>& things() const { return things_of_->things_; }
  /// Of a whole table: rows that are not known any more.
  const std::set<std::string>& forgotten_things() const { return things_of_->forgotten_things_; }

 private:
  using Rows = absl::flat_hash_map<RowName, Known>;
  void keep(const RowName& name, Known known);
  bool is_over(RowTable table, const Known& known) const;

  std::size_t rows_of_generation_;
  std::uint64_t round_ = 0;
  MonoTime now_{};
  std::optional<Millis> kept_for_;
  Rows young_, old_;  ///< A full young one takes the place of the old one. What both have is as the young one has it.
  Rows passing_;      ///< Known for this round only: that a row is not there, and what nobody reads twice.
  std::map<std::string, Known> things_;
  std::map<std::string, RowStamp> gone_things_;  ///< Of which a row says that they are gone.
  std::set<std::string> forgotten_things_;
  const RowCache* things_of_ = this;
  Known absent_thing_;
};

}  // namespace xion
