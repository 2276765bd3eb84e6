#include <doctest/doctest.h>

#include <map>
#include <random>

#include "core/guard/guard_replay.h"
#include "core/guard/pumping_guard.h"
#include "core/guard/traffic_counts.h"
#include "unit/core/sample.h"

using namespace xion;

namespace {

constexpr WallTime guard_noon{Millis{1'770'897'600'000}};

Otp sent_to(std::string country, std::uint32_t block, WallTime at, std::optional<Fingerprint> user_ip = std::nullopt) {
  Otp otp = sample::otp();
  otp.country = std::move(country);
  otp.number_block = block;
  otp.user_ip = user_ip;
  otp.created_at = at;
  otp.messages.front().queued_at = at;
  return otp;
}

void count_sent(TrafficCounts& counts, const Otp& otp) {
  for (const auto& key : traffic_keys(otp)) counts.sent(key, otp.messages.back().queued_at);
}
void count_verified(TrafficCounts& counts, const Otp& otp, WallTime at) {
  std::vector<WallTime> sent_at;
  for (const Message& message : otp.messages) sent_at.push_back(message.queued_at);
  for (const auto& key : traffic_keys(otp)) counts.verified(key, at, sent_at);
}

}  // namespace

TEST_CASE("an app without verified traffic has the floors as its budgets") {
  const GuardSettings settings;
  CHECK(daily_budget(settings, {}) == 20);
  CHECK(hourly_budget(settings, {}) == 3);
}

TEST_CASE("budgets follow the verified traffic as the contract says") {
  const GuardSettings settings;
  CHECK(daily_budget(settings, {.best_verified_day = 1000}) == 300);
  CHECK(daily_budget(settings, {.verified_day = 500, .best_verified_day = 100}) == 150);
  CHECK(hourly_budget(settings, {.best_verified_day = 600}) == 20);
  CHECK(hourly_budget(settings, {.verified_hour = 200, .best_verified_day = 600}) == 40);
  CHECK(daily_budget(settings, {.best_verified_day = 70}) == 21);  // 0.3 × 70 is 21, not 20.999…
}

TEST_CASE("the fourth unverified send of an hour is the first that is over a new app's budget") {
  const GuardSettings settings;
  CHECK(check_traffic(settings, TrafficOf::prefix, {.unverified_day = 2, .unverified_hour = 2}).empty());
  const auto findings = check_traffic(settings, TrafficOf::prefix, {.unverified_day = 3, .unverified_hour = 3});
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().rule() == "prefix_hourly");
  CHECK(findings.front().used == 3);
  CHECK(findings.front().allowed == 3);
}

TEST_CASE("an address may send unverified to three countries a day, a number's country only counts for addresses") {
  const GuardSettings settings;
  CHECK(check_traffic(settings, TrafficOf::user_ip, {.other_countries = 2}).empty());
  CHECK(check_traffic(settings, TrafficOf::user_ip, {.other_countries = 3}).front().rule() == "user_ip_countries");
  CHECK(check_traffic(settings, TrafficOf::country, {.other_countries = 3}).empty());
}

TEST_CASE("more verified traffic never makes a budget smaller, and more unverified traffic never clears a finding") {
  std::mt19937 random(7);
  const auto draw = [&](std::uint32_t most) { return std::uint64_t{random() % (most + 1)}; };
  const GuardSettings settings;
  for (int i = 0; i < 20'000; ++i) {
    Traffic traffic{draw(400), draw(60), draw(2000), draw(400), draw(2000), 0};
    Traffic better = traffic;
    better.verified_day += draw(500);
    better.verified_hour += draw(100);
    better.best_verified_day += draw(500);
    REQUIRE(daily_budget(settings, better) >= daily_budget(settings, traffic));
    REQUIRE(hourly_budget(settings, better) >= hourly_budget(settings, traffic));
    REQUIRE(daily_budget(settings, traffic) >= settings.daily_floor);
    Traffic worse = traffic;
    worse.unverified_day += draw(10);
    worse.unverified_hour += draw(10);
    REQUIRE(check_traffic(settings, TrafficOf::country, worse).size() >=
            check_traffic(settings, TrafficOf::country, traffic).size());
  }
}

TEST_CASE("a verification takes its sends out of the unverified ones") {
  TrafficCounts counts;
  const Otp otp = sent_to("AM", 5, guard_noon);
  count_sent(counts, otp);
  const TrafficKey country = traffic_keys(otp)[0];
  CHECK(counts.read(country, guard_noon).unverified_hour == 1);
  count_verified(counts, otp, guard_noon + Seconds{30});
  const Traffic traffic = counts.read(country, guard_noon + Seconds{31});
  CHECK(traffic.unverified_hour == 0);
  CHECK(traffic.unverified_day == 0);
  CHECK(traffic.verified_hour == 1);
}

