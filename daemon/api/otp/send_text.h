#pragma once
#include <optional>

#include "api/call/problem.h"
#include "app/codes/send_otp.h"
#include "app/services.h"

namespace xion {

/// Finds the text of a send by its template and locale, and fills in `text_pattern` and `text_tlvs`. Refuses with
/// `template_error` where the app has no such template, a variable is missing, or a value has a brace; with
/// `too_many_segments` where the text is longer than the app allows.
std::optional<Problem> choose_text(SendRequest& request, const Caller& caller, const Services& services);

/// The text of a send as it will read, zeros in the place of its code: as long as the real one.
Secret text_with_zeros(const SendRequest& request, const Caller& caller);

}  // namespace xion
