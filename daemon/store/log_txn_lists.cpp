// The part of a transaction that is about who may be sent to: block and allow lists, templates, the guard's counts,
// failed verifies.
#include "store/log_txn.h"
#include "store/rows.h"

namespace xion {
namespace {

std::string day_key(std::int32_t day) {
  return std::string(BigEndian<std::uint32_t>(static_cast<std::uint32_t>(day)).view());
}

/// A day's row is looked at for a fortnight after it.
constexpr std::int32_t traffic_days_kept = 15;

}  // namespace

void LogTxn::put(const ListEntry& entry) {
  std::string key = list_key(entry);
  kv_.put(Table::lists, key, to_record(entry));
  indexes_.set_listed(std::move(key));
}

bool LogTxn::remove(const ListEntry& entry) {
  const std::string key = list_key(entry);
  const bool was_there = kv_.erase(Table::lists, key);
  indexes_.remove_listed(key);
  return was_there;
}

std::vector<ListEntry> LogTxn::list_entries(ListKind kind) {
  std::vector<ListEntry> entries;
  kv_.scan(Table::lists, list_key(kind, 0), [&](std::string_view key, std::string_view value) {
    if (key.empty() || key.front() != static_cast<char>(kind)) return false;
    if (auto entry = list_entry_from_record(value))
      entries.push_back(std::move(*entry));
    else
      record_is_unreadable(Table::lists, hex(as_octets(key)));
    return true;
  });
  return entries;
}

std::optional<ListEntry> LogTxn::held_entry(ListKind kind, AppId app, ListSubject subject, std::string_view value,
                                            WallTime now) {
  const std::string key = list_key(kind, app, subject, value);
  if (!indexes_.is_listed(key)) return std::nullopt;
  const auto record = kv_.get(Table::lists, key);
  auto entry = record ? list_entry_from_record(*record) : std::nullopt;
  if (record && !entry) record_is_unreadable(Table::lists, hex(as_octets(key)));
  return entry && entry->holds(now) ? entry : std::nullopt;
}

std::optional<ListEntry> LogTxn::listed(ListKind kind, AppId app, const ListedNumber& number, WallTime now) {
  if (!indexes_.has_listed()) return std::nullopt;
  const auto either = [&](ListSubject subject, std::string_view value) {
    auto entry = held_entry(kind, app, subject, value, now);
    return entry ? entry : held_entry(kind, 0, subject, value, now);
  };
  if (auto entry = either(ListSubject::phone, as_text(number.phone))) return entry;
  for (std::size_t length = number.e164.size(); length > 1; --length) {
    if (!indexes_.has_listed_prefix(length)) continue;
    if (auto entry = either(ListSubject::prefix, number.e164.substr(0, length))) return entry;
  }
  if (!number.country.empty()) {
    if (auto entry = either(ListSubject::country, number.country)) return entry;
  }
  return either(ListSubject::everything, "");
}

std::vector<MessageTemplate> LogTxn::templates() {
  std::vector<MessageTemplate> all;
  kv_.scan(Table::templates, {}, [&](std::string_view key, std::string_view value) {
    if (auto text = template_from_record(value))
      all.push_back(std::move(*text));
    else
      record_is_unreadable(Table::templates, hex(as_octets(key)));
    return true;
  });
  return all;
}

void LogTxn::put(const MessageTemplate& text) { kv_.put(Table::templates, template_key(text), to_record(text)); }
bool LogTxn::remove(const MessageTemplate& text) { return kv_.erase(Table::templates, template_key(text)); }

Traffic LogTxn::traffic(const TrafficKey& key, WallTime now) { return indexes_.traffic().read(key, now); }

void LogTxn::note_send(const Otp& otp) {
  if (otp.test || otp.messages.empty()) return;
  for (const TrafficKey& key : traffic_keys(otp)) indexes_.traffic().sent(key, otp.messages.back().queued_at);
}

void LogTxn::note_verified(const Otp& otp) {
  // Who was converted and then verified all the same was counted already.
  if (otp.test || (otp.converted_at && otp.status == OtpStatus::verified)) return;
  std::vector<WallTime> sent_at;
  for (const Message& message : otp.messages) sent_at.push_back(message.queued_at);
  for (const TrafficKey& key : traffic_keys(otp))
    indexes_.traffic().verified(key, proven_at(otp).value_or(now_), sent_at);
}

/// Once a day: yesterday's verified counts outlive the tail of the log from which all else is rebuilt.
void LogTxn::flush_traffic() {
  const Day yesterday = day_of(now_) - 1;
  TrafficCounts& traffic = indexes_.traffic();
  if (traffic.closed_day() && *traffic.closed_day() >= yesterday) return;
  const std::string row = traffic.close_day(yesterday);
  if (row.empty()) return;
  kv_.put(Table::traffic, day_key(yesterday), row);
  std::vector<std::string> old;
  kv_.scan(Table::traffic, {}, [&](std::string_view key, std::string_view) {
    if (static_cast<Day>(from_big_endian<std::uint32_t>(key)) >= yesterday - traffic_days_kept) return false;
    old.emplace_back(key);
    return true;
  });
  for (const std::string& key : old) kv_.erase(Table::traffic, key);
}

std::vector<HistoryEntry> LogTxn::history(const HistoryKey& key, WallTime since) {
  return indexes_.history(key, since);
}

void LogTxn::note(const HistoryKey& key, HistoryEntry entry) {
  const RowId row = indexes_.next_row(entry.at);
  kv_.put(Table::notes, BigEndian(row).view(), to_row(key, entry));
  indexes_.note_by_hand(key, entry, row);
}

std::size_t LogTxn::prune_notes(WallTime now, std::size_t limit) {
  std::vector<RowId> rows;
  kv_.scan(Table::notes, {}, [&](std::string_view key, std::string_view) {
    const auto row = from_big_endian<RowId>(key);
    if (rows.size() >= limit || made_at(row) + note_kept > now) return false;
    rows.push_back(row);
    return true;
  });
  for (const RowId row : rows) kv_.erase(Table::notes, BigEndian(row).view());
  return rows.size();
}

}  // namespace xion
