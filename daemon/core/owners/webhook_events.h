#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/otp/otp.h"

namespace xion {

/// What to tell of a request that changed from `before` (null: it is new) to `after`, in the order of happening.
struct WebhookEvent {
  std::string_view type;
  std::string data;  ///< A JSON object: names and states, no phone, no code.
};
std::vector<WebhookEvent> webhook_events(const Otp* before, const Otp& after);

}  // namespace xion
