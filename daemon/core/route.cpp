#include "core/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace xion {
namespace {

/// An empty field of a route matches everything.
bool allows(std::string_view wanted, std::string_view actual) { return wanted.empty() || wanted == actual; }

bool matches(const RouteSettings& route, const RouteQuery& query) {
  return query.e164.starts_with(route.prefix) && allows(route.country, query.country) && allows(route.app, query.app) &&
         allows(route.purpose, query.purpose) && allows(query.group, route.name);
}

auto weight_of_match(const RouteSettings& route) {
  return std::tuple(route.prefix.size(), !route.country.empty(), !route.app.empty(), !route.purpose.empty());
}

std::string why_matched(const RouteSettings& route, const RouteQuery& query) {
  std::string why;
  const auto add = [&](std::string_view what, std::string_view value) {
    if (!value.empty()) fmt::format_to(std::back_inserter(why), "{}{} {}", why.empty() ? "" : ", ", what, value);
  };
  add("longest prefix", route.prefix);
  add("country", route.country);
  add("app", route.app);
  add("purpose", route.purpose);
  add("asked for as", query.group);
  return why.empty() ? "matches every number" : why;
}

/// FNV-1a with a finish that spreads its weak high bits.
double evenly_in_0_1(std::string_view a, std::string_view b) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const auto part : {a, std::string_view("\0", 1), b}) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCD;
  hash ^= hash >> 33;
  return (static_cast<double>(hash >> 11) + 0.5) * 0x1p-53;
}

/// Without weights, as listed. With weights each number has an order of its own, so that carriers share the numbers by
/// weight and a carrier's absence moves only its own numbers (weighted rendezvous hashing: the largest -weight ÷ ln(u)
/// comes first). Carriers without a weight then stand behind, as spares.
std::vector<const RouteCarrier*> by_preference(const RouteSettings& route, std::string_view e164) {
  std::vector<std::pair<double, const RouteCarrier*>> scored;
  for (const RouteCarrier& carrier : route.carriers) {
    const double score =
        carrier.weight == 0 ? 0 : -static_cast<double>(carrier.weight) / std::log(evenly_in_0_1(carrier.name, e164));
    scored.emplace_back(score, &carrier);
  }
  std::ranges::stable_sort(scored, std::ranges::greater{}, &std::pair<double, const RouteCarrier*>::first);
  std::vector<const RouteCarrier*> order;
  for (const auto& [score, carrier] : scored) order.push_back(carrier);
  return order;
}

bool can_take(const CarrierHealth& health) { return health.is_bound && !health.is_paused && health.room > 0; }

std::string reason_of(const CarrierHealth& health) {
  if (!health.reason.empty()) return health.reason;
  if (!health.is_bound) return "down";
  if (health.is_paused) return "paused";
  if (health.room == 0) return "bound, but its window is full";
  return fmt::format("bound, room for {}", health.room);
}

}  // namespace

const RouteSettings* match_route(std::span<const RouteSettings> routes, const RouteQuery& query, std::string* why) {
  const RouteSettings* best = nullptr;
  for (const RouteSettings& route : routes) {
    if (!matches(route, query)) continue;
    if (best == nullptr || weight_of_match(route) > weight_of_match(*best)) best = &route;
  }
  if (best != nullptr && why != nullptr) *why = why_matched(*best, query);
  return best;
}

RouteDecision decide_route(std::span<const RouteSettings> routes, const RouteQuery& query, const HealthOf& health_of) {
  RouteDecision decision;
  decision.route = match_route(routes, query, &decision.why_route);
  if (decision.route == nullptr) {
    decision.why_route = "no route matches";
    return decision;
  }
  decision.is_exhausted = true;
  for (const RouteCarrier* carrier : by_preference(*decision.route, query.e164)) {
    RouteOption& option = decision.options.emplace_back();
    option.carrier = carrier->name;
    if (std::ranges::find(query.tried, std::string_view(carrier->name)) != query.tried.end()) {
      option.reason = "tried already";
      continue;
    }
    decision.is_exhausted = false;
    const CarrierHealth health = health_of(carrier->name);
    option.reason = reason_of(health);
    if (decision.carrier || !can_take(health)) continue;
    option.is_chosen = true;
    decision.carrier = carrier->name;
  }
  return decision;
}

}  // namespace xion
