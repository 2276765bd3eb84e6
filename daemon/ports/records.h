#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/functional/function_ref.h>

#include "core/guard/traffic_row.h"
#include "core/otp/delivery_rules.h"
#include "core/otp/otp_stats.h"
#include "ports/stored.h"

namespace xion {

/// Which requests, by their place in time.
struct OtpRange {
  std::optional<OtpId> after;   ///< Nothing: from the very first.
  std::optional<OtpId> before;  ///< Nothing: to the very last.
  enum class Order : std::uint8_t { oldest_first, newest_first } order = Order::oldest_first;
};

/// Sees a thing's key and octets, which are valid during the call; false ends the scan. Must not write.
using VisitThing = absl::FunctionRef<bool(std::string_view key, std::string_view record)>;
/// Sees a row; null: it can't be read. False ends the scan. Must not write.
using VisitRow = absl::FunctionRef<bool(RowId id, const Row* row)>;

/// See a row of counters, or of sums; `rest` is from where to go on after it, in the engine's own terms. False ends the
/// scan. Must not write.
using VisitCounters = absl::FunctionRef<bool(std::string_view rest, const CountersRow& row)>;
using VisitSums = absl::FunctionRef<bool(std::string_view rest, const SumsRow& row)>;

/// By `TrafficCounts::name_of`.
using TrafficRows = std::map<std::uint64_t, TrafficRow>;

/// See a note (null: it can't be read), or what the guard has counted of a subject; `rest` as above. Where it is empty,
/// the engine has to go through all at once, and the scan can't be ended.
using VisitNotes = absl::FunctionRef<bool(std::string_view rest, const Note* note)>;
using VisitTraffic = absl::FunctionRef<bool(std::string_view rest, std::uint64_t subject, const TrafficRow& row)>;

/// What came of forgetting a node that is gone for good.
struct ForgottenNode {
  enum class Outcome : std::uint8_t {
    unknown,  ///< No node has, or had, that name.
    lives,
    has_left,  ///< What it had waits to be inherited.
    forgotten
  } outcome = Outcome::unknown;
  NodeId number = only_node;
  std::size_t messages = 0, deliveries = 0;  ///< So many of them wait, `forget_looks_at` at most.
};
inline constexpr std::size_t forget_looks_at = 1'000;

/// The seam between what is true for every engine (`Txn`) and an engine: records and what they are looked up by, within
/// one transaction, on one thread. No rule is decided below it. Nothing of an engine (cursors, pages, nested
/// transactions) shows through, scans are bounded by who visits, and each call may end the transaction by an exception
/// that only the engine and who runs tasks on it know. tests/store is what an engine has to pass.
class Records {
 public:
  virtual ~Records() = default;

  // Things: few, each under a name, records made and read above.
  virtual std::optional<std::string> thing(ThingKind kind, std::string_view key) = 0;
  /// Makes one, or replaces the one of that name.
  virtual void put_thing(ThingKind kind, std::string_view key, std::string_view record) = 0;
  /// False where there was none.
  virtual bool erase_thing(ThingKind kind, std::string_view key) = 0;
  /// Those whose names begin with `prefix`, in the order of their names.
  virtual void scan_things(ThingKind kind, std::string_view prefix, VisitThing visit) = 0;
  /// Asked for each number before the lists are.
  virtual ListShape list_shape() = 0;
  /// All of them, those that are switched off included: asked at each change of a request.
  virtual const std::vector<Webhook>& webhooks() = 0;

  // Rows: things that come with time.
  /// A row id after all others that starts with `at`, where that is possible.
  virtual RowId next_row(WallTime at) = 0;
  /// Makes a row, or replaces it, with all that it is looked up by.
  virtual void put(RowKind kind, RowId id, const Row& row) = 0;
  virtual std::optional<Row> row(RowKind kind, RowId id) = 0;
  virtual bool erase(RowKind kind, RowId id) = 0;
  virtual void scan(RowKind kind, OtpRange::Order order, VisitRow visit) = 0;
  virtual std::size_t count(RowKind kind) = 0;
  virtual std::optional<RowId> answer_of(const Digest& key) = 0;
  /// Receipts that are parked under a carrier's message id, whatever its case and leading zeros, oldest first.
  virtual std::vector<RowId> parked_as(std::string_view carrier, std::string_view smsc_message_id) = 0;
  /// How many of a carrier are parked.
  virtual std::size_t parked_of(std::string_view carrier) = 0;
  /// For which webhooks deliveries of this node wait; those that were removed are among them.
  virtual std::vector<WaitingDeliveries> waiting_deliveries() = 0;
  /// How many wait for an app's.
  virtual std::size_t waiting_of(AppId app) = 0;
  /// Those of one webhook whose next attempt is not after `until`, the longest due first.
  virtual std::vector<RowId> due(std::string_view webhook, WallTime until, std::size_t limit) = 0;

