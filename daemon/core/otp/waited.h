#pragma once
#include <string_view>

namespace xion {

/// How the note of a message that no carrier took before its code was over begins; behind it stands what each carrier
/// of its route said then. It is kept as a PolicyEvent that refuses nothing.
inline constexpr std::string_view waited_reason = "waited: ";

}  // namespace xion
