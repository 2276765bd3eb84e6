#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace xion {

/// 32 octets that a keyed operation works under. Wiped where they end.
struct RingKey {
  std::array<std::uint8_t, 32> octets{};
  RingKey() = default;
  RingKey(const RingKey&) = default;
  RingKey& operator=(const RingKey&) = default;
  ~RingKey() {
    for (volatile std::uint8_t& octet : octets) octet = 0;
  }
  bool operator==(const RingKey&) const = default;
};

/// The keys that a rotation replaces.
struct KeyGeneration {
  WallTime from{};  ///< Codes of requests made from here on, until the next generation's, come from these.
  RingKey sealing;  ///< The newest generation's seals; what is sealed is opened by whichever fits.
  RingKey codes;
  RingKey code_hashes;
};

/// Every key of a data file. The first four name things (phones, addresses, API keys, request bodies): names are looked
/// up, so they stay the same over every rotation.
struct KeyRing {
  RingKey phones, addresses, api_keys, bodies;
  std::vector<KeyGeneration> generations;  ///< Oldest first, never empty.
};

/// A ring as it is kept in the data file, and which master key opens it.
struct WrappedRing {
  Digest check_value{};  ///< Of that master key.
  std::string octets;
};

}  // namespace xion