  // Requests.
  virtual std::optional<Otp> otp(const OtpId& id) = 0;
  /// Makes a request with all that it is looked up by. False where the id is taken.
  virtual bool insert(const Otp& otp) = 0;
  /// Replaces one with all that it is looked up by.
  virtual void put(const Otp& otp) = 0;
  /// Replaces a record of which nothing changed that it is looked up by, or that is counted.
  virtual void rewrite(const Otp& otp) = 0;
  /// Removes one with all that it is looked up by, wherever it lies in the log. What it adds to the sums stays counted.
  virtual void erase_request(const OtpId& id) = 0;
  virtual std::vector<Otp> otps(const OtpRange& range, std::size_t limit) = 0;
  /// Newest first; some that don't match may be among them.
  virtual FoundOtps find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) = 0;
  /// The pending request of a key, and the newest one whatever its state, while that is remembered (`latest_kept`).
  virtual std::optional<OtpId> live(const LiveKey& key) = 0;
  virtual std::optional<OtpId> latest(const LiveKey& key) = 0;
  /// Pending ones whose expiry is not after `until`, oldest first.
  virtual std::vector<OtpId> expiring(WallTime until, std::size_t limit) = 0;
  /// Messages in state queued, nearest deadline first.
  virtual std::vector<OutboxEntry> outbox(Whose whose, std::size_t limit) = 0;
  virtual std::size_t outbox_size(Whose whose) = 0;
  /// Messages that an earlier process of this node left in `submitting` or `unknown`.
  virtual std::vector<SubmissionRef> unsettled(std::size_t limit) = 0;
  /// What waits at nodes that are none of those is this one's from now on. An engine of one node has no others.
  virtual Inherited inherit(std::span<const NodeId>, std::size_t) { return {}; }
  /// A queued message is another node's to send. False: it is queued no longer.
  virtual bool hand_over(const OtpId&, std::uint8_t, NodeId) { return false; }
  /// Messages that others handed to this node: queued here from now on.
  virtual std::vector<OutboxEntry> take_handed(std::size_t) { return {}; }
  /// Of every node that has a number, whether it lives or not.
  virtual std::vector<std::string> node_names() { return {}; }
  /// How far apart the hours may be that are written here by the clocks of several machines.
  virtual Millis clocks_apart() const { return Millis{0}; }
  /// A node's number is to be had by another one from now on, unless it lives or has left something.
  virtual ForgottenNode forget_node(std::string_view) { return {}; }
  /// By a carrier's message id, whatever its case and leading zeros, for `submission_kept`; newest request first.
  virtual std::vector<SubmissionRef> submissions(std::string_view carrier, std::string_view smsc_message_id) = 0;
  /// Events of a subject that are not before `since`: sends and locks of requests, and notes.
  virtual std::vector<HistoryEntry> history(const HistoryKey& key, WallTime since) = 0;

  // Sums.
  virtual void count(AppId app, CounterPeriod period, Counter counter, std::uint64_t by) = 0;
  virtual Counters counters(AppId app, CounterPeriod period) = 0;
  /// `included` 0: without bound.
  virtual Quota quota(AppId app, Month month, std::uint64_t included) = 0;
  /// Charges one message to the month; false where it has no room, and nothing is charged.
  virtual bool take_quota(AppId app, Month month, std::uint64_t included) = 0;
  /// A row of sums to be added to, valid until the next call; it is written before the commit.
  virtual StatSums& sums(const SumsPlace& place, StatKind kind, std::string_view name) = 0;
  /// Whether there is the row `StatKind::all` of a place.
  virtual bool has_sums(const SumsPlace& place) = 0;
  /// By name, from `place.when` to `last`.
  virtual std::map<std::string, StatSums> sums_until(const SumsPlace& place, StatKind kind, std::int32_t last) = 0;
  virtual Traffic traffic(const TrafficKey& key, WallTime now) = 0;
  virtual void traffic_sent(const TrafficKey& key, WallTime at) = 0;
  virtual void traffic_verified(const TrafficKey& key, WallTime at, const std::vector<WallTime>& sent_at) = 0;

  // All there is, for whoever goes through it in pages; what is written meanwhile may be seen or not.
  /// Things from a name on, in the order of names; not those by which an engine itself finds its way.
  virtual void things_from(ThingKind kind, std::string_view from, VisitThing visit) = 0;
  /// Rows from an id on, oldest first; not notes.
  virtual void rows_from(RowKind kind, RowId from, VisitRow visit) = 0;
  /// What follows from requests may be among them.
  virtual void notes_from(std::string_view from, VisitNotes visit) = 0;
  virtual void counters_from(std::string_view from, VisitCounters visit) = 0;
  virtual void sums_from(std::string_view from, VisitSums visit) = 0;
  /// Replaces what was counted under that name; of a node that is alone.
  virtual void put(const CountersRow& row) = 0;
  virtual void put(const SumsRow& row) = 0;
  /// What the pumping guard has counted.
  virtual void traffic_from(std::string_view from, VisitTraffic visit) = 0;
  /// Replaces what it has counted of these.
  virtual void put_traffic_rows(const TrafficRows& rows) = 0;

  /// Writes what nobody reads, at the price of `put`, and in the way of nobody: octets that replace those before.
  virtual void write_decoy(std::string_view octets) = 0;

  /// Removes at most `limit` of what was made before `before`, the oldest first; returns how many.
  virtual std::size_t erase_aged(Aged what, WallTime before, std::size_t limit) = 0;

  /// Notes a record that can't be read: it is as if it weren't there. Said once for a process, not once for each look
  /// at it: a corrupt page would fill the log.
  void record_is_unreadable(std::string_view table, std::string_view name);
  /// What was noted; empty: nothing.
  const std::string& trouble() const { return trouble_; }
  /// How many looks met such a record.
  std::uint64_t unreadable() const { return unreadable_; }

 private:
  std::string trouble_;
  std::uint64_t unreadable_ = 0;
};

}  // namespace xion
