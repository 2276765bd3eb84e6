// What is freed is overwritten, by whichever library, so that no code outlives its message in a buffer that nobody has
// any more. These take the place of jemalloc's own, which do the same where they are told `junk:free`, but then leave
// their short ways, to allocate as well: that was a fifth of all instructions of a request's life.
// Source: jemalloc(3); glibc's manual, "Replacing malloc".
#include <jemalloc/jemalloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

/// As jemalloc writes it: a pointer of it points nowhere.
constexpr int freed_octet = 0x5A;
/// From here on jemalloc resizes in place.
constexpr std::size_t large_octets = 16 * 1024;

/// The compiler is to know neither which piece it is, so that what it believes of `free` and `realloc` does not reach
/// in here, nor that nobody reads what is written.
void wipe(void* piece, std::size_t octets) noexcept {
  asm volatile("" : "+r"(piece) : : "memory");
  std::memset(piece, freed_octet, octets);
  asm volatile("" : : "r"(piece) : "memory");
}

/// All of a piece that jemalloc gave for so many octets: eight of them, or a multiple of sixteen where it is small, as
/// nearly all are. Those are written without a call.
void wipe_whole(void* piece, std::size_t octets) noexcept {
  constexpr std::size_t small_octets = 128, at_once = 16;
  if (octets > small_octets) return wipe(piece, octets);
  char* at = static_cast<char*>(piece);
  if (octets <= at_once / 2) {
    std::memset(at, freed_octet, at_once / 2);
  } else {
    for (const char* const end = at + octets; at < end; at += at_once) {
      std::memset(at, freed_octet, at_once);
      asm volatile("" : : "r"(at) : "memory");
    }
  }
  asm volatile("" : : "r"(piece) : "memory");
}

void wipe_and_free(void* piece, std::size_t octets) noexcept {
  wipe_whole(piece, octets);
  sdallocx(piece, octets, 0);
}

}  // namespace

extern "C" void free(void* piece) noexcept {
  if (piece != nullptr) wipe_and_free(piece, malloc_usable_size(piece));
}

extern "C" void* realloc(void* piece, std::size_t octets) noexcept {
  if (piece == nullptr) return malloc(octets);
  if (octets == 0) {
    free(piece);
    return nullptr;
  }
  const std::size_t had = malloc_usable_size(piece);
  if (nallocx(octets, 0) == had) return piece;
  if (had >= large_octets && octets >= large_octets) {
    if (octets < had) wipe(static_cast<char*>(piece) + octets, had - octets);
    if (xallocx(piece, octets, 0, 0) >= octets) return piece;
  }
  void* const moved = malloc(octets);
  if (moved == nullptr) return octets < had ? piece : nullptr;
  std::memcpy(moved, piece, std::min(octets, had));
  wipe_and_free(piece, had);
  return moved;
}

void operator delete(void* piece) noexcept { free(piece); }
void operator delete[](void* piece) noexcept { free(piece); }
void operator delete(void* piece, const std::nothrow_t&) noexcept { free(piece); }
void operator delete[](void* piece, const std::nothrow_t&) noexcept { free(piece); }
void operator delete(void* piece, std::align_val_t) noexcept { free(piece); }
void operator delete[](void* piece, std::align_val_t) noexcept { free(piece); }
void operator delete(void* piece, std::size_t, std::align_val_t) noexcept { free(piece); }
void operator delete[](void* piece, std::size_t, std::align_val_t) noexcept { free(piece); }
/// Most of what C++ frees: nobody has to look up how much it is. What was asked for is all that was written.
void operator delete(void* piece, std::size_t octets) noexcept {
  if (piece != nullptr) wipe_and_free(piece, octets);
}
void operator delete[](void* piece, std::size_t octets) noexcept {
  if (piece != nullptr) wipe_and_free(piece, octets);
}
