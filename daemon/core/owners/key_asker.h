#pragma once
#include <optional>

#include "core/owners/app.h"

namespace xion {

/// Who asks for a key to be made, replaced or ended: what they may not do, no way round does for them.
struct KeyAsker {
  std::optional<AppId> owner_of;  ///< The app of an owner at the dashboard; nothing: an operator, who may all.

  bool may_touch(AppId app) const { return !owner_of || app == *owner_of; }
  /// Whole phone numbers are the operator's to hand out.
  bool may_give(std::uint8_t scopes) const {
    return !owner_of || (scopes & static_cast<std::uint8_t>(Scope::pii_read)) == 0;
  }
};
inline constexpr KeyAsker the_operator{};

}  // namespace xion
