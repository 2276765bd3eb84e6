#include "core/otp/code.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

using namespace xion;

namespace {

/// Blocks of a good generator with a fixed seed, so that a statistical test says the same every time.
class Blocks {
 public:
  Digest operator()(std::uint32_t) {
    Digest block;
    for (std::size_t i = 0; i < block.size(); i += 8) {
      std::uint64_t word = engine_();
      for (std::size_t j = 0; j < 8; ++j, word >>= 8) block[i + j] = static_cast<std::uint8_t>(word);
    }
    return block;
  }

 private:
  std::mt19937_64 engine_{20260212};
};

double chi_square(const std::vector<double>& count, double expected) {
  double sum = 0;
  for (const double n : count) sum += (n - expected) * (n - expected) / expected;
  return sum;
}

Digest block_of_words(std::array<std::uint64_t, 4> words) {
  Digest block;
  for (std::size_t i = 0; i < block.size(); ++i)
    block[i] = static_cast<std::uint8_t>(words[i / 8] >> (56 - 8 * (i % 8)));
  return block;
}

constexpr std::uint64_t top = ~std::uint64_t{0};

std::string normalized(std::string_view typed) {
  const auto code = normalize_code(typed);
  return code ? code->reveal() : "refused";
}

}  // namespace

TEST_CASE("at every position of a code of any length each digit is as likely as any other") {
  constexpr int codes = 100'000;
  for (std::uint8_t length = 4; length <= 10; ++length) {
    Blocks blocks;
    std::vector<std::vector<double>> count(length, std::vector<double>(10));
    for (int i = 0; i < codes; ++i) {
      const Secret code = code_from(std::ref(blocks), length);
      REQUIRE(code.reveal().size() == length);
      for (std::size_t at = 0; at < length; ++at) count[at][static_cast<std::size_t>(code.reveal()[at] - '0')] += 1;
    }
    for (const auto& digits : count) CHECK(chi_square(digits, codes / 10.0) < 40);  // 9 degrees: once in 10^5
  }
}

TEST_CASE("each of the 10,000 codes of four digits is as likely as any other") {
  constexpr int codes = 1'000'000;
  Blocks blocks;
  std::vector<double> count(10'000);
  for (int i = 0; i < codes; ++i) count[std::stoul(code_from(std::ref(blocks), 4).reveal())] += 1;
  // 9,999 degrees of freedom: standard deviation 141. Too even would be as wrong as too uneven.
  const double sum = chi_square(count, codes / 10'000.0);
  CHECK(sum > 9'999 - 700);
  CHECK(sum < 9'999 + 700);
}

TEST_CASE("neighbouring digits of a code have nothing to do with each other") {
  constexpr int codes = 200'000;
  Blocks blocks;
  std::vector<double> pairs(100);
  for (int i = 0; i < codes; ++i) {
    const Secret code = code_from(std::ref(blocks), 6);
    pairs[static_cast<std::size_t>((code.reveal()[2] - '0') * 10 + code.reveal()[3] - '0')] += 1;
  }
  CHECK(chi_square(pairs, codes / 100.0) < 180);  // 99 degrees
}

TEST_CASE("a word above the largest multiple is thrown away, for it would make low codes likelier") {
  const auto block = [](std::uint32_t) { return block_of_words({top, top - 1, 42, 7}); };
  CHECK(code_from(block, 6).reveal() == "000042");
}

TEST_CASE("the largest word that counts is the last code") {
  for (std::uint8_t length = 4; length <= 10; ++length) {
    std::uint64_t codes = 1;
    for (int i = 0; i < length; ++i) codes *= 10;
    const std::uint64_t last = top - (top % codes + 1) % codes;
    CHECK(code_from([&](std::uint32_t) { return block_of_words({last, 1, 1, 1}); }, length).reveal() ==
          std::string(length, '9'));
    CHECK(code_from([&](std::uint32_t) { return block_of_words({last + 1, 1, 1, 1}); }, length).reveal() ==
          std::string(length - 1U, '0') + "1");
  }
}

TEST_CASE("a block used up is followed by the next") {
  const auto block = [](std::uint32_t counter) {
    return counter < 3 ? block_of_words({top, top, top, top}) : block_of_words({counter, 0, 0, 0});
  };
  CHECK(code_from(block, 4).reveal() == "0003");
}

TEST_CASE("a code is read as people type it") {
  CHECK(normalized("123456") == "123456");
  CHECK(normalized("  123 456\n") == "123456");
  CHECK(normalized("123-456") == "123456");
  CHECK(normalized("123–456") == "123456");
  CHECK(normalized("\u200E123\u00A0456\u200F") == "123456");
  CHECK(normalized("000000") == "000000");
}

TEST_CASE("digits of other scripts are digits") {
  CHECK(normalized("١٢٣٤٥٦") == "123456");  // Arabic
  CHECK(normalized("۰۹۸۷۶۵") == "098765");  // Persian
  CHECK(normalized("१२३४५६") == "123456");  // Devanagari
  CHECK(normalized("１２３４") == "1234");  // full width
  CHECK(normalized("𝟘𝟙𝟡𝟿") == "0199");      // mathematical: two rows that touch
}

TEST_CASE("anything else in a code refuses it") {
  CHECK(normalized("") == "refused");
  CHECK(normalized(" - ") == "refused");
  CHECK(normalized("12345a") == "refused");
  CHECK(normalized("123.456") == "refused");
  CHECK(normalized("½234") == "refused");
  CHECK(normalized("①②③④") == "refused");
  CHECK(normalized("1234\xFF") == "refused");
  CHECK(normalized(std::string("1234\0", 5)) == "refused");
}

TEST_CASE("a code of more than 32 digits is refused") {
  CHECK(normalized(std::string(32, '1')) == std::string(32, '1'));
  CHECK(normalized(std::string(33, '1')) == "refused");
  CHECK(normalized(std::string(100'000, '1')) == "refused");
}
