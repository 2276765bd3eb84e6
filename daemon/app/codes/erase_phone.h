#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/services.h"

namespace xion {

/// Takes a person out of an app's log (all apps: nothing given): number, keyed hash, reference, userId, metadata and
/// what stood in texts. What is counted stays counted: time, country, carrier, state. A code that lives is canceled.
/// `done` gets how many requests there were, on the loop thread; nothing: the store failed, and what was done until
/// then stays done. Source: GDPR article 17.
void erase_phone(Services& services, std::optional<AppId> app, const std::string& e164,
                 std::move_only_function<void(std::optional<std::uint64_t>)> done);

}  // namespace xion
