#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits/breaker.h"
#include "core/settings.h"

namespace xion {

/// So many carriers may stand in one route.
inline constexpr std::size_t route_carriers_limit = 16;

struct RouteQuery {
  std::string_view e164;
  std::string_view country;
  std::string_view app;
  std::string_view purpose;
  std::string_view group;                   ///< `route` of the request; empty: any.
  std::span<const std::string_view> tried;  ///< Carriers that this message has been to.
  WallTime now{};
  /// Another node handed the message over: it goes on only where no carrier here is in service.
  bool stays_here = false;
};

/// What is known of a carrier at the moment of the decision.
struct CarrierHealth {
  bool is_bound = false;
  bool is_bound_elsewhere = false;  ///< Not here, and at another node that shares the store.
  bool is_paused = false;           ///< By the operator, or draining.
  std::size_t room = 0;             ///< Submits that it would take now: window, rate and look-ahead.
  BreakerState breaker = BreakerState::closed;
  /// How well messages to numbers like this one fare with it, 0–1; nothing: too few to say.
  std::optional<double> conversion{};
};
using HealthOf = std::function<CarrierHealth(std::string_view carrier, const RouteQuery& query)>;

/// A carrier whose conversion is below this part of the best one's goes behind the others.
inline constexpr double conversion_tolerated = 0.7;

struct RouteDecision {
  const RouteSettings* route = nullptr;   ///< Null: no route matches.
  const RouteCarrier* carrier = nullptr;  ///< Null: wait (some carrier may come back) or none is left.
  /// Instead: its turn it is, and another node has its binds.
  const RouteCarrier* elsewhere = nullptr;
  bool is_exhausted = false;  ///< Every carrier of the route was tried and refused.
};

/// The most specific route for a query: longest prefix, then country, network, app, purpose; the earlier on a tie.
const RouteSettings* match_route(std::span<const RouteSettings> routes, const RouteQuery& query);

/// Matches, then takes the first carrier in order of preference that is bound, here or at another node, not paused, has
/// room, is in its hours and was not tried. Carriers that convert badly go last; one whose breaker is open is used
/// where the route has no other.
RouteDecision decide_route(std::span<const RouteSettings> routes, const RouteQuery& query, const HealthOf& health);

/// One carrier's part in the decision, with its reason: what `xionctl route explain` prints.
struct RouteOption {
  std::string carrier;
  bool is_chosen = false;
  std::string reason;  ///< "bound, room for 10", "down: connection refused", "tried already"
  CarrierHealth health{};
  std::uint32_t weight = 0;
  double cost = 0;
};
struct RouteExplanation {
  const RouteSettings* route = nullptr;
  std::string why_route{};             ///< "longest prefix +374"
  std::vector<RouteOption> options{};  ///< In the order in which they are asked.
  std::optional<std::string> carrier{};
  bool is_exhausted = false;
};

/// Why a carrier is down or paused, in words; empty: nothing is known.
using TroubleOf = std::function<std::string(std::string_view carrier)>;

/// The same decision, by the same code, put into words.
RouteExplanation explain_route(std::span<const RouteSettings> routes, const RouteQuery& query, const HealthOf& health,
                               const TroubleOf& trouble);

}  // namespace xion
