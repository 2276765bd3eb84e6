#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "core/otp/delivery_rules.h"
#include "ports/records.h"
#include "store/indexes.h"
#include "store/kv.h"
#include "store/search/search_index.h"
#include "store/stat_tallies.h"

namespace xion {

/// Where a kind of thing, or of row, lies.
Table table_of(ThingKind kind);
Table table_of(RowKind kind);

/// Records over ordered octets and the indexes in memory: what every log-like engine shares. One object serves
/// transaction after transaction: `begin`, the tasks, `flush`, then the engine's commit.
class LogRecords final : public Records {
 public:
  LogRecords(Kv& kv, Indexes& indexes) : kv_(kv), indexes_(indexes), stat_tallies_(kv), search_(kv) {}

  void begin(WallTime now);
  /// Writes what was only counted in memory.
  void flush();
  /// Whether there is something to flush that a task counted.
  bool has_counted() const { return !changed_tallies_.empty(); }
  SearchIndex& search() { return search_; }

  std::optional<std::string> thing(ThingKind kind, std::string_view key) override;
  void put_thing(ThingKind kind, std::string_view key, std::string_view record) override;
  bool erase_thing(ThingKind kind, std::string_view key) override;
  void scan_things(ThingKind kind, std::string_view prefix, VisitThing visit) override;
  ListShape list_shape() override { return indexes_.list_shape(); }
  const std::vector<Webhook>& webhooks() override { return indexes_.webhooks(); }

  RowId next_row(WallTime at) override { return indexes_.next_row(at); }
  void put(RowKind kind, RowId id, const Row& row) override;
  std::optional<Row> row(RowKind kind, RowId id) override;
  bool erase(RowKind kind, RowId id) override;
  void scan(RowKind kind, OtpRange::Order order, VisitRow visit) override;
  std::size_t count(RowKind kind) override;
  std::optional<RowId> answer_of(const Digest& key) override { return indexes_.answer(key); }
  std::vector<RowId> parked_as(std::string_view carrier, std::string_view smsc_message_id) override;
  std::size_t parked_of(std::string_view carrier) override { return indexes_.parked_of(carrier); }
  std::vector<WaitingDeliveries> waiting_deliveries() override { return indexes_.waiting_deliveries().waiting(); }
  std::size_t waiting_of(AppId app) override { return indexes_.waiting_deliveries().waiting_of(app); }
  std::vector<RowId> due(std::string_view webhook, WallTime until, std::size_t limit) override {
    return indexes_.waiting_deliveries().due(webhook, until, limit);
  }

  std::optional<Otp> otp(const OtpId& id) override;
  bool insert(const Otp& otp) override;
  void put(const Otp& otp) override;
  void rewrite(const Otp& otp) override;
  void erase_request(const OtpId& id) override;
  std::vector<Otp> otps(const OtpRange& range, std::size_t limit) override;
  FoundOtps find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) override;
  std::optional<OtpId> live(const LiveKey& key) override { return indexes_.live(key); }
  std::optional<OtpId> latest(const LiveKey& key) override { return indexes_.latest(key); }
  std::vector<OtpId> expiring(WallTime until, std::size_t limit) override { return indexes_.expiring(until, limit); }
  std::vector<OutboxEntry> outbox(Whose, std::size_t limit) override { return indexes_.outbox(limit); }
  std::size_t outbox_size(Whose) override { return indexes_.outbox_size(); }
  std::vector<SubmissionRef> unsettled(std::size_t limit) override { return indexes_.unsettled(limit); }
  std::vector<SubmissionRef> submissions(std::string_view carrier, std::string_view smsc_message_id) override {
    return indexes_.submissions(carrier, smsc_message_id);
  }
  std::vector<HistoryEntry> history(const HistoryKey& key, WallTime since) override {
    return indexes_.history(key, since);
  }

  void count(AppId app, CounterPeriod period, Counter counter, std::uint64_t by) override;
  Counters counters(AppId app, CounterPeriod period) override;
  Quota quota(AppId app, Month month, std::uint64_t included) override;
  bool take_quota(AppId app, Month month, std::uint64_t included) override;
  StatSums& sums(const SumsPlace& place, StatKind kind, std::string_view name) override {
    return stat_tallies_.sums(place, kind, name);
  }
  bool has_sums(const SumsPlace& place) override { return stat_tallies_.has_sums(place); }
  std::map<std::string, StatSums> sums_until(const SumsPlace& place, StatKind kind, std::int32_t last) override {
    return stat_tallies_.until(place, kind, last);
  }
  Traffic traffic(const TrafficKey& key, WallTime now) override { return indexes_.traffic().read(key, now); }
  void traffic_sent(const TrafficKey& key, WallTime at) override { indexes_.traffic().sent(key, at); }
  void traffic_verified(const TrafficKey& key, WallTime at, const std::vector<WallTime>& sent_at) override {
    indexes_.traffic().verified(key, at, sent_at);
  }

  void things_from(ThingKind kind, std::string_view from, VisitThing visit) override;
  void rows_from(RowKind kind, RowId from, VisitRow visit) override;
  void notes_from(std::string_view from, VisitNotes visit) override;
  void counters_from(std::string_view from, VisitCounters visit) override;
  void sums_from(std::string_view from, VisitSums visit) override { stat_tallies_.visit_from(from, visit); }
  void put(const CountersRow& row) override;
  void put(const SumsRow& row) override { sums(row.place, row.kind, row.name) = row.sums; }
  void traffic_from(std::string_view from, VisitTraffic visit) override;
  void put_traffic_rows(const TrafficRows& rows) override;

  void write_decoy(std::string_view octets) override;
  std::size_t erase_aged(Aged what, WallTime before, std::size_t limit) override;

 private:
  /// The counters of one app and day, as this transaction sees them.
  struct Tally {
    Counters counters{};
    bool is_changed = false;
  };
  Tally& tally(AppId app, Day day);
  void flush_counters();
  void flush_traffic();
  std::optional<Otp> read_otp(std::string_view key, std::string_view record);
  void forget_waiting(RowId id);
  std::optional<Row> read_row(RowKind kind, RowId id, std::string_view octets);
  std::size_t erase_requests(WallTime before, std::size_t limit);
  std::size_t erase_rows(RowKind kind, WallTime before, std::size_t limit);

  Kv& kv_;
  Indexes& indexes_;
  WallTime now_{};
  StatTallies stat_tallies_;
  SearchIndex search_;
  absl::flat_hash_map<std::pair<AppId, Day>, Tally> tallies_;
  std::vector<std::pair<AppId, Day>> changed_tallies_;
  std::uint32_t decoy_ = 0;  ///< Written last.
};

}  // namespace xion
