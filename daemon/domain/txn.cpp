// Requests: in which order a change takes effect, who hears of it, what it counts for.
#include "domain/txn.h"

#include <algorithm>
#include <functional>

#include "core/otp/delivery_rules.h"
#include "core/otp/otp_record.h"
#include "core/otp/otp_sums.h"
#include "core/otp/world.h"

namespace xion {
namespace {

/// What the sweeper has not come to yet, as a rule some hundredths of a second's.
constexpr std::size_t overdue_at_most = 10'000;

/// Of each place where a request is counted: all, its country, its route.
constexpr int rows_of_a_change = 3;

constexpr std::string_view tests_mark_key = "tests_mark";

/// As long as most: one message, on its way.
Otp usual_request(WallTime now) {
  Otp otp;
  otp.id = first_otp_id_at(now);
  otp.phone_sealed.assign(40, 'x');
  otp.country = "XX";
  otp.calling_prefix = "999";
  otp.route_taken = "default";
  otp.code_length = 6;
  otp.created_at = now;
  otp.expires_at = now + Seconds{300};
  otp.attempts_allowed = 5;
  Message& message = otp.messages.emplace_back();
  message.state = MessageState::submitted;
  message.queued_at = now;
  Submission& submission = message.submissions.emplace_back();
  submission.carrier = "carrier";
  submission.state = message.state;
  submission.at = submission.answered_at.emplace(now);
  submission.segments.push_back({.smsc_message_id = "0123456789abcdef", .state = message.state});
  return otp;
}

}  // namespace

void Txn::begin(WallTime now) {
  now_ = now;
  share_of_.reset();
}

std::optional<Otp> Txn::otp(const OtpId& id) {
  auto otp = records_.otp(id);
  if (otp) note_share(id, share_of(*otp));
  return otp;
}

void Txn::note_share(const OtpId& id, OtpShare share) {
  share_ = std::move(share);
  share_of_ = id;
}

/// Most of what is written was read just before.
OtpShare Txn::kept_share(const OtpId& id) {
  if (share_of_ == id) return std::move(share_);
  const auto kept = records_.otp(id);
  return kept ? share_of(*kept) : OtpShare{};
}

std::optional<OtpId> Txn::live_otp(const LiveKey& key) { return records_.live(key); }
std::optional<OtpId> Txn::latest_otp(const LiveKey& key) { return records_.latest(key); }
std::optional<OtpId> Txn::latest_refusal(AppId app, const Fingerprint& phone, std::string_view reason) {
  return records_.latest({app, phone, purpose_of_refusals(reason)});
}

bool Txn::insert(const Otp& otp) {
  if (!records_.insert(otp)) return false;
  if (has_webhook(otp.app)) tell_webhooks(nullptr, otp);
  note_share(otp.id, share_of(otp));
  begin_counting_by_carrier_country(otp.id);
  replace_share(otp, {});
  return true;
}

void Txn::replace_share(const Otp& otp, const OtpShare& before) {
  otp_sums::replace(records_, world_of(otp).counted_as(), otp.id, before, share_,
                    [&] { return made_at(otp.id) >= counted_by_carrier_country_since(); });
}

void Txn::put(const Otp& otp) {
  if (has_webhook(otp.app)) {
    if (const auto before = this->otp(otp.id)) tell_webhooks(&*before, otp);
  }
  put_untold(otp);
}

void Txn::put_untold(const Otp& otp) {
  const OtpShare before = kept_share(otp.id);
  note_share(otp.id, share_of(otp));
  replace_share(otp, before);
  records_.put(otp);
}

void Txn::put_without_person(const Otp& before, const Otp& otp) {
  if (has_webhook(otp.app)) tell_webhooks(&before, otp);
  records_.rewrite(otp);
}

/// Sums are asked for to be changed, and stay: they are written again as they are. Where the app has none that day, a
/// wrong code could not be told from this one either: nothing was sent.
void Txn::write_decoy(AppId app) {
  const Otp otp = usual_request(now_);
  const std::string record = to_record(otp);
  const auto read = from_record(otp.id, record);
  const bool is_same = read && share_of(*read) == share_of(otp);
  for (const SumsPlace& place :
       {SumsPlace{SumsPlace::Period::day, app, day_of(now_)}, SumsPlace{SumsPlace::Period::hour, app, hour_of(now_)}}) {
    if (!records_.has_sums(place)) continue;
    for (int row = 0; row < rows_of_a_change; ++row) records_.sums(place, StatKind::all, {});
  }
  if (!is_same) return;
  records_.write_decoy(record);
  // A wrong code is counted in a row, too.
  records_.write_decoy(to_record(GuessRow{app, {}, guesses_in_a_row_max, now_}));
}

/// What a request is looked up by and what it counts for don't know the sealed phone, so nothing else has to follow.
void Txn::reseal(const OtpId& id, std::string sealed) {
  auto otp = this->otp(id);
  if (!otp) return;
  otp->phone_sealed = std::move(sealed);
  records_.rewrite(*otp);
}

std::vector<OtpId> Txn::expiring(WallTime until, std::size_t limit) { return records_.expiring(until, limit); }

std::vector<Otp> Txn::recent(std::optional<OtpId> before, std::size_t limit) {
  return records_.otps({{}, before, OtpRange::Order::newest_first}, limit);
}

std::vector<Otp> Txn::made_between(const OtpId& after, WallTime before, std::size_t limit) {
  return records_.otps({after, first_otp_id_at(before), OtpRange::Order::oldest_first}, limit);
}

/// A request whose time is over is shown as expired, though it is noted a moment later: those of that moment are looked
/// at one by one.
FoundOtps Txn::find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) {
  auto found = records_.find(filter, before, limit);
  if (filter.status == OtpStatus::expired) add_overdue(found, before, limit);
  return found;
}

