#pragma once
#include <cstddef>
#include <string_view>

/// What an API key looks like: one of the prefixes, then so many characters of Crockford's alphabet in lower case.
namespace xion::key_text {

inline constexpr std::string_view live_prefix = "xk_live_";
inline constexpr std::string_view test_prefix = "xk_test_";
inline constexpr std::size_t characters = 40;

}  // namespace xion::key_text
