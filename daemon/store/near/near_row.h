#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace xion {

/// A row as it is above what lies below: written, or erased. Key and value are in one piece of memory with it.
class NearRow {
 public:
  struct Free {
    void operator()(NearRow* row) const noexcept { ::operator delete(row); }
  };
  using Owner = std::unique_ptr<NearRow, Free>;

  static Owner make(std::string_view key, std::string_view value) {
    void* const memory = ::operator new(sizeof(NearRow) + key.size() + value.size());
    Owner row(new (memory) NearRow(key.size(), value.size()));
    std::memcpy(row->octets(), key.data(), key.size());
    row->set(value);
    return row;
  }

  std::string_view key() const { return {octets(), key_octets_}; }
  std::string_view value() const { return {octets() + key_octets_, value_octets_}; }
  bool fits(std::size_t value_octets) const { return value_octets <= room_; }
  /// It must fit.
  void set(std::string_view value) {
    value_octets_ = static_cast<std::uint32_t>(value.size());
    if (!value.empty()) std::memmove(octets() + key_octets_, value.data(), value.size());
  }
  /// What it takes in memory, with what finds it.
  std::size_t memory_octets() const { return sizeof(NearRow) + key_octets_ + room_ + overhead_octets; }

  std::uint64_t transaction = 0;  ///< That wrote it last.
  std::uint32_t change = 0;       ///< Its number among that transaction's changes.
  bool is_erased = false;
  bool is_below = false;  ///< Whether the layers below have a row of this key.

 private:
  static constexpr std::size_t overhead_octets = 40;

  NearRow(std::size_t key_octets, std::size_t value_octets)
      : key_octets_(static_cast<std::uint32_t>(key_octets)), room_(static_cast<std::uint32_t>(value_octets)) {}
  char* octets() { return reinterpret_cast<char*>(this + 1); }
  const char* octets() const { return reinterpret_cast<const char*>(this + 1); }

  std::uint32_t key_octets_;
  std::uint32_t room_;
  std::uint32_t value_octets_ = 0;
};

}  // namespace xion
