#include "plain_records.h"
#include "core/otp/delivery_rules.h"

#include <algorithm>

#include "smpp/message_id.h"

namespace xion {
namespace {

constexpr std::chrono::hours day{24};

std::uint32_t first_octets(const Fingerprint& phone) {
  return phone[0] | static_cast<std::uint32_t>(phone[1]) << 8 | static_cast<std::uint32_t>(phone[2]) << 16 |
         static_cast<std::uint32_t>(phone[3]) << 24;
}

}  // namespace

void PlainRecords::begin(WallTime now) {
  now_ = now;
  const Day yesterday = day_of(now) - 1;
  if (!traffic_.closed_day() || *traffic_.closed_day() < yesterday) traffic_.close_day(yesterday);
}

std::optional<std::string> PlainRecords::thing(ThingKind kind, std::string_view key) {
  const auto at = things_.find({kind, std::string(key)});
  return at == things_.end() ? std::nullopt : std::optional(at->second);
}

void PlainRecords::put_thing(ThingKind kind, std::string_view key, std::string_view record) {
  things_[{kind, std::string(key)}] = record;
}

bool PlainRecords::erase_thing(ThingKind kind, std::string_view key) {
  return things_.erase({kind, std::string(key)}) != 0;
}

void PlainRecords::scan_things(ThingKind kind, std::string_view prefix, VisitThing visit) {
  for (auto at = things_.lower_bound({kind, std::string(prefix)}); at != things_.end(); ++at) {
    if (at->first.first != kind || !at->first.second.starts_with(prefix)) return;
    if (!visit(at->first.second, at->second)) return;
  }
}

void PlainRecords::things_from(ThingKind kind, std::string_view from, VisitThing visit) {
  for (auto at = things_.lower_bound({kind, std::string(from)}); at != things_.end() && at->first.first == kind; ++at)
    if (!visit(at->first.second, at->second)) return;
}

void PlainRecords::rows_from(RowKind kind, RowId from, VisitRow visit) {
  for (auto at = rows_[kind].lower_bound(from); at != rows_[kind].end(); ++at)
    if (!visit(at->first, &at->second)) return;
}

void PlainRecords::notes_from(std::string_view from, VisitNotes visit) {
  const RowId first = from.empty() ? 0 : from_big_endian<RowId>(from);
  for (auto at = rows_[RowKind::note].lower_bound(first); at != rows_[RowKind::note].end(); ++at)
    if (!visit(BigEndian<RowId>(at->first + 1).view(), &std::get<Note>(at->second))) return;
}

/// A place is how many came before.
void PlainRecords::counters_from(std::string_view from, VisitCounters visit) {
  std::size_t place = 0;
  for (const auto& [of, counters] : counters_)
    if (place++ >= from.size() && !visit(std::string(place, ' '), {of.first, of.second, counters})) return;
}

void PlainRecords::sums_from(std::string_view from, VisitSums visit) {
  std::size_t place = 0;
  for (const auto& [of, sums] : sums_) {
    const auto& [period, when, app, kind, name] = of;
    if (place++ >= from.size() && !visit(std::string(place, ' '), {{period, app, when}, kind, name, sums})) return;
  }
}

const std::vector<Webhook>& PlainRecords::webhooks() {
  webhooks_.clear();
  scan_things(ThingKind::webhook, {}, [&](std::string_view key, std::string_view record) {
    webhooks_.push_back(*webhook_from_record(key, record));
    return true;
  });
  return webhooks_;
}

std::optional<Row> PlainRecords::row(RowKind kind, RowId id) {
  const auto at = rows_[kind].find(id);
  return at == rows_[kind].end() ? std::nullopt : std::optional(at->second);
}

void PlainRecords::scan(RowKind kind, OtpRange::Order order, VisitRow visit) {
  std::vector<std::pair<RowId, Row>> all(rows_[kind].begin(), rows_[kind].end());
  if (order == OtpRange::Order::newest_first) std::ranges::reverse(all);
  for (const auto& [id, row] : all)
    if (!visit(id, &row)) return;
}

std::optional<RowId> PlainRecords::answer_of(const Digest& key) {
  for (auto at = rows_[RowKind::answer].rbegin(); at != rows_[RowKind::answer].rend(); ++at)
    if (std::get<KeptAnswer>(at->second).key == key) return at->first;
  return std::nullopt;
}

std::vector<RowId> PlainRecords::parked_as(std::string_view carrier, std::string_view smsc_message_id) {
  const auto wanted = smpp::canonical_message_id(smsc_message_id);
  std::vector<RowId> found;
  for (const auto& [id, row] : rows_[RowKind::parked]) {
    const auto& receipt = std::get<StoredReceipt>(row);
    const auto is_it = [&](const std::string& name) {
      return !name.empty() && smpp::canonical_message_id(name) == wanted;
    };
    if (receipt.carrier == carrier && (is_it(receipt.smsc_message_id) || is_it(receipt.other_id))) found.push_back(id);
  }
  return found;
}

std::size_t PlainRecords::parked_of(std::string_view carrier) {
  return static_cast<std::size_t>(std::ranges::count_if(
      rows_[RowKind::parked], [&](const auto& row) { return std::get<StoredReceipt>(row.second).carrier == carrier; }));
}

std::vector<WaitingDeliveries> PlainRecords::waiting_deliveries() {
  std::map<std::string, WaitingDeliveries> all;
  for (const auto& [id, row] : rows_[RowKind::waiting]) {
    const auto& delivery = std::get<WebhookDelivery>(row);
    auto& of = all.try_emplace(delivery.webhook, delivery.webhook, delivery.app, 0, WallTime::max()).first->second;
    ++of.count;
    of.next_at = std::min(of.next_at, delivery.next_at);
  }
  std::vector<WaitingDeliveries> found;
  for (auto& [webhook, of] : all) found.push_back(std::move(of));
  return found;
}

std::size_t PlainRecords::waiting_of(AppId app) {
  return static_cast<std::size_t>(std::ranges::count_if(
      rows_[RowKind::waiting], [&](const auto& row) { return std::get<WebhookDelivery>(row.second).app == app; }));
}

std::vector<RowId> PlainRecords::due(std::string_view webhook, WallTime until, std::size_t limit) {
  std::set<std::pair<WallTime, RowId>> due;
  for (const auto& [id, row] : rows_[RowKind::waiting]) {
    const auto& delivery = std::get<WebhookDelivery>(row);
    const WallTime at = delivery.next_at;
    if (delivery.webhook == webhook && at <= until) due.emplace(at, id);
  }
  std::vector<RowId> ids;
  for (const auto& [at, id] : due)
    if (ids.size() < limit) ids.push_back(id);
  return ids;
}

std::optional<Otp> PlainRecords::otp(const OtpId& id) {
  const auto at = otps_.find(id);
  return at == otps_.end() ? std::nullopt : std::optional(at->second);
}

std::vector<Otp> PlainRecords::otps(const OtpRange& range, std::size_t limit) {
  std::vector<Otp> found;
  for (const auto& [id, otp] : otps_)
    if ((!range.after || id > *range.after) && (!range.before || id < *range.before)) found.push_back(otp);
  if (range.order == OtpRange::Order::newest_first) std::ranges::reverse(found);
  if (found.size() > limit) found.resize(limit);
  return found;
}

/// All of them match as far as the seam asks: who asks checks.
FoundOtps PlainRecords::find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) {
  FoundOtps found;
  for (Otp& otp : otps({{}, before, OtpRange::Order::newest_first}, otps_.size())) {
    if ((filter.app && otp.app != *filter.app) || (filter.phone && otp.phone != *filter.phone) ||
        (filter.status && otp.status != *filter.status) ||
        (!filter.reference.empty() && otp.reference != filter.reference) ||
        (!filter.country.empty() && otp.country != filter.country) || (filter.is_test && otp.test != *filter.is_test))
      continue;
    if (found.otps.size() == limit) {
      found.rest = found.otps.back().id;
      break;
    }
    found.otps.push_back(std::move(otp));
  }
  return found;
}

