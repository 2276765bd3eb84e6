#include "store/log_txn.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/log.h"
#include "store/row_id.h"

namespace xion {
namespace {

constexpr std::string_view overdue_mark_key = "overdue_mark";

/// What the sweeper has not come to yet, as a rule some hundredths of a second's.
constexpr std::size_t overdue_at_most = 10'000;

std::string_view key_of(const OtpId& id) { return as_text(id.octets); }

}  // namespace

void LogTxn::begin(WallTime now) {
  now_ = now;
  indexes_.advance(now);
  tallies_.clear();
  changed_tallies_.clear();
  stat_tallies_.clear();
  share_of_.reset();
}

void LogTxn::flush() {
  flush_counters();
  flush_traffic();
  stat_tallies_.flush();
  search_.flush();
  indexes_.flush();
}

/// Said once for a process, not once for each look at it: a corrupt page would fill the log.
void LogTxn::record_is_unreadable(Table table, std::string_view name) {
  if (!trouble_.empty()) return;
  trouble_ = fmt::format("a record of {} is corrupt or of a newer format: {}", name_of(table), name);
  log::error("store.record.unreadable", "table={} name={}", name_of(table), name);
}

std::optional<Otp> LogTxn::otp(const OtpId& id) {
  const auto record = kv_.get(Table::otps, key_of(id));
  if (!record) return std::nullopt;
  auto otp = from_record(id, *record);
  if (!otp) {
    record_is_unreadable(Table::otps, to_string(id));
    return otp;
  }
  share_ = share_of(*otp);
  share_of_ = id;
  indexes_.saw(*otp);
  return otp;
}

/// Most of what is written was read just before.
OtpShare LogTxn::share_on_disk(const OtpId& id) {
  if (share_of_ == id) return std::move(share_);
  const auto record = kv_.get(Table::otps, key_of(id));
  const auto kept = record ? from_record(id, *record) : std::nullopt;
  if (kept) indexes_.saw(*kept);
  return kept ? share_of(*kept) : OtpShare{};
}

std::optional<OtpId> LogTxn::live_otp(const LiveKey& key) { return indexes_.live(key); }
std::optional<OtpId> LogTxn::latest_otp(const LiveKey& key) { return indexes_.latest(key); }

bool LogTxn::insert(const Otp& otp) {
  if (!kv_.insert(Table::otps, key_of(otp.id), to_record(otp))) return false;
  indexes_.set(otp);
  if (indexes_.has_webhook(otp.app)) tell_webhooks(nullptr, otp);
  share_ = share_of(otp);
  share_of_ = otp.id;
  stat_tallies_.replace(otp.app, otp.id, {}, share_);
  search_.insert(otp);
  return true;
}

void LogTxn::put(const Otp& otp) {
  if (indexes_.has_webhook(otp.app)) {
    if (const auto before = this->otp(otp.id)) tell_webhooks(&*before, otp);
  }
  const OtpShare before = share_on_disk(otp.id);
  share_ = share_of(otp);
  share_of_ = otp.id;
  stat_tallies_.replace(otp.app, otp.id, before, share_);
  kv_.put(Table::otps, key_of(otp.id), to_record(otp));
  indexes_.set(otp);
  search_.set(otp);
}

std::map<std::string, StatSums> LogTxn::stats(AppId app, StatKind kind, Day first, Day last) {
  return stat_tallies_.of_days(app, kind, first, last);
}

std::map<std::string, StatSums> LogTxn::stats_by_hour(AppId app, StatKind kind, Hour first, Hour last) {
  return stat_tallies_.of_hours(app, kind, std::max(first, hour_of(now_) - stat_hours_kept + 1), last);
}

std::vector<OtpId> LogTxn::expiring(WallTime until, std::size_t limit) { return indexes_.expiring(until, limit); }

std::vector<Otp> LogTxn::recent(std::optional<OtpId> before, std::size_t limit) {
  std::vector<Otp> otps;
  if (limit == 0) return otps;
  const std::string_view from = before ? key_of(*before) : std::string_view{};
  kv_.scan_back(Table::otps, from, [&](std::string_view key, std::string_view value) {
    const OtpId id = otp_id_of(key);
    if (auto otp = from_record(id, value))
      otps.push_back(std::move(*otp));
    else
      record_is_unreadable(Table::otps, to_string(id));
    return otps.size() < limit;
  });
  return otps;
}

/// A request whose time is over is shown as expired, though it is noted a moment later: those of that moment are looked
/// at one by one.
FoundOtps LogTxn::find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) {
  auto found = search_.find(filter, before, limit);
  if (filter.status == OtpStatus::expired) add_overdue(found, before, limit);
  FoundOtps answer{{}, found.rest};
  answer.otps.reserve(found.ids.size());
  for (const OtpId& id : found.ids) {
    const auto record = kv_.get(Table::otps, key_of(id));
    if (!record) continue;  // It was pruned.
    if (auto otp = from_record(id, *record))
      answer.otps.push_back(std::move(*otp));
    else
      record_is_unreadable(Table::otps, to_string(id));
  }
  return answer;
}

