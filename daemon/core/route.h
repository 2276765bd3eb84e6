#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"

namespace xion {

/// What is known of a carrier at the moment of the decision.
struct CarrierHealth {
  bool is_bound = false;
  bool is_paused = false;        ///< By the operator, draining, or a breaker.
  std::size_t room = 0;          ///< Submits that it would take now: window, rate and look-ahead.
  std::string reason;            ///< In words, where it can't take any.
};
using HealthOf = std::function<CarrierHealth(std::string_view carrier)>;

struct RouteQuery {
  std::string_view e164;
  std::string_view country;
  std::string_view app;
  std::string_view purpose;
  std::string_view group;                      ///< `route` of the request; empty: any.
  std::span<const std::string_view> tried;     ///< Carriers that this message has been to.
};

/// One carrier's part in the decision, with its reason: what `xionctl route explain` prints.
struct RouteOption {
  std::string carrier;
  bool is_chosen = false;
  std::string reason;            ///< "bound, 10 of 10 free", "down: connection refused", "tried already"
};
struct RouteDecision {
  const RouteSettings* route = nullptr;        ///< Null: no route matches.
  std::string why_route;                       ///< "longest prefix +374"
  std::vector<RouteOption> options;
  std::optional<std::string> carrier;          ///< Nothing: wait (some carrier may come back) or none is left.
  bool is_exhausted = false;                   ///< Every carrier of the route was tried and refused.
};

/// The most specific route for a query: longest prefix, then country, app, purpose; the earlier on a tie.
const RouteSettings* match_route(std::span<const RouteSettings> routes, const RouteQuery& query, std::string* why = nullptr);
/// Matches, then takes the first carrier in order of preference that is bound, not paused, has room and was not tried.
RouteDecision decide_route(std::span<const RouteSettings> routes, const RouteQuery& query, const HealthOf& health);

}  // namespace xion
