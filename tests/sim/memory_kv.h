#pragma once
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/batches.h"
#include "store/kv.h"

namespace xion::sim {

/// A disk in memory: what was committed outlives the engine on top of it, what was not is gone with `crash`. Faults are
/// the caller's to decide, so that a seed can.
class MemoryKv final : public Kv, public Disk {
 public:
  /// Asked at each commit; true: it fails, and nothing of it is kept.
  std::function<bool()> commit_fails;
  /// Asked at each write; true: there is no room before `grow`.
  std::function<bool()> is_full;

  /// So many reads of a writing transaction from now it is broken off, as if room were missing; 0: it is not.
  void break_off_after(std::size_t reads) { reads_left_ = reads; }
  /// A table that a scan finds empty, whatever is in it.
  std::optional<Table> forgotten;
  /// Asked when room is to be made; true: there is none to be had.
  std::function<bool()> grow_fails;
  /// Asked when the disk is opened anew; true: it can't be.
  std::function<bool()> reopen_fails;
  /// Why the disk has no room; empty, or not there: it has.
  std::function<std::string()> no_room;

  /// The process dies: an open transaction never was.
  void crash() { abort(); }
  /// Every octet that is stored, keys too: what an auditor searches for codes and phone numbers.
  std::string octets() const;
  std::size_t commits() const { return commits_; }
  std::size_t growths() const { return growths_; }

  void reopen() override;
  std::string why_no_room() override { return no_room ? no_room() : std::string(); }

  void begin() override;
  void begin_reading() override;
  void commit() override;
  void abort() noexcept override;
  bool has_written() const override { return !undo_.empty(); }
  void grow() override;
  std::optional<std::string_view> get(Table table, std::string_view key) override;
  void put(Table table, std::string_view key, std::string_view value) override;
  bool insert(Table table, std::string_view key, std::string_view value) override;
  bool erase(Table table, std::string_view key) override;
  void scan(Table table, std::string_view from, Visit visit) override;
  void scan_back(Table table, std::string_view before, Visit visit) override;
  std::size_t count(Table table) override;

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;
  struct Before {
    Table table;
    std::string key;
    std::optional<std::string> value;
  };
  Rows& rows(Table table);
  void remember(Table table, std::string_view key);
  void count_read();

  std::array<Rows, table_count> tables_;
  std::vector<Before> undo_;
  bool is_open_ = false;
  bool is_only_reading_ = false;
  std::size_t reads_left_ = 0;
  std::size_t commits_ = 0;
  std::size_t growths_ = 0;
};

}  // namespace xion::sim
