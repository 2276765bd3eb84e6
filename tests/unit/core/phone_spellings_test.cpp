// One handset is one identity: every country's example of a mobile, in every spelling that people use.
#include <doctest/doctest.h>
#include <phonenumbers/phonenumberutil.h>

#include <functional>
#include <set>

#include "base/utf8.h"
#include "core/phone.h"
#include "core/phone_text.h"

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

struct Example {
  std::string region;        // "DE"
  std::string e164;          // "+4915123456789"
  std::string grouped;       // "+49 1512 3456789"
  std::string national;      // "01512 3456789"
  std::string country_code;  // "49"
  std::string digits;        // "15123456789"
  std::string trunk_prefix;  // "0"; empty where the plan has none
};

std::vector<Example> examples() {
  const auto& library = *PhoneNumberUtil::GetInstance();
  std::set<std::string> regions;
  library.GetSupportedRegions(&regions);
  std::vector<Example> all;
  for (const std::string& region : regions) {
    PhoneNumber number;
    if (!library.GetExampleNumberForType(region, PhoneNumberUtil::MOBILE, &number)) continue;
    Example& example = all.emplace_back();
    example.region = region;
    example.country_code = std::to_string(number.country_code());
    library.Format(number, PhoneNumberUtil::E164, &example.e164);
    library.Format(number, PhoneNumberUtil::INTERNATIONAL, &example.grouped);
    library.Format(number, PhoneNumberUtil::NATIONAL, &example.national);
    library.GetNationalSignificantNumber(number, &example.digits);
    library.GetNddPrefixForRegion(region, true, &example.trunk_prefix);
  }
  return all;
}

std::string read_e164(std::string_view text, std::string_view country = {}) {
  const auto phone = xion::parse_phone(text, country);
  return phone ? phone->e164 : std::string(describe(phone.error()));
}

std::string replaced(std::string_view text, const std::function<void(std::string&, char)>& write) {
  std::string out;
  for (const char c : text) write(out, c);
  return out;
}

/// Digits of the script whose zero it is; the plus, if it is one of the script's own.
std::string in_script(std::string_view text, char32_t zero, char32_t plus = U'+') {
  return replaced(text, [&](std::string& out, char c) {
    const bool is_digit = c >= '0' && c <= '9';
    if (is_digit) return xion::append_utf8(out, zero + static_cast<char32_t>(c - '0'));
    xion::append_utf8(out, c == '+' ? plus : static_cast<char32_t>(c));
  });
}

std::string grouped_by(std::string_view text, char32_t separator) {
  return replaced(text, [&](std::string& out, char c) {
    xion::append_utf8(out, c == ' ' || c == '-' ? separator : static_cast<char32_t>(c));
  });
}

/// A mark that nobody sees before, between and behind the digits.
std::string marked(std::string_view text, char32_t mark) {
  std::string out;
  xion::append_utf8(out, mark);
  return out + replaced(text, [&](std::string& octets, char c) {
           octets.push_back(c);
           xion::append_utf8(octets, mark);
         });
}

}  // namespace

TEST_CASE("every country's mobile is one number, in the international form and in the national one") {
  const auto all = examples();
  REQUIRE(all.size() > 240);
  for (const Example& each : all) {
    CAPTURE(each.region);
    CHECK(read_e164(each.e164) == each.e164);
    CHECK(read_e164(each.grouped) == each.e164);
    CHECK(read_e164("00" + each.e164.substr(1)) == each.e164);
    CHECK(read_e164("+00" + each.e164.substr(1)) == each.e164);
    CHECK(read_e164(each.e164, each.region) == each.e164);
    CHECK(read_e164(each.national, each.region) == each.e164);
    CHECK(read_e164(each.digits, each.region) == each.e164);
    CHECK(read_e164(each.trunk_prefix + each.digits, each.region) == each.e164);
    CHECK(read_e164(each.e164.substr(1), each.region) == each.e164);
  }
}

TEST_CASE("every country's mobile is one number with its trunk prefix kept behind the country code") {
  for (const Example& each : examples()) {
    CAPTURE(each.region);
    CHECK(read_e164("+" + each.country_code + each.trunk_prefix + each.digits) == each.e164);
    CHECK(read_e164("+" + each.country_code + " (" + each.trunk_prefix + ") " + each.digits) == each.e164);
    CHECK(read_e164("00" + each.country_code + each.trunk_prefix + each.digits) == each.e164);
    // In Italy, the Vatican and on Ascension a zero more makes another number, a fixed line's.
    if (each.region == "IT" || each.region == "VA" || each.region == "AC") continue;
    CHECK(read_e164("+" + each.country_code + "0" + each.digits) == each.e164);
    if (!each.digits.starts_with('0')) CHECK(read_e164("0" + each.digits, each.region) == each.e164);
  }
}

