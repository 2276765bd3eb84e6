#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/stored.h"
#include "shared/row_keys.h"

/// The rows that requests and receipts are looked up by. Those of `phones`, `carrier_ids` and `events` say what is not
/// there, too: whoever decides on that writes the same row, so that of two nodes one begins again.
namespace xion {

/// What all apps know of a phone.
struct PhoneRow {
  /// One of the latest of an app and purpose.
  struct Request {
    AppId app = 0;
    std::string purpose;
    OtpId id;
    std::optional<WallTime> ended_at{};  ///< Nothing: pending.
    WallTime expires_at{};               ///< Of a pending one.
    bool is_of(const LiveKey& key) const { return app == key.app && purpose == key.purpose; }
    bool operator==(const Request&) const = default;
  };
  /// What limits count.
  struct Event {
    HistoryKind kind{};
    AppId app = 0;
    WallTime at{};
    bool operator==(const Event&) const = default;
  };
  std::vector<Request> requests;  ///< Newest first.
  std::vector<Event> events;      ///< Oldest first.

  /// Replaces the request, or adds it.
  void set(Request request);
  void remove(const OtpId& id);
  /// Of those of its kind and app the newest are kept.
  void add(const Event& event);
  void forget(WallTime requests_ended_before, WallTime events_before);
  std::optional<OtpId> pending(const LiveKey& key) const;
  /// The newest that is pending, or ended not before that.
  std::optional<OtpId> latest(const LiveKey& key, WallTime ended_since) const;
  std::optional<WallTime> first_expiry() const;
  /// Oldest first.
  std::vector<HistoryEntry> history(const HistoryKey& key) const;
};
/// Events of these are in the row of their phone; sends of a phone by whichever app are those of all apps.
constexpr bool is_of_phone(HistoryKind kind) {
  return kind == HistoryKind::sends_of_phone || kind == HistoryKind::sends_of_phone_overall ||
         kind == HistoryKind::locks_of_phone;
}
/// What tells phones of one address apart.
std::uint32_t tag_of_phone(const Fingerprint& phone);
/// The row with its order.
RowContent phone_content(const PhoneRow& row, WallTime now);
PhoneRow phone_row_from(std::string_view row);

/// What a carrier's id stands for.
struct CarrierIdRow {
  std::vector<SubmissionRef> submissions;  ///< Newest request first.
  std::vector<RowId> parked;               ///< Oldest first.
};
std::string to_row(const CarrierIdRow& row);
CarrierIdRow carrier_id_row_from(std::string_view row);

/// Of a subject, or of a phone, an app and a kind: the newest, oldest first.
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
/// The row with its order, of a message of that key.
RowContent outbox_content(const OutboxRow& row, std::string_view key);
std::string to_row(const OutboxRow& row);
OutboxRow outbox_row_from(std::string_view row);

}  // namespace xion
