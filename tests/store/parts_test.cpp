#include <doctest/doctest.h>

#include "base/bytes.h"
#include "lmdb/commit_times.h"
#include "sample_otp.h"
#include "store/aged_table.h"
#include "store/histories.h"
#include "store/row_id.h"

using namespace xion;

namespace {

constexpr WallTime start{Millis{1'770'897'600'000}};
Hash128 name(std::uint8_t n) { return {{n, 1, 2, 3, 4, 5, 6, n}}; }

}  // namespace

TEST_CASE("SipHash-2-4 with 128 bits gives the reference code's vectors") {
  const SipHash hash({0x0706050403020100, 0x0f0e0d0c0b0a0908});
  CHECK(hex(hash("").octets) == "a3817f04ba25a8e66df67214c7550293");
  CHECK(hex(hash(std::string(1, '\0')).octets) == "da87c1d86b99af44347659119b22fc45");
  CHECK(SipHash()("a") != SipHash()("a"));
}

TEST_CASE("an aged table is bounded, forgets its oldest slice first, and finds the newest value of a key") {
  AgedTable<int> table(2, 2);
  table.set(name(1), 1, start);
  table.set(name(2), 2, start + Seconds{1});
  table.set(name(3), 3, start + Seconds{2});
  table.set(name(1), 11, start + Seconds{3});
  CHECK(*table.find(name(1)) == 11);
  CHECK(table.size() == 3);
  table.set(name(5), 5, start + Seconds{4});
  CHECK(table.find(name(2)) == nullptr);
  CHECK(*table.find(name(3)) == 3);
  table.forget(start + Seconds{4});
  CHECK(table.find(name(3)) == nullptr);
  CHECK(*table.find(name(5)) == 5);
  table.erase(name(5));
  CHECK(table.find(name(5)) == nullptr);
}

TEST_CASE("a subject that nothing limits keeps a bounded number of events, the newest among them") {
  Histories histories;
  const HistoryKey key{HistoryKind::sends_of_user_ip, 1, subject(1)};
  for (std::uint32_t n = 0; n < 5'000; ++n) histories.note(key, {start + Millis{n}, n}, n, start + Millis{n});
  std::vector<HistoryEntry> entries;
  histories.collect(key, start, start + Millis{5'000}, entries);
  CHECK(entries.size() == 512);
  CHECK(std::ranges::any_of(entries, [](const HistoryEntry& entry) { return entry.tag == 4'999; }));
}

TEST_CASE("histories are dropped when a day is over, and times survive the turn of their 32 bits") {
  Histories histories;
  const HistoryKey key{HistoryKind::sends_of_phone, 1, subject(1)};
  const WallTime turn{Millis{std::int64_t{1} << 41}};
  histories.note(key, {turn - Millis{5}, 0}, 1, turn - Millis{5});
  std::vector<HistoryEntry> entries;
  histories.collect(key, turn - Seconds{1}, turn + Seconds{5}, entries);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].at == turn - Millis{5});
  histories.forget(turn + std::chrono::hours{25});
  CHECK(histories.size() == 0);
}

TEST_CASE("integers as keys sort as numbers, and rows by time") {
  CHECK(BigEndian<std::uint32_t>(255).view() < BigEndian<std::uint32_t>(256).view());
  CHECK(from_big_endian<std::uint32_t>(BigEndian<std::uint32_t>(0xDEADBEEF).view()) == 0xDEADBEEF);
  CHECK(made_at(first_row_at(start) + 77) == start);
}

TEST_CASE("percentiles of commit times are those of the last 1024") {
  CommitTimes times;
  CHECK(times.percentile(0.5) == 0);
  for (int n = 0; n < 5'000; ++n) times.add(std::chrono::milliseconds(900));
  for (int n = 0; n < 1'024; ++n) times.add(std::chrono::milliseconds(n));
  CHECK(times.percentile(0.5) == doctest::Approx(511).epsilon(0.01));
  CHECK(times.percentile(0.99) == doctest::Approx(1'012).epsilon(0.01));
}
