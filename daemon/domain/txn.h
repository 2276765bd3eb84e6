#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/carrier_hold.h"
#include "core/node_drain.h"
#include "core/otp/delivery_rules.h"
#include "core/owners/alerts.h"
#include "core/owners/webhook_health.h"
#include "domain/things.h"
#include "ports/foresee.h"
#include "ports/key_ring.h"
#include "ports/records.h"
#include "ports/store.h"
#include "ports/vault.h"
#include "smpp/message_id.h"

namespace xion {

/// What a task may do in its transaction, and what is true of that in every engine: in which order a change takes
/// effect, who hears of it, what it counts for, which entry of a list wins, what goes with what, how much is kept and
/// for how long. Below it are `Records`, which decide nothing.
///
/// One transaction at a time, on the thread that runs tasks. A failure of the engine ends the task by an exception that
/// only the engine and who runs tasks know: tasks neither catch nor throw.
class Txn {
 public:
  /// `vault` opens phones for what webhooks are told of them, masked; null: they are told nothing.
  explicit Txn(Records& records, Vault* vault = nullptr) : records_(records), vault_(vault) {}
  Txn(const Txn&) = delete;
  Txn& operator=(const Txn&) = delete;

  /// Nothing is known of a transaction before.
  void begin(WallTime now);

  /// What lies below every rule, for whoever moves a whole store.
  Records& records() { return records_; }

  std::optional<Otp> otp(const OtpId& id);
  /// The request that is `pending` for a key; it may be past its expiry: the rules decide.
  std::optional<OtpId> live_otp(const LiveKey& key);
  /// The newest request for a key whatever its state, while it is remembered (an hour after it ended): verify tells
  /// code_used from no_active_code by it.
  std::optional<OtpId> latest_otp(const LiveKey& key);
  /// The newest request of a phone that was blocked for a reason, in its first hour.
  std::optional<OtpId> latest_refusal(AppId app, const Fingerprint& phone, std::string_view reason);
  /// False where the id is taken.
  bool insert(const Otp& otp);
  /// Replaces a record and everything that is looked up by it.
  void put(const Otp& otp);
  /// Does the work of a `put` of one of the app's requests, and changes nothing: so that the time of a refusal does not
  /// tell what it was.
  void write_decoy(AppId app);
  /// Replaces a record and what is looked up by it, and tells no webhook.
  void put_untold(const Otp& otp);
  /// Replaces a record that has lost what it was found by, and nothing that is counted. Webhooks are told what changed
  /// since `before`, without the person.
  void put_without_person(const Otp& before, const Otp& otp);
  /// Removes deliveries and kept answers (by `kind`) that tell of any of these requests, made from `from` on and before
  /// `until`, looking at so many rows. Where to go on; nothing: that was all.
  std::optional<RowId> erase_told(RowKind kind, std::span<const std::string> requests, RowId from, RowId until,
                                  std::size_t limit);
  /// Pending requests whose expiry is not after `until`, oldest first.
  std::vector<OtpId> expiring(WallTime until, std::size_t limit);
  /// Newest first, older than `before` (all: nothing).
  std::vector<Otp> recent(std::optional<OtpId> before, std::size_t limit);
  /// The same of those that match; some that don't may be among them, so who asks checks. Costs about the same however
  /// many requests there are.
  FoundOtps find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit);

  /// Messages in state queued, nearest deadline first.
  std::vector<OutboxEntry> outbox(std::size_t limit, Whose whose = Whose::this_node);
  std::size_t outbox_size(Whose whose = Whose::this_node);
  /// Messages left in `submitting` or `unknown` by an earlier process, for recovery at start.
  std::vector<SubmissionRef> unsettled(std::size_t limit);

  /// What waits at nodes that are none of those is this one's from now on.
  Inherited inherit(std::span<const NodeId> living, std::size_t limit) { return records_.inherit(living, limit); }
  /// A queued message is another node's to send. False: it is queued no longer.
  bool hand_over(const OtpId& id, std::uint8_t message, NodeId to) { return records_.hand_over(id, message, to); }
  /// Messages that others handed to this node: queued here from now on.
  std::vector<OutboxEntry> take_handed(std::size_t limit) { return records_.take_handed(limit); }
  /// Of every node that has a number, whether it lives or not.
  std::vector<std::string> node_names() { return records_.node_names(); }
  /// A node that is gone for good, its number and that it was drained: unless it lives or has left something.
  ForgottenNode forget_node(std::string_view name);

