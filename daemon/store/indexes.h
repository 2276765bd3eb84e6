#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "core/list_entry.h"
#include "core/retention.h"
#include "core/traffic_counts.h"
#include "ports/stored.h"
#include "store/aged_table.h"
#include "store/histories.h"
#include "store/row_id.h"
#include "store/siphash.h"
#include "store/webhook_index.h"

namespace xion {

/// Everything that would be random on disk, in memory, rebuilt from the tail of the log at start.
///
/// `set` takes a record as it is after a change, and is idempotent: nothing is known of the record before. It may be so
/// since what a request is looked up by (app, phone, purpose, expiry, address) never changes after `insert`.
/// There is no undo: after a failed commit everything is cleared and rebuilt.
class Indexes {
 public:
  /// Forgets what is over at `now`. Before anything else in a transaction.
  void advance(WallTime now);
  void set(const Otp& otp);
  /// The first and only `set` of a record that is read back from the log. What it left unsettled before `opened_at` was
  /// left by an earlier process.
  void restore(const Otp& otp, WallTime opened_at);
  void remove(const Otp& otp);
  void clear();

  std::optional<OtpId> live(const LiveKey& key) const;
  std::optional<OtpId> latest(const LiveKey& key) const;
  std::vector<OtpId> expiring(WallTime until, std::size_t limit) const;
  /// Queued messages of pending requests. A test request touches no carrier, so none of its messages wait for one.
  std::vector<OutboxEntry> outbox(std::size_t limit) const;
  std::size_t outbox_size() const { return outbox_.size(); }
  /// Submitting ones, and unknown ones whose request is pending still: the others have nothing left to recover.
  std::vector<SubmissionRef> unsettled(std::size_t limit) const;
  std::optional<SubmissionRef> submission(std::string_view carrier, std::string_view smsc_message_id) const;
  std::vector<HistoryEntry> history(const HistoryKey& key, WallTime since) const;
  void note_by_hand(const HistoryKey& key, HistoryEntry entry);

  /// Keys of the block and allow lists: nearly every number is on none, and the disk need not be asked.
  void set_listed(std::string key);
  void remove_listed(const std::string& key) { listed_.erase(key); }
  bool is_listed(std::string_view key) const { return listed_.contains(absl::string_view(key.data(), key.size())); }
  /// The lengths of all prefixes that were ever listed.
  ListShape list_shape() const { return {!listed_.empty(), listed_prefix_lengths_}; }

  TrafficCounts& traffic() { return traffic_; }

  void park(std::string_view carrier, std::string_view smsc_message_id, RowId row);
  bool has_parked() const { return !parked_.empty(); }
  std::optional<RowId> parked(std::string_view carrier, std::string_view smsc_message_id) const;
  void unpark(std::string_view carrier, std::string_view smsc_message_id, RowId row);

  void set_answer(const Digest& key, RowId row);
  std::optional<RowId> answer(const Digest& key) const;

  const std::vector<Webhook>& webhooks() const { return webhooks_.webhooks(); }
  bool has_webhook(AppId app) const { return webhooks_.has_any(app); }
  void set(const Webhook& webhook) { webhooks_.set(webhook); }
  void remove_webhook(std::string_view id) { webhooks_.remove(id); }
  void set_due(RowId row, WallTime at) { webhooks_.set_due(row, at); }
  void erase_due(RowId row) { webhooks_.erase_due(row); }
  std::vector<RowId> due(WallTime until, std::size_t limit) const { return webhooks_.due(until, limit); }
  std::size_t due_size() const { return webhooks_.due_size(); }

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
  struct Ended {
    OtpId otp;
    PackedTime at{};
  };
  static PackedTime pack(WallTime at);
  static WallTime unpack(const PackedTime& at);

  Hash128 name_of(AppId app, const Fingerprint& phone, std::string_view purpose) const;
  Hash128 name_of(std::string_view carrier, std::string_view smsc_message_id) const;
  static Hash128 name_of(const Digest& key);
  void set_key(const Otp& otp, bool is_new);
  void set_deadlines(const Otp& otp, bool is_new);
  void set_submissions(const Otp& otp, bool is_new);
  void set_unsettled(const Otp& otp, WallTime opened_at);
  void set_history(const Otp& otp, bool is_new);
  void set_all(const Otp& otp, bool is_new);

  WallTime now_{};
  SipHash hash_;
  mutable std::string hashed_;  ///< Scratch, kept for its room.
  absl::flat_hash_map<Hash128, OtpId, HashOfHash128> live_;
  AgedTable<Ended> ended_{28'672, 7};
  absl::btree_set<Deadline> expiry_;
  absl::btree_set<Deadline> outbox_;
  absl::btree_map<std::pair<OtpId, std::uint8_t>, std::uint8_t> unsettled_;  ///< Request, message → newest submission.
  AgedTable<SubmissionRef> submissions_{114'688, 8};       ///< Whose outcome the carrier has yet to tell.
  AgedTable<SubmissionRef> ended_submissions_{14'336, 5};  ///< Whose receipts may be repeated.
  Histories history_;
  Histories noted_;
  absl::flat_hash_set<std::string> listed_;
  std::uint32_t listed_prefix_lengths_ = 0;
  TrafficCounts traffic_;
  std::uint32_t noted_count_ = 0;
  absl::btree_set<std::pair<Hash128, RowId>> parked_;
  AgedTable<std::array<char, 8>> answers_{114'688, 8};
  WebhookIndex webhooks_;
  RowId last_row_ = 0;
};

}  // namespace xion
