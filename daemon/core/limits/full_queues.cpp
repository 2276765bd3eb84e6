#include "core/limits/full_queues.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace xion {
namespace {

/// Answers count for so long.
constexpr Millis window{5'000};
/// Fewer full queues are never the carrier's.
constexpr std::size_t destinations_min = 3;

std::size_t distinct(std::vector<std::size_t>& values) {
  std::ranges::sort(values);
  return values.size() - std::ranges::unique(values).size();
}

}  // namespace

void FullQueues::note(std::string_view destination, bool is_full, MonoTime now) {
  answers_[next_] = {std::hash<std::string_view>()(destination), is_full, now, true};
  next_ = (next_ + 1) % answers_.size();
}

bool FullQueues::is_of_carrier(MonoTime now) const {
  std::vector<std::size_t> full, all;
  for (const Answer& answer : answers_) {
    if (!answer.is_noted || answer.at + window < now) continue;
    all.push_back(answer.destination);
    if (answer.is_full) full.push_back(answer.destination);
  }
  const std::size_t full_ones = distinct(full);
  return full_ones >= destinations_min && 2 * full_ones > distinct(all);
}

}  // namespace xion