  /// Which submissions a carrier's message id belongs to, whatever its case and leading zeros, newest request first;
  /// other bases are the caller's to try. Mostly one: carriers use ids again after days, and some have nodes that count
  /// each for itself. Ids that ended lately are still found, so that a repeated receipt is known as one.
  std::vector<SubmissionRef> submissions(std::string_view carrier, std::string_view smsc_message_id);
  /// Keeps a receipt for the response that may still name its message, under both of its ids; above
  /// `parked_of_carrier_max` among the unmatched.
  void park(const StoredReceipt& receipt);
  /// Keeps a receipt that no response can help any more.
  void keep_unmatched(const StoredReceipt& receipt);
  /// Whether any receipt is parked at all: mostly none is, and nobody need convert an id.
  bool has_parked();
  /// Those parked under an id, oldest first.
  std::vector<StoredReceipt> parked(std::string_view carrier, std::string_view smsc_message_id);
  /// Those parked before a moment, oldest first.
  std::vector<StoredReceipt> parked_before(WallTime before, std::size_t limit);
  /// Takes out a parked or unmatched one, by its row.
  std::optional<StoredReceipt> take_receipt(RowId row);
  /// Parked ones older than `before` wait for no response any more; returns how many.
  std::size_t give_up_parked(WallTime before, std::size_t limit);
  /// In which base an account's receipts write ids, as `put_id_base` kept it: by carrier.
  std::map<std::string, smpp::IdBase> id_bases();
  void put_id_base(std::string_view carrier, smpp::IdBase base);
  /// The newest that belong to no message, parked ones included; of the others at most 10,000 are kept.
  std::vector<StoredReceipt> unmatched(std::size_t limit);

  std::vector<App> apps();
  void put(const App& app);
  void remove_app(AppId id);
  std::vector<ApiKey> api_keys();
  void put(const ApiKey& key);
  /// An id never given before.
  AppId next_app_id();

  /// Invitations to the dashboard and its sessions, those that are over included.
  std::vector<DashboardPass> dashboard_passes();
  /// Makes one, or replaces the one of the same id.
  void put(const DashboardPass& pass);
  /// False where there was none of that id.
  bool remove_dashboard_pass(std::string_view id);

  /// Makes an entry of the block or allow list, or replaces the one of the same kind, app and subject.
  void put(const ListEntry& entry);
  /// Takes off the entry of the same kind, app and subject, and tells what it was; nothing where there was none.
  std::optional<ListEntry> remove(const ListEntry& named);
  /// All of a kind, those of all apps first; expired ones too, until they are pruned.
  std::vector<ListEntry> list_entries(ListKind kind);
  /// The narrowest entry of the app or of all apps that holds for a number at `now`.
  std::optional<ListEntry> listed(ListKind kind, AppId app, const ListedNumber& number, WallTime now);

  std::vector<MessageTemplate> templates();
  /// Replaces the one of the same app, name and locale.
  void put(const MessageTemplate& text);
  bool remove(const MessageTemplate& text);

  /// What the pumping guard has counted. `note_send`: the newest message of a request; `note_verified`: the request was
  /// just verified, or converted. Test requests count for nothing.
  Traffic traffic(const TrafficKey& key, WallTime now);
  void note_send(const Otp& otp);
  void note_verified(const Otp& otp);
  /// When the app first verified a code; nothing: never yet.
  std::optional<WallTime> first_verified(AppId app);

  void count(AppId app, CounterPeriod period, Counter counter, std::uint64_t by = 1);
  Counters counters(AppId app, CounterPeriod period);
  /// What is left of a month's volume of messages; `included` 0: it has no bound.
  Quota quota(AppId app, Month month, std::uint64_t included);
  /// Charges one message to the month, which `counters` tells of too. False where there is no room for it: nothing is
  /// charged. In one task it can't be false after `quota` said that there is room.
  bool take_quota(AppId app, Month month, std::uint64_t included);
  /// How far apart hours may be that several machines' clocks wrote; 0: one wrote all of them.
  Millis clocks_apart() const { return records_.clocks_apart(); }
  /// The highest threshold of the month's volume that is reached and was never told, in percent: told now. Each is told
  /// once, by whichever node first sees it; another volume has thresholds of its own.
  std::optional<std::uint32_t> newly_reached(AppId app, Month month, std::uint64_t included);

