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

void Agenda::drop(Owner owner) {
  // Their ends may cancel other events, so none dies while the list is walked.
  std::vector<Event> dropped;
  for (auto at = events_.begin(); at != events_.end();) {
    if (at->second.owner == owner) {
      dropped.push_back(std::move(at->second));
      at = events_.erase(at);
    } else {
      ++at;
    }
  }
}

bool Agenda::step() {
  if (events_.empty()) return false;
  auto event = events_.extract(events_.begin());
  if (now_ != event.key().first) steps_before_now_ = steps_;
  now_ = event.key().first;
  ++steps_;
  event.mapped().work();
  return true;
}

bool Agenda::run_until(MonoTime when) {
  while (!events_.empty() && events_.begin()->first.first <= when) {
    step();
    if (steps_ - steps_before_now_ > spin_limit) return false;
  }
  now_ = std::max(now_, when);
  return true;
}

}  // namespace xion::sim
