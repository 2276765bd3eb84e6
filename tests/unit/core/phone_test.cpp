#include "core/phone.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <random>

#include "core/phone_text.h"

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

TEST_CASE("one handset is one number, whatever the digits, spaces, dashes and marks are") {
  for (const char* text :
       {"+374\u00A099\u00A0123056", "+374\u202F99\u202F123\u202F056", "+374\u201199\u2011123056",
        "+374\u201399\u2013123056", "+374\u221299\u2212123056",
        "\uFF0B\uFF13\uFF17\uFF14\uFF19\uFF19\uFF11\uFF12\uFF13\uFF10\uFF15\uFF16",
        "+\u0663\u0667\u0664\u0669\u0669\u0661\u0662\u0663\u0660\u0665\u0666",
        "+\u06F3\u06F7\u06F4\u06F9\u06F9\u06F1\u06F2\u06F3\u06F0\u06F5\u06F6", "\u202A+37499123056\u202C",
        "\u200E+374 99 123056\u200F", "\uFEFF+37499123056", "+374\u200B99123056", "+374\u00AD99123056",
        "\uFF08+374\uFF0999123056", "+374\u300099123056"}) {
    CAPTURE(text);
    CHECK(e164(text) == "+37499123056");
  }
}

TEST_CASE("one handset is one number, in its plan's old forms too") {
  struct Row {
    const char* text;
    const char* country;
    const char* e164;
  };
  for (const Row& row : {Row{"+5215512345671", "", "+525512345671"}, Row{"+525512345671", "", "+525512345671"},
                         Row{"+541123456780", "", "+5491123456780"}, Row{"+5491123456780", "", "+5491123456780"},
                         Row{"+54111523456780", "", "+5491123456780"}, Row{"011 15-2345-6780", "AR", "+5491123456780"},
                         Row{"+551187654321", "", "+5511987654321"}, Row{"+5511987654321", "", "+5511987654321"},
                         Row{"+49015112345678", "", "+4915112345678"}, Row{"+480512345678", "", "+48512345678"},
                         Row{"+374099123056", "", "+37499123056"}, Row{"+390612345678", "", "+390612345678"},
                         Row{"+2250707123456", "", "+2250707123456"}}) {
    CAPTURE(row.text);
    CHECK(e164(row.text, row.country) == row.e164);
  }
}

TEST_CASE("a number longer than its known range is refused, where the plan's lengths vary, too") {
  CHECK(error("+49151123456789012") == PhoneError::too_long);
  CHECK(error("+491511234567890") == PhoneError::too_long);
  CHECK(e164("+4915112345678") == "+4915112345678");
}

TEST_CASE("what is strange in a number is named for a person") {
  CHECK(strange_character("+374 99 x23056") == "\"x\" (U+0078)");
  CHECK(strange_character("+374\u00D799123056") == "\"\u00D7\" (U+00D7)");
  CHECK(strange_character("374+99123056") == "\"+\" (U+002B)");
  CHECK(strange_character(std::string_view("+374\0", 5)) == "U+0000");
  CHECK(strange_character("+374 99 123056").empty());
}

TEST_CASE("the national form needs its country") {
  CHECK(e164("099 123056", "AM") == "+37499123056");
  CHECK(e164("099123056", "am") == "+37499123056");
  CHECK(e164("020 7946 0958", "GB") == "+442079460958");
  CHECK(error("099123056") == PhoneError::no_country_code);
  CHECK(error("099123056", "XX") == PhoneError::unknown_country);
  CHECK(error("099123056", "Armenia") == PhoneError::unknown_country);
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
  CHECK(mask_phone("", "").empty());
  CHECK(mask_phone("", "374").empty());
}