void Txn::add_overdue(FoundOtps& found, std::optional<OtpId> before, std::size_t limit) {
  auto overdue = records_.expiring(now_, overdue_at_most);
  std::erase_if(overdue,
                [&](const OtpId& id) { return (before && id >= *before) || (found.rest && id <= *found.rest); });
  std::ranges::sort(overdue, std::greater<>());
  if (overdue.size() > limit) overdue.resize(limit);
  for (const OtpId& id : overdue) {
    if (auto otp = records_.otp(id)) found.otps.push_back(std::move(*otp));
  }
  std::ranges::sort(found.otps, std::greater<>(), &Otp::id);
  if (found.otps.size() <= limit) return;
  found.otps.resize(limit);
  found.rest = found.otps.back().id;
}

std::vector<OutboxEntry> Txn::outbox(std::size_t limit, Whose whose) { return records_.outbox(whose, limit); }
std::size_t Txn::outbox_size(Whose whose) { return records_.outbox_size(whose); }
std::vector<SubmissionRef> Txn::unsettled(std::size_t limit) { return records_.unsettled(limit); }

std::vector<SubmissionRef> Txn::submissions(std::string_view carrier, std::string_view smsc_message_id) {
  auto found = records_.submissions(carrier, smsc_message_id);
  if (found.size() > messages_of_an_id) found.resize(messages_of_an_id);
  return found;
}

/// The newest are kept, where they come faster than a week of them could be.
std::size_t Txn::prune_deliveries(WallTime now, std::size_t limit) {
  constexpr Millis moment{1};
  const std::size_t kept = records_.count(RowKind::over);
  const std::size_t too_many = kept > deliveries_kept ? std::min(kept - deliveries_kept, 4 * limit) : 0;
  if (too_many > 0) return records_.erase_aged(Aged::deliveries, now, too_many);
  return records_.erase_aged(Aged::deliveries, now - delivery_kept + moment, limit);
}

/// What is `kept` long is over from that moment on.
std::size_t Txn::prune(WallTime before, WallTime now, std::size_t limit) {
  constexpr Millis moment{1};
  const Hour first_hour = hour_of(now) - stat_hours_kept;
  share_of_.reset();
  return records_.erase_aged(Aged::requests, before, limit) +
         records_.erase_aged(Aged::answers, now - answer_kept + moment, limit) +
         records_.erase_aged(Aged::notes, now - note_kept + moment, limit) + prune_deliveries(now, limit) +
         records_.erase_aged(Aged::audit, now - audit_kept, limit) +
         records_.erase_aged(Aged::sums_of_hours, WallTime{std::chrono::hours{first_hour}}, limit);
}

/// The log is gone through once more, a day behind its end.
std::size_t Txn::prune_tests(WallTime now, std::size_t limit) {
  const auto made = made_between(id_mark(tests_mark_key).value_or(OtpId{}), now - test_kept, limit);
  for (const Otp& otp : made) {
    if (otp.test) records_.erase_request(otp.id);
  }
  if (!made.empty()) set_id_mark(tests_mark_key, made.back().id);
  share_of_.reset();
  return made.size();
}

}  // namespace xion