TEST_CASE("countries, prefixes, addresses and apps are counted apart") {
  TrafficCounts counts;
  Otp otp = sent_to("AM", 5, guard_noon, Fingerprint{1});
  for (int i = 0; i < 4; ++i) count_sent(counts, otp);
  CHECK(traffic_keys(otp).size() == 3);
  CHECK(counts.read(traffic_keys(otp)[1], guard_noon).unverified_hour == 4);
  const auto unverified = [&](const Otp& other, std::size_t key) {
    return counts.read(traffic_keys(other)[key], guard_noon).unverified_hour;
  };
  CHECK(unverified(sent_to("AM", 6, guard_noon), 0) == 4);
  CHECK(unverified(sent_to("AM", 6, guard_noon), 1) == 0);
  CHECK(unverified(sent_to("GE", 5, guard_noon), 1) == 0);
  CHECK(unverified(sent_to("AM", 5, guard_noon, Fingerprint{2}), 2) == 0);
  otp.app = 8;
  CHECK(unverified(otp, 0) == 0);
}

TEST_CASE("unverified sends are forgotten after a day, and leave the hour before") {
  TrafficCounts counts;
  const Otp otp = sent_to("AM", 5, guard_noon);
  count_sent(counts, otp);
  const TrafficKey country = traffic_keys(otp)[0];
  CHECK(counts.read(country, guard_noon + std::chrono::minutes{59}).unverified_hour == 1);
  CHECK(counts.read(country, guard_noon + std::chrono::minutes{71}).unverified_hour == 0);
  CHECK(counts.read(country, guard_noon + std::chrono::hours{23}).unverified_day == 1);
  CHECK(counts.read(country, guard_noon + std::chrono::hours{25}).unverified_day == 0);
}

TEST_CASE("a country in which an address verified something is no unverified country of it") {
  TrafficCounts counts;
  const Fingerprint address{9};
  for (const char* country : {"AM", "GE", "TR"}) count_sent(counts, sent_to(country, 1, guard_noon, address));
  const auto others = [&](const char* country) {
    return counts.read(traffic_keys(sent_to(country, 1, guard_noon, address))[2], guard_noon).other_countries;
  };
  CHECK(others("FR") == 3);
  CHECK(others("AM") == 2);
  count_verified(counts, sent_to("GE", 1, guard_noon, address), guard_noon);
  CHECK(others("FR") == 2);
  CHECK(others("GE") == 0);
}

TEST_CASE("counts rebuilt from the log are those that were counted") {
  std::mt19937 random(11);
  TrafficCounts live, rebuilt;
  std::vector<Otp> log;
  for (int i = 0; i < 2000; ++i) {
    const char* countries[] = {"AM", "GE", "TR"};
    Otp otp = sent_to(countries[random() % 3], static_cast<std::uint32_t>(1 + random() % 5),
                      guard_noon + Seconds{i * 40}, Fingerprint{static_cast<std::uint8_t>(random() % 4)});
    count_sent(live, otp);
    if (random() % 2 == 0) {
      otp.status = OtpStatus::verified;
      otp.ended_at = otp.created_at + Seconds{random() % 300};
      count_verified(live, otp, *otp.ended_at);
    }
    log.push_back(otp);
  }
  for (const Otp& otp : log) rebuilt.restore(otp);
  const WallTime end = log.back().created_at + Seconds{300};
  for (const Otp& otp : log) {
    for (const auto& key : traffic_keys(otp)) {
      const Traffic a = live.read(key, end), b = rebuilt.read(key, end);
      REQUIRE(a.unverified_day == b.unverified_day);
      REQUIRE(a.unverified_hour == b.unverified_hour);
      REQUIRE(a.verified_day == b.verified_day);
      REQUIRE(a.verified_hour == b.verified_hour);
      REQUIRE(a.other_countries == b.other_countries);
    }
  }
}

namespace {

/// Keeps what it is told, as the store does.
class KeptTraffic final : public TrafficLedger {
 public:
  void read(std::uint64_t name, std::vector<TrafficSlot>& slots) override { slots = kept_[name]; }
  void add(std::uint64_t name, const TrafficSlot& more) override { kept_[name].push_back(more); }
  void note_busy(std::int32_t day, std::uint64_t name) override { busy.emplace_back(day, name); }
  std::vector<std::pair<std::int32_t, std::uint64_t>> busy;

 private:
  std::map<std::uint64_t, std::vector<TrafficSlot>> kept_;
};

}  // namespace