TEST_CASE("every country's mobile is one number in every script, with any space, dash and unseen mark") {
  for (const Example& each : examples()) {
    CAPTURE(each.region);
    for (const char32_t separator : {U'\u00A0', U'\u2007', U'\u2009', U'\u202F', U'\u3000', U'\u2010', U'\u2011',
                                     U'\u2012', U'\u2013', U'\u2014', U'\u2212', U'\uFF0D', U'.', U'/', U'\u00B7'}) {
      CHECK(read_e164(grouped_by(each.grouped, separator)) == each.e164);
      CHECK(read_e164(grouped_by(each.national, separator), each.region) == each.e164);
    }
    CHECK(read_e164(in_script(each.e164, U'\uFF10', U'\uFF0B')) == each.e164);
    for (const char32_t zero : {U'\u0660', U'\u06F0', U'\u0966', U'\u0BE6', U'\u0ED0', U'\u1810', U'\U0001D7CE'}) {
      CHECK(read_e164(in_script(each.e164, zero)) == each.e164);
      CHECK(read_e164(in_script(each.national, zero), each.region) == each.e164);
    }
    for (const char32_t mark : {U'\u00AD', U'\u034F', U'\u061C', U'\u200B', U'\u200D', U'\u200E', U'\u202A', U'\u202C',
                                U'\u2060', U'\u2066', U'\u2069', U'\uFE0F', U'\uFEFF', U'\U000E0020'}) {
      CHECK(read_e164(marked(each.e164, mark)) == each.e164);
    }
  }
}

TEST_CASE("old forms of a plan are folded, and only they") {
  struct Row {
    const char* text;
    const char* country;
    const char* e164;
  };
  for (const Row& row : {
           Row{"+52 1 55 1234 5671", "", "+525512345671"},
           Row{"+52 044 55 1234 5671", "", "+525512345671"},
           Row{"045 55 1234 5671", "MX", "+525512345671"},
           Row{"01 55 1234 5671", "MX", "+525512345671"},
           Row{"+54 11 2345 6780", "", "+5491123456780"},
           Row{"+54 0 11 15 2345 6780", "", "+5491123456780"},
           Row{"+54 9 11 15 2345 6780", "", "+5491123456780"},
           Row{"+54 9 011 15 2345 6780", "", "+5491123456780"},
           Row{"011 15 2345 6780", "AR", "+5491123456780"},
           Row{"11 2345 6780", "AR", "+5491123456780"},
           Row{"+55 11 8765 4321", "", "+5511987654321"},
           Row{"0 21 11 96123 4567", "BR", "+5511961234567"},
           Row{"+55 0 21 11 96123 4567", "", "+5511961234567"},
           Row{"+55 11 2345 6789", "", "+551123456789"},  // a fixed line: it has no ninth digit
           Row{"+55 11 3345 6789", "", "+551133456789"},
           Row{"+84 168 123 4567", "", "+84381234567"},
           Row{"0120 123 4567", "VN", "+84701234567"},
           Row{"+84 0199 123 4567", "", "+84591234567"},
           Row{"+225 07 12 34 56", "", "+2250707123456"},
           Row{"+225 48 12 34 56", "", "+2250748123456"},
           Row{"+225 54 12 34 56", "", "+2250554123456"},
           Row{"+225 42 12 34 56", "", "+2250142123456"},
           Row{"+241 6 03 12 34", "", "+24106031234"},
           Row{"+229 01 97 12 34 56", "", "+2290197123456"},  // newer than the library's plan
       }) {
    CAPTURE(row.text);
    CHECK(read_e164(row.text, row.country) == row.e164);
  }
}

TEST_CASE("a number of more or fewer digits than its known range has is refused") {
  using xion::PhoneError;
  struct Row {
    const char* text;
    PhoneError error;
  };
  for (const Row& row :
       {Row{"+4915123456", PhoneError::too_short}, Row{"+491512345678", PhoneError::too_short},
        Row{"+49151234567890", PhoneError::too_long}, Row{"+861381234567", PhoneError::too_short},
        Row{"+44740012345", PhoneError::too_short}, Row{"+4670123456", PhoneError::too_short},
        Row{"+43664123", PhoneError::too_short}, Row{"+358401", PhoneError::too_short},
        Row{"+64211234567890", PhoneError::too_long}, Row{"+123456789012345678", PhoneError::too_long}}) {
    CAPTURE(row.text);
    const auto phone = xion::parse_phone(row.text);
    REQUIRE_FALSE(phone);
    CHECK(phone.error() == row.error);
  }
  CHECK(read_e164("+15555550123") == "+15555550123");  // a range that nobody knows, of a length that is right
}

TEST_CASE("a whole number is of the country that comes with it, or shares its code") {
  CHECK(read_e164("+12025550123", "CA") == "+12025550123");
  CHECK(read_e164("+447797123456", "GB") == "+447797123456");
  CHECK(xion::parse_phone("+37499123056", "US").error() == xion::PhoneError::another_country);
  CHECK(xion::parse_phone("0037499123056", "us").error() == xion::PhoneError::another_country);
  CHECK(xion::parse_phone("011 374 99 123056", "US").error() == xion::PhoneError::another_country);
  CHECK(xion::parse_phone("+37499123056", "XX").error() == xion::PhoneError::unknown_country);
}

TEST_CASE("what is no part of a number is named, as it looks and by its number, or by its number alone") {
  CHECK(xion::strange_character("+374 99 123056 ext 7") == "\"e\" (U+0065)");
  CHECK(xion::strange_character("+374\u20AC99123056") == "\"\u20AC\" (U+20AC)");
  CHECK(xion::strange_character("+374\u202299123056") == "\"\u2022\" (U+2022)");
  CHECK(xion::strange_character("+374\u0090") == "U+0090");
  CHECK(xion::strange_character("+374\U0001F60099") == "\"\U0001F600\" (U+1F600)");
}
