#include "app/delivery/dispatcher.h"

#include <algorithm>
#include <utility>

#include "app/traced.h"
#include "base/log.h"
#include "core/otp/charges.h"
#include "core/otp/delivery_rules.h"
#include "core/otp/disposition.h"
#include "core/otp/otp_rules.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// How far behind a message that can't go now others of its route are looked at.
constexpr std::size_t look_limit = 32;
/// While messages wait, carriers' rates are looked at again this often at least.
constexpr Millis pump_interval{50};
/// How long the store is left alone after it failed.
constexpr Millis store_pause{1'000};
/// What an earlier process can have left, at most: the bound of its queue and of its windows.
constexpr std::size_t recovery_limit = 200'000;
/// Tasks that wait for the store above which new sends are turned away: at least a second's work.
constexpr std::size_t store_limit = 20'000;

RouteQuery query_of(const DispatchItem& item, std::span<const std::string_view> tried) {
  return {.e164 = item.e164,
          .country = item.country,
          .app = item.app_name,
          .purpose = item.purpose,
          .group = item.group,
          .tried = tried,
          .stays_here = item.was_handed_over};
}

/// Without an answer a message goes by another carrier after its route's failover time: a link waits no longer.
CarrierSettings with_failover(CarrierSettings carrier, std::span<const RouteSettings> routes) {
  for (const RouteSettings& route : routes) {
    if (route.carriers.size() < 2 ||
        std::ranges::find(route.carriers, carrier.name, &RouteCarrier::name) == route.carriers.end())
      continue;
    carrier.response_timeout = std::min(carrier.response_timeout, Millis(route.failover_after));
  }
  return carrier;
}

}  // namespace

Dispatcher::Dispatcher(const Ports& ports, const SettingsInForce& settings, const Directory& directory,
                       Measures& measures)
    : ports_(ports),
      settings_(settings),
      directory_(directory),
      measures_(measures),
      facts_(settings->carriers),
      health_([this](std::string_view name, const RouteQuery& query) {
        const SmppAccount* found = carrier(name);
        CarrierHealth health = found ? found->health() : CarrierHealth{};
        health.is_bound_elsewhere = !health.is_bound && ports_.cluster.is_bound_elsewhere(name);
        health.conversion = conversions_.rate(name, query.e164, ports_.loop.now());
        return health;
      }),
      submissions_(ports, *this),
      receipts_(ports, settings, *this, directory, measures),
      pump_timer_(ports.loop.timer([this] { pump(); })),
      unknown_timer_(ports.loop.timer([this] { check_unknown(); })),
      hold_timer_(ports.loop.timer([this] { watch_holds(); })) {
  for (const CarrierSettings& carrier : settings->carriers) add_carrier(carrier);
}

