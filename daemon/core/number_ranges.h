#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/phone.h"

/// The ranges of libphonenumber's metadata. For `core/phone_plan.cpp` alone.
///
/// The library matches one ICU expression after the other, up to eleven a region, and does so twice: 3 µs for an
/// Armenian number, 18 µs for a British one, a tenth of all that a code's life costs. Here its own expressions are
/// compiled into one RE2 automaton a region, which takes a tenth of a microsecond. The answers are the library's:
/// `tests/unit/core/phone_library_test.cpp` compares them for every country code.
namespace xion::phone_plan {

struct Range {
  std::string region;  ///< ISO 3166 alpha-2, "001" for numbers of no country; empty where no region has such a range.
  NumberType type = NumberType::unknown;
};

/// What `GetRegionCodeForNumber` and `GetNumberType` say of a number. Nothing: they have to be asked, since this build
/// of the library keeps its metadata to itself, or the country code is none.
std::optional<Range> range_of(std::int32_t country_code, std::string_view national);

}  // namespace xion::phone_plan
