#include "core/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace xion {
namespace {

/// An empty field of a route matches everything.
bool allows(std::string_view wanted, std::string_view actual) { return wanted.empty() || wanted == actual; }

bool is_of_network(const RouteSettings& route, std::string_view e164) {
  return route.network.empty() || std::ranges::any_of(route.network_prefixes, [&](const std::string& prefix) {
           return e164.starts_with(prefix);
         });
}

bool matches(const RouteSettings& route, const RouteQuery& query) {
  return query.e164.starts_with(route.prefix) && allows(route.country, query.country) && allows(route.app, query.app) &&
         allows(route.purpose, query.purpose) && allows(query.group, route.name) && is_of_network(route, query.e164);
}

auto weight_of_match(const RouteSettings& route) {
  return std::tuple(route.prefix.size(), !route.country.empty(), !route.network.empty(), !route.app.empty(),
                    !route.purpose.empty());
}

std::string why_matched(const RouteSettings& route, const RouteQuery& query) {
  std::string why;
  const auto add = [&](std::string_view what, std::string_view value) {
    if (!value.empty()) fmt::format_to(std::back_inserter(why), "{}{} {}", why.empty() ? "" : ", ", what, value);
  };
  add("longest prefix", route.prefix);
  add("country", route.country);
  add("network", route.network);
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

/// What keeps a message from a carrier now.
enum class Obstacle : std::uint8_t { none, tried, outside_hours, elsewhere, down, paused, full };

struct Candidate {
  double share = 0;  ///< Of weighted carriers; the largest comes first.
  const RouteCarrier* carrier = nullptr;
  CarrierHealth health{};
  Obstacle obstacle = Obstacle::none;
  bool converts_badly = false;

  bool can_take() const { return obstacle == Obstacle::none; }
  /// Whether it will take the message, if not at once.
  bool is_in_service() const { return obstacle == Obstacle::none || obstacle == Obstacle::full; }
  bool is_broken() const { return health.breaker == BreakerState::open; }
};

/// The carriers of a route in the order in which they are asked. No memory is taken: this runs for each message.
class Candidates {
 public:
  Candidates(const RouteSettings& route, const RouteQuery& query, const HealthOf& health_of) {
    for (const RouteCarrier& carrier : route.carriers) {
      if (size_ == all_.size()) break;
      all_[size_++] = {.share = share(carrier, query.e164), .carrier = &carrier};
    }
    by_preference();
    for (Candidate& each : *this) judge(each, query, health_of);
    bad_conversion_last();
  }

  Candidate* begin() { return all_.data(); }
  Candidate* end() { return all_.data() + size_; }

  const Candidate* choose(bool stays_here) {
    bool is_other_in_service = false;
    const Candidate* elsewhere = nullptr;
    for (const Candidate& each : *this) {
      if (each.is_broken()) continue;
      if (each.can_take()) return &each;
      is_other_in_service |= each.is_in_service();
      if (each.obstacle != Obstacle::elsewhere || elsewhere != nullptr) continue;
      elsewhere = &each;
      if (!stays_here) return elsewhere;
    }
    if (is_other_in_service) return nullptr;
    if (elsewhere != nullptr) return elsewhere;
    const auto* last_resort = std::find_if(begin(), end(), [](const Candidate& each) { return each.can_take(); });
    return last_resort == end() ? nullptr : last_resort;
  }
  bool is_exhausted() {
    return std::all_of(begin(), end(), [](const Candidate& each) { return each.obstacle == Obstacle::tried; });
  }

 private:
  static double share(const RouteCarrier& carrier, std::string_view e164) {
    if (carrier.weight == 0) return 0;
    return -static_cast<double>(carrier.weight) / std::log(evenly_in_0_1(carrier.name, e164));
  }

  /// Without weights, the cheaper first and as listed. With weights each number has an order of its own, so that
  /// carriers share the numbers by weight and a carrier's absence moves only its own numbers (weighted rendezvous
  /// hashing: the largest -weight ÷ ln(u) comes first). Carriers without a weight then stand behind, as spares. By
  /// insertion: there are few, and std::stable_sort takes memory.
  void by_preference() {
    const auto comes_before = [](const Candidate& a, const Candidate& b) {
      if (a.share != b.share) return a.share > b.share;
      return a.share == 0 && a.carrier->cost < b.carrier->cost;
    };
    for (std::size_t i = 1; i < size_; ++i) {
      for (std::size_t j = i; j > 0 && comes_before(all_[j], all_[j - 1]); --j) std::swap(all_[j], all_[j - 1]);
    }
  }

  static void judge(Candidate& each, const RouteQuery& query, const HealthOf& health_of) {
    if (std::ranges::find(query.tried, std::string_view(each.carrier->name)) != query.tried.end()) {
      each.obstacle = Obstacle::tried;
      return;
    }
    each.health = health_of(each.carrier->name, query);
    if (each.carrier->hours && !each.carrier->hours->contain(query.now)) {
      each.obstacle = Obstacle::outside_hours;
    } else if (each.health.is_paused) {
      each.obstacle = Obstacle::paused;
    } else if (!each.health.is_bound && each.health.is_bound_elsewhere) {
      each.obstacle = Obstacle::elsewhere;
      each.health.breaker = BreakerState::closed;  // What was seen here is over; whoever has it now knows.
    } else if (!each.health.is_bound) {
      each.obstacle = Obstacle::down;
    } else if (each.health.room == 0) {
      each.obstacle = Obstacle::full;
    }
  }

  void bad_conversion_last() {
    double best = 0;
    for (const Candidate& each : *this) {
      if (each.is_in_service()) best = std::max(best, each.health.conversion.value_or(0));
    }
    for (Candidate& each : *this) {
      each.converts_badly = each.health.conversion && *each.health.conversion < best * conversion_tolerated;
    }
    for (std::size_t i = 1; i < size_; ++i) {
      for (std::size_t j = i; j > 0 && all_[j - 1].converts_badly && !all_[j].converts_badly; --j) {
        std::swap(all_[j], all_[j - 1]);
      }
    }
  }

  std::array<Candidate, route_carriers_limit> all_{};
  std::size_t size_ = 0;
};

std::string reason_of(const Candidate& each, const TroubleOf& trouble_of) {
  std::string reason;
  switch (each.obstacle) {
    case Obstacle::tried: return "tried already";
    case Obstacle::outside_hours: return fmt::format("only at {}", to_string(*each.carrier->hours));
    case Obstacle::elsewhere:
      reason = trouble_of ? trouble_of(each.carrier->name) : std::string();
      return fmt::format("bound at another node, which is handed its messages{}{}",
                         reason.empty() ? "" : "; here: ", reason);
    case Obstacle::down:
    case Obstacle::paused:
      reason = trouble_of ? trouble_of(each.carrier->name) : std::string();
      if (reason.empty()) reason = each.obstacle == Obstacle::down ? "down" : "paused";
      return reason;
    case Obstacle::full: reason = "bound, but its window or rate is used up"; break;
    case Obstacle::none: reason = fmt::format("bound, room for {}", each.health.room); break;
  }
  if (each.health.breaker == BreakerState::open) reason += ", fails too often";
  if (each.health.breaker == BreakerState::half_open) reason += ", one message tries whether it works again";
  if (each.converts_badly)
    fmt::format_to(std::back_inserter(reason), ", converts {:.0f} %", *each.health.conversion * 100);
  return reason;
}

}  // namespace

const RouteSettings* match_route(std::span<const RouteSettings> routes, const RouteQuery& query) {
  const RouteSettings* best = nullptr;
  for (const RouteSettings& route : routes) {
    if (!matches(route, query)) continue;
    if (best == nullptr || weight_of_match(route) > weight_of_match(*best)) best = &route;
  }
  return best;
}

RouteDecision decide_route(std::span<const RouteSettings> routes, const RouteQuery& query, const HealthOf& health) {
  RouteDecision decision{.route = match_route(routes, query)};
  if (decision.route == nullptr) return decision;
  Candidates candidates(*decision.route, query, health);
  if (const Candidate* chosen = candidates.choose(query.stays_here))
    (chosen->can_take() ? decision.carrier : decision.elsewhere) = chosen->carrier;
  decision.is_exhausted = candidates.is_exhausted();
  return decision;
}

RouteExplanation explain_route(std::span<const RouteSettings> routes, const RouteQuery& query, const HealthOf& health,
                               const TroubleOf& trouble) {
  RouteExplanation explanation{.route = match_route(routes, query)};
  if (explanation.route == nullptr) {
    explanation.why_route = "no route matches";
    return explanation;
  }
  explanation.why_route = why_matched(*explanation.route, query);
  Candidates candidates(*explanation.route, query, health);
  const Candidate* chosen = candidates.choose(query.stays_here);
  for (const Candidate& each : candidates) {
    explanation.options.push_back({.carrier = each.carrier->name,
                                   .is_chosen = &each == chosen,
                                   .reason = reason_of(each, trouble),
                                   .health = each.health,
                                   .weight = each.carrier->weight,
                                   .cost = each.carrier->cost});
  }
  if (chosen != nullptr) explanation.carrier = chosen->carrier->name;
  explanation.is_exhausted = candidates.is_exhausted();
  return explanation;
}

}  // namespace xion
