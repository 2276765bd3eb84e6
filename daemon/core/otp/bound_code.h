#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace xion {

/// What a code stands for, as names and values.
using Bind = std::vector<std::pair<std::string, std::string>>;

/// In the one order that it is compared in.
Bind sorted(Bind bind);

/// A code with what it is bound to, as it is hashed: without that the code alone. Another value is another code. `bind`
/// is sorted.
Secret bound_code(const Secret& code, const Bind& bind);

}  // namespace xion
