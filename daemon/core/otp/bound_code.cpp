#include "core/otp/bound_code.h"

#include <algorithm>

namespace xion {

Bind sorted(Bind bind) {
  std::ranges::sort(bind);
  return bind;
}

Secret bound_code(const Secret& code, const Bind& bind) {
  std::string whole = code.reveal();
  // A NUL is in no name and no value, so no two binds read alike.
  for (const auto& [name, value] : bind) whole.append(1, '\0').append(name).append(1, '\0').append(value);
  return Secret(std::move(whole));
}

}  // namespace xion
