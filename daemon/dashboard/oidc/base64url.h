#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace xion::oidc {

/// Without padding. Source: RFC 4648 §5, RFC 7515 §2.
std::string base64url(std::string_view octets);
/// Nothing where a character is none of its alphabet (padding and blanks too), the length is none that it makes, or
/// bits that stand for nothing are set: each text of octets has one spelling.
std::optional<std::string> from_base64url(std::string_view text);
/// With padding and the other alphabet, as HTTP's Basic wants it. Source: RFC 4648 §4.
std::string base64(std::string_view octets);

}  // namespace xion::oidc
