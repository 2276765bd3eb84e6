#pragma once
#include <cstdint>

namespace xion::smpp {

/// Sequence numbers of the requests of one side of one session: 1..0x7FFFFFFF, then 1 again. SMPP 3.4 §5.1.4.
class Sequence {
 public:
  static constexpr std::uint32_t last = 0x7FFFFFFF;
  explicit Sequence(std::uint32_t first = 1) : next_(first) {}

  /// The next number for which `is_taken(number)` is false. Ends because fewer numbers are taken than exist.
  template <typename IsTaken>
  std::uint32_t take(IsTaken is_taken) {
    while (is_taken(next_)) advance();
    const std::uint32_t number = next_;
    advance();
    return number;
  }

 private:
  void advance() { next_ = next_ == last ? 1 : next_ + 1; }
  std::uint32_t next_;
};

}  // namespace xion::smpp
