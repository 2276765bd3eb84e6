// Requests of the log.
#include "store/log_records.h"

#include "core/otp/otp_record.h"
#include "store/otp_key.h"

namespace xion {
namespace {

std::string_view key_of(const OtpId& id) { return as_text(id.octets); }

}  // namespace

void LogRecords::begin(WallTime now) {
  now_ = now;
  indexes_.advance(now);
  tallies_.clear();
  changed_tallies_.clear();
  stat_tallies_.clear();
}

void LogRecords::flush() {
  flush_counters();
  flush_traffic();
  stat_tallies_.flush();
  search_.flush();
  indexes_.flush();
}

std::optional<Otp> LogRecords::read_otp(std::string_view key, std::string_view record) {
  const OtpId id = otp_id_of(key);
  auto otp = from_record(id, record);
  if (!otp) record_is_unreadable(name_of(Table::otps), to_string(id));
  return otp;
}

std::optional<Otp> LogRecords::otp(const OtpId& id) {
  const auto record = kv_.get(Table::otps, key_of(id));
  // Returned as it is made: to move a request is to move thirty texts.
  auto otp = record ? read_otp(key_of(id), *record) : std::nullopt;
  if (otp) indexes_.saw(*otp);
  return otp;
}

bool LogRecords::insert(const Otp& otp) {
  if (!kv_.insert(Table::otps, key_of(otp.id), to_record(otp))) return false;
  indexes_.set(otp);
  search_.insert(otp);
  return true;
}

void LogRecords::put(const Otp& otp) {
  rewrite(otp);
  indexes_.set(otp);
  search_.set(otp);
}

void LogRecords::rewrite(const Otp& otp) { kv_.put(Table::otps, key_of(otp.id), to_record(otp)); }

/// What it is searched by stays until its time in the log is over, and finds nothing.
void LogRecords::erase_request(const OtpId& id) {
  if (const auto gone = otp(id)) indexes_.remove(*gone);
  kv_.erase(Table::otps, key_of(id));
}

std::vector<Otp> LogRecords::otps(const OtpRange& range, std::size_t limit) {
  std::vector<Otp> otps;
  if (limit == 0) return otps;
  const auto visit = [&](std::string_view key, std::string_view record) {
    const OtpId id = otp_id_of(key);
    const bool is_beyond = range.order == OtpRange::Order::oldest_first ? range.before && id >= *range.before
                                                                        : range.after && id <= *range.after;
    if (is_beyond) return false;
    if (id == range.after) return true;
    if (auto otp = read_otp(key, record)) otps.push_back(std::move(*otp));
    return otps.size() < limit;
  };
  if (range.order == OtpRange::Order::oldest_first)
    kv_.scan(Table::otps, range.after ? key_of(*range.after) : std::string_view{}, visit);
  else
    kv_.scan_back(Table::otps, range.before ? key_of(*range.before) : std::string_view{}, visit);
  return otps;
}

FoundOtps LogRecords::find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) {
  const auto found = search_.find(filter, before, limit);
  FoundOtps answer{{}, found.rest};
  answer.otps.reserve(found.ids.size());
  for (const OtpId& id : found.ids) {
    if (auto otp = this->otp(id)) answer.otps.push_back(std::move(*otp));  // Else it was pruned.
  }
  return answer;
}

/// As many rows as a page holds some hundreds of times over, so that finding and copying the one costs what it costs in
/// the log.
void LogRecords::write_decoy(std::string_view octets) {
  constexpr std::uint32_t rows = 4'096, step = 1'031;
  decoy_ = (decoy_ + step) % rows;
  kv_.put(Table::decoys, BigEndian(decoy_).view(), octets);
}

std::size_t LogRecords::erase_aged(Aged what, WallTime before, std::size_t limit) {
  if (limit == 0) return 0;
  switch (what) {
    case Aged::requests: return erase_requests(before, limit);
    case Aged::answers: return erase_rows(RowKind::answer, before, limit);
    case Aged::notes: return erase_rows(RowKind::note, before, limit);
    case Aged::deliveries: return erase_rows(RowKind::over, before, limit);
    case Aged::audit: return erase_rows(RowKind::audit, before, limit);
    case Aged::sums_of_hours: return stat_tallies_.erase_hours(hour_of(before), limit);
  }
  return 0;
}

std::size_t LogRecords::erase_requests(WallTime before, std::size_t limit) {
  std::vector<OtpId> ids;
  const OtpId end = first_otp_id_at(before);
  kv_.scan(Table::otps, {}, [&](std::string_view key, std::string_view) {
    const OtpId id = otp_id_of(key);
    if (id >= end) return false;
    ids.push_back(id);
    return ids.size() < limit;
  });
  for (const OtpId& id : ids) erase_request(id);
  if (!ids.empty()) search_.forget_pruned();
  return ids.size();
}

}  // namespace xion
