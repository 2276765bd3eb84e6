#include "core/phone.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <random>

using namespace xion;

namespace {

std::string e164(std::string_view text, std::string_view country = {}) {
  const auto phone = parse_phone(text, country);
  return phone ? phone->e164 : "refused";
}

PhoneError error(std::string_view text, std::string_view country = {}) {
  const auto phone = parse_phone(text, country);
  REQUIRE_FALSE(phone);
  CHECK_FALSE(describe(phone.error()).empty());
  return phone.error();
}

}  // namespace

TEST_CASE("a number is read as people write it") {
  for (const char* text :
       {"+37499123056", "0037499123056", "+374 99 12-30-56", "(+374) 99.123.056", " +374-99-123056 "}) {
    CAPTURE(text);
    CHECK(e164(text) == "+37499123056");
  }
}

TEST_CASE("the national form needs its country") {
  CHECK(e164("099 123056", "AM") == "+37499123056");
  CHECK(e164("099123056", "am") == "+37499123056");
  CHECK(e164("020 7946 0958", "GB") == "+442079460958");
  CHECK(error("099123056") == PhoneError::no_country_code);
  CHECK(error("099123056", "XX") == PhoneError::unknown_country);
  CHECK(error("099123056", "Armenia") == PhoneError::unknown_country);
}

TEST_CASE("a number in international form keeps its own country") {
  CHECK(e164("+37499123056", "US") == "+37499123056");
  CHECK(e164("+37499123056", "nonsense") == "+37499123056");
}

TEST_CASE("the trunk zero in parentheses is no part of the number") {
  CHECK(e164("+44 (0)20 7946 0958") == "+442079460958");
}

TEST_CASE("a number tells its country, country code and type") {
  const auto mobile = parse_phone("+37499123056");
  REQUIRE(mobile);
  CHECK(mobile->country == "AM");
  CHECK(mobile->country_code == "374");
  CHECK(to_string(mobile->type) == "mobile");
  CHECK(mobile->is_valid);
  CHECK(to_string(parse_phone("+442079460958")->type) == "fixed_line");
  CHECK(to_string(parse_phone("+12025550123")->type) == "fixed_line_or_mobile");
  CHECK(to_string(parse_phone("+18005550199")->type) == "toll_free");
}

TEST_CASE("countries that share a code are told apart") {
  CHECK(parse_phone("+77012345678")->country == "KZ");
  CHECK(parse_phone("+79161234567")->country == "RU");
  CHECK(parse_phone("+14165550123")->country == "CA");
}

TEST_CASE("a number of no country has none") {
  const auto satellite = parse_phone("+881612345678");
  REQUIRE(satellite);
  CHECK(satellite->country.empty());
  CHECK(satellite->country_code == "881");
}

TEST_CASE("a range that the plan does not know is a hint, not a reason to refuse") {
  const auto phone = parse_phone("+15555550123");
  REQUIRE(phone);
  CHECK_FALSE(phone->is_valid);
  CHECK(phone->country == "US");
}

TEST_CASE("each trouble is named") {
  CHECK(error("") == PhoneError::empty);
  CHECK(error(" + ") == PhoneError::empty);
  CHECK(error("hello") == PhoneError::not_digits);
  CHECK(error("+374991230ab") == PhoneError::not_digits);
  CHECK(error("+374 99 123056 ext 7") == PhoneError::not_digits);
  CHECK(error("374+99123056") == PhoneError::not_digits);
  CHECK(error("+3749") == PhoneError::too_short);
  CHECK(error("+3749912305") == PhoneError::too_short);
  CHECK(error("+374991230567") == PhoneError::too_long);
  CHECK(error("+1234567890123456") == PhoneError::too_long);
  CHECK(error("+" + std::string(100'000, '1')) == PhoneError::too_long);
  CHECK(error("+0123456789") == PhoneError::unknown_country_code);
  CHECK(error("+999123456789") == PhoneError::unknown_country_code);
}

TEST_CASE("whatever is typed, the answer is E.164 or an error, and nothing is printed") {
  // The library logs numbers to standard output where it is let.
  std::FILE* silent = std::tmpfile();
  REQUIRE(silent != nullptr);
  std::fflush(stdout);
  const int kept = ::dup(1);
  ::dup2(::fileno(silent), 1);
  std::mt19937 random(7);
  constexpr std::string_view letters = "+0123456789 -().x\t\xE2";
  bool is_well = true;
  for (int i = 0; i < 5'000; ++i) {
    std::string text;
    for (auto length = random() % 20; length > 0; --length) text.push_back(letters[random() % letters.size()]);
    const auto phone = parse_phone(i % 2 ? text : "+" + text, i % 3 ? "US" : "");
    if (!phone) continue;
    is_well = is_well && phone->e164.size() >= 8 && phone->e164.size() <= 16 &&
              phone->e164.starts_with("+" + phone->country_code);
  }
  std::fflush(stdout);
  ::dup2(kept, 1);
  ::close(kept);
  CHECK(is_well);
  CHECK(::lseek(::fileno(silent), 0, SEEK_END) == 0);
  std::fclose(silent);
}

TEST_CASE("a masked number shows its country code and three digits") {
  CHECK(mask_phone("+37499123056", "374") == "+374•••••056");
  CHECK(mask_phone("+12025550123", "1") == "+1•••••••123");
}

TEST_CASE("a mask never shows a short number, nor digits that are not the country code") {
  CHECK(mask_phone("+290123456", "290") == "+290••••••");
  CHECK(mask_phone("+37499123056", "44") == "+••••••••056");
  CHECK(mask_phone("", "") == "+");
}
