#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/otp/otp.h"
#include "ports/stored.h"
#include "ports/vault.h"
#include "smpp/pdu.h"

namespace xion {

/// How a number that a receipt names goes with a message's phone. Each is a stronger sign than those before it.
enum class PhoneFit : std::uint8_t {
  disagrees,
  none_named,  ///< Neither address holds anything like a phone's number.
  tail,        ///< The last eight digits are the same: a porting or routing prefix, another national form.
  respelt,     ///< One has digits more in the middle: Mexico's old 1, Argentina's 9, Brazil's ninth digit.
  national,    ///< One is the end of the other: without the country code, or with a prefix before it.
  same,
};
/// From here on the number is the phone's, however it is spelt.
constexpr bool agrees(PhoneFit fit) { return fit >= PhoneFit::respelt; }

/// The number that an address is, as E.164 if the carrier writes the country code, with or without "+" or "00". Empty
/// where it is no phone's: some carriers name our sender there.
std::string e164_of(const smpp::Address& address);

/// The digits of the numbers that a receipt's two addresses name, in whatever spelling; at most two.
std::vector<std::string> named_numbers(const smpp::Address& source, const smpp::Address& destination);
/// The best that one of them does with a phone (E.164).
PhoneFit phone_fit(std::span<const std::string> named, std::string_view e164);

/// What is kept of those numbers, and what it does with a phone: less is seen of it, since only hashes are kept.
std::vector<NamedPhone> named_phones(std::span<const std::string> named, Vault& vault);
PhoneFit phone_fit(std::span<const NamedPhone> named, std::string_view e164, Vault& vault);

}  // namespace xion
