#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace xion {

/// 32 octets that a keyed operation works under. They live in `KeyPages` and nowhere else, and are wiped with it. No
/// formatter prints one.
class SecretKey {
 public:
  static constexpr std::size_t size = 32;
  /// Of noughts, to be filled in.
  SecretKey();
  /// Of exactly 32 octets.
  explicit SecretKey(std::string_view octets);
  SecretKey(const SecretKey& other) : SecretKey(other.reveal()) {}
  SecretKey& operator=(const SecretKey& other);
  ~SecretKey();

  std::span<std::uint8_t, size> octets() { return std::span<std::uint8_t, size>(octets_, size); }
  std::span<const std::uint8_t, size> octets() const { return std::span<const std::uint8_t, size>(octets_, size); }
  std::string_view reveal() const { return {reinterpret_cast<const char*>(octets_), size}; }
  /// Without telling by its duration where the difference is.
  bool operator==(const SecretKey& other) const;

 private:
  std::uint8_t* octets_;
};

}  // namespace xion
