#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "domain/batches.h"
#include "lmdb/lmdb_store.h"
#include "plain_records.h"
#include "postgres/pg_rows.h"
#include "postgres/store_loop.h"
#include "postgres_server.h"
#include "shared/shared_engine.h"
#include "sim/memory_kv.h"
#include "sim/shared_database.h"
#include "sim/virtual_loop.h"
#include "store/log_engine.h"
#include "store/near/near_kv.h"

namespace xion {

inline constexpr Digest our_key{1, 2, 3};
/// 2026-02-12T12:00:00Z
inline constexpr WallTime noon{Millis{1'770'897'600'000}};

/// A directory that goes when the test does.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What a loop is to a store: work that is posted from its thread, and run by the test's.
class PostBox {
 public:
  LmdbStore::Post post();
  /// Runs what arrives until `is_enough` says so. False: three minutes went by, which only a hang takes.
  bool run_until(const std::function<bool()>& is_enough);

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::move_only_function<void()>> work_;
};

/// Of a store in that directory, whose clock stands at noon.
LmdbSettings settings_for(const std::string& directory);
/// The test ends where it can't be opened.
std::unique_ptr<LmdbStore> open_or_fail(LmdbSettings settings, PostBox& box);

/// So small that a test of some hundred requests seals, merges and drops runs many times.
inline constexpr RunSizes small_runs{.near_entries = 48,
                                     .step_entries = 8,
                                     .seal_entries = 24,
                                     .merge_entries = 64,
                                     .erased_rows = 2,
                                     .fan_in = 3,
                                     .filter_octets = 3 * RunFilter::group_octets};

/// One committed transaction of an engine without batches, at noon.
void commit_one(LogEngine& engine, const std::function<void(Txn&)>& work);

/// An engine of which a test asks one transaction after the other, at a time that the test sets.
class AskedEngine {
 public:
  virtual ~AskedEngine() = default;
  WallTime now = noon;
  /// One committed transaction.
  virtual void run(const std::function<void(Txn&)>& work) = 0;
  /// Closes and opens it again, as a restart does.
  virtual void reopen() = 0;
  template <typename Ask>
  auto ask(Ask question) {
    std::optional<std::invoke_result_t<Ask&, Txn&>> answer;
    run([&](Txn& txn) { answer = question(txn); });
    return std::move(*answer);
  }
};

/// Virtual time that has a test's hour: the days are the test's, the milliseconds pass.
class SetClock final : public Loop {
 public:
  explicit SetClock(const WallTime& now) : now_(now) {}
  MonoTime now() const override { return loop_.now(); }
  WallTime wall_now() const override { return now_; }
  std::unique_ptr<Timer> timer(std::move_only_function<void()> fire) override { return loop_.timer(std::move(fire)); }
  void post(std::move_only_function<void()> work) override { loop_.post(std::move(work)); }
  std::unique_ptr<Stream> connect(const Endpoint&, StreamEvents&) override { return nullptr; }
  bool step() { return loop_.step(); }

 private:
  const WallTime& now_;
  sim::VirtualLoop loop_;
};

/// A case for each of these engines, which it has as `engine`. Its body is compiled once: TEST_CASE_TEMPLATE would
/// compile it for each.
#define ON_ENGINES(NAME, ...) XION_ON_ENGINES(DOCTEST_ANONYMOUS(on_engines_), NAME, __VA_ARGS__)
#define XION_ON_ENGINES(BODY, NAME, ...)       \
  static void BODY(xion::AskedEngine& engine); \
  TEST_CASE_TEMPLATE(NAME, E, __VA_ARGS__) {   \
    E engine;                                  \
    BODY(engine);                              \
  }                                            \
  static void BODY(xion::AskedEngine& engine)

class MemoryEngine final : public AskedEngine {
 public:
  MemoryEngine() { reopen(); }
  void run(const std::function<void(Txn&)>& work) override;
  void reopen() override;
  sim::MemoryKv& disk() { return disk_; }
  LogEngine& engine() { return *engine_; }

 private:
  sim::MemoryKv disk_;
  std::unique_ptr<LogEngine> engine_;
  std::unique_ptr<Batches> batches_;
};

/// The disk in memory with rows kept near it, of which nearly every transaction folds some.
class NearEngine final : public AskedEngine {
 public:
  NearEngine() { reopen(); }
  void run(const std::function<void(Txn&)>& work) override;
  void reopen() override;

 private:
  sim::MemoryKv disk_;
  std::unique_ptr<NearKv> near_;
  std::unique_ptr<LogEngine> engine_;
  std::unique_ptr<Batches> batches_;
};

/// Another engine altogether, over maps: the rules above it are the same.
class PlainEngine final : public AskedEngine {
 public:
  void run(const std::function<void(Txn&)>& work) override;
  void reopen() override { records_.open(now); }

 private:
  PlainRecords records_;
  Txn txn_{records_};
};

/// Rows across a network, and whatever happens on it: the third engine.
class SharedAsked : public AskedEngine {
 public:
  explicit SharedAsked(sim::DatabaseHabits habits = {}) : habits_(habits) { reopen(); }
  void run(const std::function<void(Txn&)>& work) override;
  void reopen() override;
  const SharedEngine& engine() const { return *engine_; }
  sim::SharedDatabase& database() { return database_; }

 private:
  const sim::DatabaseHabits habits_;
  sim::SharedDatabase database_;
  std::uint64_t lives_ = 0;
  std::unique_ptr<SetClock> clock_;
  std::unique_ptr<sim::SimulatedRows> rows_;
  std::unique_ptr<SharedEngine> engine_;
};

/// Rows of a test's own server, whose tables are made, and where whoever comes takes over at once.
PgRows::Settings settings_of(const PostgresServer& server, const std::string& schema);

/// The same over a real PostgreSQL; where that is not installed its cases pass, and say so.
class PgAsked final : public AskedEngine {
 public:
  PgAsked();
  ~PgAsked() override;
  void run(const std::function<void(Txn&)>& work) override;
  void reopen() override;

 private:
  class TestHour;
  std::string schema_;
  std::unique_ptr<TestHour> loop_;
  std::unique_ptr<PgRows> rows_;
  std::unique_ptr<SharedEngine> engine_;
  SharedAsked instead_;  ///< Where there is no server.
};

/// The same where commits get lost, nobody is there for a while, and rows have changed that nobody changed.
class StormyEngine final : public SharedAsked {
 public:
  StormyEngine();
};

class LmdbEngine final : public AskedEngine {
 public:
  LmdbEngine() { reopen(); }
  ~LmdbEngine() override { store_.reset(); }
  void run(const std::function<void(Txn&)>& work) override;
  void reopen() override;

 private:
  TempDirectory directory_;
  PostBox box_;
  std::unique_ptr<LmdbStore> store_;
};

}  // namespace xion

TYPE_TO_STRING(xion::MemoryEngine);
TYPE_TO_STRING(xion::NearEngine);
TYPE_TO_STRING(xion::LmdbEngine);
TYPE_TO_STRING(xion::PlainEngine);
TYPE_TO_STRING(xion::SharedAsked);
TYPE_TO_STRING(xion::StormyEngine);
TYPE_TO_STRING(xion::PgAsked);
