#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/histogram.h"
#include "core/app.h"
#include "core/dashboard_pass.h"
#include "core/list_entry.h"
#include "core/message_template.h"
#include "core/otp.h"
#include "core/otp_rules.h"
#include "core/otp_stats.h"
#include "core/traffic_keys.h"
#include "core/webhook.h"
#include "ports/key_ring.h"
#include "smpp/message_id.h"
#include "smpp/receipt.h"

/// The storage seam. It speaks the domain, so that another engine slots in by implementing `Store` and `Txn` and
/// passing tests/store. Nothing of an engine (cursors, pages, nested transactions) shows through.
namespace xion {

using otp_rules::SubmissionRef;

/// One live request at most for each.
struct LiveKey {
  AppId app = 0;
  Fingerprint phone{};
  std::string purpose;
  bool operator==(const LiveKey&) const = default;
};

/// What recent events are counted for. Kept in memory, rebuilt at start: sends and locks from the log, failed verifies
/// from rows of their own.
enum class HistoryKind : std::uint8_t {
  sends_of_phone,
  sends_of_user_ip,
  failed_verifies_of_user_ip,
  locks_of_phone,
  resets
};
struct HistoryKey {
  HistoryKind kind;
  AppId app = 0;
  Fingerprint subject{};
  bool operator==(const HistoryKey&) const = default;
};
struct HistoryEntry {
  WallTime at{};
  std::uint32_t tag = 0;  ///< Tells phones of one address apart: their first 4 octets.
};

/// A message that waits for a carrier.
struct OutboxEntry {
  OtpId otp;
  std::uint8_t message = 0;
  WallTime expires_at{};
};

/// A receipt that came before the response that names its message, or that names none we know.
struct StoredReceipt {
  std::string carrier;
  std::string smsc_message_id;
  MessageState state = MessageState::unknown;
  std::string error;
  WallTime received_at{};
  Fingerprint phone{};  ///< Of the number that the receipt is about.
};

/// What a day counts, per app. The order is the order on disk: append only.
enum class Counter : std::uint8_t {
  requests,
  sends,
  resends,
  blocked,
  verified,
  failed_attempts,
  expired,
  locked,
  canceled,
  delivered,
  undelivered,
  segments,
  count_
};
using Counters = std::array<std::uint64_t, static_cast<std::size_t>(Counter::count_)>;
/// Days since 1970-01-01 UTC.
using Day = std::int32_t;
inline Day day_of(WallTime at) {
  return static_cast<Day>(std::chrono::floor<std::chrono::days>(at).time_since_epoch().count());
}
/// Hours since 1970-01-01 00:00 UTC.
using Hour = std::int32_t;
inline Hour hour_of(WallTime at) {
  return static_cast<Hour>(std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count());
}
/// For how many hours, the current one included, sums by the hour are there.
inline constexpr Hour stat_hours_kept = 48;

/// Which requests are looked for; what is not given matches all.
struct OtpFilter {
  std::optional<AppId> app;
  std::optional<bool> is_test;
  std::optional<Fingerprint> phone;
  std::string reference;  ///< Of the app that is given.
  std::optional<OtpStatus> status;
  std::string delivery;  ///< As `delivery_status` says it.
  std::string country;
};
struct FoundOtps {
  std::vector<Otp> otps;      ///< Newest first.
  std::optional<OtpId> rest;  ///< More may match, all older than it; nothing: that was all.
};

/// An answer kept for its Idempotency-Key.
struct StoredAnswer {
  Digest body_hash{};
  std::uint16_t http_status = 0;
  std::string headers;  ///< `Name: value` lines, such as Location.
  std::string body;
};

/// One transaction, on the store thread. A failure of the engine ends the task by an exception that only the engine
/// knows: tasks neither catch nor throw.
class Txn {
 public:
  virtual ~Txn() = default;

  virtual std::optional<Otp> otp(const OtpId& id) = 0;
  /// The request that is `pending` for a key; it may be past its expiry: the rules decide.
  virtual std::optional<OtpId> live_otp(const LiveKey& key) = 0;
  /// The newest request for a key whatever its state, while it is remembered (an hour after it ended): verify tells
  /// code_used from no_active_code by it.
  virtual std::optional<OtpId> latest_otp(const LiveKey& key) = 0;
  /// False where the id is taken.
  virtual bool insert(const Otp& otp) = 0;
  /// Replaces a record and everything that is looked up by it.
  virtual void put(const Otp& otp) = 0;
  /// Pending requests whose expiry is not after `until`, oldest first.
  virtual std::vector<OtpId> expiring(WallTime until, std::size_t limit) = 0;
  /// Newest first, older than `before` (all: nothing).
  virtual std::vector<Otp> recent(std::optional<OtpId> before, std::size_t limit) = 0;
  /// The same of those that match; some that don't may be among them, so who asks checks. Costs about the same however
  /// many requests there are.
  virtual FoundOtps find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) = 0;

