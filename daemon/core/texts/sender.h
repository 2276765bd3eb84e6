#pragma once
#include <cstdint>
#include <string_view>

#include "core/settings.h"
#include "smpp/pdu.h"

namespace xion {

/// Type of number and numbering plan of an address. SMPP 3.4 §5.2.5, §5.2.6.
struct Numbering {
  std::uint8_t ton = 0;
  std::uint8_t npi = 0;
};
/// What fits a sender: letters 5 and 0, a number 1 and 1, a short code 3 and 0, none (the carrier's own) 0 and 0.
Numbering numbering_of(std::string_view sender);

/// The rule that a message to `e164` in `country` takes its sender's TLVs from: of those for that part of the world
/// that name its sender, the one with the longest prefix. Null: none names it.
const SenderRule* rule_of_sender(const CarrierSettings& carrier, std::string_view asked, std::string_view e164,
                                 std::string_view country);

/// The source address of a message to `e164` in `country`: the rule for that part of the world, else the carrier's
/// sender; `asked` is what the request or its app names, and wins unless the rule allows no other.
smpp::Address source_address(const CarrierSettings& carrier, std::string_view asked, std::string_view e164,
                             std::string_view country);

}  // namespace xion
