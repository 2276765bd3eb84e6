#include "app/shared_things.h"

#include <utility>

#include "app/delivery/dispatcher.h"
#include "app/node_drains.h"
#include "app/owners/dashboard_access.h"
#include "app/owners/directory.h"
#include "app/owners/key_rotation.h"
#include "app/owners/templates.h"
#include "app/owners/webhooks.h"
#include "core/otp/marks.h"

namespace xion {
namespace {

constexpr Millis retry_after{1'000};

}  // namespace

SharedThings::SharedThings(Services& services) : services_(services), timer_(services.loop.timer([this] { read(); })) {
  services_.cluster.on_changed_elsewhere([this](std::span<const ThingName> changed) { note(changed); });
}

/// Lists, what webhooks wait for, and wrong codes are asked of the store each time: nothing of them is here. Webhooks
/// are, too, but who calls them leaves off while there are none.
SharedThings::Part SharedThings::part_of(const ThingName& thing) {
  switch (thing.kind) {
    case ThingKind::app:
    case ThingKind::api_key: return Part::directory;
    case ThingKind::message_template: return Part::templates;
    case ThingKind::dashboard_pass: return Part::dashboard;
    case ThingKind::mark:
      if (thing.key.starts_with(carrier_hold_prefix) || thing.key.starts_with(id_base_prefix)) return Part::carriers;
      if (thing.key.starts_with(key_ring_prefix)) return Part::key_ring;
      if (thing.key.starts_with(node_drain_prefix)) return Part::node_drains;
      return Part::count_;
    case ThingKind::webhook: return Part::webhooks;
    case ThingKind::list_entry:
    case ThingKind::webhook_health:
    case ThingKind::guesses: return Part::count_;
  }
  return Part::count_;
}

void SharedThings::note(std::span<const ThingName> changed) {
  for (const ThingName& thing : changed)
    if (const Part part = part_of(thing); part != Part::count_) is_stale_[std::to_underlying(part)] = true;
  read();
}

void SharedThings::read() {
  for (std::size_t part = 0; part < is_stale_.size(); ++part) {
    if (!std::exchange(is_stale_[part], false)) continue;
    read(static_cast<Part>(part), [this, part](bool is_read) {
      if (is_read) return;
      is_stale_[part] = true;
      timer_->start(retry_after);
    });
  }
}

void SharedThings::read(Part part, std::move_only_function<void(bool)> done) {
  switch (part) {
    case Part::webhooks:
      if (services_.webhooks != nullptr) services_.webhooks->look_soon();
      return done(true);
    case Part::directory: return services_.directory.load(std::move(done));
    case Part::templates: return services_.templates->load(std::move(done));
    case Part::dashboard: return services_.dashboard->load(std::move(done));
    case Part::carriers: return services_.dispatcher->read_shared(std::move(done));
    case Part::key_ring: return services_.key_rotation->read_shared(std::move(done));
    case Part::node_drains: return services_.node_drains.load(std::move(done));
    case Part::count_: return;
  }
}

}  // namespace xion
