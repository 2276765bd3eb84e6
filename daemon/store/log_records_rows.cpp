// Rows of the log that come with time, and counters.
#include "store/log_records.h"
#include "store/otp_key.h"
#include "store/row_octets.h"
#include "store/webhook_rows.h"

namespace xion {
namespace {

std::string counters_key(AppId app, Day day) {
  std::string key(BigEndian<AppId>(app).view());
  key += BigEndian<std::uint32_t>(static_cast<std::uint32_t>(day)).view();
  return key;
}

std::string day_key(Day day) { return std::string(BigEndian<std::uint32_t>(static_cast<std::uint32_t>(day)).view()); }

/// A day's row is looked at for a fortnight after it.
constexpr Day traffic_days_kept = 15;
/// Subjects of a day with each commit: each is looked up in every run.
constexpr std::size_t traffic_closed_at_once = 32;

}  // namespace

Table table_of(RowKind kind) {
  switch (kind) {
    case RowKind::parked: return Table::parked;
    case RowKind::unmatched: return Table::unmatched;
    case RowKind::answer: return Table::answers;
    case RowKind::note: return Table::notes;
    case RowKind::waiting: return Table::deliveries_due;
    case RowKind::over: return Table::deliveries;
    case RowKind::audit: return Table::audit;
  }
  return Table::unmatched;
}

/// A delivery that waits is looked up by its webhook and its time, which its row says.
void LogRecords::forget_waiting(RowId id) {
  const auto octets = kv_.get(Table::deliveries_due, BigEndian(id).view());
  if (const auto place = octets ? delivery_place_from_row(*octets) : std::nullopt)
    indexes_.waiting_deliveries().erase_waiting(id, *place);
}

void LogRecords::put(RowKind kind, RowId id, const Row& row) {
  if (kind == RowKind::waiting) forget_waiting(id);
  kv_.put(table_of(kind), BigEndian(id).view(), to_octets(row));
  switch (kind) {
    case RowKind::parked: return indexes_.park(std::get<StoredReceipt>(row), id);
    case RowKind::answer: return indexes_.set_answer(std::get<KeptAnswer>(row).key, id);
    case RowKind::note: return indexes_.note_by_hand(std::get<Note>(row).key, std::get<Note>(row).entry, id);
    case RowKind::waiting: {
      const auto& delivery = std::get<WebhookDelivery>(row);
      return indexes_.waiting_deliveries().add_waiting(id, {delivery.webhook, delivery.app, delivery.next_at});
    }
    case RowKind::unmatched:
    case RowKind::over:
    case RowKind::audit: return;
  }
}

std::optional<Row> LogRecords::read_row(RowKind kind, RowId id, std::string_view octets) {
  auto row = row_from_octets(kind, id, octets);
  if (!row) record_is_unreadable(name_of(table_of(kind)), std::to_string(id));
  return row;
}

std::optional<Row> LogRecords::row(RowKind kind, RowId id) {
  const auto octets = kv_.get(table_of(kind), BigEndian(id).view());
  auto row = octets ? read_row(kind, id, *octets) : std::nullopt;
  if (!row && kind == RowKind::waiting) forget_waiting(id);  // It would be due for ever.
  return row;
}

bool LogRecords::erase(RowKind kind, RowId id) {
  if (kind == RowKind::parked) {
    const auto octets = kv_.get(Table::parked, BigEndian(id).view());
    if (const auto receipt = octets ? receipt_from_row(*octets) : std::nullopt) indexes_.unpark(*receipt, id);
  }
  if (kind == RowKind::waiting) forget_waiting(id);
  return kv_.erase(table_of(kind), BigEndian(id).view());
}

void LogRecords::scan(RowKind kind, OtpRange::Order order, VisitRow visit) {
  const auto visit_octets = [&](std::string_view key, std::string_view octets) {
    const auto id = from_big_endian<RowId>(key);
    const auto row = read_row(kind, id, octets);
    return visit(id, row ? &*row : nullptr);
  };
  if (order == OtpRange::Order::oldest_first)
    kv_.scan(table_of(kind), {}, visit_octets);
  else
    kv_.scan_back(table_of(kind), {}, visit_octets);
}

void LogRecords::rows_from(RowKind kind, RowId from, VisitRow visit) {
  kv_.scan(table_of(kind), BigEndian(from).view(), [&](std::string_view key, std::string_view octets) {
    const auto id = from_big_endian<RowId>(key);
    const auto row = read_row(kind, id, octets);
    return visit(id, row ? &*row : nullptr);
  });
}

void LogRecords::notes_from(std::string_view from, VisitNotes visit) {
  kv_.scan(Table::notes, from, [&](std::string_view key, std::string_view octets) {
    const auto row = read_row(RowKind::note, from_big_endian<RowId>(key), octets);
    return visit(std::string(key) + '\0', row ? &std::get<Note>(*row) : nullptr);
  });
}

std::size_t LogRecords::count(RowKind kind) {
  if (kind == RowKind::parked && !indexes_.has_parked()) return 0;  // As a rule, and asked often.
  return kv_.count(table_of(kind));
}

std::vector<RowId> LogRecords::parked_as(std::string_view carrier, std::string_view smsc_message_id) {
  return indexes_.parked(carrier, smsc_message_id);
}

std::size_t LogRecords::erase_rows(RowKind kind, WallTime before, std::size_t limit) {
  std::vector<RowId> rows;
  kv_.scan(table_of(kind), {}, [&](std::string_view key, std::string_view) {
    const auto row = from_big_endian<RowId>(key);
    if (made_at(row) >= before) return false;
    rows.push_back(row);
    return rows.size() < limit;
  });
  for (const RowId row : rows) kv_.erase(table_of(kind), BigEndian(row).view());
  return rows.size();
}

LogRecords::Tally& LogRecords::tally(AppId app, Day day) {
  const auto [at, is_new] = tallies_.try_emplace({app, day});
  if (!is_new) return at->second;
  if (const auto row = kv_.get(Table::counters, counters_key(app, day))) {
    if (const auto counters = counters_from_row(*row))
      at->second.counters = *counters;
    else
      record_is_unreadable(name_of(Table::counters), std::to_string(app));
  }
  return at->second;
}

void LogRecords::count(AppId app, CounterPeriod period, Counter counter, std::uint64_t by) {
  Tally& here = tally(app, period.key());
  here.counters[static_cast<std::size_t>(counter)] += by;
  if (!here.is_changed) changed_tallies_.emplace_back(app, period.key());
  here.is_changed = true;
}

Counters LogRecords::counters(AppId app, CounterPeriod period) { return tally(app, period.key()).counters; }

Quota LogRecords::quota(AppId app, Month month, std::uint64_t included) {
  const std::uint64_t used = counters(app, month)[static_cast<std::size_t>(Counter::sends)];
  return {used, included == 0 || used < included};
}

bool LogRecords::take_quota(AppId app, Month month, std::uint64_t included) {
  if (!quota(app, month, included).has_room) return false;
  count(app, month, Counter::sends, 1);
  return true;
}

void LogRecords::counters_from(std::string_view from, VisitCounters visit) {
  flush_counters();
  kv_.scan(Table::counters, from, [&](std::string_view key, std::string_view octets) {
    const auto counters = counters_from_row(octets);
    if (!counters) record_is_unreadable(name_of(Table::counters), "of a period");
    if (!counters || key.size() != sizeof(AppId) + sizeof(Day)) return true;
    const auto period = static_cast<std::int32_t>(from_big_endian<std::uint32_t>(key.substr(sizeof(AppId))));
    return visit(std::string(key) + '\0', {from_big_endian<AppId>(key.substr(0, sizeof(AppId))), period, *counters});
  });
}

void LogRecords::put(const CountersRow& row) {
  Tally& here = tally(row.app, row.period);
  here.counters = row.counters;
  if (!here.is_changed) changed_tallies_.emplace_back(row.app, row.period);
  here.is_changed = true;
}

/// Of yesterday and today as the log's requests have it, of the days before as it was kept: whoever reads them goes
/// through both days.
void LogRecords::traffic_from(std::string_view, VisitTraffic visit) {
  TrafficRows rows;
  class Collected final : public TrafficLedger {
   public:
    explicit Collected(TrafficRows& rows) : rows_(rows) {}
    void read(std::uint64_t name, std::vector<TrafficSlot>& slots) override { rows_[name].read(name, slots); }
    void add(std::uint64_t name, const TrafficSlot& more) override { rows_[name].add(name, more); }
    void note_busy(std::int32_t, std::uint64_t) override {}

   private:
    TrafficRows& rows_;
  } collected(rows);
  TrafficCounts counts(&collected);
  const Day yesterday = day_of(now_) - 1;
  const auto begin = first_otp_id_at(WallTime{std::chrono::days{yesterday}});
  kv_.scan(Table::otps, as_text(begin.octets), [&](std::string_view key, std::string_view record) {
    if (const auto otp = read_otp(key, record)) counts.restore(*otp);
    return true;
  });
  kv_.scan(Table::traffic, {}, [&](std::string_view key, std::string_view octets) {
    const auto day = static_cast<Day>(from_big_endian<std::uint32_t>(key));
    const auto verified = day < yesterday ? verified_from_day_row(octets) : std::nullopt;
    if (verified)
      for (const auto& [name, count] : *verified) rows[name].set_day(day, count);
    return true;
  });
  for (const auto& [name, row] : rows) visit({}, name, row);
}

/// Of yesterday and today the log's requests say it.
void LogRecords::put_traffic_rows(const TrafficRows& rows) {
  const Day yesterday = day_of(now_) - 1;
  std::map<Day, std::map<std::uint64_t, std::uint32_t>> days;
  for (const auto& [name, row] : rows)
    for (const auto& [day, verified] : row.verified_by_day(yesterday)) days[day].emplace(name, verified);
  for (auto& [day, verified] : days) {
    const auto kept = kv_.get(Table::traffic, day_key(day));
    if (const auto others = kept ? verified_from_day_row(*kept) : std::nullopt)
      verified.insert(others->begin(), others->end());
    const std::string octets = to_day_row(VerifiedOfDay(verified.begin(), verified.end()));
    kv_.put(Table::traffic, day_key(day), octets);
    (void)indexes_.traffic().restore_day(day, octets);
  }
}

void LogRecords::flush_counters() {
  for (const auto& [app, day] : changed_tallies_) {
    kv_.put(Table::counters, counters_key(app, day), to_row(tallies_[{app, day}].counters));
  }
  changed_tallies_.clear();
}

/// Once a day, by and by: yesterday's verified counts outlive the tail of the log from which all else is rebuilt.
void LogRecords::flush_traffic() {
  const Day yesterday = day_of(now_) - 1;
  TrafficCounts& traffic = indexes_.traffic();
  if (traffic.closed_day() && *traffic.closed_day() >= yesterday) return;
  const auto closed = traffic.close_some(yesterday, traffic_closed_at_once);
  if (!closed || closed->row.empty()) return;
  kv_.put(Table::traffic, day_key(closed->day), closed->row);
  std::vector<std::string> old;
  kv_.scan(Table::traffic, {}, [&](std::string_view key, std::string_view) {
    if (static_cast<Day>(from_big_endian<std::uint32_t>(key)) >= yesterday - traffic_days_kept) return false;
    old.emplace_back(key);
    return true;
  });
  for (const std::string& key : old) kv_.erase(Table::traffic, key);
}

}  // namespace xion
