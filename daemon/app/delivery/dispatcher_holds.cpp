// Carriers that operators keep messages from: what they said outlives a restart, and ends by itself where they said so.
#include <algorithm>
#include <utility>

#include "app/delivery/dispatcher.h"
#include "base/log.h"
#include "domain/txn.h"

namespace xion {

/// Before it starts, and again when its block has changed.
void Dispatcher::apply_hold(SmppAccount& carrier) {
  const auto found = holds_.find(carrier.settings()->name);
  if (found == holds_.end()) return;
  if (found->second.kind == CarrierHold::Kind::drain)
    carrier.drain();
  else
    carrier.pause();
}

void Dispatcher::take_holds(std::vector<CarrierHold> kept) {
  for (CarrierHold& each : kept) {
    log::info("smsc.held", "smsc={} kind={} by=\"{}\" reason=\"{}\"", each.carrier,
              each.kind == CarrierHold::Kind::drain ? "drain" : "pause", each.by, each.reason);
    holds_.insert_or_assign(each.carrier, std::move(each));
  }
  for (auto& [name, carrier] : carriers_) apply_hold(*carrier);
  watch_holds();
}

void Dispatcher::read_shared(std::move_only_function<void(bool)> done) {
  run_task(
      ports_.store, [](Txn& txn) { return std::pair(txn.carrier_holds(), txn.id_bases()); },
      [this, done = std::move(done)](Commit commit, auto& found) mutable {
        if (commit == Commit::durable) {
          receipts_.bases().load(found.second);
          follow_holds(std::move(found.first));
        }
        done(commit == Commit::durable);
      });
}

/// Holds as another node left them: those that are gone end here, too.
void Dispatcher::follow_holds(std::vector<CarrierHold> kept) {
  std::vector<std::string> over;
  for (const auto& [name, each] : holds_)
    if (std::ranges::find(kept, name, &CarrierHold::carrier) == kept.end()) over.push_back(name);
  for (const std::string& name : over) {
    log::info("smsc.hold.over", "smsc={}", name);
    holds_.erase(name);
    resume(name);
  }
  std::erase_if(kept, [this](const CarrierHold& each) {
    const CarrierHold* known = hold_of(each.carrier);
    return known != nullptr && *known == each;
  });
  for (const CarrierHold& each : kept)
    if (SmppAccount* found = carrier(each.carrier); found != nullptr && found->is_drained()) found->resume();
  take_holds(std::move(kept));
}

void Dispatcher::hold(CarrierHold wanted, HoldDone done) {
  const std::string name = wanted.carrier;
  holds_.insert_or_assign(name, wanted);
  if (SmppAccount* found = carrier(name)) {
    // From a drain to a pause it binds again.
    if (wanted.kind == CarrierHold::Kind::pause && found->is_drained()) found->resume();
    apply_hold(*found);
  }
  watch_holds();
  run_task(
      ports_.store,
      [wanted](Txn& txn) {
        txn.put(wanted);
        return true;
      },
      [done = std::move(done)](Commit commit, bool&) { done(commit == Commit::durable); });
}

void Dispatcher::release(std::string_view name, HoldDone done) {
  holds_.erase(std::string(name));
  resume(name);
  run_task(
      ports_.store, [name = std::string(name)](Txn& txn) { return txn.remove_carrier_hold(name); },
      [done = std::move(done)](Commit commit, bool&) { done(commit == Commit::durable); });
}

const CarrierHold* Dispatcher::hold_of(std::string_view name) const {
  const auto found = holds_.find(name);
  return found == holds_.end() ? nullptr : &found->second;
}

/// Those whose time is over are released, the next one is waited for.
void Dispatcher::watch_holds() {
  const WallTime now = ports_.loop.wall_now();
  std::vector<std::string> over;
  std::optional<WallTime> next;
  for (const auto& [name, each] : holds_) {
    if (!each.until) continue;
    if (*each.until <= now)
      over.push_back(name);
    else if (!next || *each.until < *next)
      next = each.until;
  }
  for (const std::string& name : over) {
    log::info("smsc.hold.over", "smsc={}", name);
    release(name, [](bool) {});
  }
  // A clock that is set meanwhile is seen within an hour.
  constexpr Millis longest{3'600'000};
  if (next) hold_timer_->start(std::clamp(*next - now, Millis{1}, longest));
}

}  // namespace xion
