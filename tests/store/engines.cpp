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
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
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

void MemoryEngine::run(const std::function<void(Txn&)>& work) {
  std::vector<std::unique_ptr<Task>> batch;
  auto apply = [&work](Txn& txn) {
    work(txn);
    return true;
  };
  auto done = [](Commit, bool) {};
  batch.push_back(std::make_unique<LambdaTask<bool, decltype(apply), decltype(done)>>(apply, done));
  batches_->start(batch, now, {});
  REQUIRE(batches_->finish(batch, now, {}).commits.front() == Commit::durable);
}

void MemoryEngine::reopen() {
  engine_ = std::make_unique<LogEngine>(disk_);
  REQUIRE(engine_->open(our_key, now).has_value());
  batches_ = std::make_unique<Batches>(*engine_, disk_, Millis{1'000});
}

void PlainEngine::run(const std::function<void(Txn&)>& work) {
  records_.begin(now);
  txn_.begin(now);
  work(txn_);
}

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
  auto opened = LmdbStore::open(
      {.directory = directory_.path(), .check_value = our_key, .map_octets = 64 << 20, .now = [this] { return now; }},
      box_.post());
  REQUIRE(opened.has_value());
  store_ = std::move(*opened);
}

}  // namespace xion
