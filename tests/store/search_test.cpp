// The log is searched by what is kept beside it: whatever happened, a search finds what a look at every request finds.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <random>

#include "core/otp/otp_record.h"
#include "core/otp/search_names.h"
#include "engines.h"
#include "sample_otp.h"
#include "store/search/search_index.h"

using namespace xion;

namespace {

constexpr SearchSizes tiny{.segment_requests = 32,
                           .block_requests = 4,
                           .left_unsealed = 3,
                           .segments_at_once = 1,
                           .fan_in = 3,
                           .step_inserts = 4,
                           .step_entries = 40,
                           .classes_kept = 6,
                           .changes_kept = 10,
                           .blocks_rewritten = 2,
                           .blocks_looked_at = 12};
constexpr std::string_view countries[] = {"AM", "GE", "DE", "", "FR"};

bool has_name(const Otp& otp, const std::string& name) {
  const auto names = search_names(otp);
  return std::ranges::find(names, name) != names.end();
}

bool matches(const Otp& otp, const OtpFilter& filter) {
  return (filter.name.empty() || has_name(otp, filter.name)) && (!filter.app || otp.app == *filter.app) &&
         (!filter.is_test || otp.test == *filter.is_test) && (!filter.phone || otp.phone == *filter.phone) &&
         (filter.reference.empty() || otp.reference == filter.reference) &&
         (!filter.status || otp.status == *filter.status) &&
         (filter.delivery.empty() || delivery_status(otp) == filter.delivery) &&
         (filter.country.empty() || otp.country == filter.country);
}

/// An index over a disk in memory, and beside it every request as it is.
class Log {
 public:
  explicit Log(SearchSizes sizes = tiny) : sizes_(sizes) {
    disk_.begin();
    SearchIndex::prepare(disk_);
    disk_.commit();
    reopen();
  }

  void in_one_commit(const std::function<void()>& work) {
    disk_.begin();
    work();
    index_->flush();
    disk_.commit();
  }
  void insert(const Otp& otp) {
    disk_.put(Table::otps, as_text(otp.id.octets), to_record(otp));
    all[otp.id] = otp;
    index_->insert(otp);
  }
  void put(const Otp& otp) {
    disk_.put(Table::otps, as_text(otp.id.octets), to_record(otp));
    all[otp.id] = otp;
    index_->set(otp);
  }
  void prune(std::size_t count) {
    for (; count > 0 && !all.empty(); --count) {
      disk_.erase(Table::otps, as_text(all.begin()->first.octets));
      all.erase(all.begin());
    }
    index_->forget_pruned();
  }
  /// As a restart does; what a merge had half done is lost.
  void reopen() {
    index_ = std::make_unique<SearchIndex>(disk_, sizes_);
    disk_.begin();
    index_->load();
    for (const auto& [id, otp] : all)
      if (!index_->sealed_until() || id > *index_->sealed_until()) index_->restore(otp);
    disk_.abort();
  }
  /// Every page, as a client turns them.
  std::vector<OtpId> found(const OtpFilter& filter, std::size_t limit) {
    std::vector<OtpId> ids;
    std::optional<OtpId> before;
    disk_.begin();
    for (std::size_t pages = 0; pages < 10'000; ++pages) {
      const auto page = index_->find(filter, before, limit);
      CHECK(page.ids.size() <= limit);
      for (const OtpId& id : page.ids) {
        CHECK((ids.empty() || id < ids.back() || !all.contains(id)));
        const auto at = all.find(id);
        if (at != all.end() && matches(at->second, filter)) ids.push_back(id);
      }
      if (!page.rest) break;
      REQUIRE((!before || *page.rest < *before));
      before = page.rest;
    }
    disk_.abort();
    return ids;
  }
  std::vector<OtpId> counted(const OtpFilter& filter) const {
    std::vector<OtpId> ids;
    for (auto at = all.rbegin(); at != all.rend(); ++at)
      if (matches(at->second, filter)) ids.push_back(at->first);
    return ids;
  }
  std::size_t rows(Table table) {
    disk_.begin();
    const std::size_t count = disk_.count(table);
    disk_.abort();
    return count;
  }

  std::map<OtpId, Otp> all;

 private:
  const SearchSizes sizes_;
  sim::MemoryKv disk_;
  std::unique_ptr<SearchIndex> index_;
};

class Life {
 public:
  explicit Life(std::uint32_t seed, SearchSizes sizes = tiny) : log(sizes), random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }

