#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/guard/traffic_row.h"
#include "ports/foresee.h"
#include "ports/records.h"
#include "shared/clock_skew.h"
#include "shared/index_rows.h"
#include "shared/month_volume.h"
#include "shared/row_view.h"
#include "store/webhook_index.h"

namespace xion {

/// Records over rows across a network: what each verb reads and writes of which rows. Whatever decides on something
/// that is not there writes the very row that would have told, so that of two nodes that decide at once one begins
/// again.
///
/// Of what is kept in memory beside the rows (what waits for webhooks here, how much is parked) each change is taken
/// back with its task.
class SharedRecords final : public Records {
 public:
  explicit SharedRecords(RowView& view) : view_(&view) {}

  /// What `open` needs: all of this node's memory.
  static WantedRows wanted_at_start(NodeId node);
  static constexpr std::array counted_at_start{RowTable::unmatched, RowTable::over};
  /// A new life of the node: memory is what these rows say. In a batch in which what was wanted is there.
  void open(NodeLife life, WallTime now, const std::vector<std::size_t>& counts);

  /// Rows are those of that view from now on; memory beside them stays.
  void look_through(RowView& view) {
    view_ = &view;
    are_webhooks_known_ = false;  // The other view may know of a change that is not durable.
  }
  /// Of each task.
  void begin(WallTime now);
  /// Writes what was only counted.
  void finish();
  /// Reads what a task said that it will.
  void read_ahead(const Reads& reads);
  /// `things` were read anew.
  void forget_things() { are_webhooks_known_ = false; }
  /// Another node put or erased that thing.
  void thing_changed(std::string_view key);

  std::optional<std::string> thing(ThingKind kind, std::string_view key) override;
  void put_thing(ThingKind kind, std::string_view key, std::string_view record) override;
  bool erase_thing(ThingKind kind, std::string_view key) override;
  void scan_things(ThingKind kind, std::string_view prefix, VisitThing visit) override;
  ListShape list_shape() override { return list_shape_; }
  const std::vector<Webhook>& webhooks() override;

  RowId next_row(WallTime at) override {
    drawn_.insert(last_row_ = next_row_id(last_row_, at, life_.node));
    return last_row_;
  }
  void put(RowKind kind, RowId id, const Row& row) override;
  std::optional<Row> row(RowKind kind, RowId id) override;
  bool erase(RowKind kind, RowId id) override;
  void scan(RowKind kind, OtpRange::Order order, VisitRow visit) override;
  std::size_t count(RowKind kind) override;
  std::optional<RowId> answer_of(const Digest& key) override;
  std::vector<RowId> parked_as(std::string_view carrier, std::string_view smsc_message_id) override;
  std::size_t parked_of(std::string_view carrier) override;
  std::vector<WaitingDeliveries> waiting_deliveries() override { return waiting_.waiting(); }
  std::size_t waiting_of(AppId app) override { return waiting_.waiting_of(app); }
  std::vector<RowId> due(std::string_view webhook, WallTime until, std::size_t limit) override;

  std::optional<Otp> otp(const OtpId& id) override;
  bool insert(const Otp& otp) override;
  void put(const Otp& otp) override;
  void rewrite(const Otp& otp) override;
  void erase_request(const OtpId& id) override;
  std::vector<Otp> otps(const OtpRange& range, std::size_t limit) override;
  FoundOtps find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) override;
  std::optional<OtpId> live(const LiveKey& key) override;
  std::optional<OtpId> latest(const LiveKey& key) override;
  std::vector<OtpId> expiring(WallTime until, std::size_t limit) override;
  std::vector<OutboxEntry> outbox(Whose whose, std::size_t limit) override;
  std::size_t outbox_size(Whose whose) override;
  std::vector<SubmissionRef> unsettled(std::size_t limit) override;
  Inherited inherit(std::span<const NodeId> living, std::size_t limit) override;
  std::vector<std::string> node_names() override;
  ForgottenNode forget_node(std::string_view name) override;
  Millis clocks_apart() const override { return 2 * skew_refused; }
  bool hand_over(const OtpId& id, std::uint8_t message, NodeId to) override;
  std::vector<OutboxEntry> take_handed(std::size_t limit) override;
  std::vector<SubmissionRef> submissions(std::string_view carrier, std::string_view smsc_message_id) override;
  std::vector<HistoryEntry> history(const HistoryKey& key, WallTime since) override;

  void count(AppId app, CounterPeriod period, Counter counter, std::uint64_t by) override;
  Counters counters(AppId app, CounterPeriod period) override;
  Quota quota(AppId app, Month month, std::uint64_t included) override;
  bool take_quota(AppId app, Month month, std::uint64_t included) override;
  StatSums& sums(const SumsPlace& place, StatKind kind, std::string_view name) override;
  bool has_sums(const SumsPlace& place) override;
  std::map<std::string, StatSums> sums_until(const SumsPlace& place, StatKind kind, std::int32_t last) override;
  Traffic traffic(const TrafficKey& key, WallTime now) override;
  void traffic_sent(const TrafficKey& key, WallTime at) override;
  void traffic_verified(const TrafficKey& key, WallTime at, const std::vector<WallTime>& sent_at) override;

