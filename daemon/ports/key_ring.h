#pragma once
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/secret_key.h"
#include "base/time.h"

namespace xion {

/// The keys that a rotation replaces.
struct KeyGeneration {
  WallTime from{};    ///< Codes of requests made from here on, until the next generation's, come from these.
  SecretKey sealing;  ///< The newest generation's seals; what is sealed is opened by whichever fits.
  SecretKey codes;
  SecretKey code_hashes;
};

/// Every key of a data file. The first four name things (phones, addresses, API keys, request bodies): names are looked
/// up, so they stay the same over every rotation.
struct KeyRing {
  SecretKey phones, addresses, api_keys, bodies;
  std::vector<KeyGeneration> generations;  ///< Oldest first, never empty.
};

/// A ring as it is kept in the data file, and which master key opens it.
struct WrappedRing {
  Digest check_value{};  ///< Of that master key.
  std::string octets;
};

}  // namespace xion