  Otp new_otp() {
    at_ += Millis{below(3)};
    // Now and then the clock is set back: such a request is older than what was sealed.
    const WallTime at = below(40) == 0 ? at_ - Millis{below(200)} : at_;
    Otp otp = sample_otp(at, ++made_, static_cast<std::uint32_t>(below(15)));
    otp.app = static_cast<AppId>(1 + below(3));
    otp.test = below(7) == 0;
    otp.country = countries[below(std::size(countries))];
    if (below(2) == 0) otp.reference = "order " + std::to_string(below(6));
    if (below(9) == 0) otp.messages.clear();
    if (below(3) == 0) otp.user_id = "user " + std::to_string(below(8));
    for (std::size_t n = below(4); n > 0; --n) otp.metadata.emplace_back("key", std::to_string(below(5)));
    return otp;
  }
  void change_one() {
    if (log.all.empty()) return;
    auto at = log.all.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(below(log.all.size())));
    Otp otp = at->second;
    otp.status = static_cast<OtpStatus>(below(7));
    for (Message& message : otp.messages) message.state = static_cast<MessageState>(below(9));
    log.put(otp);
  }
  void step() {
    log.in_one_commit([&] {
      for (std::size_t n = below(12); n > 0; --n) log.insert(new_otp());
      for (std::size_t n = below(6); n > 0; --n) change_one();
      if (below(9) == 0) log.prune(below(30));
    });
    if (below(25) == 0) log.reopen();
  }
  OtpFilter filter() {
    OtpFilter filter;
    if (below(5) != 0) filter.app = static_cast<AppId>(1 + below(4));
    if (below(2) == 0) filter.is_test = below(2) == 0;
    if (below(4) == 0) filter.phone = subject(static_cast<std::uint32_t>(below(16)));
    if (below(4) == 0) filter.reference = "order " + std::to_string(below(7));
    if (below(4) == 0) filter.name = user_name("user " + std::to_string(below(9)));
    if (below(4) == 0) filter.name = metadata_name("key", std::to_string(below(6)));
    if (below(3) == 0) filter.status = static_cast<OtpStatus>(below(7));
    if (below(4) == 0) filter.delivery = "delivered";
    if (below(4) == 0) filter.country = countries[below(3)];
    return filter;
  }

  Log log;

 private:
  std::mt19937 random_;
  WallTime at_ = noon;
  std::uint32_t made_ = 0;
};

}  // namespace

TEST_CASE(
    "a search finds what a look at every request finds, through late changes, merges, pruning, restarts and a clock "
    "set back") {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    Life life(seed);
    for (int round = 0; round < 250; ++round) {
      life.step();
      if (round % 5 != 0) continue;
      for (int n = 0; n < 6; ++n) {
        const OtpFilter filter = life.filter();
        REQUIRE(life.log.found(filter, 1 + life.below(9)) == life.log.counted(filter));
      }
    }
    CHECK(life.log.rows(Table::search_segments) > 0);
    CHECK(life.log.rows(Table::search_runs) > 0);
  }
}

