#include "app/codes/rates.h"

#include "app/measures.h"

#include <algorithm>
#include <ranges>

namespace xion {
namespace {

constexpr Seconds take_every{5};
constexpr Seconds longest_span{300};

std::uint64_t count_of(const Measures::Counts& counts, std::string_view name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

Rates::Rates(Services& services) : services_(services), timer_(services.loop.timer([this] { take(); })) { take(); }

Rates::Totals Rates::totals() const {
  const Measures& measures = services_.measures;
  Totals totals{};
  totals[sends] = count_of(measures.sends, "sent");
  totals[verifies] = count_of(measures.verifies, "verified");
  for (const auto& [carrier, receipts] : measures.receipts) {
    const auto delivered = receipts.by_state.find(MessageState::delivered);
    if (delivered != receipts.by_state.end()) totals[deliveries] += delivered->second;
  }
  return totals;
}

void Rates::take() {
  const MonoTime now = services_.loop.now();
  samples_.push_back({now, totals()});
  while (samples_.size() > 2 && samples_[1].at <= now - longest_span) samples_.pop_front();
  timer_->start(take_every);
}

double Rates::per_second(What what, Seconds span) const {
  const MonoTime now = services_.loop.now();
  const auto is_before = [&](const Sample& sample) { return sample.at <= now - span; };
  const auto newest_before = std::ranges::find_if(samples_ | std::views::reverse, is_before);
  const Sample& since = newest_before == samples_.rend() ? samples_.front() : *newest_before;
  const Millis elapsed = std::max<Millis>(now - since.at, Seconds{1});
  return static_cast<double>(totals()[what] - since.totals[what]) * 1000 / static_cast<double>(elapsed.count());
}

}  // namespace xion
