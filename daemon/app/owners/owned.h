#pragma once
#include <functional>
#include <optional>
#include <string>

#include "app/services.h"

namespace xion {

/// What belongs to an app and is called by an id of its own.
enum class OwnedKind : std::uint8_t { key, webhook, delivery };

/// Whose it is; nothing: there is none of that id. `done` is called once, now or later, on the loop thread.
void find_owner(Services& services, OwnedKind kind, const std::string& id,
                std::function<void(std::optional<AppId>)> done);

}  // namespace xion
