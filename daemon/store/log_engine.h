#pragma once
#include <cstddef>
#include <expected>
#include <optional>
#include <string>

#include "core/record_formats.h"
#include "ports/engine.h"
#include "store/indexes.h"
#include "store/kv.h"
#include "store/log_records.h"

namespace xion {

/// Why a store can't be opened: one sentence that says what would help.
struct StoreOpenError {
  std::string text;
};

/// Nothing, or why a kept store can't be used: it is not ours, newer, or of another master key. Null: whichever key it
/// is of. In a transaction that the caller began.
std::string why_not_usable(Kv& kv, const Digest* check_value);

/// Of what waits for webhooks, which may be a million rows, a start reads a part and leaves the rest to the
/// transactions that follow: from a cold disk a thousand takes some 10 ms. Rows.
struct WaitingSizes {
  std::size_t at_start = 16'384;
  std::size_t piece = 1'024;
};

/// Ordered octets as an engine: schema, indexes, one transaction at a time. Has no thread and no clock of its own.
class LogEngine final : public Engine {
 public:
  /// Tests make the sizes small.
  explicit LogEngine(Kv& kv, RunSizes sizes = {}, WaitingSizes waiting = {})
      : kv_(kv), indexes_(kv, sizes), records_(kv, indexes_), waiting_sizes_(waiting) {}

  /// Makes an empty store ours, or makes sure that a kept one is: the schema known, the master key the same. Then
  /// builds the indexes.
  std::expected<void, StoreOpenError> open(const Digest& check_value, WallTime now);

  Records& records() override { return records_; }
  void begin(WallTime now) override;
  void begin_reading(WallTime now) override;
  void finish() override;
  bool commit() override;
  void abort() noexcept override { kv_.abort(); }
  bool has_counted() const override { return records_.has_counted(); }
  void make_room(WallTime now) override;
  void reload(WallTime now) override { rebuild(now); }
  void recover(WallTime now) override;

  /// As the data file keeps it for our master key; nothing where that was never changed.
  const std::optional<std::string>& key_ring() const { return key_ring_; }
  const std::string& trouble() const { return records_.trouble(); }
  std::size_t requests() const { return requests_; }
  /// There are deliveries that wait and were not read yet: each transaction that may write reads some of them. Until
  /// then they are due for nobody.
  bool has_unread_waiting() const { return unread_waiting_.has_value(); }
  RunIndex::Size index_size() { return indexes_.runs().size(); }

 private:
  void rebuild(WallTime now);
  void rebuild_requests(WallTime now);
  void rebuild_rows();
  void read_waiting(std::size_t rows);
  void raise_marks(const FormatLine& formats);
  void count_stats(WallTime now);
  void make_searchable();
  void make_indexes(WallTime now);
  void in_pieces(WallTime now, absl::FunctionRef<bool(std::string& from)> piece);
  bool scan_piece(Table table, std::string& from,
                  absl::FunctionRef<void(std::string_view key, std::string_view value)> take);

  Kv& kv_;
  Indexes indexes_;
  LogRecords records_;
  const WaitingSizes waiting_sizes_;
  std::optional<RowId> unread_waiting_;  ///< The first delivery that was not read; nothing: all were.
  WallTime opened_at_{};
  std::size_t requests_ = 0;
  std::optional<std::string> key_ring_;
};

}  // namespace xion
