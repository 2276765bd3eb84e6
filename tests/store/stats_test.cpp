// Statistics are what a recount of the log gives, whatever happened to the requests, in whatever order, across
// restarts.
#include <doctest/doctest.h>

#include "core/otp/marks.h"
#include "core/otp/otp_stats.h"
#include "core/otp/otp_sums.h"
#include "core/otp/world.h"
#include "engines.h"
#include "sample_otp.h"

#define ENGINES MemoryEngine, NearEngine, LmdbEngine, PlainEngine, SharedAsked, StormyEngine, PgAsked

using namespace xion;

namespace {

template <typename IsWanted>
StatSums recount_of(const std::vector<Otp>& otps, IsWanted is_wanted) {
  StatSums sums;
  for (const Otp& otp : otps) {
    if (otp.app != 1 || otp.test || !is_wanted(made_at(otp.id))) continue;
    const OtpShare share = share_of(otp);
    for (std::size_t i = 0; i < stat_count; ++i) sums.counts[i] += share.counts[i];
    for (const auto latency : share.latencies) ++sums.latencies[latency];
    sums.latest = std::max(sums.latest, otp.id);
  }
  return sums;
}

StatSums recount(const std::vector<Otp>& otps, Day first, Day last) {
  return recount_of(otps, [&](WallTime at) { return day_of(at) >= first && day_of(at) <= last; });
}

StatSums recount_hours(const std::vector<Otp>& otps, Hour first, Hour last) {
  return recount_of(otps, [&](WallTime at) { return hour_of(at) >= first && hour_of(at) <= last; });
}

StatSums sums_of(AskedEngine& engine, Day first, Day last, StatKind kind = StatKind::all,
                 const std::string& name = "") {
  return engine.ask([&](Txn& txn) { return txn.stats(1, kind, first, last)[name]; });
}

void check_same(const StatSums& kept, const StatSums& counted) {
  CHECK(kept.counts == counted.counts);
  CHECK(kept.latencies == counted.latencies);
  CHECK(kept.latest == counted.latest);
}

using Pairs = std::map<std::string, StatSums>;

Pairs recount_pairs(const std::vector<Otp>& otps, WallTime since = {}) {
  Pairs found;
  for (const Otp& otp : otps) {
    if (otp.app != 1 || otp.test || made_at(otp.id) < since) continue;
    for (const CarrierShare& one : share_of(otp).carriers)
      otp_sums::add(found[otp.country + "/" + one.carrier], one, 1);
  }
  return found;
}

Pairs recount_country_errors(const std::vector<Otp>& otps) {
  Pairs found;
  for (const Otp& otp : otps) {
    if (otp.app != 1 || otp.test) continue;
    for (const std::string& error : share_of(otp).errors)
      ++found[otp.country + "/" + error].counts[static_cast<std::size_t>(Stat::undelivered)];
  }
  return found;
}

/// Names of which nothing is left may be there.
void check_pairs(const Pairs& kept, const Pairs& counted) {
  for (const auto& [name, sums] : counted) CHECK_MESSAGE(kept.contains(name), name);
  for (const auto& [name, sums] : kept) {
    CAPTURE(name);
    const StatSums expected = counted.contains(name) ? counted.at(name) : StatSums{};
    CHECK(sums.counts == expected.counts);
    CHECK(sums.latencies == expected.latencies);
  }
}

}  // namespace

