#include "engines.h"

#include <stdlib.h>

#include <doctest/doctest.h>

namespace xion {

TempDirectory::TempDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "xion-store-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempDirectory::~TempDirectory() { std::filesystem::remove_all(path_); }

LmdbStore::Post PostBox::post() {
  return [this](std::move_only_function<void()> work) {
    const std::lock_guard guard(mutex_);
    work_.push_back(std::move(work));
    filled_.notify_one();
  };
}

bool PostBox::run_until(const std::function<bool()>& is_enough) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(3);
  while (!is_enough()) {
    std::unique_lock guard(mutex_);
    if (!filled_.wait_until(guard, end, [&] { return !work_.empty(); })) return false;
    auto work = std::move(work_.front());
    work_.pop_front();
    guard.unlock();
    work();
  }
  return true;
}

LmdbSettings settings_for(const std::string& directory) {
  return {.directory = directory, .check_value = our_key, .map_octets = 64 << 20, .now = [] { return noon; }};
}

std::unique_ptr<LmdbStore> open_or_fail(LmdbSettings settings, PostBox& box) {
  auto store = LmdbStore::open(std::move(settings), box.post());
  REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().text));
  return std::move(*store);
}

namespace {

/// Nearly every transaction folds some rows.
constexpr NearLimits small_limits{.memory_octets = 4'000, .journal_octets = 6'000, .ticks = 2, .step_octets = 500};

void run_on(Batches& batches, const std::function<void(Txn&)>& work, WallTime now) {
  std::vector<std::unique_ptr<Task>> batch;
  auto apply = [&work](Txn& txn) {
    work(txn);
    return true;
  };
  auto done = [](Commit, bool) {};
  batch.push_back(std::make_unique<LambdaTask<bool, decltype(apply), decltype(done)>>(apply, done));
  batches.start(batch, now, {});
  REQUIRE(batches.finish(batch, now, {}).commits.front() == Commit::durable);
}

}  // namespace

void commit_one(LogEngine& engine, const std::function<void(Txn&)>& work) {
  Txn txn(engine.records());
  engine.begin(noon);
  txn.begin(noon);
  work(txn);
  engine.finish();
  engine.commit();
}

void MemoryEngine::run(const std::function<void(Txn&)>& work) { run_on(*batches_, work, now); }
void NearEngine::run(const std::function<void(Txn&)>& work) {
  near_->tick();
  run_on(*batches_, work, now);
}

