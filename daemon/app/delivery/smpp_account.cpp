#include "app/delivery/smpp_account.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/traced.h"
#include "base/log.h"

namespace xion {
namespace {

/// A stop of the daemon waits so long for answers, then unbinds.
constexpr Millis stop_drain_limit{5'000};

/// Of the links that are one bind to the carrier.
std::vector<smpp::BindType> bind_types(const CarrierSettings& settings) {
  if (settings.bind == "transmitter+receiver") return {smpp::BindType::transmitter, smpp::BindType::receiver};
  return {smpp::BindType::transceiver};
}

/// Who shares its store with nobody binds whatever the list says: there is nobody else who could.
bool is_for_node(const CarrierSettings& settings, const Cluster& cluster) {
  return settings.nodes.empty() || !cluster.is_shared() ||
         std::ranges::find(settings.nodes, cluster.name()) != settings.nodes.end();
}

std::optional<double> percentile(std::vector<Millis>& sorted, double part) {
  if (sorted.empty()) return std::nullopt;
  const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[at].count());
}

}  // namespace

SmppAccount::SmppAccount(Loop& loop, Entropy& entropy, Cluster& cluster, CarrierSettingsRef settings,
                         LinkEvents& events)
    : loop_(loop),
      settings_(std::move(settings)),
      is_for_this_node_(is_for_node(*settings_, cluster)),
      account_(settings_->account_rate, std::max(1.0, settings_->account_rate / 10)) {
  std::uint32_t number = 0;
  const std::function<void()> shared = cluster.is_shared() ? std::function<void()>([this] { share_rate(); }) : [] {};
  for (std::uint32_t i = 1; i <= settings_->binds; ++i) {
    auto& slot = *slots_.emplace_back(std::make_unique<BindSlot>(cluster, settings_->name, i, shared));
    for (const auto type : bind_types(*settings_)) {
      links_.push_back(std::make_shared<SmscLink>(loop, entropy, settings_, type, ++number, account_, events,
                                                  [&slot] { return slot.is_held(); }));
      slot.add(links_.back());
    }
  }
}

void SmppAccount::start(Millis delay) {
  if (!is_for_this_node_) return;
  for (auto& slot : slots_) delay = slot->start(delay);
}

/// The account's rate is shared by its binds: nodes that have some of them are together no quicker than one that has
/// all.
void SmppAccount::share_rate() {
  const auto held = std::ranges::count_if(slots_, [](const auto& slot) { return slot->is_held(); });
  if (settings_->account_rate <= 0 || held == 0) return;
  const double rate = settings_->account_rate * static_cast<double>(held) / static_cast<double>(slots_.size());
  account_.set_rate(rate, std::max(1.0, rate / 10), loop_.now());
}

void SmppAccount::stop() {
  is_draining_ = true;
  for (auto& slot : slots_) slot->stop(stop_drain_limit);
}

void SmppAccount::drain() {
  is_draining_ = true;
  for (auto& slot : slots_) slot->stop(settings_->response_timeout);
}

void SmppAccount::resume() {
  is_paused_ = false;
  breaker_ = Breaker();
  if (std::exchange(is_draining_, false)) start();
}

void SmppAccount::reserve() {
  ++reserved_;
  breaker_.asked(loop_.now());
}

void SmppAccount::worked() {
  if (breaker_.succeeded()) log::info("smsc.breaker.closed", "smsc={}", settings_->name);
}

void SmppAccount::failed() {
  const MonoTime now = loop_.now();
  if (!breaker_.failed(now)) return;
  log::warning("smsc.breaker.open", "smsc={} for_ms={}", settings_->name, (*breaker_.half_open_at() - now).count());
}

bool SmppAccount::is_stopped() const {
  return std::ranges::all_of(links_, [](const auto& link) { return link->is_stopped(); });
}

void SmppAccount::reconnect() {
  breaker_ = Breaker();  // An operator knows better.
  for (auto& slot : slots_) slot->reconnect();
}

void SmppAccount::on_change() {
  for (auto& slot : slots_) slot->on_change();
}

void SmppAccount::trace(Tracer tracer) {
  trace_tap_.add(std::move(tracer));
  for (auto& link : links_) link->set_trace(true);
}

void SmppAccount::on_seen(const TracedPdu& pdu) {
  trace_tap_.show(pdu);
  if (trace_tap_.is_on()) return;
  for (auto& each : links_) each->set_trace(false);
}

bool SmppAccount::is_bound() const {
  const auto takes = [](const auto& link) { return link->is_bound() && link->takes_submits(); };
  return std::ranges::any_of(
      slots_, [&](const auto& slot) { return slot->is_held() && std::ranges::any_of(slot->links(), takes); });
}

std::uint32_t SmppAccount::binds_elsewhere() const {
  if (!is_for_this_node_) return settings_->binds;
  return static_cast<std::uint32_t>(
      std::ranges::count_if(slots_, [](const auto& slot) { return slot->is_elsewhere(); }));
}

CarrierHealth SmppAccount::health() const {
  CarrierHealth health;
  health.is_bound = is_bound();
  health.is_paused = is_paused_ || is_draining_;
  std::size_t room = 0;
  for (const auto& slot : slots_) {
    if (!slot->is_held()) continue;
    for (const auto& link : slot->links()) room += link->room();
  }
  health.room = health.is_paused || room <= reserved_ ? 0 : room - reserved_;
  health.breaker = breaker_.state(loop_.now());
  return health;
}

std::string SmppAccount::trouble() const {
  if (is_draining_) return "draining";
  if (is_paused_) return "paused by the operator";
  if (is_bound()) return "";
  if (!is_for_this_node_) return fmt::format("only for the nodes {}", fmt::join(settings_->nodes, ", "));
  if (binds_elsewhere() == slots_.size()) return "its binds are other nodes'";
  const std::string& error = links_.front()->last_error();
  return error.empty() ? "not bound yet" : "down: " + error;
}

bool SmppAccount::submit(Outgoing outgoing) {
  SmscLink* best = nullptr;
  for (const auto& slot : slots_) {
    if (!slot->is_held()) continue;
    for (const auto& link : slot->links()) {
      if (!link->is_bound() || !link->takes_submits()) continue;
      if (best == nullptr || link->room() > best->room()) best = link.get();
    }
  }
  if (best == nullptr) return false;
  traced::submit_begins(outgoing.ref.otp, settings_->name);
  best->submit(std::move(outgoing));
  return true;
}

void SmppAccount::withdraw(const OtpId& otp, std::size_t first_kept) {
  for (const auto& link : links_) link->withdraw(otp, first_kept);
}

bool SmppAccount::awaits_response(std::span<const std::string> numbers) const {
  return std::ranges::any_of(links_, [&](const auto& link) { return link->awaits_response(numbers); });
}

CarrierView SmppAccount::view() const {
  CarrierView view;
  view.name = settings_->name;
  const std::uint32_t slots_here = settings_->binds - binds_elsewhere();
  view.binds_wanted = slots_here * static_cast<std::uint32_t>(bind_types(*settings_).size());
  view.window = settings_->window * slots_here;
  view.rate = settings_->rate * slots_here;
  view.address = links_.front()->address();
  view.breaker = breaker_.state(loop_.now());
  LinkState best = LinkState::down;
  bool is_unlimited = false;
  std::vector<Millis> round_trips;
  for (const auto& link : links_) {
    const BindView& session = view.each_bind.emplace_back(link->view());
    if (link->takes_submits()) {
      best = std::max(best, link->state());
      view.rate_allowed += link->rate_allowed();
      is_unlimited |= link->rate_allowed() == 0;
    }
    view.binds += link->is_bound() ? 1 : 0;
    view.in_flight += session.in_flight;
    if (view.last_error.empty()) view.last_error = session.last_error;
    if (!view.next_retry_in) view.next_retry_in = session.next_retry_in;
    round_trips.insert(round_trips.end(), link->round_trips().begin(), link->round_trips().end());
    const LinkCounters& counters = link->counters();
    view.submitted += counters.submitted;
    view.accepted += counters.accepted;
    view.refused += counters.refused;
    view.throttled += counters.throttled;
    view.lost += counters.lost;
    view.receipts += counters.receipts;
    view.reconnects += counters.connects > 0 ? counters.connects - 1 : 0;
  }
  if (is_unlimited) view.rate_allowed = 0;
  if (const double limit = settings_->account_rate; limit > 0) {
    view.rate = view.rate > 0 ? std::min(view.rate, limit) : limit;
    view.rate_allowed = view.rate_allowed > 0 ? std::min(view.rate_allowed, limit) : limit;
  }
  view.state = is_draining_ ? "draining" : is_paused_ ? "paused" : std::string(to_string(best));
  std::ranges::sort(round_trips);
  view.rtt_p50_ms = percentile(round_trips, 0.50);
  view.rtt_p95_ms = percentile(round_trips, 0.95);
  return view;
}

}  // namespace xion
