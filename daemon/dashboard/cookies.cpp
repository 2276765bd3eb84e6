#include "dashboard/cookies.h"

#include <fmt/format.h>

#include "app/owners/dashboard_access.h"

namespace xion::dashboard {

std::string session_cookie(const Settings& settings, std::string_view value, Seconds life) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", DashboardAccess::cookie_name(settings),
                     value, life.count(), DashboardAccess::is_secure(settings) ? "; Secure" : "");
}

std::optional<std::string_view> cookie_of(const HttpExchange& exchange, std::string_view name) {
  const auto cookies = exchange.header("Cookie");
  return cookies ? DashboardAccess::cookie(*cookies, name) : std::nullopt;
}

}  // namespace xion::dashboard
