#include "base/key.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/key_pages.h"

namespace xion {

Key::Key() : octets_(static_cast<std::uint8_t*>(KeyPages::own().allocate(size))) {
  XION_ASSERT(octets_ != nullptr);
  std::ranges::fill(octets(), std::uint8_t{0});
}

Key::Key(std::string_view octets) : Key() {
  XION_ASSERT(octets.size() == size);
  std::ranges::copy(as_octets(octets), octets_);
}

Key& Key::operator=(const Key& other) {
  if (this != &other) std::ranges::copy(other.octets(), octets_);
  return *this;
}

Key::~Key() { KeyPages::own().release(octets_); }

bool Key::operator==(const Key& other) const { return equal_in_constant_time(octets(), other.octets()); }

}  // namespace xion
