#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "store/indexes.h"
#include "store/kv.h"
#include "store/log_txn.h"

namespace xion {

/// Why a store can't be opened: one sentence that says what would help.
struct StoreOpenError {
  std::string text;
};

/// Nothing, or why a kept store can't be used: it is not ours, newer, or of another master key. Null: whichever key it
/// is of. In a transaction that the caller began.
std::string why_not_usable(Kv& kv, const Digest* check_value);

/// Turns ordered octets into the storage seam: schema, indexes, and batches of tasks as transactions. Has no thread and
/// no clock of its own. After a `StoreFailure` nothing but `reload` and `recover` may be called.
class LogEngine {
 public:
  using Batch = std::span<const std::unique_ptr<Task>>;

  /// Tests make the sizes small.
  explicit LogEngine(Kv& kv, RunSizes sizes = {}) : kv_(kv), indexes_(kv, sizes), txn_(kv, indexes_) {}

  /// Makes an empty store ours, or makes sure that a kept one is: the schema known, the master key the same. Then
  /// builds the indexes.
  std::expected<void, StoreOpenError> open(const Digest& check_value, WallTime now);

  /// Applies the tasks in one transaction, again after room was made, and leaves it open.
  void apply(Batch batch, WallTime now);
  /// Makes durable what `apply` of the same batch left. False: nothing was written, nothing needed a commit.
  bool commit(Batch batch, WallTime now);

  /// Applies one task where nothing can be written. False: it wanted to, and nothing came of it.
  bool read(Task& task, WallTime now);
  /// Builds the indexes from what is on disk.
  void reload(WallTime now) { rebuild(now); }
  /// Writes a small row durably, then builds the indexes from what is on disk.
  void recover(WallTime now);

  /// As the data file keeps it for our master key; nothing where that was never changed.
  const std::optional<std::string>& key_ring() const { return key_ring_; }
  const std::string& trouble() const { return txn_.trouble(); }
  std::size_t requests() const { return requests_; }
  RunIndex::Size index_size() { return indexes_.runs().size(); }

 private:
  void rebuild(WallTime now);
  void rebuild_requests(WallTime now);
  void rebuild_rows();
  void raise_schema();
  void count_stats(WallTime now);
  void make_searchable();
  void make_indexes(WallTime now);
  bool scan_piece(Table table, std::string& from,
                  absl::FunctionRef<void(std::string_view key, std::string_view value)> take);
  void make_room(WallTime now);

  Kv& kv_;
  Indexes indexes_;
  LogTxn txn_;
  WallTime opened_at_{};
  std::size_t requests_ = 0;
  std::optional<std::string> key_ring_;
};

}  // namespace xion
