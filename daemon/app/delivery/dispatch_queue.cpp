#include "app/delivery/dispatch_queue.h"

#include <algorithm>
#include <ranges>
#include <tuple>
#include <utility>

namespace xion {

bool DispatchQueue::Order::operator()(const DispatchItem& a, const DispatchItem& b) const {
  return std::tie(a.is_retry, a.expires_at, a.otp, a.message) < std::tie(b.is_retry, b.expires_at, b.otp, b.message);
}

void DispatchQueue::push(const RouteSettings* route, DispatchItem item) {
  if (routes_[route].insert(std::move(item)).second) ++size_;
}

bool DispatchQueue::waits_for(std::string_view carrier, std::size_t look) const {
  const auto is_for_it = [&](const DispatchItem& item) {
    return std::ranges::find(item.tried, carrier) == item.tried.end();
  };
  return std::ranges::any_of(routes_, [&](const auto& each) {
    const auto& [route, waiting] = each;
    const bool has_it =
        route != nullptr && std::ranges::find(route->carriers, carrier, &RouteCarrier::name) != route->carriers.end();
    return has_it && std::ranges::any_of(waiting | std::views::take(look), is_for_it);
  });
}

void DispatchQueue::offer(std::size_t look, const std::function<Verdict(const RouteSettings*, DispatchItem&)>& take) {
  for (auto& [route, waiting] : routes_) {
    std::size_t passed = 0;
    for (auto at = waiting.begin(); at != waiting.end() && passed < look;) {
      auto node = waiting.extract(at++);
      --size_;
      const Verdict verdict = take(route, node.value());
      if (verdict == Verdict::taken) continue;
      waiting.insert(std::move(node));
      ++size_;
      ++passed;
      if (verdict == Verdict::route_is_full) break;
    }
  }
}

std::optional<WallTime> DispatchQueue::waiting_since() const {
  std::optional<WallTime> earliest;
  for (const auto& [route, waiting] : routes_) {
    for (const DispatchItem& item : waiting) {
      if (!earliest || item.queued_at < *earliest) earliest = item.queued_at;
    }
  }
  return earliest;
}

std::vector<DispatchItem> DispatchQueue::drain() {
  std::vector<DispatchItem> all;
  all.reserve(size_);
  for (auto& [route, waiting] : routes_) {
    while (!waiting.empty()) all.push_back(std::move(waiting.extract(waiting.begin()).value()));
  }
  routes_.clear();
  size_ = 0;
  return all;
}

}  // namespace xion
