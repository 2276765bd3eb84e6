#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xion {

/// Why a receipt belongs to no message. The order is the order on disk: append only.
enum class WhyUnmatched : std::uint8_t {
  id_unknown,       ///< No message of the account has this id, or not yet.
  id_missing,       ///< It names none.
  id_too_long,      ///< Above `smpp::message_id_limit`; what is kept of it is its beginning.
  phone_disagrees,  ///< A message has this id, and another phone.
  state_unknown,    ///< Its word or number is in no list of states.
};
inline constexpr std::size_t why_unmatched_count = 5;
/// `phone_disagrees`
std::string_view to_string(WhyUnmatched why);
/// The same as a sentence's end: "a message has this id, and another phone".
std::string_view meaning_of(WhyUnmatched why);

}  // namespace xion
