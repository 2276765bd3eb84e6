#pragma once
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/otp/delivery_rules.h"
#include "ports/records.h"

namespace xion {

/// The seam and nothing else: maps, and a look at everything for each question. It shares no line with the log, and
/// shows that the rules above the seam are the same over any engine. It knows no transactions: what is done is done.
class PlainRecords final : public Records {
 public:
  /// As at the start of a process: what is unsettled by then was left by an earlier one.
  void open(WallTime now) { opened_at_ = now; }
  void begin(WallTime now);

  std::optional<std::string> thing(ThingKind kind, std::string_view key) override;
  void put_thing(ThingKind kind, std::string_view key, std::string_view record) override;
  bool erase_thing(ThingKind kind, std::string_view key) override;
  void scan_things(ThingKind kind, std::string_view prefix, VisitThing visit) override;
  ListShape list_shape() override { return {true, ~std::uint32_t{0}}; }
  const std::vector<Webhook>& webhooks() override;

  RowId next_row(WallTime at) override { return last_row_ = next_row_id(last_row_, at, only_node); }
  void put(RowKind kind, RowId id, const Row& row) override { rows_[kind].insert_or_assign(id, row); }
  std::optional<Row> row(RowKind kind, RowId id) override;
  bool erase(RowKind kind, RowId id) override { return rows_[kind].erase(id) != 0; }
  void scan(RowKind kind, OtpRange::Order order, VisitRow visit) override;
  std::size_t count(RowKind kind) override { return rows_[kind].size(); }
  std::optional<RowId> answer_of(const Digest& key) override;
  std::vector<RowId> parked_as(std::string_view carrier, std::string_view smsc_message_id) override;
  std::size_t parked_of(std::string_view carrier) override;
  std::vector<WaitingDeliveries> waiting_deliveries() override;
  std::size_t waiting_of(AppId app) override;
  std::vector<RowId> due(std::string_view webhook, WallTime until, std::size_t limit) override;

  std::optional<Otp> otp(const OtpId& id) override;
  bool insert(const Otp& otp) override { return otps_.emplace(otp.id, otp).second; }
  void put(const Otp& otp) override { otps_.insert_or_assign(otp.id, otp); }
  void rewrite(const Otp& otp) override { put(otp); }
  void erase_request(const OtpId& id) override { otps_.erase(id); }
  std::vector<Otp> otps(const OtpRange& range, std::size_t limit) override;
  FoundOtps find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) override;
  std::optional<OtpId> live(const LiveKey& key) override;
  std::optional<OtpId> latest(const LiveKey& key) override;
  std::vector<OtpId> expiring(WallTime until, std::size_t limit) override;
  std::vector<OutboxEntry> outbox(Whose whose, std::size_t limit) override;
  std::size_t outbox_size(Whose whose) override { return outbox(whose, otps_.size() * 256).size(); }
  std::vector<SubmissionRef> unsettled(std::size_t limit) override;
  std::vector<SubmissionRef> submissions(std::string_view carrier, std::string_view smsc_message_id) override;
  std::vector<HistoryEntry> history(const HistoryKey& key, WallTime since) override;

  void count(AppId app, CounterPeriod period, Counter counter, std::uint64_t by) override;
  Counters counters(AppId app, CounterPeriod period) override { return counters_[{app, period.key()}]; }
  Quota quota(AppId app, Month month, std::uint64_t included) override;
  bool take_quota(AppId app, Month month, std::uint64_t included) override;
  StatSums& sums(const SumsPlace& place, StatKind kind, std::string_view name) override;
  bool has_sums(const SumsPlace& place) override;
  std::map<std::string, StatSums> sums_until(const SumsPlace& place, StatKind kind, std::int32_t last) override;
  Traffic traffic(const TrafficKey& key, WallTime now) override { return traffic_.read(key, now); }
  void traffic_sent(const TrafficKey& key, WallTime at) override { traffic_.sent(key, at); }
  void traffic_verified(const TrafficKey& key, WallTime at, const std::vector<WallTime>& sent_at) override {
    traffic_.verified(key, at, sent_at);
  }

  void things_from(ThingKind kind, std::string_view from, VisitThing visit) override;
  void rows_from(RowKind kind, RowId from, VisitRow visit) override;
  void notes_from(std::string_view from, VisitNotes visit) override;
  void counters_from(std::string_view from, VisitCounters visit) override;
  void sums_from(std::string_view from, VisitSums visit) override;
  void put(const CountersRow& row) override { counters_[{row.app, row.period}] = row.counters; }
  void put(const SumsRow& row) override { sums(row.place, row.kind, row.name) = row.sums; }
  void traffic_from(std::string_view, VisitTraffic) override {}
  void put_traffic_rows(const TrafficRows&) override {}

  void write_decoy(std::string_view) override {}
  std::size_t erase_aged(Aged what, WallTime before, std::size_t limit) override;

 private:
  using SumsKey = std::tuple<SumsPlace::Period, std::int32_t, AppId, StatKind, std::string>;
  std::vector<const Otp*> of_key(const LiveKey& key) const;

  WallTime now_{}, opened_at_ = WallTime::min();
  RowId last_row_ = 0;
  std::map<std::pair<ThingKind, std::string>, std::string> things_;
  std::vector<Webhook> webhooks_;
  std::map<RowKind, std::map<RowId, Row>> rows_;
  std::map<OtpId, Otp> otps_;
  std::map<std::pair<AppId, Day>, Counters> counters_;
  std::map<SumsKey, StatSums> sums_;
  TrafficCounts traffic_;
};

}  // namespace xion
