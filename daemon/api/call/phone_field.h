#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "api/call/phone_cache.h"
#include "api/call/problem.h"

namespace xion {

/// The number that `phone` and `country` of a body mean. Problem: `invalid_phone`, with what would be right.
std::expected<Phone, Problem> read_phone(PhoneCache& phones, std::string_view phone, std::string_view country);

/// Reads `country`: two letters in any case, kept in upper case. False where it is not that.
bool read_country(std::string_view text, std::string& country);

/// Reads `userIp` into the one spelling that an address has. False where it is no IP address.
bool read_user_ip(std::string_view text, std::optional<std::string>& user_ip);

}  // namespace xion
