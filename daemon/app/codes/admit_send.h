#pragma once
#include <optional>

#include "app/codes/send_otp.h"

namespace xion {

/// Shortest life of a code that may be asked for. Seconds. Source: our own: many an SMS takes longer.
inline constexpr Seconds ttl_min{30};

/// What an app may send, whoever asks for it: the API, CAMARA, `xionctl send`, a dry run. Fills in what the request
/// leaves open (the app's own sender and route, the text of the template in the person's language) and looks at what it
/// names: the code's life, the sender and the route, which must be the app's to use, the template. Refuses with
/// `invalid_ttl`, `invalid_field` or `template_error`.
std::optional<SendOutcome> admit_send(SendRequest& request, const Caller& caller, const Settings& settings,
                                      const Templates& templates);

/// Whether a text can be sent with its values: each has its place, and it is not too long. Of a resend that is known
/// only with its live request, from which it has what it doesn't name. Refuses with `template_error` or
/// `too_many_segments`.
std::optional<SendOutcome> admit_text(const SendRequest& request, const AppPolicy& policy, const std::string& app_name);

/// The text of an admitted send as it will read, zeros in the place of its code: as long as the real one.
Secret text_with_zeros(const SendRequest& request, const AppPolicy& policy, const std::string& app_name);

}  // namespace xion
