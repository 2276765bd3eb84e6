#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/otp/otp.h"

namespace xion {

/// What to tell of a request that changed from `before` (null: it is new) to `after`, in the order of happening: types.
std::vector<std::string_view> webhook_events(const Otp* before, const Otp& after);
/// And what is said of it: a JSON object of names and states, without a code. `masked_phone` empty: nothing is said of
/// it.
std::string webhook_data(std::string_view type, const Otp& otp, std::string_view app, std::string_view masked_phone);

}  // namespace xion
