#include "base/secret_key.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/key_pages.h"

namespace xion {

SecretKey::SecretKey() : octets_(static_cast<std::uint8_t*>(KeyPages::own().allocate(size))) {
  XION_ASSERT(octets_ != nullptr);
  std::ranges::fill(octets(), std::uint8_t{0});
}

SecretKey::SecretKey(std::string_view octets) : SecretKey() {
  XION_ASSERT(octets.size() == size);
  std::ranges::copy(as_octets(octets), octets_);
}

SecretKey& SecretKey::operator=(const SecretKey& other) {
  if (this != &other) std::ranges::copy(other.octets(), octets_);
  return *this;
}

SecretKey::~SecretKey() { KeyPages::own().release(octets_); }

bool SecretKey::operator==(const SecretKey& other) const { return equal_in_constant_time(octets(), other.octets()); }

}  // namespace xion
