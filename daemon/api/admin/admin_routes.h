#pragma once
#include <span>
#include <string_view>

#include "core/owners/app.h"
#include "ports/http.h"

namespace xion {

/// One call below /v1/admin/.
struct AdminRoute {
  HttpMethod method;
  std::string_view pattern;
  Scope scope;
};
/// What keys with scopes `admin:*` may do, each with the scope that it needs: fixed names stand before `{id}`.
std::span<const AdminRoute> admin_routes();

}  // namespace xion
