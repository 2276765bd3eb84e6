// Numbers that are valid as they stand don't go through the library's parser. It must make no difference.
#include <doctest/doctest.h>
#include <phonenumbers/phonenumberutil.h>

#include <list>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/phone_plan.h"

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

std::string as_the_library_reads(const std::string& e164) {
  const auto& library = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  if (library.Parse(e164, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR) return "refused";
  std::string formatted;
  library.Format(number, PhoneNumberUtil::E164, &formatted);
  return formatted;
}

xion::NumberType type_that_the_library_tells(const PhoneNumber& number) {
  using xion::NumberType;
  switch (PhoneNumberUtil::GetInstance()->GetNumberType(number)) {
    case PhoneNumberUtil::FIXED_LINE: return NumberType::fixed_line;
    case PhoneNumberUtil::MOBILE: return NumberType::mobile;
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE: return NumberType::fixed_line_or_mobile;
    case PhoneNumberUtil::TOLL_FREE: return NumberType::toll_free;
    case PhoneNumberUtil::PREMIUM_RATE: return NumberType::premium_rate;
    case PhoneNumberUtil::VOIP: return NumberType::voip;
    case PhoneNumberUtil::UNKNOWN: return NumberType::unknown;
    default: return NumberType::other;
  }
}

}  // namespace

TEST_CASE("every country's mobile and fixed numbers are read as the library reads them") {
  const auto& library = *PhoneNumberUtil::GetInstance();
  std::mt19937 random(2026);
  std::set<std::string> regions;
  library.GetSupportedRegions(&regions);
  REQUIRE(regions.size() > 200);
  for (const std::string& region : regions) {
    for (const auto type : {PhoneNumberUtil::MOBILE, PhoneNumberUtil::FIXED_LINE, PhoneNumberUtil::TOLL_FREE}) {
      PhoneNumber example;
      if (!library.GetExampleNumberForType(region, type, &example)) continue;
      std::string e164;
      library.Format(example, PhoneNumberUtil::E164, &e164);
      const auto country_code = std::to_string(example.country_code()).size();
      for (int i = 0; i < 40; ++i) {
        const auto read = xion::parse_phone(e164);
        const std::string expected = as_the_library_reads(e164);
        // Old forms are folded beyond what the library does.
        const bool is_folded = region == "MX" || region == "AR" || region == "BR" || region == "GA" ||
                               (expected.size() > country_code + 1 && expected[country_code + 1] == '0');
        if (read && read->is_valid && !is_folded) CHECK_MESSAGE(read->e164 == expected, region);
        // Another number of the country: the example with some of its digits drawn afresh.
        for (std::size_t at = country_code + 1; at < e164.size(); ++at) {
          if (random() % 3 == 0) e164[at] = static_cast<char>('0' + random() % 10);
        }
      }
    }
  }
}

// `core/number_ranges` compiles the library's own expressions. Whatever it says, the library says, too; it says
// something of every country code, or the metadata were not found and each number costs what it cost before.
TEST_CASE("the ranges of the library's metadata are those that the library tells") {
  const auto& library = *PhoneNumberUtil::GetInstance();
  std::mt19937 random(2026);
  std::set<int> country_codes;
  library.GetSupportedCallingCodes(&country_codes);
  REQUIRE(country_codes.size() > 200);
  const auto compare = [&](int country_code, const std::string& national) {
    const auto number = xion::phone_plan::made_of(country_code, national);
    const auto told = xion::phone_plan::range_of(country_code, national);
    REQUIRE_MESSAGE(told, country_code);
    std::string region;
    library.GetRegionCodeForNumber(number, &region);
    CHECK_MESSAGE(told->region == (region == "ZZ" ? "" : region), country_code << " " << national);
    CHECK_MESSAGE(told->type == type_that_the_library_tells(number), country_code << " " << national);
  };
  for (const int country_code : country_codes) {
    std::vector<std::string> nationals{"0", "1", "911", "00000000"};
    std::list<std::string> regions;
    library.GetRegionCodesForCountryCallingCode(country_code, &regions);
    for (const std::string& region : regions) {
      for (int type = PhoneNumberUtil::FIXED_LINE; type <= PhoneNumberUtil::VOICEMAIL; ++type) {
        PhoneNumber example;
        if (!library.GetExampleNumberForType(region, static_cast<PhoneNumberUtil::PhoneNumberType>(type), &example))
          continue;
        nationals.push_back(xion::phone_plan::national_of(example));
      }
    }
    for (std::string national : nationals) {
      for (int i = 0; i < 12; ++i) {
        compare(country_code, national);
        for (char& digit : national) {
          if (random() % 4 == 0) digit = static_cast<char>('0' + random() % 10);
        }
        if (random() % 4 == 0) national.push_back(static_cast<char>('0' + random() % 10));
        if (national.size() > 15) national.resize(3);
      }
    }
  }
  CHECK(!xion::phone_plan::range_of(999, "123456"));
}
