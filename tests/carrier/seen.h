#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace xion::carrier {

/// A set of 64-bit hashes, 8 octets each, open addressing: tells duplicates under load. At 2^24 entries (256 MiB) it
/// begins anew rather than grow, so very long runs may miss a duplicate, and never invent one.
class SeenSet {
 public:
  /// True where the hash was not there yet.
  bool insert(std::uint64_t hash) {
    if (hash == 0) hash = 1;  // 0 marks a free slot
    if (size_ * 2 >= slots_.size()) grow();
    std::uint64_t& slot = find(hash);
    if (slot == hash) return false;
    slot = hash;
    ++size_;
    return true;
  }

 private:
  static constexpr std::size_t limit = std::size_t{1} << 24;
  std::uint64_t& find(std::uint64_t hash) {
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at] != 0 && slots_[at] != hash) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }
  void grow() {
    std::vector<std::uint64_t> old(size_ >= limit ? 1024 : slots_.empty() ? 1024 : slots_.size() * 2);
    old.swap(slots_);
    if (size_ >= limit) {
      size_ = 0;
      return;
    }
    for (const std::uint64_t hash : old) {
      if (hash != 0) find(hash) = hash;
    }
  }
  std::vector<std::uint64_t> slots_;
  std::size_t size_ = 0;
};

}  // namespace xion::carrier
