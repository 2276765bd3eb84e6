#include "config/schema.h"

#include <fmt/format.h>

#include "config/config.h"

namespace xion {
namespace config {
namespace {

template <typename Owner>
void list(std::vector<std::string>& out, std::string_view section, const Keys<Owner>& keys) {
  for (const auto& key : keys) out.push_back(fmt::format("{}.{}", section, key.name));
}

template <typename Owner>
void show_table(JsonWriter& out, std::string_view section, const Keys<Owner>& keys, const Owner& owner) {
  out.key(section).begin_object();
  show_keys(out, keys, owner);
  out.end_object();
}

template <typename Owner>
void show_tables(JsonWriter& out, std::string_view section, const Keys<Owner>& keys, const std::vector<Owner>& owners) {
  out.key(section).begin_array();
  for (const auto& owner : owners) {
    out.begin_object();
    show_keys(out, keys, owner);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

}  // namespace config

std::vector<std::string> every_key() {
  using namespace config;
  std::vector<std::string> all{"include"};
  list(all, "daemon", daemon_keys());
  list(all, "api", api_keys());
  list(all, "operator", operator_keys());
  list(all, "dashboard", dashboard_keys());
  list(all, "otp", otp_keys());
  list(all, "limits", limit_keys());
  list(all, "fraud", fraud_keys());
  list(all, "webhooks", webhook_keys());
  list(all, "plans.NAME", plan_keys());
  list(all, "carrier", carrier_keys());
  list(all, "carrier.tls", tls_keys());
  list(all, "route", route_keys());
  list(all, "route.match", match_keys());
  list(all, "route.carriers", weighted_keys());
  return all;
}

std::string settings_json(const Settings& settings) {
  using namespace config;
  JsonWriter out;
  out.begin_object();
  show_table(out, "daemon", daemon_keys(), settings);
  show_table(out, "api", api_keys(), settings);
  show_table(out, "operator", operator_keys(), settings);
  show_table(out, "dashboard", dashboard_keys(), settings);
  show_table(out, "otp", otp_keys(), settings.otp);
  show_table(out, "limits", limit_keys(), settings.limits);
  show_table(out, "fraud", fraud_keys(), settings.guard);
  show_table(out, "webhooks", webhook_keys(), settings.webhooks);
  out.key("plans").begin_object();
  for (const auto& [name, plan] : settings.plans) show_table(out, name, plan_keys(), plan);
  out.end_object();
  out.key("networks").begin_object();
  for (const auto& [name, prefixes] : settings.networks) {
    out.key(name).begin_array();
    for (const auto& prefix : prefixes) out.value(prefix);
    out.end_array();
  }
  out.end_object();
  show_tables(out, "carrier", carrier_keys(), settings.carriers);
  show_tables(out, "route", route_keys(), settings.routes);
  out.end_object();
  return std::move(out).str();
}

}  // namespace xion
