// Numbers that are valid as they stand don't go through the library's parser. It must make no difference.
#include <doctest/doctest.h>
#include <phonenumbers/phonenumberutil.h>

#include <random>
#include <set>

#include "core/phone.h"

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
