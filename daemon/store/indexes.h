#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>

#include "core/guard/traffic_counts.h"
#include "core/otp/delivery_rules.h"
#include "core/otp/retention.h"
#include "core/owners/list_entry.h"
#include "ports/stored.h"
#include "store/kv.h"
#include "store/otp_key.h"
#include "store/runs/run_index.h"
#include "store/siphash.h"
#include "store/webhook_index.h"

namespace xion {

/// A request lives an hour at most; what it left unsettled is settled soon after. Nothing older is going on.
inline constexpr std::chrono::minutes open_at_most{120};
/// Of a phone's or an address's events no more are looked at, the newest: no limit may count further.
inline constexpr std::size_t events_at_most = 100'000;
static_assert(window_of(RunKind::answer) == answer_kept && window_of(RunKind::event) == note_kept &&
              window_of(RunKind::submission) == submission_kept);

/// What requests, receipts and events are looked up by.
///
/// What is going on (live requests, deadlines, the queue) is in memory, read back from the tail of the log at start.
/// All that is remembered for hours and days is in a `RunIndex`, which forgets nothing before its time.
///
/// `set` takes a record as it is after a change. What a request is looked up by (app, phone, purpose, address) never
/// changes after `insert`. There is no undo: after a failed commit everything is cleared and read anew.
class Indexes {
 public:
  explicit Indexes(Kv& kv, RunSizes sizes = {}) : kv_(kv), runs_(kv, sizes), ledger_(runs_), traffic_(&ledger_) {}
  Indexes(const Indexes&) = delete;
  Indexes& operator=(const Indexes&) = delete;

  /// Once in the life of a data file.
  static void prepare(Kv& kv);
  /// Forgets everything and reads what the run index has on disk. In a transaction.
  void load();
  /// Before anything else in a transaction.
  void advance(WallTime now);
  /// At the end of one.
  void flush() { runs_.flush(); }
  /// A record as it was read in this transaction: `set` adds what is new since then.
  void saw(const Otp& otp) { seen_ = {otp.id, standing_of(otp), entries_of(otp)}; }
  void set(const Otp& otp);
  /// The first and only `set` of a record that is read back from the log: what is going on, and nothing else. What it
  /// left unsettled before `opened_at` was left by an earlier process. Reads nothing of the disk.
  void restore(const Otp& otp, WallTime opened_at);
  void remove(const Otp& otp);
  void clear();
  RunIndex& runs() { return runs_; }

  std::optional<OtpId> live(const LiveKey& key) const;
  std::optional<OtpId> latest(const LiveKey& key) const;
  std::vector<OtpId> expiring(WallTime until, std::size_t limit) const;
  /// Queued messages of pending requests. A test request touches no carrier, so none of its messages wait for one.
  std::vector<OutboxEntry> outbox(std::size_t limit) const;
  std::size_t outbox_size() const { return outbox_.size(); }
  /// Submitting ones, and unknown ones whose request is pending still: the others have nothing left to recover.
  std::vector<SubmissionRef> unsettled(std::size_t limit) const;
  /// All that have the id, newest request first.
  std::vector<SubmissionRef> submissions(std::string_view carrier, std::string_view smsc_message_id) const;
  /// The newest `events_at_most`, newest first.
  std::vector<HistoryEntry> history(const HistoryKey& key, WallTime since) const;
  /// `row` tells it apart from others of that moment.
  void note_by_hand(const HistoryKey& key, HistoryEntry entry, RowId row);

  /// Keys of the block and allow lists: nearly every number is on none, and the disk need not be asked.
  void set_listed(std::string key);
  void remove_listed(const std::string& key) { listed_.erase(key); }
  bool is_listed(std::string_view key) const { return listed_.contains(absl::string_view(key.data(), key.size())); }
  /// The lengths of all prefixes that were ever listed.
  ListShape list_shape() const { return {!listed_.empty(), listed_prefix_lengths_}; }

  TrafficCounts& traffic() { return traffic_; }

  void park(const StoredReceipt& receipt, RowId row);
  bool has_parked() const { return !parked_.empty(); }
  /// How many of a carrier are parked.
  std::size_t parked_of(std::string_view carrier) const;
  /// Under one id, oldest first.
  std::vector<RowId> parked(std::string_view carrier, std::string_view smsc_message_id) const;
  void unpark(const StoredReceipt& receipt, RowId row);

