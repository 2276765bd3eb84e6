#include <doctest/doctest.h>

#include "base/bytes.h"
#include "base/commit_times.h"
#include "sample_otp.h"
#include "store/otp_key.h"
#include "store/siphash.h"

using namespace xion;

namespace {

constexpr WallTime start{Millis{1'770'897'600'000}};

}  // namespace

TEST_CASE("SipHash-2-4 with 128 bits gives the reference code's vectors") {
  const SipHash hash({0x0706050403020100, 0x0f0e0d0c0b0a0908});
  CHECK(hex(hash("").octets) == "a3817f04ba25a8e66df67214c7550293");
  CHECK(hex(hash(std::string(1, '\0')).octets) == "da87c1d86b99af44347659119b22fc45");
  CHECK(SipHash()("a") != SipHash()("a"));
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
