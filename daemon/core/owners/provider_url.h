#pragma once
#include <string_view>

namespace xion {

/// Whether what is secret may go to a provider's URL: https with a host, or http on this machine by its text
/// (localhost, 127.0.0.1, [::1]); printable ASCII, no user, no fragment, at most 2,048 octets.
bool is_provider_url(std::string_view url);

}  // namespace xion