/// Newest first; those that never had a code under what they were refused for.
std::vector<const Otp*> PlainRecords::of_key(const LiveKey& key) const {
  std::vector<const Otp*> found;
  for (auto at = otps_.rbegin(); at != otps_.rend(); ++at) {
    const Otp& otp = at->second;
    const std::string purpose = otp.status == OtpStatus::blocked ? purpose_of_refusals(otp.reason) : otp.purpose;
    if (LiveKey{otp.app, otp.phone, purpose} == key) found.push_back(&otp);
  }
  return found;
}

std::optional<OtpId> PlainRecords::live(const LiveKey& key) {
  for (const Otp* otp : of_key(key))
    if (otp->status == OtpStatus::pending) return otp->id;
  return std::nullopt;
}

std::optional<OtpId> PlainRecords::latest(const LiveKey& key) {
  for (const Otp* otp : of_key(key)) {
    const bool is_remembered =
        otp->status == OtpStatus::pending || otp->ended_at.value_or(otp->created_at) >= now_ - latest_kept;
    if (is_remembered) return otp->id;
  }
  return std::nullopt;
}

std::vector<OtpId> PlainRecords::expiring(WallTime until, std::size_t limit) {
  std::set<std::pair<WallTime, OtpId>> due;
  for (const auto& [id, otp] : otps_)
    if (otp.status == OtpStatus::pending && otp.expires_at <= until) due.emplace(otp.expires_at, id);
  std::vector<OtpId> ids;
  for (const auto& [at, id] : due)
    if (ids.size() < limit) ids.push_back(id);
  return ids;
}

