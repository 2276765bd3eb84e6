#include "store/runs/run_index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "engines.h"
#include "sim/memory_kv.h"

using namespace xion;

namespace {

using std::chrono::hours;
using Sums = std::map<std::uint64_t, RunSums>;

/// A run index over a disk in memory, beside what it should know.
class Checked {
 public:
  explicit Checked(RunSizes sizes = small_runs) : sizes_(sizes) { reopen(); }

  void reopen() {
    index_ = std::make_unique<RunIndex>(disk, sizes_);
    disk.begin();
    index_->begin(now);
    index_->load();
    disk.abort();
  }
  /// One transaction. False: its commit failed, and everything was read anew.
  bool run(const std::function<void()>& work) {
    added_.clear();
    disk.begin();
    index_->begin(now);
    work();
    index_->flush();
    try {
      disk.commit();
    } catch (const StoreFailure&) {
      reopen();
      return false;
    }
    for (const Added& added : added_) know(added);
    return true;
  }
  void add(std::uint64_t name, RunKind kind, WallTime at, std::uint64_t value) {
    const RunEntry entry = RunEntry::of(name, kind, at, value);
    index_->add(entry);
    added_.push_back({name, kind, entry, value});
  }
  std::vector<RunEntry> found(std::uint64_t name, RunKind kind, WallTime since, std::size_t limit = 1'000'000) {
    disk.begin();
    index_->begin(now);
    std::vector<RunEntry> entries;
    index_->collect(name, kind, since, limit, entries);
    disk.abort();
    return entries;
  }
  std::vector<RunEntry> known(std::uint64_t name, RunKind kind, WallTime since, std::size_t limit = 1'000'000) {
    std::vector<RunEntry> entries;
    for (auto at = known_[{name, kind}].rbegin(); at != known_[{name, kind}].rend() && entries.size() < limit; ++at)
      if (at->at() >= std::max(since, now - window_of(kind))) entries.push_back(*at);
    return entries;
  }
  /// Sums of a name as they are found and as they should be, those that come to nothing left out.
  void check_sums(std::uint64_t name) {
    Sums found_sums;
    for (const RunEntry& part : found(name, RunKind::traffic, WallTime::min())) {
      RunSums& sum = found_sums[part.when];
      sum = RunSums::of(sum_of(sum.value(), part.value));
    }
    const auto shown = [&](const Sums& sums) {
      std::map<std::uint64_t, std::uint64_t> values;
      for (const auto& [when, sum] : sums)
        if (sum.value() != 0 && RunEntry{name, when, 0}.over_at() >= now) values[when] = sum.value();
      return values;
    };
    CHECK(shown(found_sums) == shown(sums_[name]));
  }
  void check_all(std::uint64_t names) {
    for (std::uint64_t name = 0; name < names; ++name) {
      CAPTURE(name);
      for (const RunKind kind : {RunKind::answer, RunKind::submission, RunKind::event}) {
        REQUIRE(found(spread(name), kind, WallTime::min()) == known(spread(name), kind, WallTime::min()));
        REQUIRE(found(spread(name), kind, now - hours{5}, 3) == known(spread(name), kind, now - hours{5}, 3));
      }
      check_sums(spread(name));
    }
  }
  static std::uint64_t spread(std::uint64_t n) { return (n + 1) * 0x9E3779B97F4A7C15; }
  RunIndex& index() { return *index_; }

  sim::MemoryKv disk;
  WallTime now = noon;

 private:
  /// What `add` was told.
  struct Added {
    std::uint64_t name;
    RunKind kind;
    RunEntry entry;
    std::uint64_t value;
  };
  void know(const Added& added) {
    if (added.kind != RunKind::traffic) {
      known_[{added.name, added.kind}].insert(added.entry);
      return;
    }
    RunSums& sum = sums_[added.name][added.entry.when];
    sum = RunSums::of(sum_of(sum.value(), added.value));
  }

  RunSizes sizes_;
  std::unique_ptr<RunIndex> index_;
  std::vector<Added> added_;  ///< By the transaction that is open.
  std::map<std::pair<std::uint64_t, RunKind>, std::set<RunEntry>> known_;
  std::map<std::uint64_t, Sums> sums_;
};

std::size_t rows(sim::MemoryKv& disk, Table table) {
  disk.begin();
  const std::size_t count = disk.count(table);
  disk.abort();
  return count;
}

}  // namespace

