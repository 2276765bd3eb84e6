#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace xion {

/// The tables of the log, each declared in one line: its name in the code and on disk, key, value, and by what its rows
/// are looked up beside their key (in memory, see Indexes, where nothing else is said). The order is the number of the
/// table, which is on disk in the journal: append only. Rows that come with time have time-ordered keys, so that
/// appending touches few pages.
// clang-format off
#define XION_STORE_TABLES(TABLE)                                                                                      \
  TABLE(meta, "name", "schema, check value, key rings, marks, next app id, bases of receipts' ids", "")               \
  TABLE(apps, "AppId", "App", "")                                                                                     \
  TABLE(keys, "ApiKey::id", "ApiKey", "")                                                                             \
  TABLE(otps, "OtpId", "Otp", "LiveKey, expiry, outbox, carrier's id, events of a phone or address; OtpFilter")       \
  TABLE(parked, "RowId", "StoredReceipt", "carrier and its id")                                                       \
  TABLE(unmatched, "RowId", "StoredReceipt", "")                                                                      \
  TABLE(counters, "AppId, Day", "Counters", "")                                                                       \
  TABLE(answers, "RowId", "Digest, StoredAnswer", "Digest of the Idempotency-Key")                                    \
  TABLE(lists, "list_key", "ListEntry", "whether there is one")                                                       \
  TABLE(notes, "RowId", "HistoryKey, HistoryEntry: what is noted by hand", "HistoryKey")                              \
  TABLE(templates, "template_key", "MessageTemplate", "")                                                             \
  TABLE(traffic, "Day", "verified requests of that day by subject, see TrafficCounts", "TrafficKey")                  \
  TABLE(webhooks, "Webhook::id", "Webhook", "AppId")                                                                  \
  TABLE(deliveries_due, "RowId", "WebhookDelivery that waits", "when it is due")                                      \
  TABLE(deliveries, "RowId", "WebhookDelivery that is over", "")                                                      \
  TABLE(stats, "AppId, StatKind, Day, name", "StatSums", "")                                                          \
  TABLE(dashboard, "DashboardPass::id", "DashboardPass", "")                                                          \
  TABLE(stat_hours, "Hour, AppId, StatKind, name", "StatSums", "")                                                    \
  TABLE(search_segments, "number", "which classes are in which blocks: what the log is searched by, SearchIndex", "") \
  TABLE(search_blocks, "number of a segment, block", "ids and their classes", "")                                     \
  TABLE(search_runs, "number", "which requests its entries are of", "")                                               \
  TABLE(search_entries, "number of a run, kind, first entry", "entries: hash, OtpId", "")                             \
  TABLE(search_strays, "OtpId", "nothing: it came when the segment of its time was sealed", "")                       \
  TABLE(journal, "ever-growing number", "what commits changed in other tables and is not in them yet, NearKv", "")     \
  TABLE(search_changes, "OtpId", "its class, which is not in its block yet", "")                                      \
  TABLE(index_log, "ever-growing number", "entries of the run index that are in no run yet, RunIndex", "name")        \
  TABLE(index_runs, "number", "how many entries, and until when anybody asks for them", "")                           \
  TABLE(index_entries, "number of a run, first entry", "entries: name, kind, moment, value", "name")                  \
  TABLE(index_filters, "number of a run, group", "which names the run may have", "") \
  TABLE(decoys, "number", "octets that nobody reads: what a verify writes that changes nothing", "") \
  TABLE(audit, "RowId", "AuditEvent: what operators did", "") \
  TABLE(webhook_health, "Webhook::id", "WebhookHealth", "") \
  TABLE(guesses, "AppId, Fingerprint", "GuessRow", "")
// clang-format on

enum class Table : std::uint8_t {
#define XION_TABLE_NAME(name, key, value, looked_up_by) name,
  XION_STORE_TABLES(XION_TABLE_NAME)
#undef XION_TABLE_NAME
};

struct TableFacts {
  const char* name;
  const char* key;
  const char* value;
  const char* looked_up_by;  ///< Beside the key; empty: nothing.
};
#define XION_TABLE_FACTS(name, key, value, looked_up_by) TableFacts{#name, key, value, looked_up_by},
inline constexpr std::array table_facts{XION_STORE_TABLES(XION_TABLE_FACTS)};
#undef XION_TABLE_FACTS

inline constexpr std::size_t table_count = table_facts.size();
/// What a table is called on disk.
constexpr const char* name_of(Table table) { return table_facts[std::to_underlying(table)].name; }

}  // namespace xion
