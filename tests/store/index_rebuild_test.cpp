#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "core/otp/delivery_rules.h"
#include "engines.h"
#include "sample_otp.h"

using namespace xion;

namespace {

constexpr std::uint32_t phones = 40;
constexpr std::uint32_t carrier_ids = 300;

/// Everything that a task could find out, as text.
std::string all_that_shows(Txn& txn, WallTime now) {
  std::ostringstream out;
  const auto show = [&](const std::optional<OtpId>& id) { out << (id ? to_string(*id) : "-") << ' '; };
  for (std::uint32_t n = 0; n < phones; ++n) {
    show(txn.live_otp({1, subject(n), "default"}));
    show(txn.latest_otp({1, subject(n), "default"}));
    for (const auto kind : {HistoryKind::sends_of_phone, HistoryKind::sends_of_user_ip, HistoryKind::locks_of_phone}) {
      std::vector<std::int64_t> times;
      for (const auto& entry : txn.history({kind, 1, subject(n)}, now - std::chrono::hours{24}))
        times.push_back(unix_millis(entry.at));
      std::ranges::sort(times);
      for (const auto at : times) out << at << ',';
      out << ' ';
    }
  }
  out << '\n';
  for (const OtpId& id : txn.expiring(now + Seconds{9999}, 10'000)) show(id);
  out << '\n';
  for (const auto& entry : txn.outbox(10'000)) out << to_string(entry.otp) << '/' << int{entry.message} << ' ';
  out << '\n';
  for (std::uint32_t n = 0; n < carrier_ids; ++n) {
    for (const SubmissionRef& ref : txn.submissions("primary", std::to_string(n))) show(ref.otp);
    out << ',';
  }
  out << '\n';
  for (std::uint8_t n = 0; n < 50; ++n) out << txn.answer({n}).has_value();
  out << txn.outbox_size();
  return out.str();
}

/// One thing that happens to a random request.
class RandomLife {
 public:
  explicit RandomLife(std::uint32_t seed) : random_(seed) {}

  void step(Txn& txn, WallTime now) {
    switch (below(8)) {
      case 0:
      case 1: return send(txn, now);
      case 2: return change(txn, [&](Otp& otp) { queue_again(otp, now); });
      case 3:
        return change(txn, [&](Otp& otp) { submit_to(otp, otp.messages.size() - 1, "primary", carrier_id(), now); });
      case 4:
        return change(txn, [&](Otp& otp) {
          if (!otp.messages.back().submissions.empty()) deliver(otp, otp.messages.size() - 1, now);
        });
      case 5:
        return change(txn, [&](Otp& otp) { end(otp, below(2) == 0 ? OtpStatus::verified : OtpStatus::locked, now); });
      case 6:
        for (const OtpId& id : txn.expiring(now, 3)) {
          auto otp = txn.otp(id);
          end(*otp, OtpStatus::expired, now);
          txn.put(*otp);
        }
        return;
      default: return txn.put_answer({static_cast<std::uint8_t>(below(50))}, {}, now);
    }
  }
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }

 private:
  std::string carrier_id() { return std::to_string(below(carrier_ids)); }
  void send(Txn& txn, WallTime now) {
    Otp otp = sample_otp(now, ++made_, below(phones));
    if (txn.live_otp(key_of(otp))) return;
    if (below(2) == 0) otp.user_ip = subject(below(phones));
    txn.insert(otp);
    ids_.push_back(otp.id);
  }
  template <typename Change>
  void change(Txn& txn, Change how) {
    if (ids_.empty()) return;
    auto otp = txn.otp(ids_[below(static_cast<std::uint32_t>(ids_.size()))]);
    if (!otp || otp->status != OtpStatus::pending) return;
    how(*otp);
    txn.put(*otp);
  }
  std::mt19937 random_;
  std::uint32_t made_ = 0;
  std::vector<OtpId> ids_;
};

}  // namespace

TEST_CASE_TEMPLATE("indexes that are rebuilt from the log show what the live ones did", E, MemoryEngine, NearEngine,
                   LmdbEngine) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    E engine;
    RandomLife life(seed);
    for (int round = 0; round < 12; ++round) {
      for (int batch = 0; batch < 8; ++batch) {
        engine.now += Millis{life.below(400'000)};
        engine.run([&](Txn& txn) {
          for (int i = 0; i < 25; ++i) life.step(txn, engine.now);
        });
      }
      const auto shown = [&] { return engine.ask([&](Txn& txn) { return all_that_shows(txn, engine.now); }); };
      const std::string live = shown();
      engine.reopen();
      CHECK(shown() == live);
    }
  }
}

TEST_CASE("a data file of a release that had no run index shows what it did, also where making it broke off") {
  for (std::uint32_t seed = 11; seed <= 14; ++seed) {
    CAPTURE(seed);
    MemoryEngine engine;
    RandomLife life(seed);
    for (int batch = 0; batch < 60; ++batch) {
      engine.now += Millis{life.below(400'000)};
      engine.run([&](Txn& txn) {
        for (int i = 0; i < 25; ++i) life.step(txn, engine.now);
      });
    }
    const auto shown = [&] { return engine.ask([&](Txn& txn) { return all_that_shows(txn, engine.now); }); };
    const std::string live = shown();
    sim::MemoryKv& disk = engine.disk();
    const auto erase_all = [&](Table table) {
      std::vector<std::string> keys;
      disk.scan(table, {}, [&](std::string_view key, std::string_view) {
        keys.emplace_back(key);
        return true;
      });
      for (const std::string& key : keys) disk.erase(table, key);
    };
    disk.begin();
    if (seed % 2 == 0)
      for (const Table table : {Table::index_log, Table::index_runs, Table::index_entries, Table::index_filters})
        erase_all(table);
    disk.erase(Table::meta, "indexed");
    disk.commit();
    engine.reopen();
    CHECK(shown() == live);
  }
}

ON_ENGINES("a log of several batches is read back whole and in its order", MemoryEngine, NearEngine, LmdbEngine) {
  constexpr std::uint32_t requests = 1'700;  // Batches of 512, and a rest.
  std::vector<OtpId> made;
  engine.run([&](Txn& txn) {
    for (std::uint32_t n = 0; n < requests; ++n) {
      // Two requests of one phone, far apart: the later one is the one that is found.
      Otp otp = sample_otp(noon + Millis{n}, n + 1, n % (requests / 2));
      if (n < requests / 2) end(otp, OtpStatus::verified, noon + Millis{n});
      txn.insert(otp);
      made.push_back(otp.id);
    }
  });
  engine.reopen();
  std::vector<OtpId> found;
  engine.run([&](Txn& txn) {
    for (std::uint32_t n = 0; n < requests / 2; ++n) found.push_back(*txn.live_otp({1, subject(n), "default"}));
  });
  CHECK(found == std::vector(made.begin() + requests / 2, made.end()));
}

TEST_CASE("a request that was pending when the daemon stopped is found, however long it was down") {
  MemoryEngine engine;
  const Otp otp = sample_otp(noon, 1, 1);
  engine.run([&](Txn& txn) { txn.insert(otp); });
  engine.now += std::chrono::hours{24 * 30};
  engine.reopen();
  CHECK(engine.ask([&](Txn& txn) { return txn.expiring(engine.now, 10); }) == std::vector{otp.id});
}

TEST_CASE("a transaction that finds the map full is applied again, and counts nothing twice") {
  MemoryEngine engine;
  int writes = 0;
  engine.disk().is_full = [&] { return ++writes == 3; };
  const HistoryKey key{HistoryKind::failed_verifies_of_user_ip, 1, subject(99)};
  engine.run([&](Txn& txn) { txn.note(key, {noon, 0}); });
  engine.run([&](Txn& txn) {
    txn.insert(sample_otp(noon, 1, 1));
    txn.note(key, {noon, 0});
    txn.count(1, 0, Counter::sends, 1);
    txn.insert(sample_otp(noon, 2, 2));
    txn.insert(sample_otp(noon, 3, 3));
  });
  CHECK(engine.disk().growths() == 1);
  CHECK(engine.ask([&](Txn& txn) { return txn.history(key, noon); }).size() == 2);
  CHECK(engine.ask([](Txn& txn) { return txn.counters(1, 0)[static_cast<std::size_t>(Counter::sends)]; }) == 1);
  CHECK(engine.ask([](Txn& txn) { return txn.outbox_size(); }) == 3);
}

TEST_CASE("a corrupt record is as if it were not there, and is told of") {
  sim::MemoryKv disk;
  LogEngine engine(disk);
  REQUIRE(engine.open(our_key, noon).has_value());
  disk.begin();
  disk.put(Table::otps, as_text(id_at(noon, 1).octets), "nonsense");
  disk.commit();
  LogEngine again(disk);
  REQUIRE(again.open(our_key, noon).has_value());
  CHECK(again.trouble().find(to_string(id_at(noon, 1))) != std::string::npos);
}
