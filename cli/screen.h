#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace xion::cli {

/// What is written on.
struct Screen {
  std::size_t width = 0;  ///< Columns; 0: no terminal, lines may have any length.
  bool colour = false;
  std::size_t height = 0;  ///< Lines; 0: not known.

  /// A terminal has a width, and colours unless $NO_COLOR is set (no-color.org) or $TERM is dumb.
  static Screen of(int descriptor);
};

/// Columns that a text takes on a terminal: one for each character. Wide and combining characters don't occur in
/// answers.
std::size_t columns_of(std::string_view utf8);
/// The text in that many columns, the rest cut off behind an ellipsis.
std::string cut(std::string_view utf8, std::size_t columns);

}  // namespace xion::cli