TEST_CASE("runs become few, and what was merged or pruned leaves no rows behind") {
  Life life(7);
  for (int n = 0; n < 2'000; ++n) life.log.in_one_commit([&] { life.log.insert(life.new_otp()); });
  const std::size_t segments = life.log.rows(Table::search_segments);
  CHECK(segments > 55);
  CHECK(life.log.rows(Table::search_runs) <=
        2 * 4 + 2);  // Of each level at most one less than would be merged, and those that wait.
  const std::size_t entries = life.log.rows(Table::search_entries);
  CHECK(entries < 4 * life.log.all.size() / 100);
  for (int n = 0; n < 400; ++n) life.log.in_one_commit([&] { life.log.prune(5); });
  CHECK(life.log.all.empty());
  life.log.in_one_commit([&] { life.log.insert(life.new_otp()); });
  for (int n = 0; n < 400; ++n)
    life.log.in_one_commit([&] {
      life.log.insert(life.new_otp());
      life.log.prune(1);
    });
  CHECK(life.log.rows(Table::search_segments) <= 2);
  CHECK(life.log.rows(Table::search_blocks) <= 2 * 64);
  CHECK(life.log.rows(Table::search_runs) <= 2);
  CHECK(life.log.rows(Table::search_entries) <= 8);
}

ON_ENGINES("an engine finds by phone, reference, app and state, before and after a restart", MemoryEngine, NearEngine,
           LmdbEngine, PlainEngine) {
  const auto refill = [&] {
    for (std::uint32_t n = 0; n < 400; ++n) {
      Otp otp = sample_otp(noon + Millis{n}, n, n % 100);
      otp.app = n % 40 == 0 ? 2 : 1;
      otp.reference = "order " + std::to_string(n % 7);
      engine.run([&](Txn& txn) { txn.insert(otp); });
    }
  };
  refill();
  Otp verified = sample_otp(noon + Millis{17}, 17, 17);
  verified.reference = "order 3";
  end(verified, OtpStatus::verified, noon + Seconds{1});
  engine.run([&](Txn& txn) { txn.put(verified); });
  const auto ids = [&](const OtpFilter& filter, std::optional<OtpId> before = {}) {
    return engine.ask([&](Txn& txn) {
      std::vector<OtpId> found;
      for (const Otp& otp : txn.find(filter, before, 10).otps) found.push_back(otp.id);
      return found;
    });
  };
  for (int round = 0; round < 2; ++round) {
    OtpFilter of_phone{};
    of_phone.phone = subject(42);
    CHECK(ids(of_phone) == std::vector{id_at(noon + Millis{342}, 342), id_at(noon + Millis{242}, 242),
                                       id_at(noon + Millis{142}, 142), id_at(noon + Millis{42}, 42)});
    CHECK(ids(of_phone, id_at(noon + Millis{242}, 242)) ==
          std::vector{id_at(noon + Millis{142}, 142), id_at(noon + Millis{42}, 42)});
    OtpFilter of_state{};
    of_state.app = 1;
    of_state.status = OtpStatus::verified;
    CHECK(ids(of_state) == std::vector{verified.id});
    OtpFilter of_app{};
    of_app.app = 2;
    CHECK(ids(of_app).size() == 10);
    OtpFilter of_reference{};
    of_reference.app = 2;
    of_reference.reference = "order 3";
    for (const OtpId& id : ids(of_reference))
      CHECK(engine.ask([&](Txn& txn) { return txn.otp(id)->reference; }) == "order 3");
    CHECK(ids(of_reference).size() == 2);
    engine.reopen();
  }
  engine.now = noon + Seconds{301};  // All pending ones are over now, though no sweeper came.
  OtpFilter expired{};
  expired.app = 1;
  expired.status = OtpStatus::expired;
  CHECK(ids(expired).size() == 10);
  CHECK(ids(expired).front() == id_at(noon + Millis{399}, 399));
}

TEST_CASE("a log of before is made searchable when it is opened") {
  sim::MemoryKv disk;
  constexpr std::uint32_t count = 135'000;
  {
    LogEngine engine(disk);
    REQUIRE(engine.open(our_key, noon));
    commit_one(engine, [&](Txn& txn) {
      for (std::uint32_t n = 0; n < count; ++n) {
        Otp otp = sample_otp(noon + Millis{n}, n, n);
        otp.reference = std::to_string(n);
        txn.insert(otp);
      }
    });
  }
  disk.begin();
  disk.erase(Table::meta, "searchable");
  disk.erase(Table::meta, "search_key");
  for (const Table table : {Table::search_segments, Table::search_blocks, Table::search_runs, Table::search_entries}) {
    std::vector<std::string> keys;
    disk.scan(table, {}, [&](std::string_view key, std::string_view) { return keys.emplace_back(key), true; });
    CHECK(!keys.empty());
    for (const std::string& key : keys) disk.erase(table, key);
  }
  disk.commit();
  LogEngine engine(disk);
  REQUIRE(engine.open(our_key, noon));
  for (const std::uint32_t n : {0U, 9'999U, 100'000U, count - 1}) {
    OtpFilter of_phone{}, of_reference{};
    of_phone.phone = subject(n);
    of_reference.app = 1;
    of_reference.reference = std::to_string(n);
    commit_one(engine, [&](Txn& txn) {
      for (const OtpFilter& filter : {of_phone, of_reference}) {
        const auto found = txn.find(filter, {}, 5);
        REQUIRE(found.otps.size() == 1);
        CHECK(found.otps.front().id == id_at(noon + Millis{n}, n));
        CHECK(!found.rest);
      }
    });
  }
}
