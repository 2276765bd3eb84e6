#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace xion {

/// The end of a backup: what stands before it is an LMDB data file. LMDB has no checksums, and walking a damaged file
/// can end anywhere; so nothing of a backup is looked at before its seal holds.
struct Seal {
  WallTime made_at{};
  std::uint64_t data_octets = 0;  ///< Before the seal.
  Digest proof{};                 ///< `backup_mac` of the data: that who has the master key made it.
  Digest digest{};                ///< SHA-256 of the data, then of the seal's octets before it: tells damage.
};
inline constexpr std::size_t seal_octets = 88;
/// The part of a seal that the digest covers.
inline constexpr std::size_t sealed_octets = seal_octets - std::tuple_size_v<Digest>;

std::string to_octets(const Seal& seal);
/// Nothing where they are no seal.
std::optional<Seal> seal_from(std::string_view octets);

}  // namespace xion
