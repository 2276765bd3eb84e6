#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace xion::config {

/// A slip that makes a file no TOML, as a person would point at it.
struct SyntaxSlip {
  std::uint32_t line = 0;    ///< From 1.
  std::uint32_t column = 0;  ///< From 1, in characters.
  std::string hint;
};

/// What was probably meant where the parser gave up. It stops where text makes no sense any more, mostly behind the
/// slip; so that line and the one before are looked at.
SyntaxSlip syntax_slip(std::string_view text, std::uint32_t line, std::uint32_t column);

}  // namespace xion::config
