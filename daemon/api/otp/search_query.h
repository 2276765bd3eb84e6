#pragma once
#include <expected>
#include <string>

#include "api/call/call.h"
#include "app/codes/search_otps.h"

namespace xion {

/// What a cursor says: what follows `OTP-` in the id of the last request that was given.
std::string cursor_of(const OtpId& id);

/// How many requests a page may have: at most, and where its query doesn't say.
struct PageLimits {
  std::size_t usual, most;
};
/// Reads the query of the list and of its exports; whose requests are meant is left to the caller.
std::expected<OtpSearch, Problem> read_search(std::string_view query, PhoneCache& phones, PageLimits limits);
/// The same, all of the caller's own requests that it means.
std::expected<OtpSearch, Problem> read_search(Call& call, PageLimits limits);

}  // namespace xion
