#include "api/admin/admin_rows.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"

namespace xion {
namespace admin {
namespace {

using enum HttpMethod;
using enum Scope;
using enum TakesApp;

constexpr Row rows[] = {
    {{get, "/v1/admin/keys", admin_keys}, "key list", as_app},
    {{post, "/v1/admin/keys", admin_keys}, "key create", as_app},
    {{post, "/v1/admin/keys/{id}/rotate", admin_keys}, "key rotate", no, "id", OwnedKind::key},
    {{del, "/v1/admin/keys/{id}", admin_keys}, "key revoke", no, "id", OwnedKind::key},
    {{get, "/v1/admin/templates", admin_templates}, "template list", as_app},
    {{post, "/v1/admin/templates", admin_templates}, "template add", as_app},
    {{post, "/v1/admin/texts/lint", admin_templates}, "template lint", as_app},
    {{post, "/v1/admin/texts/preview", admin_templates}, "template preview", as_app},
    {{del, "/v1/admin/templates/{id}", admin_templates}, "template remove", as_app, "name"},
    {{get, "/v1/admin/webhooks", admin_webhooks}, "webhook list", as_app},
    {{post, "/v1/admin/webhooks", admin_webhooks}, "webhook add", as_app},
    {{get, "/v1/admin/webhooks/{id}", admin_webhooks}, "webhook show", no, "id", OwnedKind::webhook},
    {{del, "/v1/admin/webhooks/{id}", admin_webhooks}, "webhook remove", no, "id", OwnedKind::webhook},
    {{post, "/v1/admin/webhooks/{id}/test", admin_webhooks}, "webhook test", no, "id", OwnedKind::webhook},
    {{post, "/v1/admin/webhooks/{id}/rotate", admin_webhooks}, "webhook rotate", no, "id", OwnedKind::webhook},
    {{post, "/v1/admin/webhooks/{id}/enable", admin_webhooks}, "webhook enable", no, "id", OwnedKind::webhook},
    {{get, "/v1/admin/webhooks/{id}/deliveries", admin_webhooks}, "webhook deliveries", no, "id", OwnedKind::webhook},
    {{post, "/v1/admin/deliveries/{id}/replay", admin_webhooks}, "webhook replay", no, "id", OwnedKind::delivery},
    {{get, "/v1/admin/block", admin_lists}, "block list", as_app},
    {{post, "/v1/admin/block", admin_lists}, "block add", as_app},
    {{del, "/v1/admin/block/{id}", admin_lists}, "block remove", as_app, "subject"},
    {{get, "/v1/admin/allow", admin_lists}, "allow list", as_app},
    {{post, "/v1/admin/allow", admin_lists}, "allow add", as_app},
    {{del, "/v1/admin/allow/{id}", admin_lists}, "allow remove", as_app, "subject"},
    {{get, "/v1/admin/countries", admin_policy}, "app show", as_name, {}, {}, nullptr, show_countries},
    {{post, "/v1/admin/countries", admin_policy}, "app set", as_name, {}, {}, read_countries, show_countries},
    {{get, "/v1/admin/test-phones", admin_policy}, "app show", as_name, {}, {}, nullptr, show_test_phones},
    {{post, "/v1/admin/test-phones", admin_policy}, "app set", as_name, {}, {}, read_test_phones, show_test_phones},
};

}  // namespace

const Row& row_of(const Call& call) {
  const HttpMethod asked = call.exchange->method() == head ? get : call.exchange->method();
  const auto* const row = std::ranges::find_if(
      rows, [&](const Row& each) { return each.route.method == asked && each.route.pattern == call.pattern; });
  XION_ASSERT(row != std::end(rows));
  return *row;
}

const Row* row_of(std::string_view command) {
  const auto* const row = std::ranges::find_if(
      rows, [&](const Row& each) { return each.read == nullptr && each.command->name == command; });
  return row == std::end(rows) ? nullptr : row;
}

}  // namespace admin

std::span<const AdminRoute> admin_routes() {
  static const std::vector<AdminRoute> routes = [] {
    std::vector<AdminRoute> all;
    for (const admin::Row& row : admin::rows) all.push_back(row.route);
    return all;
  }();
  return routes;
}

}  // namespace xion