void LogTxn::add_overdue(SearchIndex::Found& found, std::optional<OtpId> before, std::size_t limit) {
  for (const OtpId& id : indexes_.expiring(now_, overdue_at_most)) {
    if ((!before || id < *before) && (!found.rest || id > *found.rest)) found.ids.push_back(id);
  }
  std::ranges::sort(found.ids, std::greater<>());
  if (found.ids.size() <= limit) return;
  found.ids.resize(limit);
  found.rest = found.ids.back();
}

std::vector<Otp> LogTxn::made_between(const OtpId& after, WallTime before, std::size_t limit) {
  std::vector<Otp> otps;
  if (limit == 0) return otps;
  const OtpId end = first_otp_id_at(before);
  kv_.scan(Table::otps, key_of(after), [&](std::string_view key, std::string_view value) {
    const OtpId id = otp_id_of(key);
    if (id == after) return true;
    if (id >= end) return false;
    if (auto otp = from_record(id, value))
      otps.push_back(std::move(*otp));
    else
      record_is_unreadable(Table::otps, to_string(id));
    return otps.size() < limit;
  });
  return otps;
}

std::optional<OtpId> LogTxn::overdue_mark() {
  const auto kept = kv_.get(Table::meta, overdue_mark_key);
  if (!kept || kept->size() != OtpId::size) return std::nullopt;
  return otp_id_of(*kept);
}

void LogTxn::set_overdue_mark(const OtpId& id) { kv_.put(Table::meta, overdue_mark_key, key_of(id)); }

std::vector<OutboxEntry> LogTxn::outbox(std::size_t limit) { return indexes_.outbox(limit); }
std::size_t LogTxn::outbox_size() { return indexes_.outbox_size(); }
std::vector<SubmissionRef> LogTxn::unsettled(std::size_t limit) { return indexes_.unsettled(limit); }

std::optional<SubmissionRef> LogTxn::submission(std::string_view carrier, std::string_view smsc_message_id) {
  return indexes_.submission(carrier, smsc_message_id);
}

std::size_t LogTxn::prune(WallTime before, WallTime now, std::size_t limit) {
  return prune_requests(before, limit) + prune_answers(now, limit) + prune_notes(now, limit) +
         prune_deliveries(now, limit) + stat_tallies_.prune_hours(hour_of(now) - stat_hours_kept, limit);
}

std::size_t LogTxn::prune_requests(WallTime before, std::size_t limit) {
  std::vector<OtpId> ids;
  const OtpId end = first_otp_id_at(before);
  if (limit == 0) return 0;
  kv_.scan(Table::otps, {}, [&](std::string_view key, std::string_view) {
    const OtpId id = otp_id_of(key);
    if (id >= end) return false;
    ids.push_back(id);
    return ids.size() < limit;
  });
  for (const OtpId& id : ids) {
    if (const auto gone = otp(id)) indexes_.remove(*gone);
    kv_.erase(Table::otps, key_of(id));
  }
  if (!ids.empty()) search_.forget_pruned();
  return ids.size();
}

}  // namespace xion
