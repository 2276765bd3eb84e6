#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "lmdb/change_log.h"
#include "lmdb/lmdb_kv.h"

struct MDB_env;

namespace xion {

/// Where a compaction stands, for tests that end the process there. Before `replaced` the data file is the old one,
/// from then on the new one, and each has all that was committed.
enum class CompactionStep : std::uint8_t {
  following,  ///< Changes are noted, nothing is copied yet.
  copied,     ///< The copy is a file, without what changed meanwhile.
  caught_up,  ///< All but the latest changes are in it.
  complete,   ///< The store stands still; everything is in it, and on the disk.
  closed,     ///< The old file is open no more.
  replaced,   ///< The copy has its name.
  opened,
};

/// A data file written anew without its holes while transactions go on: copied, brought up to what was changed
/// meanwhile, then put in the place of the old one while no transaction is open. Each step throws `StoreFailure`, after
/// which the old file is as it was; `~Compaction` removes what is left of the copy.
class Compaction {
 public:
  using OnStep = std::function<void(CompactionStep)>;
  Compaction(LmdbKv& kv, std::string directory, OnStep on_step);
  ~Compaction();
  Compaction(const Compaction&) = delete;
  Compaction& operator=(const Compaction&) = delete;

  /// No transaction is open, on the thread that has them. Refused where there is no room for a copy.
  void begin();
  /// On any other thread, while transactions go on; until little is left to catch up with.
  void prepare();
  /// As `begin`. Takes as long as the little that is left: some fsyncs.
  void finish();

  std::uint64_t octets_before() const { return octets_before_; }
  std::uint64_t octets_after() const { return octets_after_; }
  std::uint64_t octets_caught_up() const { return octets_caught_up_; }

  /// Of one that a process left unfinished.
  static void remove_leftover(const std::string& directory);

 private:
  void told(CompactionStep step) const {
    if (on_step_) on_step_(step);
  }
  void copy();
  std::size_t catch_up();
  void apply(std::string_view changes);
  void open_copy();
  void close_copy() noexcept;
  void make_durable() const;

  LmdbKv& kv_;
  const std::string directory_;
  const std::string path_;  ///< Of the copy.
  const OnStep on_step_;
  std::shared_ptr<ChangeLog> log_;
  MDB_env* copy_ = nullptr;
  std::uint64_t map_octets_ = 0;  ///< Of the old file, as it was at the beginning: it may grow meanwhile.
  std::uint64_t octets_before_ = 0, octets_after_ = 0, octets_caught_up_ = 0;
};

}  // namespace xion
