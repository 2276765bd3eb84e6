#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "lmdb/resident_map.h"
#include "store/kv.h"

struct MDB_env;
struct MDB_txn;

namespace xion {

/// LMDB as ordered octets: `data.mdb` and `lock.mdb` in a directory. Durable with each commit, never MDB_NOSYNC, never
/// MDB_WRITEMAP (a full disk would kill the process). All calls of a transaction come on one thread.
class LmdbKv final : public Kv {
 public:
  /// Opens or makes the data file. `map_octets` is address space, not disk; it doubles when it is full.
  /// Throws `StoreFailure`, with a sentence for the operator.
  LmdbKv(std::string directory, std::size_t map_octets);
  ~LmdbKv() override;
  LmdbKv(const LmdbKv&) = delete;
  LmdbKv& operator=(const LmdbKv&) = delete;

  /// After a commit that failed LMDB refuses further work until its file is opened anew.
  void reopen();

  void begin() override;
  void commit() override;
  void abort() noexcept override;
  bool has_written() const override { return has_written_; }
  void grow() override;
  std::optional<std::string_view> get(Table table, std::string_view key) override;
  void put(Table table, std::string_view key, std::string_view value) override;
  bool insert(Table table, std::string_view key, std::string_view value) override;
  bool erase(Table table, std::string_view key) override;
  void scan(Table table, std::string_view from, Visit visit) override;
  void scan_back(Table table, std::string_view before, Visit visit) override;
  std::size_t count(Table table) override;

  /// Of the file, that hold something or did.
  std::uint64_t data_octets() const;
  std::uint64_t map_octets() const { return map_octets_; }

 private:
  void open();
  void close() noexcept;
  void open_tables();
  bool put(Table table, std::string_view key, std::string_view value, unsigned flags);
  void touched();

  const std::string directory_;
  std::size_t map_octets_;
  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
  bool has_written_ = false;
  std::array<unsigned, table_count> tables_{};
  std::size_t touches_ = 0;
  ResidentMap resident_;
};

}  // namespace xion
