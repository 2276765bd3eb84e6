#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

namespace xion {

/// Supplies block after block of keyed pseudo-random octets: `block(0)`, `block(1)`, …
using DigestBlocks = std::function<Digest(std::uint32_t counter)>;

/// `length` (4–10) decimal digits, each code exactly as likely as any other: 64-bit words above the largest multiple of
/// 10^length are thrown away, and a further block is drawn where a block is used up.
Secret code_from(const DigestBlocks& block, std::uint8_t length);

/// What a person typed as a code: trimmed, spaces and dashes dropped, Unicode decimal digits folded to ASCII.
/// Nothing where any other character is left, or where it is empty or longer than 32 characters.
std::optional<Secret> normalize_code(std::string_view typed);

}  // namespace xion