  void set_answer(const Digest& key, RowId row);
  std::optional<RowId> answer(const Digest& key) const;

  const std::vector<Webhook>& webhooks() const { return webhooks_.webhooks(); }
  void set(const Webhook& webhook) { webhooks_.set(webhook); }
  void remove_webhook(std::string_view id) { webhooks_.remove(id); }
  WebhookIndex& waiting_deliveries() { return webhooks_; }
  const WebhookIndex& waiting_deliveries() const { return webhooks_; }

  /// A row id after all others that starts with `at`, where that is possible.
  RowId next_row(WallTime at);
  /// Makes sure that `next_row` stays above `row`.
  void row_exists(RowId row) { last_row_ = std::max(last_row_, row); }

 private:
  /// 48 bits of milliseconds since 1970, big-endian: sorts as time does.
  using PackedTime = std::array<std::uint8_t, 6>;
  struct Deadline {
    PackedTime at{};
    OtpId otp;
    std::uint8_t message = 0;
    auto operator<=>(const Deadline&) const = default;
  };
  using Entries = absl::InlinedVector<RunEntry, 8>;
  /// What of a record says how it stands in what is going on.
  struct Standing {
    OtpStatus status = OtpStatus::pending;
    WallTime expires_at;
    std::uint64_t queued = 0;  ///< A bit for each of its messages that waits for a carrier.
    bool operator==(const Standing&) const = default;
  };
  struct Seen {
    OtpId otp;
    std::optional<Standing> standing;
    Entries entries;
  };
  /// The guard's counts, in the run index.
  class Ledger final : public TrafficLedger {
   public:
    explicit Ledger(RunIndex& runs) : runs_(runs) {}
    void read(std::uint64_t name, std::vector<TrafficSlot>& slots) override;
    void add(std::uint64_t name, const TrafficSlot& more) override;
    void note_busy(std::int32_t day, std::uint64_t name) override;
    std::vector<std::uint64_t> busy(std::int32_t day) const;

   private:
    RunIndex& runs_;
    std::vector<RunEntry> found_;  ///< Scratch, kept for its room.
  };
  static PackedTime pack(WallTime at);
  static WallTime unpack(const PackedTime& at);

  Hash128 name_of(AppId app, const Fingerprint& phone, std::string_view purpose) const;
  Hash128 name_of(std::string_view carrier, std::string_view smsc_message_id) const;
  Entries entries_of(const Otp& otp) const;
  /// Nothing: it has more messages than are told apart.
  static std::optional<Standing> standing_of(const Otp& otp);
  void set_key(const Otp& otp, bool is_new);
  void set_deadlines(const Otp& otp, bool is_new);
  void drop_deadlines(const Otp& otp, WallTime expires_at);
  void set_unsettled(const Otp& otp, WallTime opened_at);
  bool is_in_log(const OtpId& id) const;

  Kv& kv_;
  WallTime now_{};
  RunIndex runs_;
  Ledger ledger_;
  std::optional<Seen> seen_;
  mutable std::vector<RunEntry> found_;  ///< Scratch, kept for its room.
  SipHash hash_;                         ///< Under the data file's key, so that names are the same in every process.
  mutable std::string hashed_;           ///< Scratch, kept for its room.
  absl::flat_hash_map<Hash128, OtpId, HashOfHash128> live_;
  absl::btree_set<Deadline> expiry_;
  absl::btree_set<Deadline> outbox_;
  absl::btree_map<std::pair<OtpId, std::uint8_t>, std::uint8_t> unsettled_;  ///< Request, message → newest submission.
  absl::flat_hash_set<std::string> listed_;
  std::uint32_t listed_prefix_lengths_ = 0;
  TrafficCounts traffic_;
  absl::btree_set<std::pair<Hash128, RowId>> parked_;
  std::map<std::string, std::size_t, std::less<>> parked_of_;  ///< By carrier.
  WebhookIndex webhooks_;
  RowId last_row_ = 0;
};

}  // namespace xion