std::vector<OutboxEntry> PlainRecords::outbox(Whose, std::size_t limit) {
  std::set<std::tuple<WallTime, OtpId, std::uint8_t>> queued;
  for (const auto& [id, otp] : otps_) {
    if (otp.test || otp.status != OtpStatus::pending) continue;
    for (std::size_t i = 0; i < otp.messages.size(); ++i)
      if (otp.messages[i].state == MessageState::queued)
        queued.emplace(otp.expires_at, id, static_cast<std::uint8_t>(i));
  }
  std::vector<OutboxEntry> entries;
  for (const auto& [at, id, message] : queued)
    if (entries.size() < limit) entries.push_back({id, message, at});
  return entries;
}

std::vector<SubmissionRef> PlainRecords::unsettled(std::size_t limit) {
  std::vector<SubmissionRef> refs;
  for (const auto& [id, otp] : otps_) {
    for (std::size_t i = 0; i < otp.messages.size() && !otp.test; ++i) {
      const Message& message = otp.messages[i];
      const bool is_open = message.state == MessageState::submitting ||
                           (message.state == MessageState::unknown && otp.status == OtpStatus::pending);
      if (!is_open || message.submissions.empty() || message.submissions.back().at > opened_at_) continue;
      if (refs.size() < limit)
        refs.push_back(
            {id, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(message.submissions.size() - 1), 0});
    }
  }
  return refs;
}

std::vector<SubmissionRef> PlainRecords::submissions(std::string_view carrier, std::string_view smsc_message_id) {
  const auto wanted = smpp::canonical_message_id(smsc_message_id);
  std::vector<SubmissionRef> found;
  for (auto at = otps_.rbegin(); at != otps_.rend(); ++at) {
    const Otp& otp = at->second;
    if (otp.test || made_at(otp.id) < now_ - submission_kept) continue;
    for (std::size_t m = 0; m < otp.messages.size(); ++m) {
      const auto& submissions = otp.messages[m].submissions;
      for (std::size_t s = 0; s < submissions.size(); ++s) {
        for (std::size_t g = 0; g < submissions[s].segments.size(); ++g) {
          const std::string& id = submissions[s].segments[g].smsc_message_id;
          if (!id.empty() && submissions[s].carrier == carrier && smpp::canonical_message_id(id) == wanted)
            found.push_back(
                {otp.id, static_cast<std::uint8_t>(m), static_cast<std::uint8_t>(s), static_cast<std::uint8_t>(g)});
        }
      }
    }
  }
  return found;
}

