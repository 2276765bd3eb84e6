#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "store/indexes.h"
#include "store/kv.h"
#include "store/search_index.h"
#include "store/stat_tallies.h"

namespace xion {

/// The newest receipts that match nothing are kept, so many of them.
inline constexpr std::size_t unmatched_kept = 10'000;

/// A transaction over ordered octets and the indexes in memory: what every log-like engine shares. One object serves
/// transaction after transaction: `begin`, the tasks, `flush`, then the engine's commit and `committed`.
class LogTxn final : public Txn {
 public:
  LogTxn(Kv& kv, Indexes& indexes) : kv_(kv), indexes_(indexes), stat_tallies_(kv), search_(kv) {}

  void begin(WallTime now);
  /// Writes what was only counted in memory.
  void flush();
  /// Whether there is something to flush that a task counted.
  bool has_counted() const { return !changed_tallies_.empty(); }
  /// What the engine says of records that it could not read; empty: none. They are as if they weren't there.
  const std::string& trouble() const { return trouble_; }
  void record_is_unreadable(Table table, std::string_view name);
  SearchIndex& search() { return search_; }

  std::optional<Otp> otp(const OtpId& id) override;
  std::optional<OtpId> live_otp(const LiveKey& key) override;
  std::optional<OtpId> latest_otp(const LiveKey& key) override;
  bool insert(const Otp& otp) override;
  void put(const Otp& otp) override;
  std::vector<OtpId> expiring(WallTime until, std::size_t limit) override;
  std::vector<Otp> recent(std::optional<OtpId> before, std::size_t limit) override;
  FoundOtps find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) override;

  std::vector<OutboxEntry> outbox(std::size_t limit) override;
  std::size_t outbox_size() override;
  std::vector<SubmissionRef> unsettled(std::size_t limit) override;

  std::vector<SubmissionRef> submissions(std::string_view carrier, std::string_view smsc_message_id) override;
  void park(const StoredReceipt& receipt) override;
  void keep_unmatched(const StoredReceipt& receipt) override;
  std::map<std::string, smpp::IdBase> id_bases() override;
  void put_id_base(std::string_view carrier, smpp::IdBase base) override;
  bool has_parked() override { return indexes_.has_parked(); }
  std::vector<StoredReceipt> parked(std::string_view carrier, std::string_view smsc_message_id) override;
  std::vector<StoredReceipt> parked_before(WallTime before, std::size_t limit) override;
  std::optional<StoredReceipt> take_receipt(std::uint64_t row) override;
  std::size_t give_up_parked(WallTime before, std::size_t limit) override;
  std::vector<StoredReceipt> unmatched(std::size_t limit) override;

  std::vector<App> apps() override;
  void put(const App& app) override;
  void remove_app(AppId id) override;
  std::vector<ApiKey> api_keys() override;
  void put(const ApiKey& key) override;
  AppId next_app_id() override;

  std::vector<DashboardPass> dashboard_passes() override;
  void put(const DashboardPass& pass) override;
  bool remove_dashboard_pass(std::string_view id) override;

  void put(const ListEntry& entry) override;
  bool remove(const ListEntry& entry) override;
  std::vector<ListEntry> list_entries(ListKind kind) override;
  std::optional<ListEntry> listed(ListKind kind, AppId app, const ListedNumber& number, WallTime now) override;
  std::vector<MessageTemplate> templates() override;
  void put(const MessageTemplate& text) override;
  bool remove(const MessageTemplate& text) override;
  Traffic traffic(const TrafficKey& key, WallTime now) override;
  void note_send(const Otp& otp) override;
  void note_verified(const Otp& otp) override;

  void count(AppId app, Day day, Counter counter, std::uint64_t by) override;
  Counters counters(AppId app, Day day) override;

  std::map<std::string, StatSums> stats(AppId app, StatKind kind, Day first, Day last) override;
  std::map<std::string, StatSums> stats_by_hour(AppId app, StatKind kind, Hour first, Hour last) override;

  std::vector<HistoryEntry> history(const HistoryKey& key, WallTime since) override;
  void note(const HistoryKey& key, HistoryEntry entry) override;

  std::optional<StoredAnswer> answer(const Digest& key) override;
  void put_answer(const Digest& key, const StoredAnswer& answer, WallTime now) override;

  std::vector<Otp> made_between(const OtpId& after, WallTime before, std::size_t limit) override;
  void put_key_ring(const WrappedRing& ring) override;
  void keep_key_ring(const WrappedRing& ring) override;
  bool has_key_ring(const Digest& check_value) override;
  std::optional<OtpId> reseal_mark() override;
  void set_reseal_mark(const std::optional<OtpId>& id) override;
  void reseal(const OtpId& id, std::string sealed) override;
  std::optional<OtpId> overdue_mark() override;
  void set_overdue_mark(const OtpId& id) override;

  std::vector<Webhook> webhooks() override;
  void put(const Webhook& webhook) override;
  void remove_webhook(std::string_view id) override;
  void tell(AppId app, std::string_view type, std::string_view data) override;
  std::uint64_t queue(const Webhook& webhook, std::string_view type, std::string payload) override;
  std::vector<WebhookDelivery> due_deliveries(WallTime until, std::size_t limit) override;
  std::optional<WebhookDelivery> delivery(std::uint64_t id) override;
  void put(const WebhookDelivery& delivery) override;
  std::vector<WebhookDelivery> deliveries(std::string_view webhook, std::size_t limit) override;

  std::size_t prune(WallTime before, WallTime now, std::size_t limit) override;

 private:
  /// The counters of one app and day, as this transaction sees them.
  struct Tally {
    Counters counters{};
    bool is_changed = false;
  };
  Tally& tally(AppId app, Day day);
  void flush_counters();
  void add_overdue(SearchIndex::Found& found, std::optional<OtpId> before, std::size_t limit);
  OtpShare share_on_disk(const OtpId& id);
  void write_unmatched(RowId row, const StoredReceipt& receipt);
  std::optional<StoredReceipt> receipt_of(Table table, RowId row);
  std::size_t prune_requests(WallTime before, std::size_t limit);
  std::size_t prune_answers(WallTime now, std::size_t limit);
  std::size_t prune_notes(WallTime now, std::size_t limit);
  void flush_traffic();
  std::optional<ListEntry> held_entry(ListKind kind, AppId app, ListSubject subject, std::string_view value,
                                      WallTime now);
  std::size_t prune_deliveries(WallTime now, std::size_t limit);
  void tell_webhooks(const Otp* before, const Otp& after);

  Kv& kv_;
  Indexes& indexes_;
  WallTime now_{};
  std::string trouble_;
  StatTallies stat_tallies_;
  SearchIndex search_;
  std::optional<OtpId> share_of_;  ///< Whose share is known: of the record that was read or written last.
  OtpShare share_;
  absl::flat_hash_map<std::pair<AppId, Day>, Tally> tallies_;
  std::vector<std::pair<AppId, Day>> changed_tallies_;
};

}  // namespace xion
