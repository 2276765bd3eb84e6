#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "core/phone.h"

namespace xion {

/// The digits of a number as people type and paste it, with + before them for the international form, which 00 stands
/// for, too: digits of any script; spaces, dashes, dots, slashes and parentheses of any kind, and marks that nobody
/// sees, mean nothing. Errors: `empty`, `not_digits`.
std::expected<std::string, PhoneError> phone_digits(std::string_view text);

/// The first character that no number is written with, for a person: `"x" (U+0078)`, or `U+0090` where nothing is to be
/// seen; empty where there is none.
std::string strange_character(std::string_view text);

}  // namespace xion
