#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "ports/rows.h"
#include "shared/row_cache.h"

namespace xion {

/// A limit that nothing meets.
inline constexpr std::size_t rows_without_end = 2'500'000;

/// A task reads what was not fetched yet: it is broken off, and runs again when that is here. Only who runs tasks
/// catches it.
class Unread final : public std::runtime_error {
 public:
  Unread() : std::runtime_error("a row was not fetched yet") {}
};

/// What has to be fetched for a task, each once.
class WantedRows {
 public:
  void add(const RowName& row) { rows_.insert(row); }
  bool has(RowTable table) const;
  /// With the largest limit that anybody wants.
  void add(const RowRange& range, std::size_t limit);
  void add(const WantedRows& others);
  bool is_empty() const { return rows_.empty() && ranges_.empty(); }
  const std::set<RowName>& rows() const { return rows_; }
  const std::map<RowRange, std::size_t>& ranges() const { return ranges_; }

 private:
  std::set<RowName> rows_;
  std::map<RowRange, std::size_t> ranges_;
};

/// The rows as the tasks of a batch see them, one after the other: as they were fetched or are known, and over that
/// what tasks before, and this one, have changed. A task that is broken off has changed nothing.
class RowView {
 public:
  explicit RowView(RowCache& cache) : cache_(cache) {}

  /// Nothing is changed, and no range known. `is_careful`: the last try met a conflict, so that nothing is taken for
  /// absent that was not looked for.
  void begin_batch(bool is_careful);
  /// What was wanted has come.
  void learn(const WantedRows& wanted, FetchedRows& fetched);
  void begin_task();
  void keep_task();
  void drop_task();

  /// Null: there is none. Valid until the next call.
  const RowContent* read(const RowName& name);
  /// The same of a row that is new as a rule, such as one under an id that was just drawn: where it is not known, it is
  /// taken for absent, and the commit finds out.
  const RowContent* read_new(const RowName& name);
  /// The same of one that nobody else can have made: it is not looked for after a conflict either.
  const RowContent* read_drawn(const RowName& name);
  bool is_known(const RowName& name);
  /// What is known of it is of this round: fetched for it, or changed in it.
  bool is_of_round(const RowName& name);
  /// Of a row that is not known: what it was lately, if that is remembered. Valid until the next call.
  const RowContent* remembered(const RowName& name) const { return cache_.remembered(name); }
  /// Another row says that it is no longer what is known of it: it is fetched, and the task comes again.
  [[noreturn]] void want_again(const RowName& name);
  /// For a task that needs several: says of each which has to be fetched. False: some have.
  bool want_all(const std::vector<RowName>& names);
  /// Says of a row that it has to be fetched in this round, whatever is remembered of it. False: it has.
  bool want_new(const RowName& name);
  /// The same, and breaks off there.
  void read_all(const std::vector<RowName>& names);
  void put(const RowName& name, RowContent content);
  void erase(const RowName& name);
  /// Of a row that another row of the same change answers for, whatever it is.
  void put_unseen(const RowName& name, RowContent content);
  void erase_unseen(const RowName& name);
  /// Another node is going to change it as soon as the batch is kept: nothing of it is remembered.
  void pass_on(const RowName& name) { passed_on_.push_back(name); }
  /// The first of a range, `limit` at most.
  std::vector<StoredRow> read(const RowRange& range, std::size_t limit);

  /// Taken back where the task is broken off, or the batch is not kept.
  void on_undo(std::move_only_function<void()> undo) { undo_task_.push_back(std::move(undo)); }

  /// Of the task that was broken off: what was missing, and the ranges that it had.
  const WantedRows& wanted() const { return wanted_; }
  /// What of that is not here yet.
  WantedRows missing();
  bool has_task_changed() const { return !is_empty(task_); }
  /// Rows of earlier rounds that the task went by.
  const WantedRows& old_rows() const { return old_rows_; }

  bool has_changed() const { return !is_empty(batch_); }
  std::vector<RowChange> changes() const;
  /// All that the batch went by, or changed: what a conflict can be about.
  WantedRows touched() const;
  /// The batch was written under that stamp: the cache knows it.
  void keep_batch(RowStamp stamp);
  void drop_batch();

 private:
  struct Change {
    std::optional<RowContent> content;
    std::optional<RowStamp> replaces;
  };
  /// Made and gone in one batch.
  static bool is_nothing(const Change& made) { return made.replaces == RowStamp{0} && !made.content; }
  void learn(const RowRange& range, std::size_t limit, const std::vector<StoredRow>& rows);
  /// Of each table by key: few of a task, thousands of a batch.
  using TaskChanges = std::array<std::map<std::string, Change>, row_tables>;
  using BatchChanges = std::array<absl::flat_hash_map<std::string, Change>, row_tables>;
  struct Fetched {
    std::vector<StoredRow> rows;
    std::size_t limit = 0;
    bool is_whole() const { return rows.size() < limit; }
  };
  static bool is_empty(const auto& changes) {
    return std::ranges::all_of(changes, [](const auto& of_table) { return of_table.empty(); });
  }
  const Change* changed(const RowName& name) const;
  Change& change(const RowName& name, std::optional<RowStamp> replaces);
  std::optional<RowStamp> stamp_of(const RowName& name);
  std::vector<StoredRow> merged(const RowRange& range, const std::vector<StoredRow>& rows) const;
  std::vector<StoredRow> read_whole(const RowRange& range, std::size_t limit);
  [[noreturn]] void want(const RowRange& range, std::size_t limit);
  static void undo(std::vector<std::move_only_function<void()>>& steps);

  RowCache& cache_;
  bool is_careful_ = false;
  std::map<RowRange, Fetched> ranges_;
  BatchChanges batch_;
  TaskChanges task_;
  WantedRows wanted_, old_rows_;
  absl::flat_hash_set<RowName> touched_;
  std::vector<RowName> passed_on_;
  std::vector<std::move_only_function<void()>> undo_task_, undo_batch_;
};

RowWants wants_of(const WantedRows& wanted);

/// Where a row stands in one of its orders; empty: nowhere.
std::string_view place_of(const RowRange& range, std::string_view key, const RowContent& content);

}  // namespace xion
