#include "domain/batches.h"

#include <doctest/doctest.h>

#include "core/otp/otp_record.h"
#include "engines.h"
#include "sample_otp.h"

using namespace xion;

namespace {

constexpr Millis retry_after{1'000};

/// Batches over a disk in memory whose troubles a test decides.
struct Shelf {
  sim::MemoryKv disk;
  LogEngine engine{disk};
  std::unique_ptr<Batches> batches;
  MonoTime at{};

  Shelf() {
    REQUIRE(engine.open(our_key, noon).has_value());
    batches = std::make_unique<Batches>(engine, disk, retry_after);
  }
  /// A batch of tasks; what became of each.
  std::vector<Commit> run(const std::vector<std::function<void(Txn&)>>& works) {
    std::vector<std::unique_ptr<Task>> batch;
    for (const auto& work : works) {
      auto apply = [&work](Txn& txn) { return work(txn), true; };
      auto done = [](Commit, bool) {};
      batch.push_back(std::make_unique<LambdaTask<bool, decltype(apply), decltype(done)>>(apply, done));
    }
    batches->start(batch, noon, at);
    return batches->finish(batch, noon, at).commits;
  }
  Commit insert(std::uint32_t n) {
    return run({[n](Txn& txn) { txn.insert(sample_otp(noon, n, n)); }}).front();
  }
  /// Whether it is there; nothing: the store could not tell.
  std::optional<bool> has(std::uint32_t n) {
    bool is_there = false;
    const auto commits = run({[&](Txn& txn) { is_there = txn.otp(id_at(noon, n)).has_value(); }});
    return commits.front() == Commit::durable ? std::optional(is_there) : std::nullopt;
  }
  void pass(Millis span) {
    at += span;
    batches->try_to_recover(noon, at);
  }
};

}  // namespace

TEST_CASE("in trouble each task is for itself: who only reads is served, who writes fails, and nothing of it is kept") {
  Shelf store;
  REQUIRE(store.insert(1) == Commit::durable);
  bool fails = true;
  store.disk.commit_fails = [&] { return fails; };
  bool is_there = false;
  const auto first = store.run({[](Txn& txn) { txn.insert(sample_otp(noon, 2, 2)); },
                                [&](Txn& txn) { is_there = txn.otp(id_at(noon, 1)).has_value(); }});
  CHECK(first == std::vector{Commit::failed, Commit::durable});
  CHECK(is_there);
  CHECK_FALSE(store.batches->is_writable());
  CHECK(store.batches->trouble().starts_with("read-only: "));
  is_there = false;
  const auto each =
      store.run({[&](Txn& txn) { is_there = txn.otp(id_at(noon, 1)).has_value(); },
                 [](Txn& txn) { txn.insert(sample_otp(noon, 3, 3)); },
                 [](Txn& txn) { txn.count(1, 0, Counter::sends); }, [](Txn& txn) { txn.write_decoy(1); }});
  CHECK(each == std::vector{Commit::durable, Commit::failed, Commit::failed, Commit::failed});
  CHECK(is_there);
  CHECK(store.has(2) == false);
  CHECK(store.has(3) == false);
  store.pass(retry_after - Millis{1});
  fails = false;
  CHECK_FALSE(store.batches->is_writable());  // It was not tried yet.
  store.pass(Millis{1});
  CHECK(store.batches->is_writable());
  CHECK_FALSE(store.batches->next_try());
  CHECK(store.insert(4) == Commit::durable);
}

TEST_CASE("while the disk has no room it is not written to, and it is told why") {
  Shelf store;
  std::string full = "the disk is full";
  bool fails = true;
  int tries = 0;
  store.disk.commit_fails = [&] { return ++tries, fails; };
  store.disk.no_room = [&] { return full; };
  CHECK(store.insert(1) == Commit::failed);
  CHECK(store.batches->trouble() == "read-only: the disk is full");
  tries = 0;
  store.pass(retry_after);
  store.pass(retry_after);
  CHECK(tries == 0);
  fails = false;
  full.clear();
  store.pass(retry_after);
  CHECK(store.batches->is_writable());
}

TEST_CASE("a map that can't grow is read on, and written to again once it can") {
  Shelf store;
  REQUIRE(store.insert(1) == Commit::durable);
  bool is_full = true, fails = true;
  store.disk.is_full = [&] { return is_full; };
  store.disk.grow_fails = [&] { return fails; };
  CHECK(store.insert(2) == Commit::failed);
  CHECK(store.batches->trouble().starts_with("read-only: "));
  CHECK(store.has(1) == true);
  CHECK(store.has(2) == false);
  store.pass(retry_after);
  CHECK_FALSE(store.batches->is_writable());
  CHECK(store.has(1) == true);
  is_full = fails = false;
  store.pass(retry_after);
  CHECK(store.insert(3) == Commit::durable);
  CHECK(store.has(1) == true);
}

TEST_CASE("a disk that can't be opened serves nobody until it can") {
  Shelf store;
  REQUIRE(store.insert(1) == Commit::durable);
  bool fails = true, is_away = true;
  store.disk.commit_fails = [&] { return fails; };
  store.disk.reopen_fails = [&] { return is_away; };
  const auto first =
      store.run({[](Txn& txn) { txn.insert(sample_otp(noon, 2, 2)); }, [](Txn& txn) { txn.otp(id_at(noon, 1)); }});
  CHECK(first == std::vector{Commit::failed, Commit::failed});
  CHECK(store.batches->trouble().starts_with("down: "));
  CHECK_FALSE(store.has(1));
  store.pass(retry_after);
  CHECK_FALSE(store.has(1));
  is_away = false;
  store.pass(retry_after);
  CHECK(store.batches->trouble().starts_with("read-only: "));
  CHECK(store.has(1) == true);
  fails = false;
  store.pass(retry_after);
  CHECK(store.insert(3) == Commit::durable);
}

TEST_CASE("a decoy is written, and changes nothing that can be seen") {
  Shelf store;
  REQUIRE(store.insert(1) == Commit::durable);
  const auto seen = [&] {
    std::string all;
    store.run({[&](Txn& txn) {
      for (const Otp& otp : txn.recent({}, 10)) all += to_record(otp);
      for (const auto& [name, sums] : txn.stats(1, StatKind::all, day_of(noon), day_of(noon)))
        for (const auto count : sums.counts) all += std::to_string(count) + ",";
      all += std::to_string(txn.stats(1, StatKind::country, day_of(noon), day_of(noon)).size());
      all += std::to_string(txn.webhooks().size() + txn.outbox_size());
    }});
    return all;
  };
  const std::string before = seen();
  const auto commits = store.disk.commits();
  store.run({[](Txn& txn) { txn.write_decoy(1); }, [](Txn& txn) { txn.write_decoy(2); }});
  CHECK(store.disk.commits() == commits + 1);
  CHECK(seen() == before);
}
