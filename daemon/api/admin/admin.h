#pragma once
#include <functional>
#include <span>
#include <string_view>

#include "core/owners/app.h"
#include "core/owners/audit_event.h"
#include "core/owners/key_asker.h"
#include "ports/http.h"
#include "wire/wire.h"

namespace xion {

/// Runs one command of the catalogue for somebody who may give it; answers once, now or after a commit.
using RunCommand = std::function<void(wire::Request request, Actor who, const KeyAsker& asker,
                                      std::function<void(wire::Answer)> answer)>;

/// One call below /v1/admin/.
struct AdminRoute {
  HttpMethod method;
  std::string_view pattern;
  Scope scope;
};
/// What keys with scopes `admin:*` may do, each with the scope that it needs: fixed names stand before `{id}`.
std::span<const AdminRoute> admin_routes();

}  // namespace xion
