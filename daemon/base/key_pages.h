#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace xion {

/// Memory for keys alone: it is never swapped out, goes into no core file, and is wiped when it is given back. Source:
/// mlock(2), MADV_DONTDUMP of madvise(2).
class KeyPages {
 public:
  /// Larger pieces are not for keys.
  static constexpr std::size_t piece_limit_octets = 8 * 1024;

  /// The process's own; it outlives every static object.
  static KeyPages& own();
  KeyPages(const KeyPages&) = delete;
  KeyPages& operator=(const KeyPages&) = delete;

  /// At most `piece_limit_octets`, aligned for anything; null where more is asked for, or all of it is in use.
  void* allocate(std::size_t octets);
  void release(void* piece);
  bool has(const void* piece) const {
    const auto at = reinterpret_cast<std::uintptr_t>(piece);
    return at - begin_ < reserved_octets;
  }
  /// What a piece has room for, at least what was asked for.
  std::size_t room_of(const void* piece) const;
  /// False: the system would not lock all of it, see RLIMIT_MEMLOCK of getrlimit(2). It is used all the same.
  bool are_locked() const;

 private:
  /// Pieces are of so many sizes, each of which has a list of what was given back.
  static constexpr std::size_t step_octets = 64;
  /// Addresses are cheap; what of it is used is locked in parts of `part_octets`, which any limit allows once.
  static constexpr std::size_t reserved_octets = 4 * 1024 * 1024;
  static constexpr std::size_t part_octets = 64 * 1024;
  struct Piece;

  KeyPages();
  bool extend();

  mutable std::mutex mutex_;
  std::uintptr_t begin_ = 0, next_ = 0, ready_until_ = 0;
  std::array<Piece*, piece_limit_octets / step_octets + 2> free_{};
  bool are_locked_ = true;
};

}  // namespace xion
