#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/services.h"

namespace xion {

/// What belongs to an app and is called by an id of its own. `pass`: a link or a session of the dashboard.
enum class OwnedKind : std::uint8_t { key, webhook, delivery, request, pass };

/// Whose it is; nothing: there is none of that id. `done` is called once, now or later, on the loop thread.
void find_owner(Services& services, OwnedKind kind, const std::string& id,
                std::function<void(std::optional<AppId>)> done);
/// Which kind of thing an id is of, by how it begins.
std::optional<OwnedKind> kind_of_id(std::string_view id);

}  // namespace xion