TEST_CASE("nothing is lost across seals, merges, drops, restarts and commits that fail") {
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
    Checked checked;
    int failures = 0;
    checked.disk.commit_fails = [&] { return below(15) == 0 && ++failures > 0; };
    constexpr std::uint64_t names = 60;
    std::size_t most_runs = 0;
    for (int step = 0; step < 400; ++step) {
      checked.now += Millis{below(step % 100 == 99 ? 20'000'000U : 600'000U)};
      checked.run([&] {
        for (std::uint32_t i = below(30); i > 0; --i) {
          const std::uint64_t name = Checked::spread(below(names));
          // Some come late, and some again.
          const WallTime at = checked.now - Millis{below(4) == 0 ? below(4'000'000) : 0};
          switch (below(4)) {
            case 0: checked.add(name, RunKind::answer, at, below(3)); break;
            case 1: checked.add(name, RunKind::submission, at, random()); break;
            case 2: checked.add(name, RunKind::event, at, random()); break;
            default: {
              const auto by = static_cast<std::int32_t>(below(5)) - 2;
              checked.add(name, RunKind::traffic, std::chrono::floor<hours>(at), RunSums{by, 1}.value());
            }
          }
        }
      });
      most_runs = std::max(most_runs, checked.index().size().runs);
      if (below(20) == 0) checked.reopen();
      if (step % 50 == 0) checked.check_all(names);
    }
    checked.check_all(names);
    CHECK(failures > 5);
    CHECK(most_runs > 2);
  }
}

TEST_CASE("what is over goes with its run, and leaves nothing on the disk") {
  Checked checked;
  for (std::uint64_t n = 0; n < 2'000; ++n) {
    checked.now += Seconds{10};
    checked.run([&] { checked.add(Checked::spread(n), RunKind::event, checked.now, n); });
  }
  CHECK(checked.index().size().run_entries > 1'500);
  checked.now += hours{50};
  // Some little goes on: its steps clear away what is over.
  for (std::uint64_t n = 0; n < 2'000; ++n)
    checked.run([&] { checked.add(Checked::spread(n), RunKind::answer, checked.now, n); });
  CHECK(checked.index().size().run_entries < 2'010);
  checked.now += hours{50};
  checked.run([&] { checked.index().settle(); });
  CHECK(checked.index().size().runs == 0);
  CHECK(rows(checked.disk, Table::index_entries) == 0);
  CHECK(rows(checked.disk, Table::index_filters) == 0);
  CHECK(rows(checked.disk, Table::index_log) <= 48);
}

TEST_CASE("of a name with very many entries the newest are found, and no more are read than are asked for") {
  Checked checked;
  for (std::uint64_t n = 0; n < 3'000; ++n)
    checked.run([&] { checked.add(7, RunKind::event, checked.now + Millis{n}, n); });
  const auto newest = checked.found(7, RunKind::event, WallTime::min(), 5);
  REQUIRE(newest.size() == 5);
  CHECK(newest.front().value == 2'999);
  CHECK(newest == checked.known(7, RunKind::event, WallTime::min(), 5));
  CHECK(checked.found(7, RunKind::event, WallTime::min()).size() == 3'000);
}

TEST_CASE("a filter has each name that was set, and nearly none that was not") {
  std::mt19937_64 random(5);
  std::string blocks(RunFilter::group_octets, '\0');
  std::vector<std::uint64_t> names(RunFilter::entries_in_group);
  for (auto& name : names) RunFilter::set(blocks, name = random());
  CHECK(std::ranges::all_of(names, [&](std::uint64_t name) { return RunFilter::has(blocks, name); }));
  int wrong = 0;
  for (int i = 0; i < 100'000; ++i) wrong += RunFilter::has(blocks, random()) ? 1 : 0;
  CHECK(wrong < 2'500);
}

TEST_CASE("filters without room in memory are read from the disk, and come in when there is room") {
  RunSizes sizes = small_runs;
  sizes.filter_octets = 0;
  Checked checked(sizes);
  for (std::uint64_t n = 0; n < 4'000; ++n)
    checked.run([&] { checked.add(Checked::spread(n), RunKind::event, checked.now, n); });
  CHECK(checked.index().size().filter_octets == 0);
  for (std::uint64_t n = 0; n < 4'000; n += 13)
    CHECK(checked.found(Checked::spread(n), RunKind::event, WallTime::min()).size() == 1);
  CHECK(checked.found(Checked::spread(4'001), RunKind::event, WallTime::min()).empty());
}

TEST_CASE("the log is short again after a seal, and memory holds so much as is near and no more") {
  Checked checked;
  for (std::uint64_t n = 0; n < 3'000; ++n)
    checked.run([&] { checked.add(Checked::spread(n), RunKind::answer, checked.now, n); });
  CHECK(checked.index().size().near_entries <= 2 * small_runs.near_entries);
  CHECK(rows(checked.disk, Table::index_log) < 5 * small_runs.near_entries);
  checked.reopen();
  CHECK(checked.index().size().near_entries <= 2 * small_runs.near_entries);
}
