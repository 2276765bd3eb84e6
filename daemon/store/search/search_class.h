#pragma once
#include <cstdint>

#include "ports/stored.h"

namespace xion {

/// All that a request is filtered by beside its phone and its reference, in one word: app, country, status, delivery,
/// and whether it is a test. So a filter is a mask and a comparison.
using SearchClass = std::uint64_t;
inline constexpr SearchClass class_of_app_and_test = 0xFFFF'FFFF'0000'0001;

SearchClass search_class(const Otp& otp);

struct ClassFilter {
  SearchClass mask = 0;
  SearchClass value = 0;
  bool matches(SearchClass of) const { return (of & mask) == value; }
  /// What can be told where only some bits of the classes are known.
  ClassFilter within(SearchClass known) const { return {mask & known, value & known}; }
};
ClassFilter class_filter(const OtpFilter& filter);

}  // namespace xion
