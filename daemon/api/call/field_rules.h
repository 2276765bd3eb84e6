#pragma once
#include <cstddef>
#include <string_view>

#include "api/call/json_request.h"
#include "core/otp/bound_code.h"

/// The forms that fields of a body must have. Each is a whole rule: true where the text keeps it.
namespace xion::field_rules {

/// `[a-z0-9_.-]{1,32}`
bool is_purpose(std::string_view text);
/// A BCP 47 language tag by its form: a language of 2–8 letters, then subtags of 1–8 letters and digits.
bool is_language_tag(std::string_view text);
/// The 11 characters that the Android SMS Retriever makes of an app's certificate: base64.
bool is_app_hash(std::string_view text);
/// A host name with at least one dot, without scheme, port or path: what follows the @ of an origin-bound code.
bool is_host(std::string_view text);
/// Between 1 and `max` characters, none of them a control character.
bool is_short_text(std::string_view text, std::size_t max);
/// A code that a caller brings: 4 to 10 digits.
bool is_own_code(std::string_view text);
/// `[A-Za-z0-9_]{1,32}`
bool is_variable_name(std::string_view text);

}  // namespace xion::field_rules

namespace xion {

/// Reads `bind` of a send or a verify, sorted: 1 to 5 values under variables' names. False where it is not that.
bool read_bind(const JsonMember& member, Bind& bind);

}  // namespace xion
