#pragma once
#include <optional>

#include "app/codes/send_otp.h"

namespace xion {

/// Shortest life of a code that may be asked for. Seconds. Source: our own: many an SMS takes longer.
inline constexpr Seconds ttl_min{30};

/// What an app may send, whoever asks for it: the API, CAMARA, `xionctl send`, a dry run. Fills in what the request
/// leaves open (the app's own sender and route, the text of the template in the person's language) and looks at what it
/// names: the code's life, the sender and the route, which must be the app's to use, the variables, the length of the
/// text. Refuses with `invalid_ttl`, `invalid_field`, `template_error` or `too_many_segments`.
std::optional<SendOutcome> admit_send(SendRequest& request, const Caller& caller, const Settings& settings,
                                      const Templates& templates);

/// The text of an admitted send as it will read, zeros in the place of its code: as long as the real one.
Secret text_with_zeros(const SendRequest& request, const AppEntry& app);

}  // namespace xion
