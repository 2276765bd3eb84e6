#include "app/delivery/neighbours.h"

#include <utility>

#include "app/delivery/dispatcher.h"
#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// A message that was handed over waits so long at most.
constexpr Millis handed_interval{50};
constexpr Millis handed_interval_busy{25};
constexpr std::size_t handed_limit = 500;
/// Somebody who is gone was silent for seconds.
constexpr Millis inherit_interval{500};
constexpr std::size_t inherit_limit = 1'000;

}  // namespace

Neighbours::Neighbours(const Ports& ports, const Lease& housekeeper, Dispatcher& dispatcher,
                       std::function<void()> deliveries_came)
    : ports_(ports),
      housekeeper_(housekeeper),
      dispatcher_(dispatcher),
      deliveries_came_(std::move(deliveries_came)),
      handed_timer_(ports.loop.timer([this] { take_handed(); })),
      inherit_timer_(ports.loop.timer([this] { inherit(); })) {}

void Neighbours::start() {
  if (!ports_.cluster.is_shared()) return;
  handed_timer_->start(handed_interval);
  inherit_timer_->start(inherit_interval);
}

void Neighbours::stop() {
  handed_timer_->stop();
  inherit_timer_->stop();
}

/// Whoever is alone is handed nothing.
void Neighbours::take_handed() {
  if (ports_.cluster.unfenced().size() < 2) return handed_timer_->start(handed_interval);
  run_patiently(
      ports_.store,
      [&vault = ports_.store_vault, overrides = dispatcher_.facts().status_overrides, now = ports_.loop.wall_now()](
          Txn& txn) { return Dispatcher::read_left(txn, {}, txn.take_handed(handed_limit), vault, *overrides, now); },
      [this](Commit commit, Dispatcher::Left& left) {
        const bool has_some = commit == Commit::durable && !left.queued.empty();
        for (DispatchItem& item : left.queued) item.was_handed_over = true;
        if (has_some) dispatcher_.take_up(std::move(left));
        handed_timer_->start(has_some ? handed_interval_busy : handed_interval);
      });
}

/// In steps; who dies in between leaves the rest to the next housekeeper.
void Neighbours::inherit() {
  if (!housekeeper_.is_held()) return inherit_timer_->start(inherit_interval);
  struct Found {
    Dispatcher::Left left;
    std::size_t messages = 0, deliveries = 0;
  };
  run_patiently(
      ports_.store,
      [living = ports_.cluster.unfenced(), &vault = ports_.store_vault,
       overrides = dispatcher_.facts().status_overrides, now = ports_.loop.wall_now()](Txn& txn) {
        const Inherited inherited = txn.inherit(living, inherit_limit);
        return Found{Dispatcher::read_left(txn, inherited.unsettled, inherited.queued, vault, *overrides, now),
                     inherited.queued.size() + inherited.unsettled.size(), inherited.deliveries};
      },
      [this](Commit commit, Found& found) {
        const std::size_t count = found.messages + found.deliveries;
        if (commit == Commit::durable && count > 0) {
          log::info("cluster.inherited", "messages={} deliveries={}", found.messages, found.deliveries);
          dispatcher_.take_up(std::move(found.left));
          if (found.deliveries > 0) deliveries_came_();
        }
        inherit_timer_->start(count >= inherit_limit ? Millis{1} : inherit_interval);
      });
}

}  // namespace xion
