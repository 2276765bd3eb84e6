#include "core/otp/why_unmatched.h"

#include <array>

namespace xion {
namespace {

struct WhyRow {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array<WhyRow, why_unmatched_count> why_rows{{
    {"id_unknown", "no message of this carrier has this id, or not yet"},
    {"id_missing", "it names no message"},
    {"id_too_long", "its id is longer than 65 octets"},
    {"phone_disagrees", "a message has this id, and another phone"},
    {"state_unknown", "its state is in no list; receipt_states of the carrier may say what it means"},
}};

}  // namespace

std::string_view to_string(WhyUnmatched why) { return why_rows[static_cast<std::size_t>(why)].name; }
std::string_view meaning_of(WhyUnmatched why) { return why_rows[static_cast<std::size_t>(why)].meaning; }

}  // namespace xion