void Dispatcher::add_carrier(const CarrierSettings& settings) {
  carriers_.emplace(settings.name,
                    std::make_unique<SmppAccount>(
                        ports_.loop, ports_.entropy, ports_.cluster,
                        std::make_shared<const CarrierSettings>(with_failover(settings, settings_->routes)), *this));
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start(std::move_only_function<void(bool)> recovered) {
  recover([this, recovered = std::move(recovered)](bool ok) mutable {
    if (ok) {
      for (auto& [name, carrier] : carriers_) {
        if (!carrier->is_drained()) carrier->start();
      }
    }
    recovered(ok);
  });
}

void Dispatcher::stop() {
  is_stopping_ = true;
  for (auto& [name, carrier] : carriers_) carrier->stop();
}

bool Dispatcher::is_stopped() const {
  return std::ranges::all_of(carriers_, [](const auto& each) { return each.second->is_stopped(); }) &&
         std::ranges::all_of(retired_, [](const auto& each) { return each->is_stopped(); });
}

/// Messages in `submitting` were handed to a link by a process that is gone: nobody knows whether they left. That is
/// written by tasks of their own, which are tried again: a daemon that starts on a full disk reads all the same.
void Dispatcher::recover(std::move_only_function<void(bool)> recovered) {
  struct Recovered {
    Left left;
    std::map<std::string, smpp::IdBase> id_bases;
    std::vector<CarrierHold> holds;
  };
  run_task(
      ports_.store,
      [&vault = ports_.store_vault, overrides = facts_.status_overrides, now = ports_.loop.wall_now()](Txn& txn) {
        return Recovered{
            read_left(txn, txn.unsettled(recovery_limit), txn.outbox(recovery_limit), vault, *overrides, now),
            txn.id_bases(), txn.carrier_holds()};
      },
      [this, recovered = std::move(recovered)](Commit commit, Recovered& found) mutable {
        if (commit == Commit::durable) {
          receipts_.bases().load(found.id_bases);
          take_holds(std::move(found.holds));
          log::info("queue.recovered", "queued={} unknown_outcome={}", found.left.queued.size(),
                    found.left.submitting.size() + found.left.unknown.size());
          take_up(std::move(found.left));
        }
        recovered(commit == Commit::durable);
      });
}

Dispatcher::Left Dispatcher::read_left(Txn& txn, const std::vector<SubmissionRef>& unsettled,
                                       const std::vector<OutboxEntry>& queued, Vault& vault,
                                       const CarrierOverrides& overrides, WallTime now) {
  Left left;
  for (const SubmissionRef& ref : unsettled) {
    auto otp = txn.otp(ref.otp);
    if (!otp) continue;
    if (otp->messages[ref.message].state == MessageState::submitting) {
      left.submitting.push_back(ref);
      continue;
    }
    if (!otp_rules::is_live(*otp, now)) continue;
    if (auto item = routing_of(*otp, ref.message, vault, overrides)) left.unknown.emplace_back(ref, std::move(*item));
  }
  for (const OutboxEntry& entry : queued) {
    const auto otp = txn.otp(entry.otp);
    if (!otp) continue;
    if (auto item = dispatch_item(*otp, vault, overrides, now)) left.queued.push_back(std::move(*item));
  }
  return left;
}

void Dispatcher::take_up(Left left) {
  for (const SubmissionRef& ref : left.submitting) submissions_.outcome_unknown(ref, Unanswered::timed_out);
  for (auto& [ref, item] : left.unknown) watch_unknown(ref, item, Unanswered::timed_out);
  for (auto& item : left.queued) enqueue(std::move(item));
}

// --- routing --------------------------------------------------------------------------------------------------------

SmppAccount* Dispatcher::carrier(std::string_view name) const {
  const auto found = carriers_.find(name);
  return found == carriers_.end() ? nullptr : found->second.get();
}

const RouteSettings* Dispatcher::route_for(const RouteQuery& query) const {
  return match_route(settings_->routes, query);
}

RouteExplanation Dispatcher::explain(const RouteQuery& query) const {
  RouteQuery now = query;
  now.now = ports_.loop.wall_now();
  return explain_route(settings_->routes, now, health_, [this](std::string_view name) {
    const SmppAccount* found = carrier(name);
    if (const CarrierHold* held = hold_of(name); held != nullptr && found != nullptr) return describe(*held);
    return found ? found->trouble() : "not configured";
  });
}

RouteDecision Dispatcher::decide(const RouteQuery& query) const {
  RouteQuery now = query;
  now.now = ports_.loop.wall_now();
  return decide_route(settings_->routes, now, health_);
}

/// A carrier that may have the message already is asked again only where no other is left. One that gave it back for
/// want of room is asked after the others that are well: its next bind would keep the message waiting as long as this
/// one did.
RouteDecision Dispatcher::decide(const DispatchItem& item) const {
  std::vector<std::string_view> tried(item.tried.begin(), item.tried.end());
  const std::size_t refused = tried.size();
  tried.insert(tried.end(), item.doubtful.begin(), item.doubtful.end());
  const std::size_t doubted = tried.size();
  if (!item.returned.empty()) {
    tried.insert(tried.end(), item.returned.begin(), item.returned.end());
    const RouteDecision elsewhere = decide(query_of(item, tried));
    const bool is_well =
        elsewhere.carrier != nullptr && carrier(elsewhere.carrier->name)->health().breaker != BreakerState::open;
    if (is_well || elsewhere.elsewhere != nullptr) return elsewhere;
    tried.resize(doubted);
  }
  RouteDecision decision = decide(query_of(item, tried));
  if (decision.is_exhausted && !item.doubtful.empty()) {
    decision = decide(query_of(item, std::span(tried).first(refused)));
  }
  return decision;
}

Reservation Dispatcher::reserve(const RouteQuery& query) {
  if (is_stopping_) return {};
  const RouteDecision decision = decide(query);
  if (decision.carrier == nullptr || queue_.waits_for(decision.carrier->name, look_limit)) return {};
  SmppAccount* chosen = carrier(decision.carrier->name);
  chosen->reserve();
  return {chosen->settings()};
}

Reservation Dispatcher::reserve_at(std::string_view name) {
  SmppAccount* wanted = is_stopping_ ? nullptr : carrier(name);
  if (wanted == nullptr || wanted->health().room == 0) return {};
  wanted->reserve();
  return {wanted->settings()};
}

void Dispatcher::settle(const Reservation& reservation, std::optional<Outgoing> outgoing) {
  SmppAccount* held = holder(reservation.carrier);
  if (held != nullptr) held->release();
  if (!outgoing) return;
  const SubmissionRef ref = outgoing->ref;
  if (held == nullptr || !held->submit(std::move(*outgoing))) submissions_.refused(ref, 0, true);
}

// --- the queue ------------------------------------------------------------------------------------------------------

void Dispatcher::enqueue(DispatchItem item) {
  if (const auto app = directory_.app(item.app)) {
    item.app_name = app->app.name;
    item.text_name = app->policy.text_name.value_or(app->app.name);
  }
  queue(std::move(item));
  pump_soon();
}

void Dispatcher::queue(DispatchItem item) {
  if (item.queued_at == WallTime{}) item.queued_at = ports_.loop.wall_now();
  const RouteSettings* route = route_for(query_of(item, {}));
  queue_.push(route, std::move(item));
}

void Dispatcher::withdraw(const OtpId& otp, std::size_t first_kept) {
  for (auto& [name, carrier] : carriers_) carrier->withdraw(otp, first_kept);
  for (const auto& carrier : retired_) carrier->withdraw(otp, first_kept);
}

bool Dispatcher::is_overloaded() const {
  return queue_size() >= settings_->queue_limit || ports_.store.waiting() >= store_limit;
}

void Dispatcher::pump_soon() {
  if (pump_is_posted_ || is_stopping_ || queue_.size() == 0) return;
  pump_is_posted_ = true;
  ports_.loop.post([this] {
    pump_is_posted_ = false;
    pump();
  });
}

void Dispatcher::pump() {
  if (is_stopping_) return;
  queue_.offer(look_limit, [this](const RouteSettings* route, DispatchItem& item) { return try_item(route, item); });
  if (queue_.size() > 0) pump_timer_->start(pump_interval);
}

/// What each carrier of its route says: "primary: down: connection refused; backup: paused by the operator".
std::string Dispatcher::why_waiting(const DispatchItem& item) const {
  std::vector<std::string_view> tried(item.tried.begin(), item.tried.end());
  const RouteExplanation decision = explain(query_of(item, tried));
  if (decision.route == nullptr) return "no route matches";
  std::string why;
  for (const RouteOption& option : decision.options)
    why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", option.carrier, option.reason);
  return why;
}

DispatchQueue::Verdict Dispatcher::try_item(const RouteSettings* route, DispatchItem& item) {
  if (ports_.loop.wall_now() >= item.expires_at) {
    ++measures_.died_unsent[route != nullptr ? route->name : "none"];
    std::string why = why_waiting(item);
    log::warning("queue.expired", "request={} route={} why=\"{}\"", to_string(item.otp),
                 route != nullptr ? route->name : "none", why);
    submissions_.died_waiting(item.otp, std::move(why));
    return DispatchQueue::Verdict::taken;
  }
  const RouteDecision decision = decide(item);
  if (decision.carrier != nullptr) {
    claim(std::move(item), *carrier(decision.carrier->name));
    return DispatchQueue::Verdict::taken;
  }
  if (route != nullptr && decision.is_exhausted) {
    submissions_.give_up(item.otp, item.message);
    return DispatchQueue::Verdict::taken;
  }
  if (decision.elsewhere != nullptr) {
    hand_over(std::move(item), decision.elsewhere->name);
    return DispatchQueue::Verdict::taken;
  }
  const bool is_first_try = item.tried.empty() && item.doubtful.empty();
  return is_first_try ? DispatchQueue::Verdict::route_is_full : DispatchQueue::Verdict::stays;
}

/// Requests are shared out among several nodes that have binds to the carrier.
void Dispatcher::hand_over(DispatchItem item, std::string_view carrier) {
  ++claims_;
  const std::vector<NodeId> bound = ports_.cluster.bound_at(carrier);
  const NodeId to = bound[item.otp.octets.back() % bound.size()];
  const OtpId id = item.otp;
  const std::uint8_t message = item.message;
  run_patiently(
      ports_.store, [id, message, to](Txn& txn) { return txn.hand_over(id, message, to); },
      [this, item = std::move(item)](Commit commit, bool is_theirs) mutable {
        --claims_;
        if (commit == Commit::durable) {
          measures_.handed_over += is_theirs ? 1 : 0;
          return pump_soon();
        }
        queue(std::move(item));
        pump_timer_->start(store_pause);
      });
}

/// Claims a message in the store for a carrier, then hands it over: durable before a byte leaves, so that after a crash
/// nobody takes it for unsent.
void Dispatcher::claim(DispatchItem item, SmppAccount& carrier) {
  carrier.reserve();
  ++claims_;
  // Copied here: the two callables are made in any order, and one of them takes the item.
  const std::string text_name = item.text_name, e164 = item.e164;
  run_patiently(
      ports_.store,
      [id = item.otp, message = item.message, text_name, e164, settings = carrier.settings(),
       prices = settings_.prices(), &vault = ports_.store_vault,
       now = ports_.loop.wall_now()](Txn& txn) -> std::optional<Outgoing> {
        auto otp = txn.otp(id);
        if (!otp) return std::nullopt;
        auto outgoing = claim_message(*otp, message, text_name, *settings, vault, now);
        if (!outgoing) return outgoing;
        set_part_price(*otp, message, *prices, e164);
        txn.put(*otp);
        return outgoing;
      },
      [this, reservation = Reservation{carrier.settings()}, item = std::move(item)](
          Commit commit, std::optional<Outgoing>& outgoing) mutable {
        --claims_;
        const bool is_durable = commit == Commit::durable;
        settle(reservation, is_durable ? std::move(outgoing) : std::nullopt);
        if (is_durable) return pump_soon();
        // The store fails at once while it is in trouble: asking again at once would spin.
        queue(std::move(item));
        pump_timer_->start(store_pause);
      });
}

// --- unknown outcomes -----------------------------------------------------------------------------------------------

void Dispatcher::watch_unknown(const SubmissionRef& ref, const DispatchItem& item, Unanswered why) {
  if (why == Unanswered::connection_lost && is_free_elsewhere(item)) return submissions_.resend_unknown(ref);
  const RouteSettings* route = route_for(query_of(item, {}));
  const Millis failover_after = route ? route->failover_after : RouteSettings{}.failover_after;
  const Millis gone = std::max(Millis{0}, ports_.loop.wall_now() - item.submitted_at);
  unknown_.emplace(ports_.loop.now() + std::max(Millis{0}, failover_after - gone), ref);
  unknown_timer_->start(std::max(Millis{1}, unknown_.begin()->first - ports_.loop.now()));
}

/// Whether a carrier that can't have the message takes it now, here or at another node.
bool Dispatcher::is_free_elsewhere(const DispatchItem& item) const {
  std::vector<std::string_view> tried(item.tried.begin(), item.tried.end());
  tried.insert(tried.end(), item.doubtful.begin(), item.doubtful.end());
  const RouteDecision decision = decide(query_of(item, tried));
  return decision.carrier != nullptr || decision.elsewhere != nullptr;
}

void Dispatcher::check_unknown() {
  const MonoTime now = ports_.loop.now();
  while (!unknown_.empty() && unknown_.begin()->first <= now) {
    submissions_.resend_unknown(unknown_.begin()->second);
    unknown_.erase(unknown_.begin());
  }
  if (!unknown_.empty()) unknown_timer_->start(std::max(Millis{1}, unknown_.begin()->first - now));
}

// --- what the links say ---------------------------------------------------------------------------------------------

void Dispatcher::on_answer(SmscLink& link, const SubmissionRef& ref, std::uint32_t status,
                           const std::string& smsc_message_id) {
  traced::submit_ends(ref.otp, status, smsc_message_id);
  SmppAccount& account = *holder(link.settings());
  switch (disposition_of(status, account.settings()->status_overrides)) {
    case Disposition::accepted:
    case Disposition::refused_number: account.worked(); break;
    case Disposition::elsewhere: account.failed(); break;
    case Disposition::slow_down:
    case Disposition::queue_full:
    case Disposition::session_broken:
    case Disposition::our_mistake: break;
  }
  if (status == smpp::status::ok) {
    if (log::is_enabled(log::Level::debug)) {
      log::debug("submit.accepted", "smsc={} request={} smsc_message_id={}", link.carrier(), to_string(ref.otp),
                 smsc_message_id);
    }
    submissions_.accepted(ref, link.carrier(), smsc_message_id);
  } else {
    log::info("submit.refused", "smsc={} request={} status={}", link.carrier(), to_string(ref.otp),
              smpp::status_name(status));
    submissions_.refused(ref, status, true);
  }
  pump_soon();
}

void Dispatcher::on_not_taken(SmscLink&, const SubmissionRef& ref, std::uint32_t status) {
  traced::submit_is_lost(ref.otp, status == smpp::status::ok ? "not_sent" : smpp::status_name(status));
  submissions_.refused(ref, status, true);
}

void Dispatcher::on_unknown(SmscLink& link, const SubmissionRef& ref, Unanswered why) {
  if (why == Unanswered::timed_out) holder(link.settings())->failed();
  traced::submit_is_lost(ref.otp, why == Unanswered::timed_out ? "timeout" : "connection_lost");
  log::warning("submit.outcome_unknown", "smsc={} request={}", link.carrier(), to_string(ref.otp));
  submissions_.outcome_unknown(ref, why);
  pump_soon();
}

void Dispatcher::on_late_answer(SmscLink& link, const SubmissionRef& ref, std::uint32_t status,
                                const std::string& smsc_message_id) {
  log::info("submit.late_answer", "smsc={} request={} status={}", link.carrier(), to_string(ref.otp),
            smpp::status_name(status));
  if (status == smpp::status::ok) {
    submissions_.accepted(ref, link.carrier(), smsc_message_id);
  } else {
    submissions_.refused(ref, status, true);
  }
}

void Dispatcher::on_deliver(SmscLink& link, const DeliveryTicket& ticket, smpp::DeliverSm&& sm) {
  // The link may have gone with its carrier by then: the receipt comes again on another.
  receipts_.take(*link.settings(), std::move(sm), [asked = link.weak_from_this(), ticket](std::uint32_t status) {
    if (const auto lives = asked.lock()) lives->answer_deliver(ticket, status);
  });
}

void Dispatcher::on_seen(SmscLink& link, const TracedPdu& pdu) {
  if (SmppAccount* found = holder(link.settings())) found->on_seen(pdu);
}

void Dispatcher::on_change(SmscLink& link) {
  if (SmppAccount* found = holder(link.settings())) found->on_change();
  reap_soon();
  pump_soon();
}

bool Dispatcher::awaits_response(std::string_view name, std::span<const std::string> numbers) const {
  const auto awaits = [&](const SmppAccount& each) {
    return each.settings()->name == name && each.awaits_response(numbers);
  };
  const SmppAccount* current = carrier(name);
  return submissions_.is_behind() || (current != nullptr && awaits(*current)) ||
         std::ranges::any_of(retired_, [&](const auto& each) { return awaits(*each); });
}

void Dispatcher::note_verification(const Carriage& carriage, bool was_verified) {
  ReceiptMeasures& here = measures_.receipts[carriage.carrier];
  ++(was_verified ? here.verified : here.not_verified);
  conversions_.note_verification(carriage.carrier, carriage.calling_prefix, was_verified, ports_.loop.now());
}

void Dispatcher::note_delivery(const Carriage& carriage, bool was_delivered) {
  conversions_.note_delivery(carriage.carrier, carriage.calling_prefix, was_delivered, ports_.loop.now());
}

}  // namespace xion
