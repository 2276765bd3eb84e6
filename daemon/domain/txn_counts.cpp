// What is counted: counters, sums, the guard's traffic, events of a subject, answers of keys.
#include <algorithm>
#include <map>

#include "base/octets.h"
#include "core/otp/marks.h"
#include "core/owners/send_rights.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// What was told of a month.
struct ToldThreshold {
  std::int64_t month = 0;
  std::uint64_t included = 0;
  std::uint64_t percent = 0;

  bool operator==(const ToldThreshold&) const = default;
};
std::string octets_of(const ToldThreshold& told) {
  std::string octets;
  OctetWriter out(octets);
  out.signed_varint(told.month);
  out.varint(told.included);
  out.varint(told.percent);
  return octets;
}
ToldThreshold told_in(std::string_view octets) {
  OctetReader in(octets);
  ToldThreshold told;
  told.month = in.signed_varint();
  told.included = in.varint();
  told.percent = in.varint();
  return in.failed() ? ToldThreshold{} : told;
}

std::string octets_of(WallTime moment) {
  return std::string(BigEndian(static_cast<std::uint64_t>(unix_millis(moment))).view());
}
std::optional<WallTime> moment_in(std::string_view octets) {
  if (octets.size() != sizeof(std::uint64_t)) return std::nullopt;
  return wall_time(static_cast<std::int64_t>(from_big_endian<std::uint64_t>(octets)));
}

}  // namespace

void Txn::count(AppId app, CounterPeriod period, Counter counter, std::uint64_t by) {
  records_.count(app, period, counter, by);
}
Counters Txn::counters(AppId app, CounterPeriod period) { return records_.counters(app, period); }

Quota Txn::quota(AppId app, Month month, std::uint64_t included) { return records_.quota(app, month, included); }
bool Txn::take_quota(AppId app, Month month, std::uint64_t included) {
  return records_.take_quota(app, month, included);
}

/// The mark of a month is made by its first message: a month without one began in a store of which nobody noted what it
/// told, but each threshold that was passed.
std::optional<std::uint32_t> Txn::newly_reached(AppId app, Month month, std::uint64_t included) {
  if (included == 0) return std::nullopt;
  const std::uint64_t used = counters(app, month)[static_cast<std::size_t>(Counter::sends)];
  const std::int32_t period = CounterPeriod(month).key();
  const std::string key = mark_of_app(threshold_prefix, app);
  const auto kept = records_.thing(ThingKind::mark, key);
  const ToldThreshold before = kept ? told_in(*kept) : ToldThreshold{};
  ToldThreshold told = before;
  if (before.month != period)
    told = {period, included, used == 0 ? 0 : threshold_reached(included, used - 1)};
  else if (before.included != included)
    told = {period, included, 0};
  const std::uint32_t percent = threshold_reached(included, used);
  const bool is_new = percent > told.percent;
  told.percent = std::max<std::uint64_t>(told.percent, percent);
  if (told != before) records_.put_thing(ThingKind::mark, key, octets_of(told));
  return is_new ? std::optional(percent) : std::nullopt;
}

std::map<std::string, StatSums> Txn::stats(AppId app, StatKind kind, Day first, Day last) {
  return records_.sums_until({SumsPlace::Period::day, app, first}, kind, last);
}

std::map<std::string, StatSums> Txn::stats_by_hour(AppId app, StatKind kind, Hour first, Hour last) {
  return records_.sums_until({SumsPlace::Period::hour, app, std::max<Hour>(first, hour_of(now_) - stat_hours_kept + 1)},
                             kind, last);
}

/// The first request that a daemon writes which knows of these sums is where they begin.
void Txn::begin_counting_by_carrier_country(const OtpId& id) {
  if (!records_.thing(ThingKind::mark, by_carrier_country_key))
    records_.put_thing(ThingKind::mark, by_carrier_country_key, octets_of(made_at(id)));
}
WallTime Txn::counted_by_carrier_country_since() {
  const auto kept = records_.thing(ThingKind::mark, by_carrier_country_key);
  return kept ? moment_in(*kept).value_or(now_) : now_;
}

StatSums Txn::spend(AppId app, CounterPeriod when, std::string_view currency) {
  const auto all = records_.sums_until({SumsPlace::Period::day, app, when.key()}, StatKind::spend, when.key());
  const auto found = all.find(std::string(currency));
  return found == all.end() ? StatSums{} : found->second;
}

std::map<std::string, StatSums> Txn::destinations(AppId app, Month month) {
  const auto key = CounterPeriod(month).key();
  return records_.sums_until({SumsPlace::Period::day, app, key}, StatKind::destination, key);
}

Traffic Txn::traffic(const TrafficKey& key, WallTime now) { return records_.traffic(key, now); }

void Txn::note_send(const Otp& otp) {
  if (otp.test || otp.messages.empty() || is_notice(otp)) return;  // Nobody verifies a notice.
  for (const TrafficKey& key : traffic_keys(otp)) records_.traffic_sent(key, otp.messages.back().queued_at);
}

void Txn::note_verified(const Otp& otp) {
  // Who was converted and then verified all the same was counted already.
  if (otp.test || (otp.converted_at && otp.status == OtpStatus::verified)) return;
  const WallTime at = proven_at(otp).value_or(now_);
  std::vector<WallTime> sent_at;
  std::map<Fingerprint, std::vector<WallTime>> sent_from;
  for (const Message& message : otp.messages) {
    sent_at.push_back(message.queued_at);
    if (const auto& address = address_of(otp, message)) sent_from[*address].push_back(message.queued_at);
  }
  for (const TrafficKey& key : traffic_keys(otp)) {
    if (key.of != TrafficOf::user_ip) records_.traffic_verified(key, at, sent_at);
  }
  for (const auto& [address, times] : sent_from)
    records_.traffic_verified(traffic_key_of_address(otp, address), at, times);
  if (!first_verified(otp.app))
    records_.put_thing(ThingKind::mark, mark_of_app(first_verified_prefix, otp.app), octets_of(now_));
}

std::optional<WallTime> Txn::first_verified(AppId app) {
  const auto kept = records_.thing(ThingKind::mark, mark_of_app(first_verified_prefix, app));
  return kept ? moment_in(*kept) : std::nullopt;
}

std::vector<HistoryEntry> Txn::history(const HistoryKey& key, WallTime since) { return records_.history(key, since); }

void Txn::note(const HistoryKey& key, HistoryEntry entry) {
  records_.put(RowKind::note, records_.next_row(entry.at), Note{key, entry});
}

std::optional<StoredAnswer> Txn::answer(const Digest& key) {
  const auto id = records_.answer_of(key);
  if (!id || made_at(*id) + answer_kept <= now_) return std::nullopt;
  auto row = records_.row(RowKind::answer, *id);
  if (!row) return std::nullopt;
  auto& kept = std::get<KeptAnswer>(*row);
  if (kept.key != key) return std::nullopt;
  return std::move(kept.answer);
}

void Txn::put_answer(const Digest& key, const StoredAnswer& answer, WallTime now) {
  records_.put(RowKind::answer, records_.next_row(now), KeptAnswer{key, answer});
}

}  // namespace xion
