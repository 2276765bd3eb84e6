#include "lmdb/lmdb_kv.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <lmdb.h>

#include "base/log.h"
#include "lmdb/copy_pipe.h"

namespace xion {
namespace {

/// How many rows are read or written between two looks at the resident pages: a fault maps up to 64 KiB around it, so
/// that many random ones make at most 8 MiB resident.
constexpr std::size_t touches_between_looks = 128;
/// Of a table that the file doesn't have.
constexpr unsigned no_table = std::numeric_limits<unsigned>::max();

/// The journal lies in the database that has the names of the tables: a commit writes its root anyway, and nearly every
/// commit writes nothing but the journal. Its keys begin with this, after every name, so that its rows are appended.
constexpr std::string_view journal_begin("\xFF", 1);
bool is_name(Table table, std::string_view key) { return table == Table::journal && key < journal_begin; }

[[noreturn]] void fail(std::string_view doing, int error) {
  if (error == MDB_MAP_FULL) throw MapFull();
  if (error == EACCES) throw ReadOnly();
  throw StoreFailure(fmt::format("{}: {}", doing, mdb_strerror(error)));
}
void check(std::string_view doing, int error) {
  if (error != MDB_SUCCESS) fail(doing, error);
}

MDB_val value_of(std::string_view octets) { return {octets.size(), const_cast<char*>(octets.data())}; }
std::string_view view_of(const MDB_val& value) { return {static_cast<const char*>(value.mv_data), value.mv_size}; }

class Cursor {
 public:
  Cursor(MDB_txn* txn, unsigned table) { check("reading", mdb_cursor_open(txn, table, &cursor_)); }
  ~Cursor() { mdb_cursor_close(cursor_); }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  /// False at the end.
  bool move(MDB_cursor_op how) {
    const int error = mdb_cursor_get(cursor_, &key_, &value_, how);
    if (error == MDB_NOTFOUND) return false;
    check("reading", error);
    return true;
  }
  bool move_to(std::string_view key) {
    key_ = value_of(key);
    return move(MDB_SET_RANGE);
  }
  std::string_view key() const { return view_of(key_); }
  std::string_view value() const { return view_of(value_); }

