#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace xion {

enum class GunzipError : std::uint8_t { not_gzip, too_large };

/// What gzip made of `octets`, at most `limit` of them, so that a small body can't become a large one. Errors:
/// `not_gzip` (also cut short, or with something behind it), `too_large`. Source: RFC 1952.
std::expected<std::string, GunzipError> gunzip(std::string_view octets, std::size_t limit);

/// Quickly rather than as small as it could be: on the loop thread, some 15 ms a MiB.
std::string gzip(std::string_view text);
/// The same, given up once it has seen that little is gained: so that what is random costs a third of a millisecond at
/// most, and what packs some 4 ms a MiB.
std::optional<std::string> gzip_if_it_packs(std::string_view text);

}  // namespace xion
