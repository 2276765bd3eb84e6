#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace xion {

using AppId = std::uint32_t;

/// Names one OTP request: 41 bits of milliseconds since 2020, 10 bits of the phone's slot, 29 random bits. Sorts by
/// time of making.
struct OtpId {
  static constexpr std::size_t size = 10;
  std::array<std::uint8_t, size> octets{};
  auto operator<=>(const OtpId&) const = default;
};

/// Phones are spread over so many slots by their keyed hash, and a request's id tells the slot of its phone: a store
/// that is spread over machines finds a request by its id alone.
inline constexpr unsigned slot_bits = 10;
using Slot = std::uint16_t;
Slot slot_of(const Fingerprint& phone);
/// Of a request that was made before ids told it, any.
Slot slot_of(const OtpId& id);
/// The same id but for its slot.
OtpId in_slot(OtpId id, Slot slot);

/// `random` supplies at least 5 octets of entropy. The slot is a random one.
OtpId make_otp_id(WallTime now, std::span<const std::uint8_t, 5> random);
/// The smallest id made at `at` or later: where a scan of the log by time begins.
OtpId first_otp_id_at(WallTime at);
WallTime made_at(const OtpId& id);

/// `OTP-` and 16 Crockford base32 characters.
std::string to_string(const OtpId& id);
/// Reads what `to_string` wrote, in any case. Nothing where it is not such an id.
std::optional<OtpId> parse_otp_id(std::string_view text);

}  // namespace xion
