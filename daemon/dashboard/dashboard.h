#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "app/owners/dashboard_access.h"
#include "app/services.h"
#include "control/commands.h"
#include "dashboard/live.h"
#include "dashboard/oidc/sign_in.h"
#include "dashboard/passkeys.h"
#include "ports/http.h"

namespace xion {

/// The dashboard: its files, its sessions, what owners and operators may do by it, and its live events. The numbers
/// that it shows are the API's own, under /v1, which knows its sessions. Loop thread only.
class Dashboard {
 public:
  /// `control` runs what owners do: the same commands that `xionctl` gives.
  Dashboard(Services& services, Control& control, std::string version, const dashboard::SignInPorts& ports);

  /// Whether a path is the dashboard's.
  static bool is_for(std::string_view path) { return path == "/dashboard" || path.starts_with("/dashboard/"); }
  void handle(std::unique_ptr<HttpExchange> exchange);
  /// Ends what goes on: a daemon that stops waits for its answers.
  void stop() { live_.stop(); }

 private:
  void serve_page(std::unique_ptr<HttpExchange> exchange);
  void serve_call(std::unique_ptr<HttpExchange> exchange);
  void tell_ways_in(HttpExchange& exchange) const;
  void sign_in(std::shared_ptr<HttpExchange> exchange);
  void tell_session(const std::shared_ptr<HttpExchange>& exchange, const DashboardSession& session);
  void sign_out(std::shared_ptr<HttpExchange> exchange, const DashboardPass& pass, bool everywhere);
  void list_sessions(const std::shared_ptr<HttpExchange>& exchange, const DashboardPass& pass);
  void follow(std::shared_ptr<HttpExchange> exchange, std::shared_ptr<DashboardSession> session);

  Services& services_;
  Control& control_;
  std::string version_;
  dashboard::Live live_;
  dashboard::OidcSignIn oidc_;
  dashboard::Passkeys passkeys_;
};

}  // namespace xion
