#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "crypto/master_key.h"

namespace xion {

/// Who has the master key made a copy of the store that has so many octets and this SHA-256: HMAC-SHA256 under a key of
/// its own. Only the daemon that copies makes it, of what it copied: it signs nothing that somebody hands to it.
Digest backup_mac(const MasterKey& master, std::uint64_t data_octets, const Digest& data);

}  // namespace xion
