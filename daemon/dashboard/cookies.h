#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/settings.h"
#include "ports/http.h"

namespace xion::dashboard {

/// The line that sets the session's cookie; a life of zero takes it away.
std::string session_cookie(const Settings& settings, std::string_view value, Seconds life);
/// The value of a cookie of the request.
std::optional<std::string_view> cookie_of(const HttpExchange& exchange, std::string_view name);

}  // namespace xion::dashboard
