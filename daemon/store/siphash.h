#pragma once
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace xion {

/// 128 bits that stand for a longer key in memory.
struct Hash128 {
  std::array<std::uint8_t, 16> octets{};
  auto operator<=>(const Hash128&) const = default;
  /// Two comparisons of words: what the indexes do most.
  bool operator==(const Hash128& other) const {
    using Words = std::array<std::uint64_t, 2>;
    return std::bit_cast<Words>(octets) == std::bit_cast<Words>(other.octets);
  }
};
/// A hash of a hash: its first octets.
struct HashOfHash128 {
  std::size_t operator()(const Hash128& hash) const {
    std::size_t first = 0;
    std::memcpy(&first, hash.octets.data(), sizeof first);
    return first;
  }
};

/// SipHash-2-4 with 128 bits of output under a key that nobody outside the process knows, so that neither a customer's
/// purpose nor a carrier's message id can be made to collide. Source: Aumasson and Bernstein, 2012; reference code's
/// `outlen` 16.
class SipHash {
 public:
  using Key = std::array<std::uint64_t, 2>;
  explicit SipHash(const Key& key) : key_(key) {}
  static Key random_key();
  /// Under a fresh random key.
  SipHash() : key_(random_key()) {}
  Hash128 operator()(std::string_view octets) const;

 private:
  Key key_;
};

}  // namespace xion
