#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/kv.h"
#include "store/near/near_rows.h"

namespace xion {

/// Simulations draw them small.
struct NearLimits {
  std::size_t memory_octets = std::size_t{24} << 20;   ///< Rows that are changed in memory, before they are folded.
  std::size_t journal_octets = std::size_t{64} << 20;  ///< The same in the journal, which holds each change of them.
  std::uint32_t ticks = 60;                            ///< No change waits for longer than so many before it is folded.
  /// What a commit writes to the journal, it folds so many times, …
  std::size_t fold_factor = 2;
  /// … in steps of so many octets, since a page is written as a whole whatever changed in it.
  std::size_t step_octets = std::size_t{96} << 10;
  std::size_t tick_octets = std::size_t{512} << 10;  ///< Folded in a tick without a commit.
};

/// Keeps rows that changed lately near: a commit appends its changes to a journal and holds the rows in memory, where
/// they are changed again, and only later are they folded, in the order of their keys, into the tables below. So a
/// change costs the same whichever row it is of: without it, each commit writes a page and its branches anew for every
/// table and every place in it that it touches, a receipt that comes seconds late as much as a thousand sends.
///
/// There are two layers: the rows that are being changed, and, when they are many or old, those that were frozen to be
/// folded, some in each commit. When all of them are, the journal up to there is erased, some in each commit as well.
/// At the beginning, and after a commit that failed, the rows are read from the journal.
///
/// Rows of some tables are written below at once, in the same transactions: see `is_written_at_once`.
class NearKv final : public Kv {
 public:
  explicit NearKv(Kv& below, NearLimits limits = {}) : below_(below), limits_(limits) {}
  NearKv(const NearKv&) = delete;
  NearKv& operator=(const NearKv&) = delete;

  /// What says what a data file is must be read by who knows no journal; and what the search and the run index write is
  /// large, written once and in the order of its keys.
  static bool is_written_at_once(Table table);

  /// A second or so went by. Where that makes work for the next commit, be it one of nothing else, `has_work` says so.
  void tick();
  bool has_work() const { return has_ticked_; }
  /// Rows are kept that will have to be folded: `tick` must be called.
  bool has_put_off() const { return next_ != first_; }
  /// Folds everything and leaves the journal empty, so that the next start has nothing to read. No transaction is open.
  void fold_all();
  /// Rows of the journal that are corrupt or of a newer format. They are passed over.
  std::uint64_t unreadable_rows() const { return unreadable_rows_; }

  void begin() override;
  void begin_reading() override;
  void commit() override;
  void abort() noexcept override;
  bool has_written() const override;
  void grow() override { below_.grow(); }
  std::optional<std::string_view> get(Table table, std::string_view key) override;
  void put(Table table, std::string_view key, std::string_view value) override;
  bool insert(Table table, std::string_view key, std::string_view value) override;
  bool erase(Table table, std::string_view key) override;
  void scan(Table table, std::string_view from, Visit visit) override;
  void scan_back(Table table, std::string_view before, Visit visit) override;
  std::size_t count(Table table) override;

 private:
  using Tables = std::array<NearRows, table_count>;
  using Number = std::uint64_t;  ///< Of a row of the journal.
  /// LMDB has the journal after the names of tables.
  static constexpr Number first_number = 0xFF00'0000'0000'0001;
  struct Change {
    Table table;
    NearRow* row;
    NearRow::Owner before;  ///< As it was before this transaction; null: it was not here.
  };
  /// What a commit did beside its changes, which counts when it has come about.
  struct Step {
    Number next = 0;   ///< Row of the journal.
    Number first = 0;  ///< Of those that are left in it.
    std::size_t journal_octets = 0;
    std::vector<std::pair<Table, std::size_t>> folded;  ///< So many of each table, from the first on.
    bool is_all_folded = false;
  };

  static NearRows& of(Tables& layer, Table table) { return layer[static_cast<std::size_t>(table)]; }
  void begun();
  void replay();
  void replay_row(std::string_view row);
  void find_what_is_below();
  std::string last_key_below(Table table);
  bool write(Table table, std::string_view key, std::optional<std::string_view> value);
  void set(Table table, NearRow& row, std::optional<std::string_view> value);
  bool is_below(Table table, std::string_view key);
  bool is_after_all(Table table, std::string_view key);
  const NearRow* near_row(Table table, std::string_view key);
  void scan_near(Table table, std::string_view key, bool is_up, Visit visit);
  Step write_step();
  void write_journal(Step& step);
  void fold(Step& step, std::size_t octets);
  void erase_journal(Step& step, std::size_t octets);
  void settle(const Step& step);
  void undo() noexcept;
  void freeze();
  void freeze_now();
  static std::size_t memory_octets(const Tables& layer);
  /// There is something to fold, or to erase from the journal.
  bool is_busy() const { return is_folding_ || first_ != frozen_end_; }

  Kv& below_;
  const NearLimits limits_;
  bool is_stale_ = true;  ///< What is in memory may not be what is on disk.
  bool is_reading_ = false;
  std::uint64_t transaction_ = 0;
  std::vector<Change> changes_;  ///< Of this transaction, one for each row.

  Tables active_;
  std::uint32_t active_ticks_ = 0;
  std::size_t active_journal_octets_ = 0;
  Tables frozen_;
  bool is_folding_ = false;
  Number frozen_end_ = first_number;  ///< Rows of the journal before it are of frozen rows, or of none.
  Number next_ = first_number;
  Number first_ = first_number;
  std::size_t owed_octets_ = 0;  ///< To be folded or erased, by what was written.
  bool has_ticked_ = false;
  std::array<std::optional<std::string>, table_count> last_keys_;  ///< No row has a key after it, here or below.
  std::uint64_t unreadable_rows_ = 0;
};

}  // namespace xion
