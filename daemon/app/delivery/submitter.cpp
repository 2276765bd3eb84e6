#include "app/delivery/submitter.h"

#include <algorithm>
#include <utility>

#include "app/codes/measures.h"
#include "app/delivery/receipt_phone.h"
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

Submitter::Submitter(CarrierSettingsRef settings, TokenBucket& account, LinkCounters& counters)
    : settings_(std::move(settings)), account_(account), counters_(counters), pace_(settings_->rate) {}

// --- what comes in --------------------------------------------------------------------------------------------------

void Submitter::on_close(Verdicts& out) {
  is_bound_ = false;
  broken_until_.reset();
  // Decided, and never handed to a session.
  for (const auto& [token, unwritten] : std::exchange(written_, {}))
    out.emplace_back(submits::NotTaken{unwritten.ref, 0});
  late_.clear();
  late_order_.clear();
  give_back(out);
}

void Submitter::stop(Verdicts& out) {
  is_stopping_ = true;
  give_back(out);
}

void Submitter::take(Outgoing outgoing, MonoTime now, Verdicts& out) {
  if (!takes_any()) {
    out.emplace_back(submits::NotTaken{outgoing.ref, 0});
    return;
  }
  for (std::size_t i = 0; i < outgoing.segments.size(); ++i) {
    otp_rules::SubmissionRef ref = outgoing.ref;
    ref.segment = static_cast<std::uint8_t>(i);
    Waiting waiting{ref, std::move(outgoing.segments[i]), outgoing.accepted_at, outgoing.expires_at, now};
    if (outgoing.times_full > 0) {
      // Its earlier tries at this carrier go on where they ended.
      waiting.tries = full_queue_tries + outgoing.times_full;
      hold(std::move(waiting), now);
    } else {
      waiting_.push_back(std::move(waiting));
    }
  }
}

void Submitter::withdraw(const OtpId& otp, std::size_t first_kept, Verdicts& out) {
  const auto is_meant = [&](const Waiting& each) { return each.ref.otp == otp && each.ref.message < first_kept; };
  for (auto& [token, written] : written_) written.is_withdrawn |= is_meant(written);
  std::erase_if(waiting_, [&](const Waiting& each) {
    if (!is_meant(each)) return false;
    out.emplace_back(submits::NotTaken{each.ref, 0});
    return true;
  });
  std::erase_if(held_, [&](const auto& held) {
    if (!is_meant(held.second)) return false;
    out.emplace_back(submits::NotTaken{held.second.ref, 0});
    return true;
  });
}

/// A text that lacks a part can't be read: what is not with the carrier of the others is not worth sending.
void Submitter::drop_rest(const otp_rules::SubmissionRef& ref) {
  const auto is_meant = [&](const Waiting& each) {
    return each.ref.otp == ref.otp && each.ref.message == ref.message && each.ref.submission == ref.submission;
  };
  std::erase_if(waiting_, is_meant);
  std::erase_if(held_, [&](const auto& held) { return is_meant(held.second); });
  for (auto& [token, written] : written_) written.is_withdrawn |= is_meant(written);
}

void Submitter::give_back(Verdicts& out) {
  for (const Waiting& each : std::exchange(waiting_, {})) out.emplace_back(submits::NotTaken{each.ref, 0});
  for (const auto& [until, each] : std::exchange(held_, {})) out.emplace_back(submits::NotTaken{each.ref, 0});
}

// --- what is written ------------------------------------------------------------------------------------------------

void Submitter::flush(Moment now, std::size_t window_room, Verdicts& out) {
  if (!is_bound_ || broken_until_) return;
  pace_.recover(now.mono);
  release_held(now.mono);
  while (window_room > 0 && !waiting_.empty() && !pace_.is_resting(now.mono)) {
    if (now.wall >= waiting_.front().expires_at) {
      out.emplace_back(submits::NotTaken{waiting_.front().ref, 0});
      waiting_.pop_front();
      continue;
    }
    if (!write_next(now, out)) return;
    --window_room;
  }
}