  /// Messages in state queued, nearest deadline first.
  virtual std::vector<OutboxEntry> outbox(std::size_t limit) = 0;
  virtual std::size_t outbox_size() = 0;
  /// Messages left in `submitting` or `unknown` by an earlier process, for recovery at start.
  virtual std::vector<SubmissionRef> unsettled(std::size_t limit) = 0;

  /// Which submission a carrier's message id belongs to, whatever its case and leading zeros; other bases are the
  /// caller's to try. Ids that ended lately are still found, so that a repeated receipt is known as one.
  virtual std::optional<SubmissionRef> submission(std::string_view carrier, std::string_view smsc_message_id) = 0;
  virtual void park(const StoredReceipt& receipt) = 0;
  /// Whether any receipt is parked at all: mostly none is, and nobody need convert an id.
  virtual bool has_parked() = 0;
  virtual std::optional<StoredReceipt> take_parked(std::string_view carrier, std::string_view smsc_message_id) = 0;
  /// Parked ones older than `before` become unmatched; returns how many.
  virtual std::size_t give_up_parked(WallTime before, std::size_t limit) = 0;
  /// In which base an account's receipts write ids, as `put_id_base` kept it: by carrier.
  virtual std::map<std::string, smpp::IdBase> id_bases() = 0;
  virtual void put_id_base(std::string_view carrier, smpp::IdBase base) = 0;
  /// The newest unmatched ones; at most 10,000 are kept.
  virtual std::vector<StoredReceipt> unmatched(std::size_t limit) = 0;

  virtual std::vector<App> apps() = 0;
  virtual void put(const App& app) = 0;
  virtual void remove_app(AppId id) = 0;
  virtual std::vector<ApiKey> api_keys() = 0;
  virtual void put(const ApiKey& key) = 0;
  /// An id never given before.
  virtual AppId next_app_id() = 0;

  /// Invitations to the dashboard and its sessions, those that are over included.
  virtual std::vector<DashboardPass> dashboard_passes() = 0;
  /// Makes one, or replaces the one of the same id.
  virtual void put(const DashboardPass& pass) = 0;
  /// False where there was none of that id.
  virtual bool remove_dashboard_pass(std::string_view id) = 0;

  /// Makes an entry of the block or allow list, or replaces the one of the same kind, app and subject.
  virtual void put(const ListEntry& entry) = 0;
  /// False where there was none of that kind, app and subject.
  virtual bool remove(const ListEntry& entry) = 0;
  /// All of a kind, those of all apps first; expired ones too, until they are pruned.
  virtual std::vector<ListEntry> list_entries(ListKind kind) = 0;
  /// The narrowest entry of the app or of all apps that holds for a number at `now`.
  virtual std::optional<ListEntry> listed(ListKind kind, AppId app, const ListedNumber& number, WallTime now) = 0;

  virtual std::vector<MessageTemplate> templates() = 0;
  /// Replaces the one of the same app, name and locale.
  virtual void put(const MessageTemplate& text) = 0;
  virtual bool remove(const MessageTemplate& text) = 0;

  /// What the pumping guard has counted. `note_send`: the newest message of a request; `note_verified`: the request was
  /// just verified, or converted. Test requests count for nothing.
  virtual Traffic traffic(const TrafficKey& key, WallTime now) = 0;
  virtual void note_send(const Otp& otp) = 0;
  virtual void note_verified(const Otp& otp) = 0;

  virtual void count(AppId app, Day day, Counter counter, std::uint64_t by = 1) = 0;
  virtual Counters counters(AppId app, Day day) = 0;

  /// What the requests of an app made from `first` to `last` (both included) add up to, by name: of `all` under the
  /// empty one, else by country and so on. Kept up by `insert` and `put`; days that are no longer in the log stay
  /// counted.
  virtual std::map<std::string, StatSums> stats(AppId app, StatKind kind, Day first, Day last) = 0;
  /// The same of the requests made in these hours, of which no more than the last `stat_hours_kept` are known.
  virtual std::map<std::string, StatSums> stats_by_hour(AppId app, StatKind kind, Hour first, Hour last) = 0;

  virtual std::vector<HistoryEntry> history(const HistoryKey& key, WallTime since) = 0;
  /// Entries older than a day are forgotten. (Sends and locks of requests are noted by `put`/`insert`; only failed
  /// verifies, and resets of a phone's or an address's limits, are noted by hand.)
  virtual void note(const HistoryKey& key, HistoryEntry entry) = 0;

  virtual std::optional<StoredAnswer> answer(const Digest& key) = 0;
  /// Kept for 24 h from `now`.
  virtual void put_answer(const Digest& key, const StoredAnswer& answer, WallTime now) = 0;