  /// What the requests of an app made from `first` to `last` (both included) add up to, by name: of `all` under the
  /// empty one, else by country and so on. Kept up by `insert` and `put`; days that are no longer in the log stay
  /// counted.
  std::map<std::string, StatSums> stats(AppId app, StatKind kind, Day first, Day last);
  /// The same of the requests made in these hours, of which no more than the last `stat_hours_kept` are known.
  std::map<std::string, StatSums> stats_by_hour(AppId app, StatKind kind, Hour first, Hour last);
  /// Requests made before are in no sum of `carrier_country` and `country_error`; 1970: there are none.
  WallTime counted_by_carrier_country_since();

  /// What an app's messages of a day, or of a month, cost in a currency: counts are `Spent`.
  StatSums spend(AppId app, CounterPeriod when, std::string_view currency);
  /// The same of a month by `destination_name`.
  std::map<std::string, StatSums> destinations(AppId app, Month month);

  std::vector<HistoryEntry> history(const HistoryKey& key, WallTime since);
  /// Entries older than a day are forgotten. (Sends and locks of requests are noted by `put`/`insert`; only failed
  /// verifies, resets of limits, and sends of an end user are noted by hand.)
  void note(const HistoryKey& key, HistoryEntry entry);

  /// The wrong codes of a phone with an app since its last verification.
  GuessRow guesses(AppId app, const Fingerprint& phone);
  void put(const GuessRow& row);
  /// The row begins anew: the phone was verified, or an operator helps.
  void forget_guesses(AppId app, const Fingerprint& phone);

  std::optional<StoredAnswer> answer(const Digest& key);
  /// Kept for `answer_kept` from `now`.
  void put_answer(const Digest& key, const StoredAnswer& answer, WallTime now);

  /// Requests made after `after` and before `before`, oldest first.
  std::vector<Otp> made_between(const OtpId& after, WallTime before, std::size_t limit);
  /// How far the log was looked through for receipts that are overdue; nothing: never.
  std::optional<OtpId> overdue_mark();
  void set_overdue_mark(const OtpId& id);

  std::vector<Webhook> webhooks();
  /// Makes one, or replaces the one of the same id.
  void put(const Webhook& webhook);
  std::optional<Webhook> webhook(std::string_view id);
  /// What waits for it is ended later, as what can never be delivered.
  void remove_webhook(std::string_view id);
  /// Queues an event for the webhooks of an app (of every one) that want it. What changes of requests say is queued by
  /// `insert` and `put` themselves.
  static constexpr AppId every_app = 0;
  void tell(AppId app, std::string_view type, std::string_view data);
  /// For this webhook alone, whatever it wants, at another URL where one is given; the delivery's id, 0 where the queue
  /// is full.
  std::uint64_t queue(const Webhook& webhook, std::string_view type, std::string payload, std::string_view url = {});
  /// For which webhooks deliveries wait; those that were removed are among them.
  /// What is known to wait: soon after a start over hundreds of thousands, all that waits.
  std::vector<WaitingDeliveries> waiting_deliveries();
  bool has_waiting_delivery();
  /// Of one webhook those whose next attempt is not after `until`, the longest due first. `except` is in rising order.
  std::vector<WebhookDelivery> due_deliveries(std::string_view webhook, WallTime until, std::size_t limit,
                                              std::span<const std::uint64_t> except);
  std::optional<WebhookDelivery> delivery(std::uint64_t id);
  /// Nothing where it waits no more.
  std::optional<WebhookDelivery> waiting_delivery(std::uint64_t id);
  void put(const WebhookDelivery& delivery);
  /// Of one webhook, newest first; those that are over are kept for a week.
  std::vector<WebhookDelivery> deliveries(std::string_view webhook, const DeliveryFilter& filter, std::size_t limit);
  WebhookHealth webhook_health(std::string_view webhook);
  /// Events that found no room, since the start of the process.
  std::uint64_t dropped_deliveries() const { return dropped_deliveries_; }
  void put_webhook_health(std::string_view webhook, const WebhookHealth& health);

  /// Carriers that operators keep messages from.
  std::vector<CarrierHold> carrier_holds();
  void put(const CarrierHold& hold);
  /// False where there was none.
  bool remove_carrier_hold(std::string_view carrier);
  /// Nodes that operators want to hold nothing.
  std::vector<NodeDrain> node_drains();
  void put(const NodeDrain& drain);
  /// False where there was none.
  bool remove_node_drain(std::string_view node);

  /// Keeps what somebody did; its row, by which it is replaced when its end is known.
  RowId add(const AuditEvent& event);
  void put(RowId row, const AuditEvent& event);
  /// Newest first, until `visit` says false.
  void scan_audit(absl::FunctionRef<bool(const AuditEvent&)> visit);