std::vector<HistoryEntry> PlainRecords::history(const HistoryKey& key, WallTime since) {
  std::vector<HistoryEntry> entries;
  since = std::max<WallTime>(since, now_ - day);
  const auto add = [&](const HistoryKey& of, const HistoryEntry& entry) {
    if (of == key && entry.at >= since) entries.push_back(entry);
  };
  for (const auto& [id, row] : rows_[RowKind::note]) add(std::get<Note>(row).key, std::get<Note>(row).entry);
  for (const auto& [id, otp] : otps_) {
    if (otp.test) continue;
    const std::uint32_t tag = first_octets(otp.phone);
    for (const Message& message : otp.messages) {
      add({HistoryKind::sends_of_phone, otp.app, otp.phone}, {message.queued_at, tag});
      add({HistoryKind::sends_of_phone_overall, 0, otp.phone}, {message.queued_at, tag});
      if (const auto& address = address_of(otp, message))
        add({HistoryKind::sends_of_user_ip, otp.app, *address}, {message.queued_at, tag});
    }
    if (otp.status == OtpStatus::locked)
      add({HistoryKind::locks_of_phone, otp.app, otp.phone}, {otp.ended_at.value_or(otp.created_at), tag});
  }
  return entries;
}

void PlainRecords::count(AppId app, CounterPeriod period, Counter counter, std::uint64_t by) {
  counters_[{app, period.key()}][static_cast<std::size_t>(counter)] += by;
}

Quota PlainRecords::quota(AppId app, Month month, std::uint64_t included) {
  const std::uint64_t used = counters(app, month)[static_cast<std::size_t>(Counter::sends)];
  return {used, included == 0 || used < included};
}

bool PlainRecords::take_quota(AppId app, Month month, std::uint64_t included) {
  if (!quota(app, month, included).has_room) return false;
  count(app, month, Counter::sends, 1);
  return true;
}

StatSums& PlainRecords::sums(const SumsPlace& place, StatKind kind, std::string_view name) {
  return sums_[{place.period, place.when, place.app, kind, std::string(name)}];
}

bool PlainRecords::has_sums(const SumsPlace& place) {
  return sums_.contains({place.period, place.when, place.app, StatKind::all, {}});
}

std::map<std::string, StatSums> PlainRecords::sums_until(const SumsPlace& place, StatKind kind, std::int32_t last) {
  std::map<std::string, StatSums> found;
  for (const auto& [key, sums] : sums_) {
    const auto& [period, when, app, of, name] = key;
    if (period == place.period && app == place.app && of == kind && when >= place.when && when <= last)
      found[name].add(sums);
  }
  return found;
}

std::size_t PlainRecords::erase_aged(Aged what, WallTime before, std::size_t limit) {
  std::size_t erased = 0;
  const auto erase_rows = [&](RowKind kind) {
    auto& rows = rows_[kind];
    while (erased < limit && !rows.empty() && made_at(rows.begin()->first) < before) {
      rows.erase(rows.begin());
      ++erased;
    }
    return erased;
  };
  switch (what) {
    case Aged::answers: return erase_rows(RowKind::answer);
    case Aged::notes: return erase_rows(RowKind::note);
    case Aged::deliveries: return erase_rows(RowKind::over);
    case Aged::audit: return erase_rows(RowKind::audit);
    case Aged::requests:
      while (erased < limit && !otps_.empty() && otps_.begin()->first < first_otp_id_at(before)) {
        otps_.erase(otps_.begin());
        ++erased;
      }
      return erased;
    case Aged::sums_of_hours:
      for (auto at = sums_.begin(); at != sums_.end() && erased < limit;) {
        const auto& [period, when, app, kind, name] = at->first;
        const bool is_over = period == SumsPlace::Period::hour && when < hour_of(before);
        at = is_over ? sums_.erase(at) : std::next(at);
        erased += is_over;
      }
      return erased;
  }
  return erased;
}

}  // namespace xion