ON_ENGINES("statistics agree with a recount for any range of days, across restarts", ENGINES) {
  // 40 days through two month ends, at each side of midnight.
  const Day first_day = day_of(noon);
  for (std::uint32_t n = 0; n < 400; ++n) {
    const WallTime at = noon + Seconds{n * 8'640} + Millis{n};
    engine.now = at;
    Otp otp = sample_otp(at, n, n % 37);
    otp.country = n % 3 == 0 ? "GB" : "AM";
    otp.route_taken = n % 5 == 0 ? "backup" : "primary";
    otp.test = n % 50 == 49;
    engine.run([&](Txn& txn) { txn.insert(otp); });
    if (n % 7 == 0) continue;
    submit_to(otp, 0, "primary", "id-" + std::to_string(n), at + Millis{5});
    engine.run([&](Txn& txn) { txn.put(otp); });
    if (n % 4 == 0) {
      deliver(otp, 0, at + Seconds{n % 90});
      engine.run([&](Txn& txn) {
        auto read = txn.otp(otp.id);
        REQUIRE(read.has_value());
        txn.put(otp);
        txn.put(otp);  // twice in one transaction, and once more unchanged
      });
    }
    if (n % 6 == 1) {
      // Ends the day after it was made.
      end(otp, n % 12 == 1 ? OtpStatus::verified : OtpStatus::expired, at + Seconds{90'000});
      engine.run([&](Txn& txn) { txn.put(otp); });
    }
    if (n % 100 == 50) engine.reopen();
  }
  const auto all = engine.ask([](Txn& txn) { return txn.recent({}, 1'000); });
  for (const auto& [from, to] : {std::pair{0, 60}, {0, 0}, {5, 5}, {16, 17}, {10, 47}, {39, 90}}) {
    check_same(sums_of(engine, first_day + from, first_day + to), recount(all, first_day + from, first_day + to));
  }
  const auto by_country =
      engine.ask([&](Txn& txn) { return txn.stats(1, StatKind::country, first_day, first_day + 60); });
  StatSums both;
  for (const auto& [country, sums] : by_country) both.add(sums);
  check_same(both, recount(all, first_day, first_day + 60));
  CHECK(sums_of(engine, first_day, first_day + 60, StatKind::route, "backup")[Stat::requests] > 0);
  const StatSums by_carrier = sums_of(engine, first_day, first_day + 60, StatKind::carrier, "primary");
  const auto of_carrier = [&](Stat stat) {
    StatSums found;
    for (const Otp& otp : all) {
      for (const CarrierShare& one : share_of(otp).carriers) {
        if (one.carrier == "primary" && !otp.test && (stat == Stat::sent || one.outcome == stat))
          ++found.counts[static_cast<std::size_t>(stat)];
      }
    }
    return found[stat];
  };
  for (const Stat stat : {Stat::sent, Stat::delivered, Stat::undelivered, Stat::unknown})
    CHECK(by_carrier[stat] == of_carrier(stat));
  CHECK(by_carrier[Stat::sent] > by_carrier[Stat::delivered]);
  const auto pairs =
      engine.ask([&](Txn& txn) { return txn.stats(1, StatKind::carrier_country, first_day, first_day + 60); });
  check_pairs(pairs, recount_pairs(all));
  CHECK(pairs.contains("GB/primary"));
  CHECK(engine.ask([&](Txn& txn) { return txn.stats(2, StatKind::all, first_day, first_day + 60); }).empty());
}

ON_ENGINES("sums of hours agree with a recount, across midnight and restarts, and go after two days", ENGINES) {
  std::vector<Otp> otps;
  for (std::uint32_t n = 0; n < 120; ++n) {
    engine.now = noon + Seconds{n * 2'400} + Millis{n};  // 80 hours
    otps.push_back(sample_otp(engine.now, n, n % 37));
    Otp& otp = otps.back();
    otp.country = n % 3 == 0 ? "GB" : "AM";
    otp.test = n % 40 == 39;
    engine.run([&](Txn& txn) {
      txn.insert(otp);
      if (n >= 3) {  // What was made two hours before ends now, by another route than it was made for.
        Otp& earlier = otps[n - 3];
        earlier.route_taken = "backup";
        if (n % 2 == 0) end(earlier, OtpStatus::verified, engine.now);
        txn.put(earlier);
      }
      txn.prune(noon, engine.now, 100);
    });
    if (n % 50 == 30) engine.reopen();
  }
  const Hour now = hour_of(engine.now);
  const auto hours = [&](Hour first, Hour last, StatKind kind = StatKind::all, const std::string& name = "") {
    return engine.ask([&](Txn& txn) { return txn.stats_by_hour(1, kind, first, last)[name]; });
  };
  for (const auto& [from, to] : {std::pair{23, 0}, {47, 0}, {0, 0}, {30, 11}}) {
    CAPTURE(from);
    check_same(hours(now - from, now - to), recount_hours(otps, now - from, now - to));
  }
  CHECK(hours(now - 23, now, StatKind::country, "GB")[Stat::requests] +
            hours(now - 23, now, StatKind::country, "AM")[Stat::requests] ==
        hours(now - 23, now)[Stat::requests]);
  CHECK(hours(now - 23, now, StatKind::route, "backup")[Stat::verified] > 0);
  CHECK(hours(now - 79, now - 48)[Stat::requests] == 0);
  // What comes of a request whose hour has gone begins no hour anew.
  Otp& old = otps[10];
  engine.run([&](Txn& txn) {
    end(old, OtpStatus::expired, engine.now);
    txn.put(old);
  });
  engine.now = noon;  // A clock that was set back sees what is there.
  CHECK(hours(hour_of(made_at(old.id)), hour_of(made_at(old.id)))[Stat::expired] == 0);
  CHECK(engine.ask([&](Txn& txn) { return txn.stats_by_hour(2, StatKind::all, now - 47, now); }).empty());
}

namespace {

void fail(Message& message, const std::string& error) {
  message.state = MessageState::undelivered;
  if (!message.submissions.empty()) message.submissions.back().receipt_error = error;
}

}  // namespace

ON_ENGINES("sums of carrier and country follow each message, over days and hours, and across restarts", ENGINES) {
  std::vector<Otp> otps;
  const std::string some_carriers[] = {"a", "b", "c"}, some_countries[] = {"GB", "AM", ""};
  for (std::uint32_t n = 0; n < 90; ++n) {
    engine.now = noon + Seconds{n * 1'200} + Millis{n};  // 30 hours
    otps.push_back(sample_otp(engine.now, n, n));
    otps.back().country = some_countries[n % 3];
    engine.run([&](Txn& txn) {
      txn.insert(otps.back());
      if (n < 3) return;
      Otp& earlier = otps[n - 3];
      if (earlier.messages[0].submissions.empty()) {
        submit_to(earlier, 0, some_carriers[n % 2], "id" + std::to_string(n), engine.now);
        txn.put(earlier);
      }
      if (n % 4 == 0) {  // The next carrier has it, and another message goes beside it.
        submit_to(earlier, 0, some_carriers[2], "again" + std::to_string(n), engine.now);
        queue_again(earlier, engine.now);
        submit_to(earlier, 1, some_carriers[0], "", engine.now);
      }
      if (n % 13 == 0) fail(earlier.messages[0], n % 2 == 0 ? "045" : "a/b");  // One may be delivered after all.
      if (n % 5 == 0) deliver(earlier, 0, engine.now);
      if (n % 17 == 0) fail(earlier.messages[0], "");
      if (n % 7 == 0) end(earlier, OtpStatus::verified, engine.now);
      if (n % 11 == 0) earlier.country = "DE";
      txn.put(earlier);
    });
    if (n % 40 == 30) engine.reopen();
  }
  const Hour now = hour_of(engine.now);
  check_pairs(engine.ask([&](Txn& txn) { return txn.stats_by_hour(1, StatKind::carrier_country, now - 47, now); }),
              recount_pairs(otps));
  check_pairs(
      engine.ask([&](Txn& txn) { return txn.stats(1, StatKind::carrier_country, day_of(noon), day_of(engine.now)); }),
      recount_pairs(otps));
  const auto errors = recount_country_errors(otps);
  CHECK(errors.size() > 4);
  check_pairs(engine.ask([&](Txn& txn) { return txn.stats_by_hour(1, StatKind::country_error, now - 47, now); }),
              errors);
  check_pairs(
      engine.ask([&](Txn& txn) { return txn.stats(1, StatKind::country_error, day_of(noon), day_of(engine.now)); }),
      errors);
}

ON_ENGINES("what was made before carriers were counted by country counts for none later", ENGINES) {
  Otp before = sample_otp(noon, 1, 1);
  before.country = "AM";
  submit_to(before, 0, "a", "id", noon);
  engine.run([&](Txn& txn) {
    txn.insert(before);
    // As an xiond left it that knew nothing of these sums.
    txn.records().erase_thing(ThingKind::mark, by_carrier_country_key);
    txn.records().sums({SumsPlace::Period::day, 1, day_of(noon)}, StatKind::carrier_country, "AM/a") = {};
  });
  engine.now = noon + Seconds{60};
  CHECK(engine.ask([](Txn& txn) { return txn.counted_by_carrier_country_since(); }) == engine.now);
  Otp after = sample_otp(engine.now, 2, 2);
  after.country = "AM";
  submit_to(after, 0, "a", "id2", engine.now);
  engine.run([&](Txn& txn) {
    deliver(before, 0, engine.now);
    txn.put(before);
    txn.insert(after);
    end(before, OtpStatus::verified, engine.now);
    txn.put(before);
  });
  for (Otp* one : {&before, &after}) {
    fail(one->messages[0], "045");
    engine.run([&](Txn& txn) { txn.put(*one); });
  }
  const auto day = [&](StatKind kind, const char* name) {
    return sums_of(engine, day_of(noon), day_of(noon), kind, name);
  };
  CHECK(day(StatKind::carrier, "a")[Stat::sent] == 2);
  CHECK(day(StatKind::carrier, "a")[Stat::undelivered] == 2);
  CHECK(day(StatKind::error, "undelivered/a/045")[Stat::undelivered] == 2);
  CHECK(day(StatKind::country_error, "AM/undelivered/a/045")[Stat::undelivered] == 1);
  CHECK(day(StatKind::carrier_country, "AM/a")[Stat::sent] == 1);
  CHECK(day(StatKind::carrier_country, "AM/a")[Stat::delivered] == 0);
  CHECK(engine.ask([](Txn& txn) { return txn.counted_by_carrier_country_since(); }) == made_at(after.id));
}

TEST_CASE("the name of a carrier and a country is read back") {
  for (const auto& [carrier, country] : {std::pair("primary", "AM"), {"a-b.c", ""}, {"x", "GB"}}) {
    const CarrierCountry read = read_carrier_country_name(carrier_country_name(carrier, country));
    CHECK(read.carrier == carrier);
    CHECK(read.country == country);
  }
}

TEST_CASE("the name of a country and an error is read back") {
  for (const auto& country : {"AM", ""}) {
    const auto read = read_country_error_name(country_error_name(country, error_name({"undelivered", "a", "x/y"})));
    CHECK(read.country == country);
    CHECK(read.error.delivery == "undelivered");
    CHECK(read.error.carrier == "a");
    CHECK(read.error.error == "x/y");
  }
}

ON_ENGINES("what test keys do adds up by itself, and changes no number of the app's live keys", ENGINES) {
  const Otp live = sample_otp(noon, 1, 1);
  Otp test = sample_otp(noon + Millis{1}, 2, 2);
  test.test = true;
  engine.run([&](Txn& txn) {
    txn.insert(live);
    txn.insert(test);
    end(test, OtpStatus::verified, engine.now);
    txn.put(test);
  });
  const auto verified = [&](const Otp& of) {
    return engine.ask([&](Txn& txn) {
      const AppId counted = world_of(of).counted_as();
      const StatSums sums = txn.stats(counted, StatKind::all, day_of(noon), day_of(noon))[""];
      CHECK(sums[Stat::requests] == 1);
      CHECK(sums.latest == of.id);
      return sums[Stat::verified];
    });
  };
  CHECK(verified(live) == 0);
  CHECK(verified(test) == 1);
}

ON_ENGINES("a request that is pruned stays counted", ENGINES) {
  const Otp otp = sample_otp(noon, 1, 1);
  engine.run([&](Txn& txn) { txn.insert(otp); });
  engine.now = noon + std::chrono::days{100};
  engine.run([&](Txn& txn) { txn.prune(noon + Seconds{1}, engine.now, 10); });
  CHECK_FALSE(engine.ask([&](Txn& txn) { return txn.otp(otp.id); }).has_value());
  CHECK(sums_of(engine, day_of(noon), day_of(noon))[Stat::requests] == 1);
}

TEST_CASE("a latency is told to within its class, and shares of them in order") {
  StatSums sums;
  CHECK(latency_at(sums, 0.5) == Millis{0});
  for (int ms = 1'000; ms < 2'000; ++ms) ++sums.latencies[latency_class(Millis{ms})];
  CHECK(latency_at(sums, 0.5) > Millis{1'350});
  CHECK(latency_at(sums, 0.5) < Millis{1'650});
  CHECK(latency_at(sums, 0.95) > latency_at(sums, 0.5));
  CHECK(latency_class(Millis{-5}) == 0);
  CHECK(latency_class(Millis{50}) == 0);
  CHECK(latency_class(Millis{51}) == 1);
  CHECK(latency_class(Millis{1'000'000'000'000}) == latency_classes - 1);
}

TEST_CASE("rates are of what has ended, and none where nothing has") {
  StatSums sums;
  CHECK(delivery_rate(sums) < 0);
  CHECK(verification_rate(sums) < 0);
  sums.counts[static_cast<std::size_t>(Stat::requests)] = 5;
  sums.counts[static_cast<std::size_t>(Stat::pending)] = 1;
  sums.counts[static_cast<std::size_t>(Stat::verified)] = 3;
  CHECK(verification_rate(sums) == doctest::Approx(0.75));
}

TEST_CASE("the name of a delivery error is read back") {
  const DeliveryError read = read_error_name(error_name({"rejected", "primary", "ESME_RINVDSTADR/x"}));
  CHECK(read.delivery == "rejected");
  CHECK(read.carrier == "primary");
  CHECK(read.error == "ESME_RINVDSTADR/x");
  CHECK(meaning_of(read).empty());
  CHECK(meaning_of({"rejected", "primary", "ESME_RINVDSTADR"}) == "the carrier does not take this phone number");
  CHECK(meaning_of({"undelivered", "primary", "001"}) == "the number is not in use (unknown subscriber)");
  CHECK(meaning_of({"undelivered", "", ""}).empty());
}