  void things_from(ThingKind kind, std::string_view from, VisitThing visit) override;
  void rows_from(RowKind kind, RowId from, VisitRow visit) override;
  void notes_from(std::string_view from, VisitNotes visit) override;
  void counters_from(std::string_view from, VisitCounters visit) override;
  void sums_from(std::string_view from, VisitSums visit) override;
  void put(const CountersRow& row) override;
  void put(const SumsRow& row) override;
  void traffic_from(std::string_view from, VisitTraffic visit) override;
  void put_traffic_rows(const TrafficRows& rows) override;

  void write_decoy(std::string_view octets) override;
  std::size_t erase_aged(Aged what, WallTime before, std::size_t limit) override;

 private:
  struct OpenSums {
    StatSums sums;
    std::int32_t hour = 0;
    bool is_of_hour = false;
  };
  // Rows.
  std::optional<Row> read_row(RowKind kind, RowId id, std::string_view octets);
  bool erase_row(RowKind kind, RowId id);
  void put_answer(RowId id, const KeptAnswer& kept);
  void park(RowId id, const StoredReceipt& receipt);
  void unpark(RowId id, const StoredReceipt& receipt);
  void add_waiting(RowId id, std::string_view octets);
  void erase_waiting(RowId id, std::string_view octets);
  void add_event(const HistoryKey& key, const HistoryEntry& event);
  void count_rows(RowKind kind, int by);
  std::size_t erase_rows(RowKind kind, WallTime before, std::size_t limit);
  std::size_t erase_old(RowTable table, std::string_view before, std::size_t limit);
  std::string erased_to(RowTable table);
  void note_erased(const RowRange& range, const StoredRow& last);
  std::optional<KeptAnswer> answer_row(RowId id);
  void note_listed(std::string_view key);
  void in_pages(const RowRange& range, absl::FunctionRef<bool(const StoredRow&)> visit);
  bool show_notes(const StoredRow& stored, std::size_t from, VisitNotes visit);

  // Requests.
  std::optional<Otp> read_otp(std::string_view key, std::string_view record);
  void write_otp(const Otp& otp);
  void set_looked_up(const Otp* before, const Otp& after);
  bool has(const SubmissionRef& ref, std::size_t segments);
  bool has_submission(const SubmissionRef& ref) { return has(ref, 0); }
  bool has_segment(const SubmissionRef& ref) { return has(ref, ref.segment + 1U); }
  void add_looked_up(const Otp& otp, std::vector<RowName>& names) const;
  bool is_forgotten(const PhoneRow::Request& request) const;
  bool are_ids_kept(const Otp& otp) const;
  bool is_kept(WallTime event_at) const;
  void guess_next(const Reads& reads, std::vector<RowName>& names);
  PhoneRow requests_of(const LiveKey& key);
  void set_phone(const Otp* before, const Otp& after);
  std::vector<RowRange> waiting_messages(Whose whose);
  void set_outbox(const Otp* before, const Otp& after);
  void set_carrier_ids(const Otp* before, const Otp& after);
  void set_events(const Otp* before, const Otp& after);
  void set_names(const Otp* before, const Otp& after);
  void read_otps(const std::vector<OtpId>& ids);
  std::vector<Otp> otps_of(const std::vector<StoredRow>& rows, std::size_t id_at);
  std::size_t erase_requests(WallTime before, std::size_t limit);

  // Of other nodes.
  void inherit_messages(const RowRange& of_gone, std::size_t limit, Inherited& inherited);
  void inherit_deliveries(const RowRange& of_gone, std::size_t limit, Inherited& inherited);
  bool is_ours(RowId delivery) const { return node_of(delivery) == life_.node || inherited_.contains(delivery); }

  struct Volume;
  VolumeShare volume_share(const RowName& name);
  VolumePool volume_pool(AppId app, Month month);
  Volume read_volume(AppId app, Month month, std::uint64_t included);
  void read_grants(AppId app, Month month);
  void forget_volume(AppId app, Month month);
  VolumeShare take_grant(AppId app, Month month, std::uint64_t included);
  Counters stripe_of(const RowName& name);
  template <typename Sum, typename Of, typename Add>
  void stripes_from(std::string_view from, char begin, Of of, Add add,
                    absl::FunctionRef<bool(std::string_view rest, const Sum& sum)> visit);
  RowName stripe(std::string prefix) const;
  TrafficRow traffic_row(const TrafficKey& key);
  void put_traffic(const TrafficKey& key, TrafficRow row);

  RowView* view_;
  NodeLife life_;
  WallTime now_{};
  RowId last_row_ = 0;
  std::map<RowName, OpenSums> open_sums_;
  std::map<RowId, Digest> answers_;  ///< That the task has come by.
  std::set<RowId> drawn_;            ///< By the task.
  bool are_webhooks_known_ = false;
  std::vector<Webhook> webhooks_;
  ListShape list_shape_;
  WebhookIndex waiting_;
  std::set<RowId> inherited_;                                  ///< Deliveries that other nodes made.
  std::map<std::string, std::size_t, std::less<>> parked_of_;  ///< By carrier.
  std::map<RowKind, std::size_t> counts_;
  std::uint32_t decoy_ = 0;  ///< Written last.
  std::map<RowTable, std::string> erased_to_;
  Hour erased_in_ = 0;  ///< Of which hour that is.
};

}  // namespace xion
