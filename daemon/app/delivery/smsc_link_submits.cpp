// The submitting half of a bind: what waits, what is written and what its answers mean.
#include <algorithm>
#include <utility>

#include "app/codes/measures.h"
#include "app/delivery/receipt_phone.h"
#include "app/delivery/smsc_link.h"
#include "base/log.h"
#include "core/otp/disposition.h"
#include "smpp/validity.h"

namespace xion {
namespace {

/// A message that a carrier has throttled for so long is given back, to go by another one.
constexpr Millis throttle_patience{5'000};
/// A message that waits at a bind for longer than half the response timeout, and this, would be quicker elsewhere …
constexpr Millis shed_after_min{1'000};
/// … and the bind then takes nothing for so long.
constexpr Millis shed_rest{1'000};
/// A full window without an answer for so long: nothing more is taken until one comes.
constexpr Millis stalled_after{1'000};
/// A carrier that takes the bind for none is listened to for so long: what it took before, it may still answer.
constexpr Millis broken_patience{1'000};
/// While a phone's queue is full its message is tried again after so long, each time twice as long; after so many tries
/// it goes by another carrier, where there is one.
constexpr Millis full_queue_wait_min{500};
constexpr Millis full_queue_wait_max{8'000};
constexpr std::uint32_t full_queue_tries = 3;
/// So many messages of full queues wait at a bind; above it they go back at once.
constexpr std::size_t held_limit = 1'000;
/// Late answers are matched for so many submissions after their timeout.
constexpr std::size_t late_limit = 1024;
constexpr std::size_t round_trips_kept = 512;

std::string validity_of(const CarrierSettings& carrier, WallTime expires_at, WallTime now) {
  if (carrier.validity_format == "none") return {};
  const auto left = std::max<Seconds>(std::chrono::ceil<Seconds>(expires_at - now), carrier.validity_min);
  return carrier.validity_format == "absolute" ? smpp::absolute_time(now + left) : smpp::relative_time(left);
}

}  // namespace

void LinkCounters::note_status(std::uint32_t status) {
  if (statuses.size() < statuses_at_most || statuses.contains(status)) {
    ++statuses[status];
  } else {
    ++other_statuses;
  }
}

std::size_t SmscLink::room() const {
  if (!is_bound() || is_stopping_ || type_ == smpp::BindType::receiver) return 0;
  const MonoTime now = loop_.now();
  if (pace_.is_resting(now) || now < takes_nothing_until_ || is_stalled(now)) return 0;
  // Enough to keep the window full while the store commits, and no more than a second's worth: what is claimed here
  // can't leave by another carrier.
  std::size_t look_ahead = settings_->window + 16;
  for (const double rate : {pace_.rate(), account_.rate()}) {
    if (rate > 0) look_ahead = std::min(look_ahead, static_cast<std::size_t>(rate) + 1);
  }
  const std::size_t limit = settings_->window + look_ahead;
  const std::size_t used = session_->in_flight() + waiting_.size();
  return used < limit ? limit - used : 0;
}

bool SmscLink::is_stalled(MonoTime now) const {
  return session_->in_flight() >= settings_->window && now - heard_at_ >= stalled_after;
}

void SmscLink::submit(Outgoing outgoing) {
  if (!is_bound() || is_stopping_) {
    events_.on_not_taken(*this, outgoing.ref, 0);
    return;
  }
  const MonoTime now = loop_.now();
  for (std::size_t i = 0; i < outgoing.segments.size(); ++i) {
    otp_rules::SubmissionRef ref = outgoing.ref;
    ref.segment = static_cast<std::uint8_t>(i);
    Waiting waiting{ref, std::move(outgoing.segments[i]), outgoing.accepted_at, outgoing.expires_at, now};
    if (outgoing.times_full > 0) {
      // Its earlier tries at this carrier go on where they ended.
      waiting.tries = full_queue_tries + outgoing.times_full;
      hold(std::move(waiting));
    } else {
      waiting_.push_back(std::move(waiting));
    }
  }
  flush();
  arm_timer();
}

void SmscLink::withdraw(const OtpId& otp, std::size_t first_kept) {
  const auto is_meant = [&](const Waiting& each) { return each.ref.otp == otp && each.ref.message < first_kept; };
  for (auto& [token, written] : written_) written.is_withdrawn |= is_meant(written);
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (!is_meant(*at)) {
      ++at;
      continue;
    }
    const auto ref = at->ref;
    at = waiting_.erase(at);
    events_.on_not_taken(*this, ref, 0);
  }
  for (auto at = held_.begin(); at != held_.end();) {
    if (!is_meant(at->second)) {
      ++at;
      continue;
    }
    const auto ref = at->second.ref;
    at = held_.erase(at);
    events_.on_not_taken(*this, ref, 0);
  }
}

bool SmscLink::awaits_response(std::span<const std::string> numbers) const {
  return std::ranges::any_of(
      written_, [&](const auto& written) { return agrees(phone_fit(numbers, written.second.sm.destination.digits)); });
}

/// A text that lacks a part can't be read: what is not with the carrier of the others is not worth sending.
void SmscLink::drop_rest(const otp_rules::SubmissionRef& ref) {
  const auto is_meant = [&](const Waiting& each) {
    return each.ref.otp == ref.otp && each.ref.message == ref.message && each.ref.submission == ref.submission;
  };
  std::erase_if(waiting_, is_meant);
  std::erase_if(held_, [&](const auto& held) { return is_meant(held.second); });
  for (auto& [token, written] : written_) written.is_withdrawn |= is_meant(written);
}

void SmscLink::flush() {
  if (!session_ || broken_until_) return;
  const MonoTime now = loop_.now();
  pace_.recover(now);
  release_held(now);
  while (session_ && !waiting_.empty() && session_->can_submit() && !pace_.is_resting(now)) {
    if (!write_next(now)) return;
  }
}

/// Writes the first waiting segment. False where the rate does not allow it now.
bool SmscLink::write_next(MonoTime now) {
  Waiting& first = waiting_.front();
  if (loop_.wall_now() >= first.expires_at) {
    const auto ref = first.ref;
    waiting_.pop_front();
    events_.on_not_taken(*this, ref, 0);
    return true;
  }
  if (account_.wait(now) > Millis{0} || !pace_.take(now)) return false;
  account_.take(now);
  Waiting next = std::move(first);
  waiting_.pop_front();
  next.sm.validity_period = validity_of(*settings_, next.expires_at, loop_.wall_now());
  if (session_->in_flight() == 0) heard_at_ = now;
  const smpp::Token token = next_token_++;
  smpp::Actions actions;
  if (!session_->submit(token, next.sm, now, actions)) {
    log::error("smsc.submit.unpackable", "smsc={} pdu=\"{}\"", carrier(), smpp::describe(smpp::Pdu{.body = next.sm}));
    events_.on_not_taken(*this, next.ref, smpp::status::rinvcmdlen);
    return true;
  }
  ++counters_.submitted;
  if (next.ref.submission == 0 && next.ref.segment == 0 && !next.is_throttled) {
    counters_.accept_to_wire.observe(in_seconds(loop_.wall_now() - next.accepted_at));
  }
  written_.emplace(token, std::move(next));
  perform(actions);
  return true;
}

/// Throttled: the carrier did not take it, so it waits at the head; the bind rests, and its rate halves once a rest.
void SmscLink::throttled(Waiting waiting) {
  ++counters_.throttled;
  const MonoTime now = loop_.now();
  if (pace_.throttled(now)) {
    log::warning("smsc.throttled", "smsc={} bind={} rate={:.0f} pause_ms={}", carrier(), number_, pace_.rate(),
                 Pace::rest.count());
  }
  if (waiting.is_withdrawn || now - waiting.since >= throttle_patience) {
    drop_rest(waiting.ref);
    events_.on_not_taken(*this, waiting.ref, smpp::status::rthrottled);
  } else {
    waiting.is_throttled = true;
    waiting_.push_front(std::move(waiting));
  }
}

/// One phone's queue is full, or the carrier's own: which of them, the other phones tell. Not taken either way, so it
/// is safe to send again.
void SmscLink::queue_full(Waiting waiting, std::uint32_t status) {
  const MonoTime now = loop_.now();
  full_queues_.note(waiting.sm.destination.digits, true, now);
  if (full_queues_.is_of_carrier(now)) return throttled(std::move(waiting));
  ++counters_.queue_full;
  if (++waiting.tries >= full_queue_tries + 1 || waiting.is_withdrawn || held_.size() >= held_limit) {
    drop_rest(waiting.ref);
    events_.on_not_taken(*this, waiting.ref, status);
    return;
  }
  waiting.is_throttled = true;
  hold(std::move(waiting));
}

void SmscLink::hold(Waiting waiting) {
  const std::uint32_t doublings = std::min<std::uint32_t>(waiting.tries > 0 ? waiting.tries - 1 : 0, 8);
  const Millis wait = std::min(full_queue_wait_max, Millis(full_queue_wait_min.count() << doublings));
  held_.emplace(loop_.now() + wait, std::move(waiting));
}

void SmscLink::release_held(MonoTime now) {
  while (!held_.empty() && held_.begin()->first <= now) {
    Waiting waiting = std::move(held_.extract(held_.begin()).mapped());
    waiting.since = now;  // It waits for its turn from now on; what it waited for its phone is not the bind's fault.
    waiting_.push_back(std::move(waiting));
  }
}

Millis SmscLink::patience() const { return std::max(shed_after_min, settings_->response_timeout / 2); }

/// A text of which a part is written stays whole: it would arrive twice. Those behind it need not wait for it.
std::deque<SmscLink::Waiting>::const_iterator SmscLink::first_unwritten() const {
  return std::ranges::find_if(waiting_, [](const Waiting& each) { return each.ref.segment == 0; });
}

void SmscLink::shed(MonoTime now) {
  for (auto next = first_unwritten(); next != waiting_.end() && now - next->since >= patience();
       next = first_unwritten()) {
    const auto ref = next->ref;
    drop_rest(ref);
    takes_nothing_until_ = now + shed_rest;
    events_.on_not_taken(*this, ref, 0);
  }
}

void SmscLink::give_back_waiting() {
  auto waiting = std::exchange(waiting_, {});
  auto held = std::exchange(held_, {});
  for (const Waiting& each : waiting) events_.on_not_taken(*this, each.ref, 0);
  for (const auto& [until, each] : held) events_.on_not_taken(*this, each.ref, 0);
}

// --- answers
// -----------------------------------------------------------------------------------------------------------

void SmscLink::handle(smpp::SubmitAnswered& action) {
  auto found = written_.extract(action.token);
  if (found.empty()) return;
  heard_at_ = loop_.now();
  Waiting& waiting = found.mapped();
  if (round_trips_.size() < round_trips_kept) {
    round_trips_.push_back(action.round_trip);
  } else {
    round_trips_[round_trip_at_++ % round_trips_kept] = action.round_trip;
  }
  counters_.round_trips.observe(in_seconds(action.round_trip));
  counters_.note_status(action.status);
  const Disposition disposition =
      action.nack ? Disposition::elsewhere : disposition_of(action.status, settings_->status_overrides);
  if (disposition == Disposition::queue_full) return queue_full(std::move(waiting), action.status);
  full_queues_.note(waiting.sm.destination.digits, false, loop_.now());
  if (disposition == Disposition::slow_down) {
    throttled(std::move(waiting));
    return;
  }
  if (disposition == Disposition::session_broken) {
    events_.on_not_taken(*this, waiting.ref, action.status);
    if (!broken_until_) broken_until_ = loop_.now() + broken_patience;
    give_back_waiting();
    return;
  }
  if (disposition == Disposition::accepted) {
    ++counters_.accepted;
    has_worked_ = true;
  } else {
    ++counters_.refused;
    drop_rest(waiting.ref);
    if (disposition == Disposition::our_mistake) {
      log::error("smsc.submit.mistake", "smsc={} status={} pdu=\"{}\"", carrier(), smpp::status_name(action.status),
                 smpp::describe(smpp::Pdu{.body = waiting.sm}));
    }
  }
  events_.on_answer(*this, waiting.ref, action.nack && action.status == 0 ? smpp::status::runknownerr : action.status,
                    action.message_id);
}

void SmscLink::handle(smpp::SubmitLost& action) {
  auto found = written_.extract(action.token);
  if (found.empty()) return;
  ++counters_.lost;
  late_.emplace(action.token, found.mapped().ref);
  late_order_.push_back(action.token);
  if (late_order_.size() > late_limit) {
    late_.erase(late_order_.front());
    late_order_.pop_front();
  }
  const bool may_be_answered = action.why == smpp::LossReason::response_timeout;
  events_.on_unknown(*this, found.mapped().ref, may_be_answered ? Unanswered::timed_out : Unanswered::connection_lost);
}

void SmscLink::handle(smpp::LateAnswer& action) {
  const auto found = late_.find(action.token);
  if (found == late_.end()) return;
  events_.on_late_answer(*this, found->second, action.status, action.message_id);
  late_.erase(found);
}

}  // namespace xion