/// Writes the first waiting segment. False where the rate does not allow it now.
bool Submitter::write_next(Moment now, Verdicts& out) {
  if (account_.wait(now.mono) > Millis{0} || !pace_.take(now.mono)) return false;
  account_.take(now.mono);
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  next.sm.validity_period = validity_of(*settings_, next.expires_at, now.wall);
  if (written_.empty()) heard_at_ = now.mono;
  ++counters_.submitted;
  if (next.ref.submission == 0 && next.ref.segment == 0 && next.not_taken == 0)
    counters_.accept_to_wire.observe(in_seconds(now.wall - next.accepted_at));
  const smpp::Token token = next_token_++;
  out.emplace_back(submits::Write{token, &written_.emplace(token, std::move(next)).first->second.sm});
  return true;
}

void Submitter::on_unpackable(smpp::Token token, Verdicts& out) {
  auto found = written_.extract(token);
  if (found.empty()) return;
  --counters_.submitted;
  out.emplace_back(submits::NotTaken{found.mapped().ref, smpp::status::rinvcmdlen});
}

void Submitter::hold(Waiting waiting, MonoTime now) {
  const std::uint32_t doublings = std::min<std::uint32_t>(waiting.tries > 0 ? waiting.tries - 1 : 0, 8);
  const Millis wait = std::min(full_queue_wait_max, Millis(full_queue_wait_min.count() << doublings));
  held_.emplace(now + wait, std::move(waiting));
}

void Submitter::release_held(MonoTime now) {
  while (!held_.empty() && held_.begin()->first <= now) {
    Waiting waiting = std::move(held_.extract(held_.begin()).mapped());
    waiting.since = now;  // It waits for its turn from now on; what it waited for its phone is not the bind's fault.
    waiting_.push_back(std::move(waiting));
  }
}

Millis Submitter::patience() const { return std::max(shed_after_min, settings_->response_timeout / 2); }

/// Of the texts that wait, the first of which nothing is written: one of which a part is written stays whole, since it
/// would arrive twice. Those behind it need not wait for it.
std::deque<Submitter::Waiting>::const_iterator Submitter::first_unwritten() const {
  return std::ranges::find_if(waiting_, [](const Waiting& each) { return each.ref.segment == 0; });
}

void Submitter::shed(MonoTime now, Verdicts& out) {
  for (auto next = first_unwritten(); next != waiting_.end() && now - next->since >= patience();
       next = first_unwritten()) {
    const submits::NotTaken told{next->ref, next->not_taken};
    drop_rest(told.ref);
    takes_nothing_until_ = now + shed_rest;
    out.emplace_back(told);
  }
}

// --- answers --------------------------------------------------------------------------------------------------------

/// Throttled: the carrier did not take it, so it waits at the head; the bind rests, and its rate halves once a rest.
void Submitter::throttled(Waiting waiting, MonoTime now, Verdicts& out) {
  ++counters_.throttled;
  if (pace_.throttled(now)) out.emplace_back(submits::SlowedDown{pace_.rate()});
  if (waiting.is_withdrawn || now - waiting.since >= throttle_patience) {
    drop_rest(waiting.ref);
    out.emplace_back(submits::NotTaken{waiting.ref, smpp::status::rthrottled});
  } else {
    waiting.not_taken = smpp::status::rthrottled;
    waiting_.push_front(std::move(waiting));
  }
}

/// One phone's queue is full, or the carrier's own: which of them, the other phones tell. Not taken either way, so it
/// is safe to send again.
void Submitter::queue_full(Waiting waiting, std::uint32_t status, MonoTime now, Verdicts& out) {
  full_queues_.note(waiting.sm.destination.digits, true, now);
  if (full_queues_.is_of_carrier(now)) return throttled(std::move(waiting), now, out);
  ++counters_.queue_full;
  if (++waiting.tries >= full_queue_tries + 1 || waiting.is_withdrawn || held_.size() >= held_limit) {
    drop_rest(waiting.ref);
    out.emplace_back(submits::NotTaken{waiting.ref, status});
    return;
  }
  waiting.not_taken = status;
  hold(std::move(waiting), now);
}

void Submitter::note_round_trip(Millis round_trip) {
  if (round_trips_.size() < round_trips_kept) {
    round_trips_.push_back(round_trip);
  } else {
    round_trips_[round_trip_at_++ % round_trips_kept] = round_trip;
  }
  counters_.round_trips.observe(in_seconds(round_trip));
}

