#include "crypto/entropy.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"

using namespace xion;

TEST_CASE("no octets are given out twice, over many refills") {
  OpenSslEntropy entropy;
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    std::array<std::uint8_t, 16> octets{};
    entropy.fill(octets);
    CHECK(seen.emplace(as_text(octets)).second);
  }
}

TEST_CASE("a draw larger than the stock is filled to its end") {
  OpenSslEntropy entropy;
  std::array<std::uint8_t, 100> some{};
  entropy.fill(some);
  std::vector<std::uint8_t> many(3 * 4096 + 1);
  entropy.fill(many);
  // A window of 32 zero octets would be a part that was never written.
  std::size_t zeros = 0, longest = 0;
  for (const auto octet : many) {
    zeros = octet == 0 ? zeros + 1 : 0;
    longest = std::max(longest, zeros);
  }
  CHECK(longest < 32);
}

TEST_CASE("every value of an octet comes equally often") {
  OpenSslEntropy entropy;
  std::vector<std::uint8_t> octets(1 << 20);
  entropy.fill(octets);
  std::array<double, 256> count{};
  for (const auto octet : octets) count[octet] += 1;
  const double expected = static_cast<double>(octets.size()) / 256;
  double chi_square = 0;
  for (const double n : count) chi_square += (n - expected) * (n - expected) / expected;
  CHECK(chi_square < 420);  // 255 degrees of freedom: exceeded once in 10^9 runs
}
