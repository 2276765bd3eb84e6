#pragma once
#include <algorithm>
#include <optional>

#include "core/owners/app.h"

namespace xion {

/// Who asks for a key to be made, replaced or ended: what they may not do, no way round does for them.
struct KeyAsker {
  std::optional<AppId>
      owner_of;               ///< The app of an owner at the dashboard, or of a key; nothing: an operator, who may all.
  std::optional<ApiKey> key;  ///< The key that asks, where one does.

  bool may_touch(AppId app) const { return !owner_of || app == *owner_of; }
  /// Whole phone numbers are the operator's to hand out, and so is managing by HTTP; a key that manages hands on what
  /// it has itself.
  bool may_give(Scopes scopes) const {
    if (!owner_of) return true;
    const Scopes of_operator = static_cast<Scopes>(static_cast<Scopes>(Scope::pii_read) | admin_scopes);
    const Scopes own = key ? static_cast<Scopes>(key->scopes & ~static_cast<Scopes>(Scope::pii_read))
                           : static_cast<Scopes>(~of_operator);
    return (scopes & ~own) == 0;
  }
  /// A key lives no longer than the one that makes it.
  bool may_let_live(const std::optional<WallTime>& until) const {
    return !key || !key->expires_at || (until && *until <= *key->expires_at);
  }
};
inline const KeyAsker the_operator{};

}  // namespace xion