void Submitter::on_answer(const smpp::SubmitAnswered& answer, MonoTime now, Verdicts& out) {
  auto found = written_.extract(answer.token);
  if (found.empty()) return;
  heard_at_ = now;
  Waiting& waiting = found.mapped();
  note_round_trip(answer.round_trip);
  counters_.note_status(answer.status);
  const Disposition disposition =
      answer.nack ? Disposition::elsewhere : disposition_of(answer.status, settings_->status_overrides);
  if (disposition == Disposition::queue_full) return queue_full(std::move(waiting), answer.status, now, out);
  full_queues_.note(waiting.sm.destination.digits, false, now);
  if (disposition == Disposition::slow_down) return throttled(std::move(waiting), now, out);
  if (disposition == Disposition::session_broken) {
    out.emplace_back(submits::NotTaken{waiting.ref, answer.status});
    if (!broken_until_) broken_until_ = now + broken_patience;
    return give_back(out);
  }
  const bool is_accepted = disposition == Disposition::accepted;
  ++(is_accepted ? counters_.accepted : counters_.refused);
  if (!is_accepted) drop_rest(waiting.ref);
  const std::uint32_t status = answer.nack && answer.status == 0 ? smpp::status::runknownerr : answer.status;
  const auto ref = waiting.ref;
  if (disposition == Disposition::our_mistake)
    out.emplace_back(submits::Mistaken{answer.status, std::move(waiting.sm)});
  out.emplace_back(submits::Answered{ref, status, answer.message_id, is_accepted});
}

void Submitter::on_lost(const smpp::SubmitLost& lost, Verdicts& out) {
  auto found = written_.extract(lost.token);
  if (found.empty()) return;
  ++counters_.lost;
  const auto ref = found.mapped().ref;
  late_.emplace(lost.token, Late{ref, std::move(found.mapped().sm.destination.digits)});
  late_order_.push_back(lost.token);
  if (late_order_.size() > late_limit) {
    late_.erase(late_order_.front());
    late_order_.pop_front();
  }
  const bool may_be_answered = lost.why == smpp::LossReason::response_timeout;
  out.emplace_back(submits::Unknown{ref, may_be_answered ? Unanswered::timed_out : Unanswered::connection_lost});
}

void Submitter::on_late_answer(const smpp::LateAnswer& answer, Verdicts& out) {
  const auto found = late_.find(answer.token);
  if (found == late_.end()) return;
  out.emplace_back(submits::AnsweredLate{found->second.ref, answer.status, answer.message_id});
  late_.erase(found);
}

// --- questions ------------------------------------------------------------------------------------------------------

std::size_t Submitter::room(MonoTime now) const {
  if (!takes_any() || pace_.is_resting(now) || now < takes_nothing_until_ || is_stalled(now)) return 0;
  // Enough to keep the window full while the store commits, and no more than a second's worth: what is claimed here
  // can't leave by another carrier.
  std::size_t look_ahead = settings_->window + 16;
  for (const double rate : {pace_.rate(), account_.rate()}) {
    if (rate > 0) look_ahead = std::min(look_ahead, static_cast<std::size_t>(rate) + 1);
  }
  const std::size_t limit = settings_->window + look_ahead;
  const std::size_t used = written_.size() + waiting_.size();
  return used < limit ? limit - used : 0;
}

bool Submitter::is_stalled(MonoTime now) const {
  return written_.size() >= settings_->window && now - heard_at_ >= stalled_after;
}

std::optional<MonoTime> Submitter::next(MonoTime now, bool has_window_room) const {
  MonoTime next = MonoTime::max();
  if (!waiting_.empty() && has_window_room) next = std::min(next, std::max(pace_.next(now), now + account_.wait(now)));
  if (const auto unwritten = first_unwritten(); unwritten != waiting_.end())
    next = std::min(next, unwritten->since + patience());
  if (!held_.empty()) next = std::min(next, held_.begin()->first);
  if (broken_until_) next = written_.empty() ? now : std::min(next, *broken_until_);
  return next == MonoTime::max() ? std::nullopt : std::optional(next);
}

bool Submitter::awaits_response(std::span<const std::string> numbers) const {
  const auto is_meant = [&](std::string_view phone) { return agrees(phone_fit(numbers, phone)); };
  return std::ranges::any_of(written_, [&](const auto& each) { return is_meant(each.second.sm.destination.digits); }) ||
         std::ranges::any_of(late_, [&](const auto& each) { return is_meant(each.second.phone); });
}

}  // namespace xion
