#include "core/owners/list_entry.h"

#include <algorithm>
#include <tuple>

#include "base/octets.h"
#include "core/record_formats.h"

namespace xion {
namespace {

/// Longer prefixes are narrower.
auto narrowness(const ListEntry& entry) { return std::tuple(entry.subject, entry.value.size()); }

}  // namespace

std::string_view to_string(ListKind kind) { return kind == ListKind::block ? "block" : "allow"; }

std::string_view to_string(ListSubject subject) {
  switch (subject) {
    case ListSubject::everything: return "everything";
    case ListSubject::country: return "country";
    case ListSubject::prefix: return "prefix";
    case ListSubject::phone: return "phone";
  }
  return "";
}

std::string list_key(ListKind kind, AppId app) {
  std::string key;
  key.push_back(static_cast<char>(kind));
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(app >> shift & 0xFF));
  return key;
}

std::string list_key(ListKind kind, AppId app, ListSubject subject, std::string_view value_or_phone) {
  std::string key = list_key(kind, app);
  key.push_back(static_cast<char>(subject));
  return key.append(value_or_phone);
}

std::string list_key(const ListEntry& entry) {
  const bool is_phone = entry.subject == ListSubject::phone;
  return list_key(entry.kind, entry.app, entry.subject,
                  is_phone ? as_text(entry.phone) : std::string_view(entry.value));
}

bool is_blocked(const std::optional<ListEntry>& block, const std::optional<ListEntry>& allow) {
  if (!block || !allow) return block.has_value();
  const auto of_block =
      block->subject == ListSubject::phone ? std::tuple(ListSubject::phone, std::size_t{0}) : narrowness(*block);
  const auto of_allow =
      allow->subject == ListSubject::phone ? std::tuple(ListSubject::phone, std::size_t{0}) : narrowness(*allow);
  return of_block >= of_allow;
}

std::string to_record(const ListEntry& entry) {
  std::string record;
  OctetWriter out(record);
  out.u8(list_entry_format.writes());
  out.u8(static_cast<std::uint8_t>(entry.kind));
  out.varint(entry.app);
  out.u8(static_cast<std::uint8_t>(entry.subject));
  out.raw(as_text(entry.phone));
  out.text(entry.value);
  out.text(entry.reason);
  out.signed_varint(unix_millis(entry.created_at));
  out.u8(entry.expires_at ? 1 : 0);
  if (entry.expires_at) out.signed_varint(unix_millis(*entry.expires_at));
  return record;
}

std::optional<ListEntry> list_entry_from_record(std::string_view record) {
  OctetReader in(record);
  if (!list_entry_format.can_read(in.u8())) return std::nullopt;
  ListEntry entry;
  const std::uint8_t kind = in.u8();
  entry.app = static_cast<AppId>(in.varint());
  const std::uint8_t subject = in.u8();
  const auto phone = in.raw(entry.phone.size());
  std::copy(phone.begin(), phone.end(), entry.phone.begin());
  entry.value = in.text();
  entry.reason = in.text();
  entry.created_at = wall_time(in.signed_varint());
  if (in.u8() != 0) entry.expires_at = wall_time(in.signed_varint());
  if (in.failed() || !in.at_end() || kind > 1 || subject > 3) return std::nullopt;
  entry.kind = static_cast<ListKind>(kind);
  entry.subject = static_cast<ListSubject>(subject);
  return entry;
}

}  // namespace xion
