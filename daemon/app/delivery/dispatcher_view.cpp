// What operators see of the carriers and the queue, and what they may do to them.
#include <algorithm>
#include <utility>

#include "app/delivery/dispatcher.h"

namespace xion {

std::vector<CarrierView> Dispatcher::view() const {
  std::vector<CarrierView> views;
  for (const auto& [name, carrier] : carriers_) {
    views.push_back(carrier->view());
    if (const CarrierHold* held = hold_of(name)) views.back().hold = *held;
    if (const auto base =
            carrier->settings()->receipt_id ? carrier->settings()->receipt_id : receipts_.bases().pinned(name))
      views.back().receipt_id = smpp::id_base_text(*base);
  }
  for (const auto& carrier : retired_) {
    const std::string& name = carrier->settings()->name;
    if (!carrier->is_stopped() && std::ranges::find(views, name, &CarrierView::name) == views.end())
      views.push_back(carrier->view());
  }
  return views;
}

bool Dispatcher::pause(std::string_view name) {
  SmppAccount* found = carrier(name);
  if (found) found->pause();
  return found != nullptr;
}

bool Dispatcher::resume(std::string_view name) {
  SmppAccount* found = carrier(name);
  if (found) found->resume();
  pump_soon();
  return found != nullptr;
}

bool Dispatcher::reconnect(std::string_view name) {
  SmppAccount* found = carrier(name);
  if (found) found->reconnect();
  return found != nullptr;
}

bool Dispatcher::trace(std::string_view name, Tracer tracer) {
  SmppAccount* found = carrier(name);
  if (found) found->trace(std::move(tracer));
  return found != nullptr;
}

bool Dispatcher::drain(std::string_view name) {
  SmppAccount* found = carrier(name);
  if (found) found->drain();
  return found != nullptr;
}

bool Dispatcher::is_all_paused() const {
  return !carriers_.empty() &&
         std::ranges::all_of(carriers_, [](const auto& each) { return each.second->health().is_paused; });
}

bool Dispatcher::has_bound_carrier() const {
  return std::ranges::any_of(carriers_, [this](const auto& each) {
    return each.second->is_bound() || ports_.cluster.is_bound_elsewhere(each.first);
  });
}

NodeReport Dispatcher::report() const {
  NodeReport report;
  for (const auto& [name, carrier] : carriers_) {
    const CarrierView view = carrier->view();
    report.carriers.push_back({name, view.state == to_string(LinkState::bound) ? view.binds : 0});
  }
  return report;
}

}  // namespace xion
