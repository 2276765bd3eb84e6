#include "app/delivery/bind_slot.h"

#include <algorithm>

#include "base/log.h"

namespace xion {
namespace {

/// Links of one account connect one after the other.
constexpr Millis stagger{20};
/// A bind that is lost is another's soon: what is in flight gets no longer than that.
constexpr Millis lost_drain_limit{1'000};

}  // namespace

Millis BindSlot::start(Millis delay) {
  is_wanted_ = true;
  if (!lease_) lease_ = cluster_.want(name_, [this](LeaseState state) { follow(state); });
  if (lease_->state() == LeaseState::held) delay = connect(delay);
  changed_();
  return delay;
}

void BindSlot::stop(Millis drain_limit) {
  is_wanted_ = false;
  drain(drain_limit);
}

void BindSlot::reconnect() {
  if (!is_held()) return;
  for (const auto& link : links_) link->reconnect();
}

void BindSlot::follow(LeaseState state) {
  changed_();
  if (!is_wanted_) return;  // It goes as soon as its links are down.
  switch (state) {
    case LeaseState::held: connect(Millis{0}); return;
    case LeaseState::recalled:
      log::info("smsc.bind.recalled", "bind=\"{}\"", name_);
      return drain(links_.front()->settings()->response_timeout);
    case LeaseState::waiting: log::warning("smsc.bind.lost", "bind=\"{}\"", name_); return drain(lost_drain_limit);
  }
}

Millis BindSlot::connect(Millis delay) {
  for (const auto& link : links_) {
    link->start(delay);
    delay += stagger;
  }
  return delay;
}

void BindSlot::drain(Millis limit) {
  for (const auto& link : links_) link->stop(limit);
  on_change();
}

void BindSlot::on_change() {
  const bool is_down = std::ranges::all_of(links_, [](const auto& link) { return link->is_stopped(); });
  if (!is_down || !lease_) return;
  if (!is_wanted_)
    lease_.reset();
  else if (lease_->state() == LeaseState::recalled)
    lease_->let_go();
}

}  // namespace xion
