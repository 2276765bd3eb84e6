#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "app/delivery/dispatcher.h"
#include "app/gateway.h"
#include "base/log.h"

/// A new configuration in a running gateway. Everything is decided at once, in one turn of the loop; only carriers that
/// go or change take their time to drain.
namespace xion {
namespace {

const CarrierSettings* carrier_block(const Settings& settings, std::string_view name) {
  const auto found = std::ranges::find(settings.carriers, name, &CarrierSettings::name);
  return found == settings.carriers.end() ? nullptr : &*found;
}

}  // namespace

void Gateway::configure(const Settings& settings) {
  const Settings& before = *settings_;
  settings_.replace(settings);
  dispatcher_.configure(before, settings);
  directory_.configure(settings);
  dashboard_.set_lives(settings);
}

void Dispatcher::configure(const Settings& before, const Settings& after) {
  // The queue is kept by routes of the old configuration.
  std::vector<DispatchItem> waiting = queue_.drain();
  facts_ = CarrierFacts(after.carriers);
  std::set<std::string> paused;  // The operator's word holds for the new block, too.
  for (auto at = carriers_.begin(); at != carriers_.end();) {
    const CarrierSettings* old_block = carrier_block(before, at->first);
    const CarrierSettings* new_block = carrier_block(after, at->first);
    if (old_block != nullptr && new_block != nullptr && *old_block == *new_block) {
      ++at;
      continue;
    }
    log::info("smsc.retired", "smsc={} why={}", at->first, new_block != nullptr ? "changed" : "removed");
    if (at->second->health().is_paused) paused.insert(at->first);
    at->second->stop();
    retired_.push_back(std::move(at->second));
    at = carriers_.erase(at);
  }
  for (const CarrierSettings& settings : after.carriers) {
    if (carriers_.contains(settings.name)) continue;
    add_carrier(settings);
    SmppAccount& fresh = *carriers_.at(settings.name);
    if (paused.contains(settings.name)) fresh.pause();
    apply_hold(fresh);
    if (fresh.is_drained()) continue;
    const bool has_predecessor = carrier_block(before, settings.name) != nullptr;
    unstarted_.insert_or_assign(settings.name, has_predecessor ? settings.reconnect_min : Millis{0});
  }
  for (DispatchItem& item : waiting) queue(std::move(item));
  reap();
  pump_soon();
}

/// In a turn of its own: it is a link that says so, which may be about to go.
void Dispatcher::reap_soon() {
  if (retired_.empty() || reap_is_posted_) return;
  reap_is_posted_ = true;
  ports_.loop.post([this] {
    reap_is_posted_ = false;
    reap();
  });
}

/// Lets go of predecessors that are down, and starts whom they were in the way of, since an account may have no bind to
/// spare.
void Dispatcher::reap() {
  std::erase_if(retired_, [](const auto& carrier) { return carrier->is_stopped(); });
  std::erase_if(unstarted_, [this](const auto& entry) {
    const auto& [name, delay] = entry;
    const auto is_in_the_way = [&wanted = entry.first](const auto& old) { return old->settings()->name == wanted; };
    if (std::ranges::any_of(retired_, is_in_the_way)) return false;
    if (const auto found = carriers_.find(name); found != carriers_.end() && !is_stopping_) found->second->start(delay);
    return true;
  });
}

/// The account that a link or a reservation belongs to, whether it is configured still or retired.
SmppAccount* Dispatcher::holder(const CarrierSettingsRef& settings) const {
  const auto found = carriers_.find(settings->name);
  if (found != carriers_.end() && found->second->settings() == settings) return found->second.get();
  const auto old = std::ranges::find(retired_, settings, [](const auto& carrier) { return carrier->settings(); });
  return old == retired_.end() ? nullptr : old->get();
}

}  // namespace xion