 private:
  MDB_cursor* cursor_ = nullptr;
  MDB_val key_{}, value_{};
};

}  // namespace

const char* LmdbKv::name_on_disk(Table table) {
  return table == Table::journal ? nullptr : table_facts[static_cast<std::size_t>(table)].name;
}

LmdbKv::LmdbKv(std::string directory, std::size_t map_octets) : path_(std::move(directory)), map_octets_(map_octets) {
  open();
}

LmdbKv::LmdbKv(std::string file) : path_(std::move(file)), is_only_read_(true) { open(); }

LmdbKv::~LmdbKv() {
  const CopyLock lock = without_copy();
  close();
}

void LmdbKv::reopen() {
  const CopyLock lock = without_copy();
  const bool was_synced = is_folder_synced_;
  close();
  open();
  if (!was_synced) log::info("store.folder.synced", "directory={}", path_);
}

void LmdbKv::open() {
  try {
    check("preparing LMDB", mdb_env_create(&env_));
    check("preparing LMDB", mdb_env_set_maxdbs(env_, table_count));
    // Of a file that is only read the size of the map is in the file.
    if (!is_only_read_) check("preparing LMDB", mdb_env_set_mapsize(env_, map_octets_));
    const unsigned flags = is_only_read_ ? MDB_RDONLY | MDB_NOSUBDIR | MDB_NOLOCK : MDB_NORDAHEAD;
    if (const int error = mdb_env_open(env_, path_.c_str(), flags, 0600); error != MDB_SUCCESS)
      throw StoreFailure(fmt::format("{}{} can't be opened: {}", path_, is_only_read_ ? "" : "/data.mdb",
                                     error == MDB_INVALID ? "it is no LMDB file" : mdb_strerror(error)));
    if (is_only_read_) return open_tables();
    sync_folder();
    int dead_readers = 0;
    check("checking readers", mdb_reader_check(env_, &dead_readers));
    open_tables();
    MDB_envinfo info;
    check("reading the map's size", mdb_env_info(env_, &info));
    map_octets_ = info.me_mapsize;
    int file = -1;
    check("finding the file", mdb_env_get_fd(env_, &file));
    resident_.watch(file);
  } catch (...) {
    close();
    throw;
  }
}

void LmdbKv::close() noexcept {
  abort();
  resident_.forget();
  if (env_ != nullptr) mdb_env_close(env_);
  env_ = nullptr;
}

/// None is made here: a file that turns out not to be ours, or too new for us, stays as it is.
void LmdbKv::open_tables() {
  begin();
  for (std::size_t i = 0; i < table_count; ++i) {
    const int error = mdb_dbi_open(txn_, name_on_disk(static_cast<Table>(i)), 0, &tables_[i]);
    if (error == MDB_NOTFOUND)
      tables_[i] = no_table;
    else
      check("opening a table", error);
  }
  commit();
}

/// For its first row. The handle is the transaction's own until that is committed.
void LmdbKv::make_table(Table table) {
  const auto i = static_cast<std::size_t>(table);
  unsigned handle = no_table;
  check("making a table", mdb_dbi_open(txn_, name_on_disk(table), MDB_CREATE, &handle));
  tables_[i] = handle;
  made_tables_.push_back(table);
  has_written_ = true;
}

void LmdbKv::forget_made_tables() noexcept {
  for (const Table table : made_tables_) tables_[static_cast<std::size_t>(table)] = no_table;
  made_tables_.clear();
}

void LmdbKv::begin() { begin(is_only_read_ ? MDB_RDONLY : 0); }
void LmdbKv::begin_reading() { begin(MDB_RDONLY); }

void LmdbKv::begin(unsigned flags) {
  if (env_ == nullptr) throw StoreFailure("the data file is closed");
  has_written_ = false;
  check("beginning a transaction", mdb_txn_begin(env_, nullptr, flags, &txn_));
}

void LmdbKv::commit() {
  MDB_txn* txn = std::exchange(txn_, nullptr);
  has_written_ = false;
  const int error = mdb_txn_commit(txn);
  if (error != MDB_SUCCESS) forget_made_tables();
  made_tables_.clear();
  if (log_ && error != MDB_SUCCESS) log_->break_off("a commit failed");
  if (log_) log_->commit();
  check("committing", error);
}

void LmdbKv::abort() noexcept {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
  txn_ = nullptr;
  has_written_ = false;
  forget_made_tables();
  if (log_) log_->abort();
}

void LmdbKv::grow() {
  if (env_ == nullptr) throw StoreFailure("the data file is closed");
  const CopyLock lock = without_copy();  // A map must not move under a reader.
  check("growing the map", mdb_env_set_mapsize(env_, map_octets_ * 2));
  map_octets_ *= 2;
  int file = -1;
  check("finding the file", mdb_env_get_fd(env_, &file));
  resident_.watch(file);
  log::info("store.map.grown", "octets={}", map_octets_);
}

void LmdbKv::touched() {
  if (++touches_ % touches_between_looks == 0) resident_.drop_if_many();
}

std::optional<std::string_view> LmdbKv::get(Table table, std::string_view key) {
  touched();
  MDB_val name = value_of(key), value{};
  if (!has(table)) return std::nullopt;
  const int error = mdb_get(txn_, tables_[static_cast<std::size_t>(table)], &name, &value);
  if (error == MDB_NOTFOUND) return std::nullopt;
  check("reading", error);
  return view_of(value);
}

bool LmdbKv::put(Table table, std::string_view key, std::string_view value, unsigned flags) {
  touched();
  MDB_val name = value_of(key), octets = value_of(value);
  if (!has(table)) make_table(table);
  const int error = mdb_put(txn_, tables_[static_cast<std::size_t>(table)], &name, &octets, flags);
  if (error == MDB_KEYEXIST) return false;
  check("writing", error);
  has_written_ = true;
  if (log_) log_->put(table, key, value);
  return true;
}

void LmdbKv::put(Table table, std::string_view key, std::string_view value) {
  // Where rows come in order anyway, LMDB splits a full page so that half of it stays empty, unless it is told.
  const bool is_appended = table == Table::journal;
  if (!put(table, key, value, is_appended ? MDB_APPEND : 0))
    throw StoreFailure("a row of the journal would not be its last");
}

bool LmdbKv::insert(Table table, std::string_view key, std::string_view value) {
  return put(table, key, value, MDB_NOOVERWRITE);
}

bool LmdbKv::erase(Table table, std::string_view key) {
  touched();
  MDB_val name = value_of(key);
  if (!has(table)) return false;
  const int error = mdb_del(txn_, tables_[static_cast<std::size_t>(table)], &name, nullptr);
  if (error == MDB_NOTFOUND) return false;
  check("removing", error);
  has_written_ = true;
  if (log_) log_->erase(table, key);
  return true;
}

void LmdbKv::scan(Table table, std::string_view from, Visit visit) {
  if (!has(table)) return;
  if (table == Table::journal) from = std::max(from, journal_begin);
  Cursor cursor(txn_, tables_[static_cast<std::size_t>(table)]);
  for (bool is_there = from.empty() ? cursor.move(MDB_FIRST) : cursor.move_to(from); is_there;
       is_there = cursor.move(MDB_NEXT)) {
    touched();
    if (!visit(cursor.key(), cursor.value())) return;
  }
}

void LmdbKv::scan_back(Table table, std::string_view before, Visit visit) {
  if (!has(table)) return;
  Cursor cursor(txn_, tables_[static_cast<std::size_t>(table)]);
  const bool is_inside = !before.empty() && cursor.move_to(before);
  for (bool is_there = cursor.move(is_inside ? MDB_PREV : MDB_LAST); is_there; is_there = cursor.move(MDB_PREV)) {
    touched();
    if (is_name(table, cursor.key()) || !visit(cursor.key(), cursor.value())) return;
  }
}

std::size_t LmdbKv::count(Table table) {
  MDB_stat stat;
  if (!has(table)) return 0;
  check("counting", mdb_stat(txn_, tables_[static_cast<std::size_t>(table)], &stat));
  return stat.ms_entries - (table == Table::journal ? named_tables() : 0);
}

std::size_t LmdbKv::named_tables() const {
  return static_cast<std::size_t>(std::ranges::count_if(tables_, [](unsigned handle) { return handle != no_table; })) -
         1;
}

bool LmdbKv::has(Table table) const { return tables_[static_cast<std::size_t>(table)] != no_table; }

void LmdbKv::copy_to(int socket, std::function<void(std::string_view octets)> tap) {
  {
    const CopyLock lock(copy_mutex_);
    if (env_ == nullptr || !takes_copies_) throw StoreFailure("the data file is closed");
    if (copy_socket_ >= 0) throw StoreFailure("another copy is being made");
    copy_socket_ = socket;
  }
  int error = MDB_SUCCESS;
  std::string trouble;
  try {
    CopyPipe pipe(socket, std::move(tap));
    error = mdb_env_copyfd2(env_, pipe.writable(), MDB_CP_COMPACT);
    trouble = pipe.finish();
  } catch (const StoreFailure& failure) {
    trouble = failure.what();
  }
  {
    const CopyLock lock(copy_mutex_);
    copy_socket_ = -1;
  }
  copy_over_.notify_all();
  if (!trouble.empty()) throw StoreFailure(trouble);
  check("copying", error);
}

LmdbKv::CopyLock LmdbKv::without_copy() {
  CopyLock lock(copy_mutex_);
  if (copy_socket_ >= 0) ::shutdown(copy_socket_, SHUT_RDWR);
  copy_over_.wait(lock, [this] { return copy_socket_ < 0; });
  return lock;
}

void LmdbKv::end_copies() {
  const CopyLock lock = without_copy();
  takes_copies_ = false;
}

void LmdbKv::replace_file(const std::string& by, const std::function<void(bool is_replaced)>& told) {
  const CopyLock lock = without_copy();
  close();
  told(false);
  const std::string name = path_ + "/data.mdb";
  const int error = ::rename(by.c_str(), name.c_str()) == 0 ? 0 : errno;
  if (error != 0) {
    open();
    throw StoreFailure(fmt::format("the copy could not take the place of {}: {}", name, std::strerror(error)));
  }
  is_folder_synced_ = false;
  told(true);
  open();
}

/// Until the folder is on the disk a power cut may bring back a file that was replaced, which lacks what comes now: in
/// this life, or in one that ended before it could sync.
void LmdbKv::sync_folder() {
  if (is_folder_synced_) return;
  const OpenFile folder(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int error = folder.is_open() && ::fsync(folder.get()) == 0 ? 0 : errno;
  // There are file systems whose folders can't be synced, and needn't be.
  is_folder_synced_ = error == 0 || error == EINVAL || error == ENOTSUP;
  if (is_folder_synced_) return;
  log::warning("store.folder.unsynced", "directory={} reason=\"{}\"", path_, std::strerror(error));
  throw StoreFailure(fmt::format("{} could not be synced: {}", path_, std::strerror(error)));
}

/// LMDB's own list of free pages is its database 0: each row is a count, then so many page numbers.
std::uint64_t LmdbKv::octets_in_use() {
  constexpr unsigned free_list = 0;
  begin_reading();
  std::size_t free_pages = 0;
  {
    Cursor cursor(txn_, free_list);
    for (bool is_there = cursor.move(MDB_FIRST); is_there; is_there = cursor.move(MDB_NEXT)) {
      std::size_t count = 0;
      if (cursor.value().size() >= sizeof count) std::memcpy(&count, cursor.value().data(), sizeof count);
      free_pages += count;
    }
  }
  abort();
  MDB_stat stat;
  check("looking at the file", mdb_env_stat(env_, &stat));
  const std::uint64_t all = data_octets(), free = std::uint64_t{free_pages} * stat.ms_psize;
  return all > free ? all - free : 0;
}

std::uint64_t LmdbKv::data_octets() const {
  MDB_envinfo info;
  MDB_stat stat;
  if (env_ == nullptr || mdb_env_info(env_, &info) != MDB_SUCCESS || mdb_env_stat(env_, &stat) != MDB_SUCCESS) return 0;
  return (info.me_last_pgno + 1) * stat.ms_psize;
}

}  // namespace xion
