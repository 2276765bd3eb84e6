#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <absl/functional/function_ref.h>

namespace xion {

/// The tables of the log. Rows that come with time have time-ordered keys, so that appending touches few pages. Their
/// numbers are on disk, in the journal: append only.
enum class Table : std::uint8_t {
  meta,             ///< name → schema, check value, next app id
  apps,             ///< AppId → App
  keys,             ///< ApiKey::id → ApiKey
  otps,             ///< OtpId → Otp
  parked,           ///< RowId → StoredReceipt
  unmatched,        ///< RowId → StoredReceipt
  counters,         ///< AppId, Day → Counters
  answers,          ///< RowId → StoredAnswer
  lists,            ///< list_key → ListEntry
  notes,            ///< RowId → HistoryKey, HistoryEntry: what is noted by hand
  templates,        ///< template_key → MessageTemplate
  traffic,          ///< Day → verified requests of that day by subject, see TrafficCounts
  webhooks,         ///< Webhook::id → Webhook
  deliveries_due,   ///< RowId → WebhookDelivery that waits
  deliveries,       ///< RowId → WebhookDelivery that is over
  stats,            ///< AppId, StatKind, Day, name → StatSums
  dashboard,        ///< DashboardPass::id → DashboardPass
  stat_hours,       ///< Hour, AppId, StatKind, name → StatSums
  search_segments,  ///< What the log is searched by, see SearchIndex: number → which classes are in which blocks
  search_blocks,    ///< Number of a segment, block → ids and their classes
  search_runs,      ///< Number → which requests its entries are of
  search_entries,   ///< Number of a run, kind, first entry → entries: hash, OtpId
  search_strays,    ///< OtpId → nothing: it came when the segment of its time was sealed
  journal,          ///< Number → what commits changed in other tables and is not in them yet, see NearKv
  search_changes,   ///< OtpId → its class, which is not in its block yet
};
inline constexpr std::size_t table_count = 25;
/// What the tables are called on disk.
inline constexpr std::array<const char*, table_count> table_names{"meta",
                                                                  "apps",
                                                                  "keys",
                                                                  "otps",
                                                                  "parked",
                                                                  "unmatched",
                                                                  "counters",
                                                                  "answers",
                                                                  "lists",
                                                                  "notes",
                                                                  "templates",
                                                                  "traffic",
                                                                  "webhooks",
                                                                  "deliveries_due",
                                                                  "deliveries",
                                                                  "stats",
                                                                  "dashboard",
                                                                  "stat_hours",
                                                                  "search_segments",
                                                                  "search_blocks",
                                                                  "search_runs",
                                                                  "search_entries",
                                                                  "search_strays",
                                                                  "journal",
                                                                  "search_changes"};

/// The disk or the data file let the engine down. Ends the whole transaction; only engines throw and catch it.
class StoreFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
/// Only room is missing: after `Kv::grow` the same transaction can succeed.
class MapFull final : public StoreFailure {
 public:
  MapFull() : StoreFailure("the memory map is full") {}
};

/// The transaction only reads.
class ReadOnly final : public StoreFailure {
 public:
  ReadOnly() : StoreFailure("the store can only be read now") {}
};

/// Sees one row, whose octets are valid during the call; false ends the scan. Must not write.
using Visit = absl::FunctionRef<bool(std::string_view key, std::string_view value)>;

/// Ordered octets with one transaction at a time: all that an engine has to bring. Every call may throw `StoreFailure`;
/// what `get` returns is valid until the next write or the end of the transaction.
class Kv {
 public:
  virtual ~Kv() = default;

  virtual void begin() = 0;
  /// A transaction in which every write throws `ReadOnly`; it needs no room on the disk, and ends by `abort`.
  virtual void begin_reading() = 0;
  /// Durable when it returns. A throw ends the transaction too, and what it wrote may or may not be there.
  virtual void commit() = 0;
  /// Does nothing where no transaction is open.
  virtual void abort() noexcept = 0;
  /// Whether this transaction wrote anything: one that did not needs no commit.
  virtual bool has_written() const = 0;
  /// Makes room after `MapFull`; no transaction is open. Throws where it can't.
  virtual void grow() = 0;

  virtual std::optional<std::string_view> get(Table table, std::string_view key) = 0;
  virtual void put(Table table, std::string_view key, std::string_view value) = 0;
  /// False where the key is taken.
  virtual bool insert(Table table, std::string_view key, std::string_view value) = 0;
  virtual bool erase(Table table, std::string_view key) = 0;
  /// From the first key that is not before `from`, upwards.
  virtual void scan(Table table, std::string_view from, Visit visit) = 0;
  /// From the last key before `before`, downwards; from the very last one where `before` is empty.
  virtual void scan_back(Table table, std::string_view before, Visit visit) = 0;
  virtual std::size_t count(Table table) = 0;
};

}  // namespace xion
