#include "base/key_pages.h"

#include <sys/mman.h>

#include <new>

#include "base/assert.h"

namespace xion {

/// In front of what is handed out.
struct alignas(16) KeyPages::Piece {
  std::size_t steps;
  Piece* next_free;
};

KeyPages& KeyPages::own() {
  static KeyPages& pages = *new KeyPages;
  return pages;
}

KeyPages::KeyPages() {
  void* reserved = ::mmap(nullptr, reserved_octets, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  XION_ASSERT(reserved != MAP_FAILED);
  begin_ = next_ = ready_until_ = reinterpret_cast<std::uintptr_t>(reserved);
  extend();
}

/// Makes the next part usable. False: there is none.
bool KeyPages::extend() {
  if (ready_until_ - begin_ == reserved_octets) return false;
  void* part = reinterpret_cast<void*>(ready_until_);
  if (::mprotect(part, part_octets, PROT_READ | PROT_WRITE) != 0) return false;
  are_locked_ &= ::mlock(part, part_octets) == 0;
  (void)::madvise(part, part_octets, MADV_DONTDUMP);
  ready_until_ += part_octets;
  return true;
}

void* KeyPages::allocate(std::size_t octets) {
  if (octets > piece_limit_octets) return nullptr;
  const std::size_t steps = (octets + sizeof(Piece) + step_octets - 1) / step_octets;
  const std::lock_guard guard(mutex_);
  Piece* piece = free_[steps];
  if (piece != nullptr) {
    free_[steps] = piece->next_free;
  } else {
    const std::size_t wanted = steps * step_octets;
    while (next_ + wanted > ready_until_) {
      if (!extend()) return nullptr;
    }
    piece = new (reinterpret_cast<void*>(next_)) Piece{steps, nullptr};
    next_ += wanted;
  }
  return piece + 1;
}

void KeyPages::release(void* piece) {
  volatile auto* octet = static_cast<std::uint8_t*>(piece);
  for (const auto* end = octet + room_of(piece); octet != end; ++octet) *octet = 0;
  Piece* freed = static_cast<Piece*>(piece) - 1;
  const std::lock_guard guard(mutex_);
  freed->next_free = free_[freed->steps];
  free_[freed->steps] = freed;
}

std::size_t KeyPages::room_of(const void* piece) const {
  return (static_cast<const Piece*>(piece) - 1)->steps * step_octets - sizeof(Piece);
}

bool KeyPages::are_locked() const {
  const std::lock_guard guard(mutex_);
  return are_locked_;
}

}  // namespace xion
