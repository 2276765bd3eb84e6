#include "app/carrier.h"

#include <algorithm>

#include <fmt/format.h>

namespace xion {
namespace {

std::vector<smpp::BindType> bind_types(const CarrierSettings& settings) {
  std::vector<smpp::BindType> types;
  for (std::uint32_t i = 0; i < settings.binds; ++i) {
    if (settings.bind == "transmitter+receiver") {
      types.push_back(smpp::BindType::transmitter);
      types.push_back(smpp::BindType::receiver);
    } else {
      types.push_back(smpp::BindType::transceiver);
    }
  }
  return types;
}

std::string_view type_name(smpp::BindType type) {
  switch (type) {
    case smpp::BindType::transmitter: return "transmitter";
    case smpp::BindType::receiver: return "receiver";
    case smpp::BindType::transceiver: return "transceiver";
  }
  return "transceiver";
}

std::optional<double> percentile(std::vector<Millis>& sorted, double part) {
  if (sorted.empty()) return std::nullopt;
  const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[at].count());
}

}  // namespace

Carrier::Carrier(Loop& loop, Entropy& entropy, CarrierSettingsRef settings, LinkEvents& events) : settings_(std::move(settings)) {
  std::uint32_t number = 0;
  for (const auto type : bind_types(*settings_)) {
    links_.push_back(std::make_unique<SmscLink>(loop, entropy, settings_, type, ++number, events));
  }
}

void Carrier::start() {
  Millis delay{0};
  for (auto& link : links_) {
    link->start(delay);
    delay += Millis{20};
  }
}

void Carrier::stop() {
  is_draining_ = true;
  for (auto& link : links_) link->stop();
}

bool Carrier::is_stopped() const {
  return std::ranges::all_of(links_, [](const auto& link) { return link->is_stopped(); });
}

void Carrier::reconnect() {
  for (auto& link : links_) link->reconnect();
}

void Carrier::trace(Tracer tracer) {
  trace_tap_.add(std::move(tracer));
  for (auto& link : links_) link->set_trace(true);
}

void Carrier::on_seen(const TracedPdu& pdu) {
  trace_tap_.show(pdu);
  if (trace_tap_.is_on()) return;
  for (auto& each : links_) each->set_trace(false);
}

bool Carrier::is_bound() const {
  return std::ranges::any_of(links_, [](const auto& link) { return link->is_bound(); });
}

CarrierHealth Carrier::health() const {
  CarrierHealth health;
  health.is_bound = is_bound();
  health.is_paused = is_paused_ || is_draining_;
  std::size_t room = 0;
  for (const auto& link : links_) room += link->room();
  health.room = health.is_paused || room <= reserved_ ? 0 : room - reserved_;
  if (is_draining_) {
    health.reason = "draining";
  } else if (is_paused_) {
    health.reason = "paused by the operator";
  } else if (!health.is_bound) {
    const std::string& error = links_.front()->last_error();
    health.reason = error.empty() ? "not bound yet" : "down: " + error;
  } else if (health.room == 0) {
    health.reason = "window or rate used up";
  } else {
    health.reason = fmt::format("bound, room for {}", health.room);
  }
  return health;
}

bool Carrier::submit(Outgoing outgoing) {
  SmscLink* best = nullptr;
  for (const auto& link : links_) {
    if (!link->is_bound() || !link->takes_submits()) continue;
    if (best == nullptr || link->room() > best->room()) best = link.get();
  }
  if (best == nullptr) return false;
  best->submit(std::move(outgoing));
  return true;
}

void Carrier::withdraw(const OtpId& otp, std::size_t first_kept) {
  for (const auto& link : links_) link->withdraw(otp, first_kept);
}

CarrierView Carrier::view() const {
  CarrierView view;
  view.name = settings_->name;
  view.binds_wanted = static_cast<std::uint32_t>(links_.size());
  view.window = settings_->window * settings_->binds;
  view.rate = settings_->rate * settings_->binds;
  view.address = links_.front()->address();
  LinkState best = LinkState::down;
  std::vector<Millis> round_trips;
  for (const auto& link : links_) {
    best = std::max(best, link->state());
    view.binds += link->is_bound() ? 1 : 0;
    view.in_flight += static_cast<std::uint32_t>(link->in_flight());
    if (link->takes_submits()) view.rate_allowed += link->rate_allowed();
    if (view.last_error.empty()) view.last_error = link->last_error();
    if (const auto retry = link->next_retry_in(); retry && !view.next_retry_in) view.next_retry_in = retry;
    round_trips.insert(round_trips.end(), link->round_trips().begin(), link->round_trips().end());
    const LinkCounters& counters = link->counters();
    view.each_bind.push_back({link->number(), type_name(link->type()), to_string(link->state()), settings_->window,
                              static_cast<std::uint32_t>(link->in_flight()), link->rate_allowed(), &counters});
    view.submitted += counters.submitted;
    view.accepted += counters.accepted;
    view.refused += counters.refused;
    view.throttled += counters.throttled;
    view.lost += counters.lost;
    view.receipts += counters.receipts;
    view.reconnects += counters.connects > 0 ? counters.connects - 1 : 0;
  }
  view.state = is_draining_ ? "draining" : is_paused_ ? "paused" : std::string(to_string(best));
  std::ranges::sort(round_trips);
  view.rtt_p50_ms = percentile(round_trips, 0.50);
  view.rtt_p95_ms = percentile(round_trips, 0.95);
  return view;
}

}  // namespace xion
