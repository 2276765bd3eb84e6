#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/services.h"

namespace xion {

/// Among which requests a person is looked for: everywhere where nothing is given.
struct Erasure {
  std::optional<AppId> app;
  std::optional<bool> of_test_keys;  ///< One of the app's worlds alone.
};

/// Takes a person out of an app's log (all apps: nothing given): number, keyed hash, reference, userId, metadata and
/// what stood in texts. What is counted stays counted: time, country, carrier, state. A code that lives is canceled.
/// `done` gets how many requests there were, on the loop thread; nothing: the store failed, and what was done until
/// then stays done. Source: GDPR article 17.
void erase_phone(Services& services, const Erasure& where, const std::string& e164,
                 std::move_only_function<void(std::optional<std::uint64_t>)> done);

}  // namespace xion
