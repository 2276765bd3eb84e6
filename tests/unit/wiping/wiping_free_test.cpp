// What is freed is looked at here, which only a test may do: through addresses that the compiler knows nothing of.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::uintptr_t hidden(const void* piece) {
  volatile std::uintptr_t address = reinterpret_cast<std::uintptr_t>(piece);
  return address;
}

/// Takes no memory, which might be what was freed.
bool has_some_left(std::uintptr_t address, std::size_t octets) {
  const volatile char* const piece = reinterpret_cast<const volatile char*>(address);
  bool has = false;
  for (std::size_t i = 0; i < octets; ++i) has = has || piece[i] == 'k';
  return has;
}

constexpr std::size_t sizes[] = {1, 7, 16, 100, 1'000, 4'096, 10'000};

}  // namespace

TEST_CASE("what C frees is overwritten") {
  for (const std::size_t size : sizes) {
    auto* const piece = static_cast<char*>(std::malloc(size));
    std::memset(piece, 'k', size);
    const auto address = hidden(piece);
    std::free(piece);
    const bool has_left = has_some_left(address, size);
    CHECK_FALSE(has_left);
  }
  std::free(nullptr);
}

TEST_CASE("what C++ deletes is overwritten, with its size and without") {
  for (const std::size_t size : sizes) {
    void* const plain = ::operator new(size);
    std::memset(plain, 'k', size);
    const auto address = hidden(plain);
    ::operator delete(plain);
    const bool has_left = has_some_left(address, size);
    CHECK_FALSE(has_left);

    void* const sized = ::operator new(size);
    std::memset(sized, 'k', size);
    const auto second = hidden(sized);
    ::operator delete(sized, size);
    const bool has_also_left = has_some_left(second, size);
    CHECK_FALSE(has_also_left);

    constexpr std::align_val_t alignment{64};
    void* const aligned = ::operator new(size, alignment);
    std::memset(aligned, 'k', size);
    const auto third = hidden(aligned);
    ::operator delete(aligned, size, alignment);
    const bool has_of_aligned = has_some_left(third, size);
    CHECK_FALSE(has_of_aligned);
  }
}

TEST_CASE("what is resized keeps what it holds and leaves nothing behind") {
  for (const std::size_t before : sizes) {
    for (const std::size_t after : sizes) {
      auto* const piece = static_cast<char*>(std::malloc(before));
      std::memset(piece, 'k', before);
      const auto address = hidden(piece);
      auto* const resized = static_cast<char*>(std::realloc(piece, after));
      REQUIRE(resized != nullptr);
      const std::size_t kept = std::min(before, after);
      CHECK(std::count(resized, resized + kept, 'k') == static_cast<std::ptrdiff_t>(kept));
      if (hidden(resized) != address) {
        const bool has_left = has_some_left(address, before);
        CHECK_FALSE(has_left);
      }
      std::free(resized);
    }
  }
  auto* const large = static_cast<char*>(std::realloc(nullptr, 1 << 20));
  std::memset(large, 'k', 1 << 20);
  auto* const larger = static_cast<char*>(std::realloc(large, 3 << 20));
  CHECK(std::count(larger, larger + (1 << 20), 'k') == 1 << 20);
  auto* const smaller = static_cast<char*>(std::realloc(larger, 100'000));
  CHECK(std::count(smaller, smaller + 100'000, 'k') == 100'000);
  CHECK(std::realloc(smaller, 0) == nullptr);
}