TEST_CASE("with a ledger nothing is forgotten, however few subjects have room and whenever the process starts anew") {
  std::mt19937 random(13);
  KeptTraffic ledger;
  TrafficCounts roomy, narrow(&ledger, 3);
  WallTime now = guard_noon;
  for (int i = 0; i < 3'000; ++i) {
    const char* countries[] = {"AM", "GE", "TR"};
    now += Seconds{random() % 60};
    const Otp otp = sent_to(countries[random() % 3], static_cast<std::uint32_t>(1 + random() % 40), now,
                            Fingerprint{static_cast<std::uint8_t>(random() % 50)});
    for (const auto& key : traffic_keys(otp)) {
      const Traffic a = roomy.read(key, now), b = narrow.read(key, now);
      REQUIRE(a.unverified_day == b.unverified_day);
      REQUIRE(a.unverified_hour == b.unverified_hour);
      REQUIRE(a.verified_day == b.verified_day);
      REQUIRE(a.verified_hour == b.verified_hour);
      REQUIRE(a.other_countries == b.other_countries);
    }
    for (TrafficCounts* counts : {&roomy, &narrow}) {
      count_sent(*counts, otp);
      if (i % 2 == 0) count_verified(*counts, otp, now + Seconds{20});
    }
    if (i % 500 == 499) {
      narrow.clear();
      for (const auto& [day, name] : ledger.busy) narrow.restore_busy(day, name);
    }
  }
  const auto day =
      static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(guard_noon).time_since_epoch().count());
  // Five at a time, and a day that has begun meanwhile doesn't take its place.
  auto closed = narrow.close_some(day, 5);
  for (int steps = 0; !closed; ++steps) {
    REQUIRE(steps < 100);
    CHECK(narrow.closed_day() == std::nullopt);
    closed = narrow.close_some(day + 1, 5);
  }
  CHECK(closed->day == day);
  CHECK(narrow.closed_day() == day);
  CHECK(roomy.close_day(day).size() == closed->row.size());
  for (std::uint32_t block = 1; block <= 40; ++block) {
    const TrafficKey key = traffic_keys(sent_to("AM", block, now))[1];
    CHECK(roomy.read(key, guard_noon + std::chrono::hours{30}).best_verified_day ==
          narrow.read(key, guard_noon + std::chrono::hours{30}).best_verified_day);
  }
}

TEST_CASE("a closed day is read back as the best day, and a corrupt one is refused") {
  TrafficCounts counts;
  const Otp otp = sent_to("AM", 5, guard_noon);
  for (int i = 0; i < 100; ++i) count_verified(counts, otp, guard_noon);
  const auto day =
      static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(guard_noon).time_since_epoch().count());
  const std::string row = counts.close_day(day);
  CHECK(counts.closed_day() == day);
  TrafficCounts read;
  CHECK(read.restore_day(day, row));
  CHECK(read.read(traffic_keys(otp)[0], guard_noon + std::chrono::days{3}).best_verified_day == 100);
  CHECK_FALSE(read.restore_day(day, row.substr(0, row.size() - 1)));
  CHECK_FALSE(read.restore_day(day, "x"));
}

TEST_CASE("a replay refuses what enforcement would have refused, and says which of it was verified") {
  GuardSettings settings;
  GuardReplay replay(settings, guard_noon);
  // Ten a minute to one prefix, of which the last is verified.
  for (int i = 0; i < 10; ++i) {
    Otp otp = sent_to("AM", 5, guard_noon + Seconds{i * 6});
    if (i == 9) {
      otp.status = OtpStatus::verified;
      otp.ended_at = otp.created_at + Seconds{30};
    }
    replay.feed(otp);
  }
  const ReplayResult result = replay.finish();
  CHECK(result.all.sends == 10);
  CHECK(result.all.refused == 7);
  CHECK(result.all.refused_verified == 1);
  CHECK(result.countries.at("AM").refused == 7);
  CHECK(result.rules.at("prefix_hourly") == 7);
  settings.hourly_floor = 9;
  GuardReplay milder(settings, guard_noon);
  for (int i = 0; i < 10; ++i) milder.feed(sent_to("AM", 5, guard_noon + Seconds{i * 6}));
  CHECK(milder.finish().all.refused == 1);
}

TEST_CASE("a replay counts a verification only from when it happened, and tells of its own days only") {
  const GuardSettings settings;
  GuardReplay replay(settings, guard_noon);
  Otp before = sent_to("AM", 5, guard_noon - std::chrono::minutes{20});
  replay.feed(before);
  for (int i = 0; i < 3; ++i) {
    Otp otp = sent_to("AM", 5, guard_noon + Seconds{i});
    otp.status = OtpStatus::verified;
    otp.ended_at = guard_noon + Seconds{60};
    replay.feed(otp);
  }
  replay.feed(sent_to("AM", 5, guard_noon + Seconds{90}));
  const ReplayResult result = replay.finish();
  CHECK(result.all.sends == 4);
  CHECK(result.all.refused == 1);  // the third of the three: with the one before it, the hour's budget was used up
}

TEST_CASE("by itself the guard enforces until an app first verified, records for two weeks, and then enforces") {
  using std::chrono::days;
  const WallTime first{days{20'000}};
  CHECK(guard_stage(GuardMode::automatic, std::nullopt, first).mode == GuardMode::enforce);
  CHECK(guard_stage(GuardMode::automatic, std::nullopt, first).is_untried);
  const GuardStage warm = guard_stage(GuardMode::automatic, first, first + days{13});
  CHECK(warm.mode == GuardMode::record);
  CHECK(warm.enforces_from == first + days{14});
  const GuardStage over = guard_stage(GuardMode::automatic, first, first + days{14});
  CHECK(over.mode == GuardMode::enforce);
  CHECK_FALSE(over.is_untried);
  for (const GuardMode set : {GuardMode::off, GuardMode::record, GuardMode::enforce}) {
    CHECK(guard_stage(set, std::nullopt, first).mode == set);
    CHECK_FALSE(guard_stage(set, std::nullopt, first).is_untried);
  }
}
