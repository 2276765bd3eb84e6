#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace xion {

/// The known word that was most likely meant: the nearest by letters added, dropped, changed or swapped with their
/// neighbour; failing that, one that `typed` cuts short or stretches (`phone_number` for `phone`). Case, `_` and `-`
/// weigh nothing, so `ttl-seconds` and `ttlSeconds` both find `ttl_seconds`. Nothing where none comes near; the earlier
/// on a tie.
std::optional<std::string_view> closest(std::string_view typed, std::span<const std::string_view> known);

}  // namespace xion
