#include "app/delivery/smsc_link.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/log_line.h"
#include "core/otp/disposition.h"

namespace xion {
namespace {

/// A bind refused for its credentials is tried again this seldom: carriers lock accounts that hammer.
constexpr Millis slow_retry_min{5 * 60'000};
constexpr Millis slow_retry_max{15 * 60'000};

/// The spec's system_id is this long; what a carrier writes beyond it is not worth a line of the log.
constexpr std::size_t shown_system_id = 15;

/// A session that lasted so long makes the wait before the next one short again: one that took a submit or brought
/// something, and one in which nothing went by.
constexpr Millis worked_for{5'000};
constexpr Millis idled_for{30'000};

smpp::EsmeSettings session_settings(const CarrierSettings& carrier, smpp::BindType type) {
  smpp::EsmeSettings settings;
  settings.bind_type = type;
  settings.system_id = carrier.system_id;
  settings.password = carrier.password;
  settings.system_type = carrier.system_type;
  settings.interface_version = carrier.interface_version;
  settings.address_range = {carrier.bind_ton, carrier.bind_npi, carrier.address_range};
  settings.window = carrier.window;
  settings.enquire_link_idle = carrier.enquire_link;
  settings.enquire_link_timeout = carrier.enquire_link_timeout;
  settings.bind_timeout = carrier.bind_timeout;
  settings.response_timeout = carrier.response_timeout;
  return settings;
}

/// A span between half of `span` and all of it, so that links which fell together don't return together.
Millis with_jitter(Millis span, Entropy& entropy) {
  std::array<std::uint8_t, 2> random{};
  entropy.fill(random);
  const auto part = (random[0] << 8 | random[1]) % 1000;
  return Millis{span.count() / 2 + span.count() * part / 2000};
}

}  // namespace

std::string_view to_string(LinkState state) {
  switch (state) {
    case LinkState::down: return "down";
    case LinkState::connecting: return "connecting";
    case LinkState::binding: return "binding";
    case LinkState::bound: return "bound";
  }
  return "down";
}

SmscLink::SmscLink(Loop& loop, Entropy& entropy, CarrierSettingsRef settings, smpp::BindType type, std::uint32_t number,
                   TokenBucket& account, LinkEvents& events, std::function<bool()> may_submit)
    : loop_(loop),
      entropy_(entropy),
      settings_(std::move(settings)),
      type_(type),
      number_(number),
      events_(events),
      may_submit_(std::move(may_submit)),
      trace_(number),
      show_trace_([this](const TracedPdu& pdu) { events_.on_seen(*this, pdu); }),
      back_off_(settings_->reconnect_min),
      submitter_(settings_, account, counters_),
      timer_(loop.timer([this] { tick(); })) {}

SmscLink::~SmscLink() = default;

// --- connecting -----------------------------------------------------------------------------------------------------

const std::vector<std::string>& SmscLink::addresses() const {
  const bool is_elsewhere = type_ == smpp::BindType::receiver && !settings_->receiver_addresses.empty();
  return is_elsewhere ? settings_->receiver_addresses : settings_->addresses;
}

void SmscLink::start(Millis delay) {
  is_stopping_ = false;
  submitter_.go_on();
  if (session_) return;
  const MonoTime now = loop_.now();
  if (closed_at_) delay = std::max(delay, *closed_at_ + settings_->reconnect_min - now);
  retry_at_ = now + delay;
  if (delay <= Millis{0}) {
    connect();
  } else {
    timer_->start(delay);
  }
}

void SmscLink::stop(Millis drain_limit) {
  is_stopping_ = true;
  drain_until_ = loop_.now() + drain_limit;
  Verdicts verdicts;
  submitter_.stop(verdicts);
  perform(verdicts);
  if (state_ != LinkState::bound) {
    timer_->stop();
    close_session("stopped");
    return;
  }
  unbind_when_drained();
  arm_timer();
}

void SmscLink::unbind_when_drained() {
  if (!is_stopping_ || state_ != LinkState::bound || session_->state() != smpp::SessionState::bound) return;
  if (session_->in_flight() > 0 && loop_.now() < drain_until_) return;
  smpp::Actions actions;
  session_->unbind(loop_.now(), actions);
  perform(actions);
}

/// In a turn of its own, so that the rest of what is read now is heard.
void SmscLink::close_when_answered() {
  const auto& until = submitter_.broken_until();
  if (!until || (session_->in_flight() > 0 && loop_.now() < *until)) return;
  close_session("the carrier says that we are not bound (ESME_RINVBNDSTS)");
}

void SmscLink::reconnect() {
  back_off_ = settings_->reconnect_min;
  slow_retry_ = false;
  if (state_ != LinkState::down) close_session("asked for by the operator");
  start(Millis{1});  // Once the old stream is dead, whose events would be taken for the new one's.
}

void SmscLink::connect() {
  state_ = LinkState::connecting;
  tick_at_ = MonoTime::max();
  ++session_number_;
  ++counters_.connects;
  session_ = std::make_unique<smpp::EsmeSession>(session_settings(*settings_, type_));
  trace_.reset();
  log::debug("smsc.link.connecting", "smsc={} bind={} address={}", carrier(), number_, address());
  stream_ = loop_.connect({address(), settings_->tls, settings_->local_address}, *this);
  events_.on_change(*this);
}

void SmscLink::on_open() {
  if (!session_) return;
  state_ = LinkState::binding;
  session_->set_trace(log::level() == log::Level::debug);
  smpp::Actions actions;
  session_->on_open(loop_.now(), actions);
  perform(actions);
  arm_timer();
}

void SmscLink::on_octets(std::string_view octets) {
  if (!session_) return;
  trace_.received(octets, show_trace_);
  session_->set_trace(log::level() == log::Level::debug);  // The level may change at any time.
  smpp::Actions actions;
  const std::uint64_t unknown_before = session_->counters().unknown_commands;
  session_->on_octets(octets, loop_.now(), actions);
  // Once a session: a carrier that says it all day is told of all day by the metrics.
  if (unknown_before == 0 && session_->counters().unknown_commands > 0) {
    log::warning("smsc.command_unknown", "smsc={} bind={} hint=\"xionctl carrier trace {} shows it\"", carrier(),
                 number_, carrier());
  }
  perform(actions);
  flush();
  unbind_when_drained();
  arm_timer();
}

void SmscLink::on_close(std::string_view reason) { close_session(reason); }

/// The one way down: everything in flight is told once, then the next try is planned.
void SmscLink::close_session(std::string_view reason) {
  if (!session_) return;
  const auto session = std::move(session_);
  const bool was_bound = state_ == LinkState::bound;
  const std::size_t lost = session->in_flight();
  state_ = LinkState::down;
  closed_at_ = loop_.now();
  // A bind that is taken and dropped at once, or takes no submit, is a failure like one that is refused.
  const Millis held_for = was_bound ? *closed_at_ - bound_at_ : Millis{0};
  const bool has_held = !submitter_.broken_until() && held_for >= (has_worked_ ? worked_for : idled_for);
  if (was_bound && has_held) back_off_ = settings_->reconnect_min;
  amiss_ += session->counters();
  if (last_error_.empty() || was_bound) last_error_ = reason;
  smpp::Actions actions;
  session->on_close(loop_.now(), actions);
  Verdicts verdicts;
  for (const auto& action : actions) {
    if (const auto* gone = std::get_if<smpp::SubmitLost>(&action)) submitter_.on_lost(*gone, verdicts);
  }
  submitter_.on_close(verdicts);
  perform(verdicts);
  // The stream may be the one whose callback we are in: it dies on the loop's next turn.
  loop_.post([stream = std::shared_ptr<Stream>(std::move(stream_))] {});
  // One that was told to go need not be looked at.
  if (is_stopping_ && lost == 0)
    log::info("smsc.link.closed", "smsc={} bind={} reason=\"{}\" lost=0", carrier(), number_, reason);
  else
    log::warning("smsc.link.closed", "smsc={} bind={} reason=\"{}\" lost={}", carrier(), number_, reason, lost);
  if (!is_stopping_) retry_later();
  events_.on_change(*this);
}

void SmscLink::retry_later() {
  const Millis wait = slow_retry_ ? std::max(with_jitter(slow_retry_max, entropy_), slow_retry_min)
                                  : std::max(with_jitter(back_off_, entropy_), settings_->reconnect_min);
  back_off_ = std::min(back_off_ * 2, std::max(settings_->reconnect_max, settings_->reconnect_min));
  address_index_ = (address_index_ + 1) % addresses().size();
  retry_at_ = loop_.now() + wait;
  log::info("smsc.link.retry", "smsc={} bind={} in_ms={}", carrier(), number_, wait.count());
  timer_->start(wait);
}

BindView SmscLink::view() const {
  BindView view;
  view.number = number_;
  view.type = type_ == smpp::BindType::transceiver   ? "transceiver"
              : type_ == smpp::BindType::transmitter ? "transmitter"
                                                     : "receiver";
  view.state = to_string(state_);
  view.address = address();
  view.window = takes_submits() ? settings_->window : 0;
  view.in_flight = static_cast<std::uint32_t>(in_flight());
  view.rate_allowed = takes_submits() ? submitter_.rate() : 0;
  view.amiss = amiss_;
  if (session_) view.amiss += session_->counters();
  view.last_error = last_error_;
  view.next_retry_in = next_retry_in();
  view.counters = &counters_;
  return view;
}

std::optional<Millis> SmscLink::next_retry_in() const {
  if (state_ != LinkState::down || is_stopping_) return std::nullopt;
  return std::max(Millis{0}, retry_at_ - loop_.now());
}

void SmscLink::tick() {
  const MonoTime now = loop_.now();
  tick_at_ = MonoTime::max();
  if (!session_) {
    if (!is_stopping_ && now >= retry_at_) connect();
    return;
  }
  smpp::Actions actions;
  session_->on_tick(now, actions);
  perform(actions);
  flush();
  shed();
  if (session_) close_when_answered();
  unbind_when_drained();
  arm_timer();
}

void SmscLink::arm_timer() {
  if (!session_) return;
  const MonoTime now = loop_.now();
  MonoTime next = session_->next_deadline().value_or(now + Millis{60'000});
  if (const auto wanted = submitter_.next(now, session_->can_submit())) next = std::min(next, *wanted);
  if (is_stopping_) next = std::min(next, std::max(drain_until_, now + Millis{100}));
  // A tick that comes too early does no harm, so the timer is only ever moved forward.
  if (next >= tick_at_) return;
  tick_at_ = next;
  timer_->start(std::max(Millis{1}, next - now));
}

// --- what the session says ------------------------------------------------------------------------------------------

void SmscLink::perform(smpp::Actions& actions) {
  for (auto& action : actions) {
    if (!session_) return;
    std::visit([this](auto& a) { handle(a); }, action);
  }
}

void SmscLink::handle(smpp::Send& action) {
  trace_.sent(action.octets, show_trace_);
  stream_->write(action.octets);
}

void SmscLink::handle(smpp::Close& action) { close_session(smpp::close_reason_text(action.reason)); }

void SmscLink::handle(smpp::Seen& action) {
  if (!log::is_enabled(log::Level::debug)) return;
  const std::string head =
      log::line("smsc.pdu", "smsc={} bind={} {}", carrier(), number_, action.sent ? "sent" : "received");
  log::write(log::Level::debug, head + " " + action.line);
}

void SmscLink::handle(smpp::Bound& action) {
  state_ = LinkState::bound;
  bound_at_ = loop_.now();
  submitter_.on_bound();
  has_worked_ = false;
  slow_retry_ = false;
  last_error_.clear();
  log::info("smsc.link.bound", "smsc={} bind={} address={} smsc_system_id=\"{}\"", carrier(), number_, address(),
            std::string_view(action.system_id).substr(0, shown_system_id));
  events_.on_change(*this);
}

void SmscLink::handle(smpp::BindRefused& action) {
  last_error_ = "bind refused: " + smpp::status_name(action.status);
  slow_retry_ = bind_disposition_of(action.status) == BindDisposition::slow_retry_and_alarm;
  log::error("smsc.bind.refused", "smsc={} bind={} status={} hint=\"{}\"", carrier(), number_,
             smpp::status_name(action.status),
             slow_retry_ ? "check system_id and password with the carrier"
                         : "the carrier is busy or has too many binds; trying again");
}

void SmscLink::handle(smpp::SubmitAnswered& action) {
  Verdicts verdicts;
  submitter_.on_answer(action, loop_.now(), verdicts);
  perform(verdicts);
}

void SmscLink::handle(smpp::SubmitLost& action) {
  Verdicts verdicts;
  submitter_.on_lost(action, verdicts);
  perform(verdicts);
}

void SmscLink::handle(smpp::LateAnswer& action) {
  Verdicts verdicts;
  submitter_.on_late_answer(action, verdicts);
  perform(verdicts);
}

void SmscLink::handle(smpp::Delivered& action) {
  ++counters_.receipts;
  has_worked_ = true;
  events_.on_deliver(*this, {session_number_, action.sequence, action.command}, std::move(action.sm));
}

void SmscLink::answer_deliver(const DeliveryTicket& ticket, std::uint32_t status) {
  // The connection that asked may be gone; the carrier sends the receipt again on the next one.
  if (!session_ || ticket.session_number != session_number_) return;
  smpp::Actions actions;
  session_->answer_deliver(ticket.sequence, status, actions, ticket.command);
  perform(actions);
}

// --- submits --------------------------------------------------------------------------------------------------------

void SmscLink::submit(Outgoing outgoing) {
  Verdicts verdicts;
  submitter_.take(std::move(outgoing), loop_.now(), verdicts);
  perform(verdicts);
  flush();
  arm_timer();
}

void SmscLink::withdraw(const OtpId& otp, std::size_t first_kept) {
  Verdicts verdicts;
  submitter_.withdraw(otp, first_kept, verdicts);
  perform(verdicts);
}

void SmscLink::flush() {
  if (!session_) return;
  Verdicts verdicts;
  const bool may_submit = session_->can_submit() && may_submit_();
  submitter_.flush({loop_.now(), loop_.wall_now()}, may_submit ? session_->window_room() : 0, verdicts);
  perform(verdicts);
}

void SmscLink::shed() {
  Verdicts verdicts;
  submitter_.shed(loop_.now(), verdicts);
  perform(verdicts);
}

// --- what the submitter says ----------------------------------------------------------------------------------------

void SmscLink::perform(const Verdicts& verdicts) {
  for (const submits::Verdict& verdict : verdicts) {
    std::visit([this](const auto& v) { handle(v); }, verdict);
  }
}

void SmscLink::handle(const submits::Write& verdict) {
  if (!session_) return;  // Closed by an earlier one's write, which told of this one, too.
  smpp::Actions actions;
  if (session_->submit(verdict.token, *verdict.sm, loop_.now(), actions)) return perform(actions);
  log::error("smsc.submit.unpackable", "smsc={} pdu=\"{}\"", carrier(), smpp::describe(smpp::Pdu{.body = *verdict.sm}));
  Verdicts verdicts;
  submitter_.on_unpackable(verdict.token, verdicts);
  perform(verdicts);
}

void SmscLink::handle(const submits::Answered& verdict) {
  has_worked_ |= verdict.is_accepted;
  events_.on_answer(*this, verdict.ref, verdict.status, verdict.message_id);
}

void SmscLink::handle(const submits::NotTaken& verdict) { events_.on_not_taken(*this, verdict.ref, verdict.status); }

void SmscLink::handle(const submits::Unknown& verdict) { events_.on_unknown(*this, verdict.ref, verdict.why); }

void SmscLink::handle(const submits::AnsweredLate& verdict) {
  events_.on_late_answer(*this, verdict.ref, verdict.status, verdict.message_id);
}

void SmscLink::handle(const submits::SlowedDown& verdict) {
  log::warning("smsc.throttled", "smsc={} bind={} rate={:.0f} pause_ms={}", carrier(), number_, verdict.rate,
               Pace::rest.count());
}

void SmscLink::handle(const submits::Mistaken& verdict) {
  log::error("smsc.submit.mistake", "smsc={} status={} pdu=\"{}\"", carrier(), smpp::status_name(verdict.status),
             smpp::describe(smpp::Pdu{.body = verdict.sm}));
}

}  // namespace xion
