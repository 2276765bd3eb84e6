#include "backup/seal.h"

#include <algorithm>

#include "store/otp_key.h"

namespace xion {
namespace {

/// The last digit is the format's number. No release has written 1, which had no proof.
constexpr std::string_view magic = "XIONBAK2";

}  // namespace

std::string to_octets(const Seal& seal) {
  std::string octets(magic);
  octets += BigEndian(static_cast<std::uint64_t>(unix_millis(seal.made_at))).view();
  octets += BigEndian(seal.data_octets).view();
  octets += as_text(seal.proof);
  octets += as_text(seal.digest);
  return octets;
}

std::optional<Seal> seal_from(std::string_view octets) {
  if (octets.size() != seal_octets || !octets.starts_with(magic)) return std::nullopt;
  Seal seal;
  seal.made_at = wall_time(static_cast<std::int64_t>(from_big_endian<std::uint64_t>(octets.substr(8, 8))));
  seal.data_octets = from_big_endian<std::uint64_t>(octets.substr(16, 8));
  std::ranges::copy(as_octets(octets.substr(24, seal.proof.size())), seal.proof.begin());
  std::ranges::copy(as_octets(octets.substr(sealed_octets)), seal.digest.begin());
  return seal;
}

}  // namespace xion
