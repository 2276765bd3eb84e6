#include "config/schema.h"

#include <fmt/format.h>

#include "config/config.h"

namespace xion {
namespace config {
namespace {

template <typename Owner>
void list(std::vector<KnownKey>& out, std::string_view section, const Keys<Owner>& keys) {
  for (const auto& key : keys)
    out.push_back({fmt::format("{}.{}", section, key.name), key.takes == Takes::next_start, key.name_of_app});
}

template <typename Owner>
void show_table(JsonWriter& out, std::string_view section, const Keys<Owner>& keys, const Owner& owner) {
  out.key(section).begin_object();
  show_keys(out, keys, owner);
  out.end_object();
}

/// A table as a file opens it.
std::string heading(std::string_view table) {
  if (table == "carrier" || table == "route" || table == "dashboard.oidc.grants") return fmt::format("[[{}]]", table);
  if (table == "carrier.tls") return "tls = { … } of a [[carrier]]";
  if (table == "route.match") return "match = { … } of a [[route]]";
  if (table == "route.carriers") return "carriers = [{ name = …, … }] of a [[route]]";
  return fmt::format("[{}]", table);
}

/// Whose rows stand in a list of another table. Words such as `group` and `name` mean something there alone.
bool is_of_a_list(std::string_view table) { return table == "dashboard.oidc.grants" || table == "route.carriers"; }

bool is_beside(std::string_view table, std::string_view path) {
  return table.substr(0, table.find('.')) == path.substr(0, path.find('.'));
}

}  // namespace

std::string where_it_belongs(std::string_view typed, std::string_view path) {
  std::string tables;
  for (const auto& [key, waits, name_of_app] : every_key()) {
    const std::size_t dot = key.rfind('.');
    if (dot == std::string::npos || key.substr(dot + 1) != typed) continue;
    const std::string_view table = std::string_view(key).substr(0, dot);
    if (is_of_a_list(table) && !is_beside(table, path)) continue;
    if (!tables.empty()) tables += " or ";
    tables += heading(table);
  }
  return tables.empty() ? tables : fmt::format("{} belongs in {}", typed, tables);
}

}  // namespace config

std::vector<KnownKey> every_key() {
  using namespace config;
  std::vector<KnownKey> all{{"include", false, {}}};
  each_table([&](std::string_view section, const auto& keys, auto) { list(all, section, keys); });
  list(all, "dashboard.oidc", oidc_keys());
  list(all, "dashboard.oidc.grants", oidc_grant_keys());
  list(all, "plans.NAME", plan_keys());
  list(all, "carrier", carrier_keys());
  list(all, "carrier.tls", tls_keys());
  list(all, "route", route_keys());
  list(all, "route.match", match_keys());
  list(all, "route.carriers", weighted_keys());
  return all;
}

void write_settings(JsonWriter& out, const Settings& settings) {
  using namespace config;
  each_table(
      [&](std::string_view section, const auto& keys, auto part) { show_table(out, section, keys, part(settings)); });
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
  out.key("prices").begin_object();
  for (const auto& [carrier, list] : settings.prices.carriers) {
    out.key(carrier).begin_object();
    for (const auto& [prefix, price] : list)
      out.field(prefix == every_number ? std::string_view("default") : std::string_view(prefix), shown_money(price));
    out.end_object();
  }
  out.end_object();
  out.key("carrier");
  show_tables(out, carrier_keys(), settings.carriers);
  out.key("route");
  show_tables(out, route_keys(), settings.routes);
}

std::string settings_json(const Settings& settings) {
  JsonWriter out;
  out.begin_object();
  write_settings(out, settings);
  out.end_object();
  return std::move(out).str();
}

}  // namespace xion
