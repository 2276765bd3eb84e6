#pragma once
#include <string_view>

namespace xion {

/// Whether a handset would make a link of some of a text: a scheme, `www.`, a name under a top-level domain, or one
/// with a path. Names of people and firms, numbers and dates are none.
bool has_link(std::string_view text);

}  // namespace xion
