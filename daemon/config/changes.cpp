#include "config/changes.h"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/schema.h"
#include "core/owners/webhook.h"

namespace xion {
namespace config {
namespace {

using Changes = std::vector<ConfigChange>;
using Networks = std::map<std::string, std::vector<std::string>>;

/// Where a text or a list ends or begins, it is empty before or behind.
bool is_empty(std::string_view json) { return json == R"("")" || json == "[]"; }

bool needs_restart(Takes takes, std::string_view before, std::string_view after) {
  switch (takes) {
    case Takes::now: return false;
    case Takes::next_start: return true;
    case Takes::next_start_where_it_ends: return is_empty(before) != is_empty(after);
  }
  return false;
}

template <typename Owner>
std::string text_of(const Key<Owner>& key, const Owner& owner) {
  JsonWriter out;
  key.rule.show(out, owner);
  return std::move(out).str();
}

template <typename Owner>
std::string text_of(const Keys<Owner>& keys, const Owner& owner) {
  JsonWriter out;
  out.begin_object();
  show_keys(out, keys, owner);
  out.end_object();
  return std::move(out).str();
}

template <typename Owner>
void compare(Changes& changes, std::string_view section, const Keys<Owner>& keys, const Owner& before,
             const Owner& after) {
  for (const auto& key : keys) {
    if (!key.rule.show) continue;
    std::string old_text = text_of(key, before), new_text = text_of(key, after);
    if (old_text == new_text) continue;
    std::string full = fmt::format("{}.{}", section, key.name);
    const bool is_late = needs_restart(key.takes, old_text, new_text);
    changes.push_back({std::move(full), std::move(old_text), std::move(new_text), is_late});
  }
}

/// Blocks by name: those that go, those that differ, those that come.
template <typename Owner, typename NameOf>
void compare_blocks(Changes& changes, std::string_view section, const Keys<Owner>& keys,
                    const std::vector<Owner>& before, const std::vector<Owner>& after, NameOf name_of) {
  const auto path = [&](const Owner& owner) { return fmt::format("{}.{}", section, name_of(owner)); };
  for (const Owner& old_block : before) {
    const auto found = std::ranges::find(after, name_of(old_block), name_of);
    if (found == after.end()) {
      changes.push_back({path(old_block), text_of(keys, old_block), {}, false});
      continue;
    }
    const std::size_t seen = changes.size();
    compare(changes, path(old_block), keys, old_block, *found);
    if (changes.size() == seen && !(old_block == *found)) {
      changes.push_back({path(old_block) + ".password", "(not shown)", "(not shown)", false});
    }
  }
  for (const Owner& new_block : after) {
    if (std::ranges::find(before, name_of(new_block), name_of) == before.end()) {
      changes.push_back({path(new_block), {}, text_of(keys, new_block), false});
    }
  }
}

std::vector<Plan> plans_of(const Settings& settings) {
  std::vector<Plan> plans;
  for (const auto& [name, plan] : settings.plans) plans.push_back(plan);
  return plans;
}

void compare_networks(Changes& changes, const Networks& before, const Networks& after) {
  const auto text = [](const Networks& networks, const std::string& name) {
    const auto found = networks.find(name);
    return found == networks.end() ? std::string() : fmt::format("{}", fmt::join(found->second, ", "));
  };
  Networks either = before;
  either.insert(after.begin(), after.end());
  for (const auto& [name, prefixes] : either) {
    if (text(before, name) != text(after, name))
      changes.push_back({"networks." + name, text(before, name), text(after, name), false});
  }
}

/// A list's every row is a change of its own: what one destination costs now.
void compare_prices(Changes& changes, const Prices& before, const Prices& after) {
  const auto text = [](const Prices& prices, const std::string& carrier, const std::string& prefix) {
    const auto list = prices.carriers.find(carrier);
    if (list == prices.carriers.end() || !list->second.contains(prefix)) return std::string();
    return shown_money(list->second.at(prefix));
  };
  auto either = before.carriers;
  for (const auto& [carrier, list] : after.carriers) either[carrier].insert(list.begin(), list.end());
  for (const auto& [carrier, list] : either) {
    for (const auto& [prefix, price] : list) {
      const std::string old_price = text(before, carrier, prefix), new_price = text(after, carrier, prefix);
      const std::string_view shown = prefix == every_number ? std::string_view("default") : std::string_view(prefix);
      if (old_price != new_price)
        changes.push_back({fmt::format("prices.{}.{}", carrier, shown), old_price, new_price, false});
    }
  }
}

std::string name_of_route(const RouteSettings& route) {
  std::string name = route.name;
  for (const std::string* part : {&route.prefix, &route.country, &route.app, &route.purpose}) {
    if (!part->empty() && *part != name) name += "/" + *part;
  }
  return name;
}

std::vector<std::string> order_of(const std::vector<RouteSettings>& routes) {
  std::vector<std::string> names;
  for (const RouteSettings& route : routes) names.push_back(name_of_route(route));
  return names;
}

}  // namespace
}  // namespace config

std::vector<ConfigChange> config_changes(const Settings& before, const Settings& after) {
  using namespace config;
  Changes changes;
  each_table([&](std::string_view section, const auto& keys, auto part) {
    compare(changes, section, keys, part(before), part(after));
  });
  const std::string &old_endpoint = before.tracing.endpoint, &new_endpoint = after.tracing.endpoint;
  if (old_endpoint != new_endpoint && masked_url(old_endpoint) == masked_url(new_endpoint))
    changes.push_back({"tracing.endpoint", "(not shown)", "(not shown)", false});
  compare_blocks(changes, "plans", plan_keys(), plans_of(before), plans_of(after),
                 [](const Plan& plan) { return plan.name; });
  compare_networks(changes, before.networks, after.networks);
  compare_prices(changes, before.prices, after.prices);
  compare_blocks(changes, "carrier", carrier_keys(), before.carriers, after.carriers,
                 [](const CarrierSettings& carrier) { return carrier.name; });
  compare_blocks(changes, "route", route_keys(), before.routes, after.routes, name_of_route);
  if (order_of(before.routes) != order_of(after.routes) && before.routes.size() == after.routes.size() &&
      changes.empty()) {
    changes.push_back({"route", fmt::format("{}", fmt::join(order_of(before.routes), ", ")),
                       fmt::format("{}", fmt::join(order_of(after.routes), ", ")), false});
  }
  return changes;
}

std::string changes_json(const std::vector<ConfigChange>& changes) {
  JsonWriter out;
  out.begin_array();
  for (const ConfigChange& change : changes) {
    out.begin_object().field("key", change.key).field("before", change.before).field("after", change.after);
    const std::string_view usual = change.needs_restart ? "next start" : "now";
    out.field("takesEffect", change.takes_effect.empty() ? usual : std::string_view(change.takes_effect)).end_object();
  }
  out.end_array();
  return std::move(out).str();
}

}  // namespace xion
