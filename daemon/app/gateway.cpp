#include "app/gateway.h"

#include <utility>

namespace xion {
namespace {

constexpr Millis stop_limit{10'000};
constexpr Millis stop_poll{20};

}  // namespace

Gateway::Gateway(const Ports& ports, const Settings& settings)
    : settings_(settings),
      housekeeper_(ports.cluster.want(std::string(housekeeper_lease),
                                      [this](LeaseState state) {
                                        if (state == LeaseState::recalled) housekeeper_->let_go();
                                      })),
      node_drains_(ports),
      notices_(ports.cluster),
      directory_(ports.store, ports.loop, ports.entropy, ports.loop_vault, settings),
      templates_(ports.store, ports.loop),
      dashboard_(ports.store, ports.loop, ports.entropy, ports.loop_vault, directory_),
      key_rotation_(ports, *housekeeper_),
      dispatcher_(ports, settings_, directory_, measures_),
      neighbours_(ports, *housekeeper_, dispatcher_,
                  [this] {
                    if (webhooks_) webhooks_->look_soon();
                  }),
      route_watch_(ports, settings_, dispatcher_, *housekeeper_, notices_),
      sweeper_(ports, settings_, *housekeeper_, dispatcher_, measures_),
      alert_watch_(ports, settings_, *housekeeper_, directory_),
      rate_shares_(ports, directory_),
      services_{ports,   settings_,      directory_,  &dispatcher_, &dispatcher_, &notices_,   &templates_,
                nullptr, &key_rotation_, &dashboard_, node_drains_, measures_,    phone_watch_},
      shared_things_(services_) {
  dashboard_.set_lives(settings);
  if (ports.http != nullptr) webhooks_ = std::make_unique<Webhooks>(services_, *ports.http);
  services_.webhooks = webhooks_.get();
  ports.cluster.report_by([this] { return report(); });
  notices_.listen([this](const Notice& notice) {
    if (webhooks_) webhooks_->tell(notice.app, notice.type, notice.data);
  });
}

void Gateway::start(std::move_only_function<void(bool)> ready) {
  services_.cluster.when_seen([this, ready = std::move(ready)]() mutable { load(std::move(ready)); });
}

void Gateway::load(std::move_only_function<void(bool)> ready) {
  directory_.load([this, ready = std::move(ready)](bool loaded) mutable {
    if (!loaded) {
      ready(false);
      return;
    }
    templates_.load([this, ready = std::move(ready)](bool has_templates) mutable {
      if (!has_templates) return ready(false);
      dashboard_.load([this, ready = std::move(ready)](bool has_passes) mutable {
        if (!has_passes) return ready(false);
        node_drains_.load([this, ready = std::move(ready)](bool has_drains) mutable {
          if (!has_drains) return ready(false);
          dispatcher_.start([this, ready = std::move(ready)](bool recovered) mutable {
            if (recovered) start_parts();
            ready(recovered);
          });
        });
      });
    });
  });
}

/// Those that do something by themselves.
void Gateway::start_parts() {
  sweeper_.start();
  neighbours_.start();
  route_watch_.start();
  key_rotation_.start();
  alert_watch_.start();
  rate_shares_.start();
  if (webhooks_) webhooks_->start();
}

NodeReport Gateway::report() const {
  NodeReport report = dispatcher_.report();
  report.queued = dispatcher_.queue_size();
  rate_shares_.write_to(report);
  report.key_check = key_rotation_.key_check();
  return report;
}

void Gateway::stop(std::move_only_function<void()> stopped) {
  services_.cluster.leave();
  housekeeper_->let_go();
  neighbours_.stop();
  route_watch_.stop();
  alert_watch_.stop();
  rate_shares_.stop();
  dispatcher_.stop();
  if (webhooks_) webhooks_->stop();
  wait_for_links(services_.loop.now() + stop_limit, std::move(stopped));
}

void Gateway::wait_for_links(MonoTime until, std::move_only_function<void()> stopped) {
  stopped_ = std::move(stopped);
  stop_timer_ = services_.loop.timer([this, until] {
    if (dispatcher_.is_stopped() || services_.loop.now() >= until) {
      stopped_();
    } else {
      stop_timer_->start(stop_poll);
    }
  });
  stop_timer_->start(Millis{0});
}

}  // namespace xion
