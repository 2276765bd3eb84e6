#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace xion {

/// That an operator keeps messages from a carrier, who it was, why and for how long. It outlives a restart.
struct CarrierHold {
  enum class Kind : std::uint8_t {
    pause,  ///< Its binds stay, so that receipts still come.
    drain,  ///< It unbinds, too.
  };
  std::string carrier;
  Kind kind = Kind::pause;
  WallTime since{};
  std::optional<WallTime> until;  ///< Then it is resumed by itself; nothing: by an operator.
  std::string by;                 ///< "anna (uid 1000)"
  std::string reason;             ///< At most 200 octets; empty: none was given.
  bool operator==(const CarrierHold&) const = default;
};
inline constexpr std::size_t hold_reason_limit_octets = 200;

/// "paused by anna (uid 1000) until 2026-02-12T12:00:00Z: maintenance"
std::string describe(const CarrierHold& hold);

/// The octets that a store keeps beside the carrier's name. A record of a newer format reads as nothing.
std::string to_record(const CarrierHold& hold);
std::optional<CarrierHold> carrier_hold_from_record(std::string_view carrier, std::string_view record);

}  // namespace xion
