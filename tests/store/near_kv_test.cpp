// Rows that are kept near, over a disk in memory, against a plain map.
#include "store/near/near_kv.h"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "sim/memory_kv.h"
#include "store/near/near_journal.h"
#include "store/otp_key.h"

using namespace xion;

namespace {

/// Everything is folded and erased while a test looks on.
constexpr NearLimits small{.memory_octets = 2'000,
                           .journal_octets = 3'000,
                           .ticks = 3,
                           .fold_factor = 2,
                           .step_octets = 300,
                           .tick_octets = 500};
constexpr std::array tables{Table::otps, Table::stats, Table::answers, Table::meta};

using Rows = std::map<std::string, std::string>;
using Model = std::map<Table, Rows>;

Rows all_of(Kv& kv, Table table) {
  Rows rows;
  kv.scan(table, {}, [&](std::string_view key, std::string_view value) {
    CHECK((rows.empty() || rows.rbegin()->first < key));
    rows.emplace(key, value);
    return true;
  });
  return rows;
}

/// One life of a store after the other over one disk, and what it must hold.
class Story {
 public:
  explicit Story(std::uint32_t seed) : random_(seed), faults_(seed) {
    disk_.commit_fails = [this] { return may_fail_ && faults_() % 12 == 0; };
    disk_.is_full = [this] { return may_fail_ && faults_() % 60 == 0; };
  }