  /// Requests made after `after` and before `before`, oldest first.
  virtual std::vector<Otp> made_between(const OtpId& after, WallTime before, std::size_t limit) = 0;
  /// How far the log was looked through for receipts that are overdue; nothing: never.
  virtual std::optional<OtpId> overdue_mark() = 0;
  virtual void set_overdue_mark(const OtpId& id) = 0;

  virtual std::vector<Webhook> webhooks() = 0;
  /// Makes one, or replaces the one of the same id.
  virtual void put(const Webhook& webhook) = 0;
  virtual void remove_webhook(std::string_view id) = 0;
  /// Queues an event for the webhooks of an app (of every one) that want it. What changes of requests say is queued by
  /// `insert` and `put` themselves.
  static constexpr AppId every_app = 0;
  virtual void tell(AppId app, std::string_view type, std::string_view data) = 0;
  /// For this webhook alone, whatever it wants; the delivery's id, 0 where the queue is full.
  virtual std::uint64_t queue(const Webhook& webhook, std::string_view type, std::string payload) = 0;
  /// Waiting deliveries whose next attempt is not after `until`, the longest due first.
  virtual std::vector<WebhookDelivery> due_deliveries(WallTime until, std::size_t limit) = 0;
  virtual std::optional<WebhookDelivery> delivery(std::uint64_t id) = 0;
  virtual void put(const WebhookDelivery& delivery) = 0;
  /// Of one webhook, newest first; those that are over are kept for a week.
  virtual std::vector<WebhookDelivery> deliveries(std::string_view webhook, std::size_t limit) = 0;

  /// Keeps a key ring beside others: the master key with its check value opens the data file from now on, too.
  virtual void put_key_ring(const WrappedRing& ring) = 0;
  /// Keeps this one alone: no other master key opens the data file any more.
  virtual void keep_key_ring(const WrappedRing& ring) = 0;
  virtual bool has_key_ring(const Digest& check_value) = 0;
  /// How far the log was gone through to seal phones anew; nothing: not begun.
  virtual std::optional<OtpId> reseal_mark() = 0;
  virtual void set_reseal_mark(const std::optional<OtpId>& id) = 0;
  /// Replaces a request's sealed phone and nothing else.
  virtual void reseal(const OtpId& id, std::string sealed) = 0;

  /// Removes at most `limit` requests made before `before`, and of each thing that is over at `now`: answers, notes,
  /// deliveries, sums of hours; returns how many.
  virtual std::size_t prune(WallTime before, WallTime now, std::size_t limit) = 0;
};

enum class Commit : std::uint8_t { durable, failed };

/// Durable work. `apply` decides on the store thread from captured inputs, and may run again in a new transaction;
/// `done` speaks, once, on the loop thread, after the commit that holds it.
class Task {
 public:
  virtual ~Task() = default;
  virtual void apply(Txn& txn) = 0;
  virtual void done(Commit commit) = 0;
};

/// p50/p99 of the last commits and how the engine is.
struct StoreStatus {
  bool is_writable = true;
  std::string trouble;  ///< Empty: none.
  std::uint64_t commits = 0;
  std::uint64_t tasks = 0;
  double commit_p50_ms = 0;
  double commit_p99_ms = 0;
  std::uint64_t data_octets = 0;  ///< Of the data file that are in use.
  std::uint64_t map_octets = 0;
  std::uint64_t requests = 0;
  Histogram commit_times{short_times};  ///< Seconds.
  Histogram batch_tasks{batch_sizes};   ///< Tasks in a commit.
};

class Store {
 public:
  virtual ~Store() = default;
  /// From the loop thread only. Tasks run in the order in which they come.
  virtual void submit(std::unique_ptr<Task> task) = 0;
  /// Tasks not yet done: what back-pressure looks at.
  virtual std::size_t waiting() const = 0;
  virtual StoreStatus status() const = 0;
};

/// A task of two callables: `Result apply(Txn&)` and `void done(Commit, Result&)`. The result of a task that never ran
/// is value-initialised.
template <typename Result, typename Apply, typename Done>
class LambdaTask final : public Task {
 public:
  LambdaTask(Apply apply, Done done) : apply_(std::move(apply)), done_(std::move(done)) {}
  void apply(Txn& txn) override { result_ = apply_(txn); }
  void done(Commit commit) override { done_(commit, result_); }

 private:
  Apply apply_;
  Done done_;
  Result result_{};
};
template <typename Apply, typename Done>
void run_task(Store& store, Apply apply, Done done) {
  using Result = std::invoke_result_t<Apply&, Txn&>;
  store.submit(std::make_unique<LambdaTask<Result, Apply, Done>>(std::move(apply), std::move(done)));
}

}  // namespace xion
