#pragma once
#include <functional>
#include <optional>
#include <string_view>

#include "app/services.h"
#include "core/owners/send_rights.h"
#include "core/phone.h"

namespace xion {

/// What a send of an app to a number would meet before all limits.
struct Lookup {
  RightsVerdict rights = RightsVerdict::allowed;
  bool is_on_block_list = false;
  RouteExplanation decision;  ///< At this moment, for no purpose of its own.
  /// A code of the error catalogue; empty: nothing is in the way.
  std::string_view refusal() const;
};

/// `done` is called once, on the loop thread; nothing: the store can't be read.
void look_up(Services& services, const Caller& caller, const Phone& phone,
             std::move_only_function<void(std::optional<Lookup>)> done);

}  // namespace xion
