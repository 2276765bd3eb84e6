#pragma once
#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "lmdb/change_log.h"
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
  /// Opens a data file that nobody uses, such as a backup, to be read: `begin` begins reading, and a table that the
  /// file doesn't have is empty. Throws the same.
  static LmdbKv of_file(std::string path) { return LmdbKv(std::move(path)); }
  ~LmdbKv() override;
  LmdbKv(const LmdbKv&) = delete;
  LmdbKv& operator=(const LmdbKv&) = delete;

  /// After a commit that failed LMDB refuses further work until its file is opened anew.
  void reopen();

  /// Writes a compacted copy of the file as it is now to a socket. From any thread, beside the transactions of the
  /// other; pages that are freed meanwhile are used again only when it is over. Who takes nothing for 30 s ends it.
  /// `grow` and `reopen` shut the socket down and wait. Throws `StoreFailure`.
  void copy_to(int socket, std::function<void(std::string_view octets)> tap = {});
  /// Notes from now on what transactions change; none is open. Null: nothing any more.
  void follow(std::shared_ptr<ChangeLog> log) { log_ = std::move(log); }
  /// Puts a file that has everything that this one has in its place; no transaction is open. `told` is called when the
  /// old one is closed (false), and when the new one has its name (true). Where it throws the old one is open again, or
  /// none is, until `reopen` opens whichever has the name. That syncs the folder, as a start does, where it failed
  /// here.
  void replace_file(const std::string& by, const std::function<void(bool is_replaced)>& told);
  /// Ends a copy that is being made, waits for that, and lets nobody begin another.
  void end_copies();

  void begin() override;
  void begin_reading() override;
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
  /// What a compacted copy would have, about; no transaction is open.
  std::uint64_t octets_in_use();
  /// Null: the database that has the names of the others.
  static const char* name_on_disk(Table table);

 private:
  explicit LmdbKv(std::string file);
  using CopyLock = std::unique_lock<std::mutex>;
  /// While it is held nobody copies.
  CopyLock without_copy();
  void open();
  void close() noexcept;
  void sync_folder();
  void open_tables();
  void make_table(Table table);
  void forget_made_tables() noexcept;
  void begin(unsigned flags);
  bool put(Table table, std::string_view key, std::string_view value, unsigned flags);
  void touched();
  bool has(Table table) const;
  std::size_t named_tables() const;

  const std::string path_;  ///< The directory, or the file where it is only read.
  const bool is_only_read_ = false;
  std::size_t map_octets_ = 0;
  bool is_folder_synced_ = false;  ///< A power cut would not bring back a file that this one has replaced.
  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
  bool has_written_ = false;
  std::array<unsigned, table_count> tables_{};
  std::vector<Table> made_tables_;  ///< By this transaction.
  std::size_t touches_ = 0;
  ResidentMap resident_;
  std::shared_ptr<ChangeLog> log_;  ///< Null: nobody follows.
  std::mutex copy_mutex_;
  std::condition_variable copy_over_;
  bool takes_copies_ = true;  ///< Guarded.
  int copy_socket_ = -1;      ///< Of the copy that is being made; -1: none. Guarded, and it may use `env_` then.
};

}  // namespace xion
