#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace xion {

/// Counts values by fixed upper bounds, as Prometheus wants them. Not synchronised.
class Histogram {
 public:
  static constexpr std::size_t bounds_limit = 16;

  /// `bounds` rise, are at most 16, and live for ever.
  explicit constexpr Histogram(std::span<const double> bounds)
      : bounds_(bounds.first(bounds.size() < bounds_limit ? bounds.size() : bounds_limit)) {}

  void observe(double value) {
    std::size_t at = 0;
    while (at < bounds_.size() && value > bounds_[at]) ++at;
    ++counts_[at];
    sum_ += value;
  }
  /// What another one of the same bounds counted.
  void add(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    sum_ += other.sum_;
  }

  std::span<const double> bounds() const { return bounds_; }
  /// So many values up to `bounds()[at]` and above the bound before it; the last, at `bounds().size()`: above all.
  std::uint64_t count(std::size_t at) const { return counts_[at]; }
  std::uint64_t total() const {
    std::uint64_t all = 0;
    for (const std::uint64_t one : counts_) all += one;
    return all;
  }
  double sum() const { return sum_; }

 private:
  std::span<const double> bounds_;
  std::array<std::uint64_t, bounds_limit + 1> counts_{};
  double sum_ = 0;
};

/// Seconds. For what the store and the API do.
inline constexpr double short_times[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
/// Seconds. For what carriers and handsets do.
inline constexpr double long_times[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600};
inline constexpr double batch_sizes[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096};

}  // namespace xion
