#pragma once
#include <memory>
#include <string_view>

#include "app/services.h"
#include "control/commands.h"
#include "core/owners/dashboard_pass.h"
#include "ports/http.h"

namespace xion::dashboard {

/// What owners and operators do: keys, templates, webhooks of one app, and the operators' view. `name` is the path
/// behind /dashboard/api/. Each call is a command of the control socket, for the session's own app and nothing else.
void manage(Services& services, Control& control, const DashboardPass& pass, std::shared_ptr<HttpExchange> exchange,
            std::string_view name);

}  // namespace xion::dashboard
