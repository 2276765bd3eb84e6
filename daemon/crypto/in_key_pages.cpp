#include "crypto/in_key_pages.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/key_pages.h"

namespace xion {
namespace {

thread_local int in_key_pages = 0;

/// What no key is, and what the pages have no room for, is of the heap.
void* allocate(std::size_t octets, const char*, int) noexcept {
  void* piece = in_key_pages > 0 ? KeyPages::own().allocate(octets) : nullptr;
  return piece != nullptr ? piece : std::malloc(octets);
}

void release(void* piece, const char*, int) noexcept {
  if (KeyPages::own().has(piece))
    KeyPages::own().release(piece);
  else
    std::free(piece);
}

void* reallocate(void* piece, std::size_t octets, const char* file, int line) noexcept {
  if (piece == nullptr) return allocate(octets, file, line);
  if (!KeyPages::own().has(piece)) return std::realloc(piece, octets);
  if (octets <= KeyPages::own().room_of(piece)) return piece;
  void* larger = KeyPages::own().allocate(octets);
  if (larger == nullptr && (larger = std::malloc(octets)) == nullptr) return nullptr;
  std::memcpy(larger, piece, std::min(octets, KeyPages::own().room_of(piece)));
  release(piece, file, line);
  return larger;
}

}  // namespace

bool keep_openssl_keys_in_key_pages() { return CRYPTO_set_mem_functions(&allocate, &reallocate, &release) == 1; }

InKeyPages::InKeyPages() { ++in_key_pages; }
InKeyPages::~InKeyPages() { --in_key_pages; }

}  // namespace xion
