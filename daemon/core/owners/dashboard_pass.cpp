#include "core/owners/dashboard_pass.h"

#include <algorithm>
#include <utility>

#include "base/octets.h"
#include "core/record_formats.h"

namespace xion {
namespace {

constexpr std::pair<DashboardRole, std::string_view> names_of_roles[] = {
    {DashboardRole::viewer, "viewer"}, {DashboardRole::owner, "owner"}, {DashboardRole::operator_, "operator"}};

/// Whose kind a record can't tell: the release before reads two kinds, and to it a wall's link is a session, whose
/// secret has the form of none.
constexpr std::string_view wall_prefix = "wal_";
/// A passkey has more than the release before reads, to which it is as if it weren't there.
constexpr std::string_view passkey_prefix = "psk_";

PassKind kind_of(std::string_view id, std::uint8_t stored) {
  if (id.starts_with(wall_prefix)) return PassKind::wall;
  return id.starts_with(passkey_prefix) ? PassKind::passkey : static_cast<PassKind>(stored);
}

}  // namespace

std::string_view to_string(PassKind kind) {
  switch (kind) {
    case PassKind::invite: return "invite";
    case PassKind::session: return "session";
    case PassKind::wall: return "wall";
    case PassKind::passkey: return "passkey";
  }
  return "";
}

std::optional<WallTime> longer_life(const DashboardPass& pass, const SessionLives& lives, WallTime now) {
  if (pass.kind != PassKind::session || pass.expires_at <= now) return std::nullopt;
  const WallTime end = std::min(now + lives.idle, pass.created_at + lives.most);
  if (end - pass.expires_at < lives.idle / 12) return std::nullopt;
  return end;
}

std::string_view to_string(DashboardRole role) {
  for (const auto& [value, name] : names_of_roles) {
    if (value == role) return name;
  }
  return "";
}

std::optional<DashboardRole> parse_dashboard_role(std::string_view text) {
  for (const auto& [value, name] : names_of_roles) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::string to_record(const DashboardPass& pass) {
  std::string record;
  OctetWriter out(record);
  out.u8(pass_format.writes());
  out.text(pass.id);
  out.u8(static_cast<std::uint8_t>(std::min(pass.kind, PassKind::session)));
  out.u8(static_cast<std::uint8_t>(pass.role));
  out.varint(pass.app);
  out.text(pass.person);
  out.text(pass.address);
  out.raw(as_text(pass.hash));
  out.signed_varint(unix_millis(pass.created_at));
  out.signed_varint(unix_millis(pass.expires_at));
  if (pass.kind == PassKind::passkey) {
    out.text(pass.public_key);
    out.varint(pass.sign_count);
  }
  return record;
}

std::optional<DashboardPass> dashboard_pass_from_record(std::string_view record) {
  OctetReader in(record);
  if (!pass_format.can_read(in.u8())) return std::nullopt;
  DashboardPass pass;
  pass.id = in.text();
  const std::uint8_t kind = in.u8(), role = in.u8();
  if (kind > static_cast<std::uint8_t>(PassKind::session) || role > static_cast<std::uint8_t>(DashboardRole::operator_))
    return std::nullopt;
  pass.kind = kind_of(pass.id, kind);
  pass.role = static_cast<DashboardRole>(role);
  pass.app = static_cast<AppId>(in.varint());
  pass.person = in.text();
  pass.address = in.text();
  const auto hash = in.raw(pass.hash.size());
  std::copy(hash.begin(), hash.end(), pass.hash.begin());
  pass.created_at = wall_time(in.signed_varint());
  pass.expires_at = wall_time(in.signed_varint());
  if (pass.kind == PassKind::passkey) {
    pass.public_key = in.text();
    pass.sign_count = static_cast<std::uint32_t>(in.varint());
  }
  if (in.failed() || !in.at_end()) return std::nullopt;
  return pass;
}

}  // namespace xion
