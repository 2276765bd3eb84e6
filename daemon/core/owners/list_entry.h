#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "core/ids.h"

namespace xion {

/// Who gets nothing, and who is exempt from that and from the pumping guard.
enum class ListKind : std::uint8_t { block, allow };
/// What an entry is about, from the widest to the narrowest.
enum class ListSubject : std::uint8_t { everything, country, prefix, phone };
std::string_view to_string(ListKind kind);
std::string_view to_string(ListSubject subject);

/// One entry of the block or allow list.
struct ListEntry {
  ListKind kind = ListKind::block;
  AppId app = 0;  ///< 0: of all apps.
  ListSubject subject = ListSubject::phone;
  Fingerprint phone{};  ///< Of a phone: its keyed hash.
  std::string value;    ///< "AM", "+37499"; of a phone: its mask, to be shown. Empty: everything.
  std::string reason;   ///< For people.
  WallTime created_at{};
  std::optional<WallTime> expires_at;  ///< Nothing: for good.
  bool holds(WallTime now) const { return !expires_at || now < *expires_at; }
};

/// The number that lists are asked about.
struct ListedNumber {
  Fingerprint phone{};
  std::string_view e164;  ///< Empty: not known; then prefixes aren't looked at.
  std::string_view country;
};

/// Under what an entry is kept: there is one at most for each kind, app and subject.
std::string list_key(const ListEntry& entry);
/// The part that keys of one kind and app have in common.
std::string list_key(ListKind kind, AppId app);
std::string list_key(ListKind kind, AppId app, ListSubject subject, std::string_view value_or_phone);

/// Whether a number that both lists speak of is blocked: the narrower subject wins, and among equals the block.
bool is_blocked(const std::optional<ListEntry>& block, const std::optional<ListEntry>& allow);

std::string to_record(const ListEntry& entry);
std::optional<ListEntry> list_entry_from_record(std::string_view record);

}  // namespace xion
