#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

namespace xion {

/// How long the last 1024 commits took.
class CommitTimes {
 public:
  void add(std::chrono::steady_clock::duration took) {
    times_[count_++ % times_.size()] = std::chrono::duration<float, std::milli>(took).count();
  }
  /// Milliseconds that `part` (0 to 1) of them took at most; 0 where there was none.
  double percentile(double part) const {
    std::vector<float> sorted(times_.begin(),
                              times_.begin() + static_cast<std::ptrdiff_t>(std::min(count_, times_.size())));
    if (sorted.empty()) return 0;
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), at, sorted.end());
    return static_cast<double>(*at);
  }

 private:
  std::array<float, 1024> times_{};
  std::size_t count_ = 0;
};

}  // namespace xion
