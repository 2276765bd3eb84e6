#pragma once
#include <expected>
#include <string>

#include "api/call.h"
#include "app/search_otps.h"

namespace xion {

/// What a cursor says: what follows `OTP-` in the id of the last request that was given.
std::string cursor_of(const OtpId& id);

/// Reads the query of the list and of its exports, all of the caller's own requests that it means. `limit_max`: the most
/// that `limit` may ask for, `limit`: without it.
std::expected<OtpSearch, Problem> read_search(Call& call, std::size_t limit, std::size_t limit_max);

}  // namespace xion
