#include "sim/agenda.h"

#include <algorithm>
#include <vector>

namespace xion::sim {
namespace {

/// No instant has so much to do.
constexpr std::uint64_t spin_limit = 20'000;

}  // namespace

Agenda::Key Agenda::at(MonoTime when, Owner owner, Work work) {
  const Key key{std::max(when, now_), ++last_};
  events_.emplace(key, Event{owner, std::move(work)});
  return key;
}

void Agenda::interrupt(Work work) { events_.emplace(Key{now_, --first_}, Event{world, std::move(work)}); }

void Agenda::cancel(const Key& key) {
  const auto moved = put_off_.extract(key);
  events_.erase(moved.empty() ? key : moved.mapped());
}

/// Whether the next event is of a life that is frozen.
bool Agenda::put_off() {
  if (frozen_.empty()) return false;
  const auto first = events_.begin();
  const auto frozen = frozen_.find(first->second.owner);
  if (frozen == frozen_.end()) return false;
  if (frozen->second <= first->first.first) {
    frozen_.erase(frozen);
    return false;
  }
  auto event = events_.extract(first);
  const Key asked = event.mapped().asked.value_or(event.key());
  event.mapped().asked = asked;
  event.key() = {frozen->second, ++last_};
  put_off_[asked] = event.key();
  events_.insert(std::move(event));
  return true;
}

void Agenda::drop(Owner owner) {
  // Their ends may cancel other events, so none dies while the list is walked.
  std::vector<Event> dropped;
  for (auto at = events_.begin(); at != events_.end();) {
    if (at->second.owner == owner) {
      if (at->second.asked) put_off_.erase(*at->second.asked);
      dropped.push_back(std::move(at->second));
      at = events_.erase(at);
    } else {
      ++at;
    }
  }
}

bool Agenda::step() {
  while (!events_.empty() && put_off()) {
  }
  if (events_.empty()) return false;
  auto event = events_.extract(events_.begin());
  if (now_ != event.key().first) steps_before_now_ = steps_;
  now_ = event.key().first;
  ++steps_;
  if (event.mapped().asked) put_off_.erase(*event.mapped().asked);
  event.mapped().work();
  return true;
}

bool Agenda::run_until(MonoTime when) {
  while (!events_.empty() && events_.begin()->first.first <= when) {
    if (put_off()) continue;
    step();
    if (steps_ - steps_before_now_ > spin_limit) return false;
  }
  now_ = std::max(now_, when);
  return true;
}

}  // namespace xion::sim
