#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "crypto/master_key.h"
#include "ports/key_ring.h"

namespace xion {

/// The keys of a data file whose master key was never changed: all of them come from it. The labels are part of the
/// data format.
KeyRing ring_of(const MasterKey& master);

/// Tells master keys apart without telling what they are.
Digest check_value_of(const MasterKey& master);

/// AES-256-GCM under a key that comes from `master`; the nonce is random and stands in front.
WrappedRing wrap(const KeyRing& ring, const MasterKey& master, Entropy& entropy);
/// Nothing where it was wrapped under another master key, or is damaged.
std::optional<KeyRing> unwrap(std::string_view octets, const MasterKey& master);

}  // namespace xion
