#include "lmdb/compaction.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <lmdb.h>

#include "base/octets.h"
#include "ports/open_file.h"
#include "store/kv.h"

namespace xion {
namespace {

constexpr std::string_view copy_name = "/data.mdb.compact";
/// What may wait in memory while the file is copied.
constexpr std::size_t change_limit_octets = std::size_t{256} << 20;
/// So little is left for the time in which the store stands still.
constexpr std::size_t last_change_octets = std::size_t{512} << 10;
/// Under more load than a disk can take twice, nothing would ever be caught up with.
constexpr int catch_up_rounds_max = 1'000;
/// What has to be free beside the copy: the daemon goes on writing.
constexpr std::uint64_t spare_octets = std::uint64_t{64} << 20;

[[noreturn]] void give_up(std::string_view doing, int error) {
  throw StoreFailure(fmt::format("{}: {}", doing, std::strerror(error)));
}
void must(std::string_view doing, int error) {
  if (error != MDB_SUCCESS) throw StoreFailure(fmt::format("{}: {}", doing, mdb_strerror(error)));
}

/// Writes what comes out of a socket into a file; where it can't, whoever writes into the socket is told.
class Receiver {
 public:
  Receiver(OpenFile from, const std::string& path) : from_(std::move(from)) {
    file_ = OpenFile(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file_.is_open()) give_up("making the copy's file", errno);
    thread_ = std::thread([this] { receive(); });
  }
  ~Receiver() {
    ::shutdown(from_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  /// The other end has been closed: 0, or why the file has not all of it.
  int finish() {
    thread_.join();
    return error_;
  }

 private:
  void receive() {
    std::vector<char> piece(std::size_t{256} * 1024);
    for (;;) {
      const ssize_t got = ::read(from_.get(), piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) error_ = errno;
      if (got <= 0) return;
      if (!write_all(file_.get(), {piece.data(), static_cast<std::size_t>(got)})) {
        error_ = errno;
        ::shutdown(from_.get(), SHUT_RDWR);
        return;
      }
    }
  }

  OpenFile from_, file_;
  int error_ = 0;  ///< The thread's until it is joined.
  std::thread thread_;
};

/// One transaction of the copy.
class CopyTxn {
 public:
  explicit CopyTxn(MDB_env* env) { must("writing the copy", mdb_txn_begin(env, nullptr, 0, &txn_)); }
  ~CopyTxn() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
  }
  CopyTxn(const CopyTxn&) = delete;
  CopyTxn& operator=(const CopyTxn&) = delete;

  void put(Table table, std::string_view key, std::string_view value) {
    MDB_val name = as_value(key), octets = as_value(value);
    must("writing the copy", mdb_put(txn_, handle(table), &name, &octets, 0));
  }
  void erase(Table table, std::string_view key) {
    MDB_val name = as_value(key);
    const int error = mdb_del(txn_, handle(table), &name, nullptr);
    if (error != MDB_NOTFOUND) must("writing the copy", error);
  }
  void commit() { must("writing the copy", mdb_txn_commit(std::exchange(txn_, nullptr))); }

 private:
  static MDB_val as_value(std::string_view octets) { return {octets.size(), const_cast<char*>(octets.data())}; }
  unsigned handle(Table table) {
    unsigned handle = 0;
    const char* name = LmdbKv::name_on_disk(table);
    must("writing the copy", mdb_dbi_open(txn_, name, name == nullptr ? 0 : MDB_CREATE, &handle));
    return handle;
  }
  MDB_txn* txn_ = nullptr;
};

}  // namespace

Compaction::Compaction(LmdbKv& kv, std::string directory, OnStep on_step)
    : kv_(kv),
      directory_(std::move(directory)),
      path_(directory_ + std::string(copy_name)),
      on_step_(std::move(on_step)) {}

Compaction::~Compaction() {
  close_copy();
  ::unlink(path_.c_str());
}

void Compaction::remove_leftover(const std::string& directory) {
  ::unlink((directory + std::string(copy_name)).c_str());
}

void Compaction::begin() {
  octets_before_ = kv_.data_octets();
  map_octets_ = kv_.map_octets();
  const std::uint64_t needed = kv_.octets_in_use() + spare_octets;
  struct statvfs disk{};
  if (::statvfs(directory_.c_str(), &disk) != 0) give_up("looking at the disk", errno);
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free < needed)
    throw StoreFailure(
        fmt::format("a copy needs {} MiB beside the data file, and {} MiB are free", needed >> 20, free >> 20));
  log_ = std::make_shared<ChangeLog>(change_limit_octets);
  kv_.follow(log_);
  told(CompactionStep::following);
}

void Compaction::prepare() {
  copy();
  told(CompactionStep::copied);
  open_copy();
  for (int round = 0; catch_up() > last_change_octets;) {
    if (++round == catch_up_rounds_max) throw StoreFailure("more is written all the time than can be caught up with");
  }
  told(CompactionStep::caught_up);
}

void Compaction::copy() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) give_up("making a socket", errno);
  OpenFile ours(ends[0]);
  Receiver receiver(OpenFile(ends[1]), path_);
  std::string trouble;
  try {
    kv_.copy_to(ours.get());
  } catch (const StoreFailure& failure) {
    trouble = failure.what();
  }
  ours.close();
  if (const int error = receiver.finish(); error != 0) give_up("writing the copy", error);
  if (!trouble.empty()) throw StoreFailure(trouble);
}

void Compaction::open_copy() {
  must("opening the copy", mdb_env_create(&copy_));
  must("opening the copy", mdb_env_set_maxdbs(copy_, table_count));
  must("opening the copy", mdb_env_set_mapsize(copy_, map_octets_));
  // Nobody else knows of it, and it is made durable as a whole when it is complete.
  must("opening the copy", mdb_env_open(copy_, path_.c_str(), MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0600));
}

void Compaction::close_copy() noexcept {
  if (copy_ != nullptr) mdb_env_close(copy_);
  copy_ = nullptr;
}

/// Returns how much it was.
std::size_t Compaction::catch_up() {
  const ChangeLog::Taken taken = log_->take();
  if (!taken.trouble.empty()) throw StoreFailure(taken.trouble);
  if (!taken.changes.empty()) apply(taken.changes);
  octets_caught_up_ += taken.changes.size();
  return taken.changes.size();
}

void Compaction::apply(std::string_view changes) {
  CopyTxn txn(copy_);
  OctetReader in(changes);
  while (!in.at_end() && !in.failed()) {
    const bool is_put = in.u8() != 0;
    const auto table = static_cast<Table>(in.u8());
    const auto key = in.text();
    if (is_put)
      txn.put(table, key, in.text());
    else
      txn.erase(table, key);
  }
  txn.commit();
}

void Compaction::make_durable() const { must("syncing the copy", mdb_env_sync(copy_, 1)); }

void Compaction::finish() {
  catch_up();
  make_durable();
  MDB_envinfo info;
  MDB_stat stat;
  if (mdb_env_info(copy_, &info) == MDB_SUCCESS && mdb_env_stat(copy_, &stat) == MDB_SUCCESS)
    octets_after_ = (info.me_last_pgno + 1) * stat.ms_psize;
  close_copy();
  told(CompactionStep::complete);
  kv_.replace_file(path_,
                   [this](bool is_replaced) { told(is_replaced ? CompactionStep::replaced : CompactionStep::closed); });
  told(CompactionStep::opened);
}

}  // namespace xion
