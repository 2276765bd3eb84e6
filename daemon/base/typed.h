#pragma once
#include <optional>

/// Characters as people type, dictate and paste them into a field that wants digits.
namespace xion::typed {

/// '0' to '9' for a decimal digit of any script (general category Nd). Source: Unicode 15, UnicodeData.txt.
std::optional<char> digit(char32_t point);

/// Whether it means nothing between digits: spaces and dashes of any script, line ends, and marks that nobody sees
/// (direction, joiners, variation selectors). Source: Unicode 15, categories Zs and Pd, DerivedCoreProperties.txt's
/// Default_Ignorable_Code_Point.
bool is_meaningless(char32_t point);

/// Whether a person would see nothing, or not know what: controls and what `is_meaningless` has of marks.
bool is_invisible(char32_t point);

}  // namespace xion::typed
