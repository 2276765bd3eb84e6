#include "crypto/backup_mac.h"

#include <array>

#include "crypto/sealer.h"

namespace xion {

Digest backup_mac(const MasterKey& master, std::uint64_t data_octets, const Digest& data) {
  std::array<std::uint8_t, sizeof data_octets> octets{};
  for (std::size_t i = octets.size(); i-- > 0; data_octets >>= 8)
    octets[i] = static_cast<std::uint8_t>(data_octets & 0xFF);
  return KeyedHash(subkey(master, "xionid v1 backup")).of({octets, data});
}

}  // namespace xion
