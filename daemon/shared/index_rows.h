#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/stored.h"
#include "shared/row_keys.h"

/// The rows that requests and receipts are looked up by. Those of `keys`, `carrier_ids` and `events` say what is not
/// there, too: whoever decides on that writes the same row, so that of two nodes one begins again.
namespace xion {

/// The latest requests of an app, phone and purpose.
struct KeyRow {
  struct Entry {
    OtpId id;
    std::optional<WallTime> ended_at{};  ///< Nothing: pending.
    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> entries;  ///< Newest first.

  /// Replaces the request's entry, or adds it.
  void set(const Entry& entry);
  void remove(const OtpId& id);
  /// Forgets those that ended before.
  void forget(WallTime before);
  std::optional<OtpId> pending() const;
  /// The newest that is pending, or ended not before that.
  std::optional<OtpId> latest(WallTime ended_since) const;
};
std::string to_row(const KeyRow& row);
KeyRow key_row_from(std::string_view row);

/// What a carrier's id stands for.
struct CarrierIdRow {
  std::vector<SubmissionRef> submissions;  ///< Newest request first.
  std::vector<RowId> parked;               ///< Oldest first.
};
std::string to_row(const CarrierIdRow& row);
CarrierIdRow carrier_id_row_from(std::string_view row);

/// Of a subject: the newest, oldest first.
inline constexpr std::size_t events_of_a_row = 2'000;
std::string to_row(const std::vector<HistoryEntry>& events);
std::vector<HistoryEntry> events_from(std::string_view row);

/// A message on its way.
struct OutboxRow {
  row_keys::OutboxState state{};
  NodeId node = only_node;
  std::uint32_t incarnation = 0;  ///< Of the node that wrote it.
  std::uint8_t submission = 0;    ///< The newest one.
  WallTime expires_at{};
  bool operator==(const OutboxRow&) const = default;
};
/// The row with its orders, of a message of that key.
RowContent outbox_content(const OutboxRow& row, std::string_view key);
std::string to_row(const OutboxRow& row);
OutboxRow outbox_row_from(std::string_view row);

}  // namespace xion