void NearEngine::reopen() {
  near_ = std::make_unique<NearKv>(disk_, small_limits);
  engine_ = std::make_unique<LogEngine>(*near_);
  REQUIRE(engine_->open(our_key, now).has_value());
  batches_ = std::make_unique<Batches>(*engine_, disk_, Millis{1'000});
}

void MemoryEngine::reopen() {
  engine_ = std::make_unique<LogEngine>(disk_, small_runs);
  REQUIRE(engine_->open(our_key, now).has_value());
  batches_ = std::make_unique<Batches>(*engine_, disk_, Millis{1'000});
}

void PlainEngine::run(const std::function<void(Txn&)>& work) {
  records_.begin(now);
  txn_.begin(now);
  work(txn_);
}

void SharedAsked::reopen() {
  engine_.reset();
  rows_.reset();
  reads_.reset();
  clock_ = std::make_unique<SetClock>(now);
  rows_ = std::make_unique<sim::SimulatedRows>(*clock_, database_, sim::Seeded(++lives_), habits_);
  if (reads_beside_) reads_ = std::make_unique<sim::SimulatedRows>(*clock_, database_, sim::Seeded(lives_), habits_);
  engine_ = std::make_unique<SharedEngine>(*clock_, *rows_, SharedEngine::Settings{.reads = reads_.get()});
  engine_->open();
}

/// While nobody is there, nothing was done: it is asked again.
void SharedAsked::run(const std::function<void(Txn&)>& work) {
  std::optional<Commit> outcome;
  const auto submit = [&] {
    outcome.reset();
    run_reading(
        *engine_,
        [&work](Txn& txn) {
          work(txn);
          return true;
        },
        [&outcome](Commit commit, bool) { outcome = commit; });
  };
  std::unique_ptr<Timer> again;
  for (submit(); outcome != Commit::durable;) {
    REQUIRE(clock_->step());
    if (outcome != Commit::failed) continue;
    outcome.reset();
    again = clock_->timer(submit);
    again->start(Millis{100});
  }
}

PgRows::Settings settings_of(const PostgresServer& server, const std::string& schema) {
  return {.target = {.conninfo = server.conninfo(), .password = {}, .schema = schema},
          .creates = true,
          .takes_after = Millis{0}};
}

/// The test's hour on the loop of a store's thread.
class PgAsked::TestHour final : public Loop {
 public:
  explicit TestHour(const WallTime& now) : now_(now) {}
  MonoTime now() const override { return loop_.now(); }
  WallTime wall_now() const override { return now_; }
  std::unique_ptr<Timer> timer(std::move_only_function<void()> fire) override { return loop_.timer(std::move(fire)); }
  void post(std::move_only_function<void()> work) override { loop_.post(std::move(work)); }
  std::unique_ptr<Stream> connect(const Endpoint&, StreamEvents&) override { return nullptr; }
  StoreLoop& loop() { return loop_; }

 private:
  const WallTime& now_;
  StoreLoop loop_;
};

PgAsked::PgAsked() {
  if (PostgresServer* server = PostgresServer::instance())
    schema_ = server->fresh_schema();
  else
    MESSAGE("postgresql-15 is not installed: the simulated database stands in");
  reopen();
}

PgAsked::~PgAsked() {
  engine_.reset();
  rows_.reset();
  reads_.reset();
}

void PgAsked::reopen() {
  if (schema_.empty()) return instead_.reopen();
  engine_.reset();
  rows_.reset();
  reads_.reset();
  loop_ = std::make_unique<TestHour>(now);
  rows_ = std::make_unique<PgRows>(settings_of(*PostgresServer::instance(), schema_),
                                   [this](std::move_only_function<void()> work) { loop_->post(std::move(work)); });
  auto reading = settings_of(*PostgresServer::instance(), schema_);
  reading.target.use = pg::session_that_reads;
  reads_ = std::make_unique<PgRows>(std::move(reading),
                                    [this](std::move_only_function<void()> work) { loop_->post(std::move(work)); });
  engine_ = std::make_unique<SharedEngine>(*loop_, *rows_, SharedEngine::Settings{.reads = reads_.get()});
  engine_->open();
}

void PgAsked::run(const std::function<void(Txn&)>& work) {
  if (schema_.empty()) {
    instead_.now = now;
    return instead_.run(work);
  }
  std::optional<Commit> outcome;
  run_reading(
      *engine_,
      [&work](Txn& txn) {
        work(txn);
        return true;
      },
      [&outcome](Commit commit, bool) { outcome = commit; });
  loop_->loop().run_until([&] { return outcome.has_value(); });
  REQUIRE(outcome == Commit::durable);
}

StormyEngine::StormyEngine()
    : SharedAsked({.conflict = 0.15, .doubt = 0.15, .unreachable = 0.05, .away_min = Millis{1}}, false) {}

void LmdbEngine::run(const std::function<void(Txn&)>& work) {
  std::optional<Commit> outcome;
  run_task(
      *store_,
      [&work](Txn& txn) {
        work(txn);
        return true;
      },
      [&outcome](Commit commit, bool) { outcome = commit; });
  REQUIRE(box_.run_until([&] { return outcome.has_value(); }));
  REQUIRE(outcome == Commit::durable);
}

void LmdbEngine::reopen() {
  store_.reset();
  auto opened = LmdbStore::open({.directory = directory_.path(),
                                 .check_value = our_key,
                                 .map_octets = 64 << 20,
                                 .near = small_limits,
                                 .now = [this] { return now; }},
                                box_.post());
  REQUIRE(opened.has_value());
  store_ = std::move(*opened);
}

}  // namespace xion
