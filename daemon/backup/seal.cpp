#include "backup/seal.h"

#include <algorithm>

#include "store/row_id.h"

namespace xion {
namespace {

/// The last digit is the format's number.
constexpr std::string_view magic = "XIONBAK1";

}  // namespace

std::string to_octets(const Seal& seal) {
  std::string octets(magic);
  octets += BigEndian(static_cast<std::uint64_t>(unix_millis(seal.made_at))).view();
  octets += BigEndian(seal.data_octets).view();
  octets += as_text(seal.digest);
  return octets;
}

std::optional<Seal> seal_from(std::string_view octets) {
  if (octets.size() != seal_octets || !octets.starts_with(magic)) return std::nullopt;
  Seal seal;
  seal.made_at = wall_time(static_cast<std::int64_t>(from_big_endian<std::uint64_t>(octets.substr(8, 8))));
  seal.data_octets = from_big_endian<std::uint64_t>(octets.substr(16, 8));
  std::ranges::copy(as_octets(octets.substr(sealed_octets)), seal.digest.begin());
  return seal;
}

}  // namespace xion