  void step() {
    switch (below(20)) {
      case 0: near_.emplace(disk_, small); break;  // The process died.
      case 1:
      case 2: tick(); break;
      case 3: read_only(); break;
      case 4: fold_all(); break;
      default: transaction();
    }
  }
  void check() {
    may_fail_ = false;
    near_->begin();
    for (const Table table : tables) {
      CHECK(all_of(*near_, table) == kept_[table]);
      CHECK(near_->count(table) == kept_[table].size());
    }
    near_->abort();
    may_fail_ = true;
  }
  /// All that is put off is done.
  void settle() {
    may_fail_ = false;
    for (int i = 0; i < 1'000 && near_->has_put_off(); ++i) tick();
    disk_.begin();
    for (const Table table : tables) CHECK(all_of(disk_, table) == kept_[table]);
    CHECK(disk_.count(Table::journal) == 0);
    disk_.abort();
    may_fail_ = true;
  }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::string key() {
    if (below(3) == 0) return std::string(BigEndian<std::uint64_t>(++newest_).view());
    if (below(2) == 0) return std::string(BigEndian<std::uint64_t>(1 + below(newest_ + 1)).view());
    return std::string(1 + below(3), static_cast<char>('a' + below(3)));
  }
  std::string value() { return std::string(below(below(20) == 0 ? 3'000 : 60), static_cast<char>('a' + below(26))); }
  Table table() { return tables[below(tables.size())]; }

  void tick() {
    near_->tick();
    if (near_->has_work()) commit_of([](Model&) {});
  }
  void fold_all() {
    if (below(4) != 0) return;
    try {
      near_->fold_all();
      CHECK(!near_->has_put_off());
    } catch (const StoreFailure&) {  // Some other time.
      near_->abort();
    }
  }
  void transaction() {
    std::vector<std::uint32_t> seeds(1 + below(8));
    for (auto& seed : seeds) seed = static_cast<std::uint32_t>(random_());
    commit_of([&](Model& model) {
      const auto before = random_;
      for (const std::uint32_t seed : seeds) {
        random_.seed(seed);  // Applied again it does the same.
        change(model);
      }
      random_ = before;
    });
  }
  template <typename Work>
  void commit_of(Work work) {
    const auto newest = newest_;
    for (;;) {
      Model model = kept_;
      newest_ = newest;
      try {
        near_->begin();
        work(model);
        if (below(15) == 0) return near_->abort();
        CHECK((near_->has_written() || model == kept_));
        near_->commit();
        kept_ = std::move(model);
        return;
      } catch (const MapFull&) {
        near_->abort();
        near_->grow();
      } catch (const StoreFailure&) {
        return near_->abort();
      }
    }
  }
  void change(Model& model) {
    const Table in = table();
    Rows& rows = model[in];
    const std::string at = key();
    switch (below(6)) {
      case 0: CHECK(near_->erase(in, at) == (rows.erase(at) > 0)); break;
      case 1: {
        const std::string octets = value();
        CHECK(near_->insert(in, at, octets) == rows.try_emplace(at, octets).second);
        break;
      }
      case 2: {
        const auto found = near_->get(in, at);
        const auto known = rows.find(at);
        CHECK(found.has_value() == (known != rows.end()));
        if (found && known != rows.end()) CHECK(*found == known->second);
        break;
      }
      case 3: scan(in, rows, at); break;
      default: {
        const std::string octets = value();
        near_->put(in, at, octets);
        rows.insert_or_assign(at, octets);
      }
    }
  }
  /// From one key, some rows up and some down.
  void scan(Table in, const Rows& rows, const std::string& from) {
    std::vector<std::string> up, down, up_wanted, down_wanted;
    const std::size_t limit = 1 + below(5);
    const auto into = [limit](std::vector<std::string>& seen) {
      return [&seen, limit](std::string_view key, std::string_view value) {
        seen.push_back(std::string(key).append("=").append(value));
        return seen.size() < limit;
      };
    };
    near_->scan(in, from, into(up));
    near_->scan_back(in, from, into(down));
    for (auto at = rows.lower_bound(from); at != rows.end() && up_wanted.size() < limit; ++at)
      up_wanted.push_back(at->first + "=" + at->second);
    for (auto at = rows.lower_bound(from); at != rows.begin() && down_wanted.size() < limit;) {
      --at;
      down_wanted.push_back(at->first + "=" + at->second);
    }
    CHECK(up == up_wanted);
    CHECK(down == down_wanted);
    CHECK(near_->count(in) == rows.size());
  }
  void read_only() {
    const std::string row_key = key();
    near_->begin_reading();
    CHECK_THROWS_AS(near_->put(Table::otps, row_key, "x"), ReadOnly);
    CHECK(near_->get(Table::otps, row_key).has_value() == kept_[Table::otps].contains(row_key));
    near_->abort();
  }

  std::mt19937 random_, faults_;
  sim::MemoryKv disk_;
  std::optional<NearKv> near_{std::in_place, disk_, small};
  bool may_fail_ = true;
  std::uint32_t newest_ = 0;
  Model kept_ = [] {
    Model empty;
    for (const Table table : tables) empty[table];
    return empty;
  }();
};

}  // namespace

TEST_CASE("rows that are near read as a plain map does, whatever fails and whenever the process dies") {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Story story(seed);
    for (int i = 0; i < 300; ++i) story.step();
    story.check();
    story.settle();
    story.check();
  }
}

TEST_CASE("a commit of one small change writes the journal and nothing else") {
  sim::MemoryKv disk;
  NearKv near(disk);
  near.begin();
  near.put(Table::otps, "one", "1");
  near.put(Table::stats, "sum", "1");
  near.commit();
  disk.begin();
  CHECK(disk.count(Table::otps) == 0);
  CHECK(disk.count(Table::stats) == 0);
  CHECK(disk.count(Table::journal) == 1);
  disk.abort();
}

TEST_CASE("a row of the journal that can't be read is passed over, counted, and hides no other") {
  sim::MemoryKv disk;
  disk.begin();
  std::uint64_t number = 0xFF00'0000'0000'0000;
  const auto add = [&](std::string_view key) {
    JournalWriter writer(
        [&](std::string_view row) { disk.put(Table::journal, BigEndian<std::uint64_t>(++number).view(), row); });
    writer.add(Table::otps, key, "x");
    writer.finish();
  };
  add("a");
  disk.put(Table::journal, BigEndian<std::uint64_t>(++number).view(), "\x63nonsense");
  add("b");
  disk.commit();
  NearKv near(disk);
  near.begin();
  CHECK(near.get(Table::otps, "a"));
  CHECK(near.get(Table::otps, "b"));
  CHECK(near.unreadable_rows() == 1);
  near.abort();
}