  /// What an app's owner was warned of, or may be soon.
  std::vector<Alert> open_alerts(AppId app);
  void put_open_alerts(AppId app, const std::vector<Alert>& open);

  /// When keys were last used, as far as it was noted; by id.
  std::map<std::string, WallTime, std::less<>> key_uses();
  void note_key_use(std::string_view key_id, WallTime at);

  /// When the last backup was made; nothing: none is known of.
  std::optional<WallTime> last_backup();
  void set_last_backup(WallTime at);

  /// Of a new store: keeps which master key it is of. False: it is of another one.
  bool adopt(const Digest& check_value);
  /// Keeps which formats of records this release writes beside those that others wrote. Not empty: what the store may
  /// have that this release does not read (`out_of_reach`), and nothing is kept.
  std::string note_formats();
  /// The store is in use from now on, and takes no copy of another one any more. False: one is under way.
  bool end_import();
  /// Keeps a key ring beside others: the master key with its check value opens the data file from now on, too.
  void put_key_ring(const WrappedRing& ring);
  /// Keeps this one alone: no other master key opens the data file any more.
  void keep_key_ring(const WrappedRing& ring);
  bool has_key_ring(const Digest& check_value);
  /// The ring that a master key opens, as it is wrapped; nothing where there is none for it.
  std::optional<std::string> key_ring(const Digest& check_value);
  /// How far the log was gone through to seal phones anew; nothing: not begun.
  std::optional<OtpId> reseal_mark();
  void set_reseal_mark(const std::optional<OtpId>& id);
  /// Replaces a request's sealed phone and nothing else.
  void reseal(const OtpId& id, std::string sealed);

  /// Removes at most `limit` requests made before `before`, and of each thing that is over at `now`: answers, notes,
  /// deliveries, sums of hours; returns how many.
  std::size_t prune(WallTime before, WallTime now, std::size_t limit);
  /// Removes requests of test keys that are older than a day, among the next `limit` of the log; returns how many it
  /// looked at.
  std::size_t prune_tests(WallTime now, std::size_t limit);

 private:
  template <Thing T>
  void put_thing(const T& thing) {
    records_.put_thing(ThingTraits<T>::kind, ThingTraits<T>::key(thing), to_record(thing));
  }
  template <Thing T>
  bool erase_thing(std::string_view key) {
    return records_.erase_thing(ThingTraits<T>::kind, key);
  }
  template <Thing T>
  std::optional<T> read_thing(std::string_view key, std::string_view record) {
    auto thing = ThingTraits<T>::read(key, record);
    if (!thing) records_.record_is_unreadable(to_string(ThingTraits<T>::kind), ThingTraits<T>::shown(key));
    return thing;
  }
  template <Thing T>
  std::vector<T> all_things(std::string_view prefix = {}) {
    std::vector<T> all;
    records_.scan_things(ThingTraits<T>::kind, prefix, [&](std::string_view key, std::string_view record) {
      if (auto thing = read_thing<T>(key, record)) all.push_back(std::move(*thing));
      return true;
    });
    return all;
  }
  std::optional<OtpId> id_mark(std::string_view name);
  void set_id_mark(std::string_view name, const std::optional<OtpId>& id);
  std::optional<ListEntry> held_entry(ListKind kind, AppId app, ListSubject subject, std::string_view value,
                                      WallTime now);

  bool has_webhook(AppId app);
  void tell_webhooks(const Otp* before, const Otp& after);
  void tell(AppId app, std::string_view type, std::string_view data, std::string_view callback_url);
  void drop_delivery(const Webhook& webhook, std::string_view type);
  void begin_counting_by_carrier_country(const OtpId& id);
  void replace_share(const Otp& otp, const OtpShare& before);
  OtpShare kept_share(const OtpId& id);
  void note_share(const OtpId& id, OtpShare share);
  void add_overdue(FoundOtps& found, std::optional<OtpId> before, std::size_t limit);
  void write_unmatched(RowId row, const StoredReceipt& receipt);
  std::optional<StoredReceipt> receipt_of(RowKind kind, RowId id);
  std::size_t prune_deliveries(WallTime now, std::size_t limit);

  Records& records_;
  Vault* vault_;
  std::uint64_t dropped_deliveries_ = 0;
  WallTime now_{};
  std::optional<OtpId> share_of_;  ///< Whose share is known: of the record that was read or written last.
  OtpShare share_;
};

}  // namespace xion
