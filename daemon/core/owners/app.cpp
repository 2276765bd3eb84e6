#include "core/owners/app.h"

#include <algorithm>

#include "base/octets.h"
#include "core/record_formats.h"

namespace xion {
namespace {

struct ScopeName {
  Scope scope;
  std::string_view name;
};
constexpr ScopeName names_of_scopes[] = {
    {Scope::otp_send, "otp:send"},
    {Scope::otp_verify, "otp:verify"},
    {Scope::otp_read, "otp:read"},
    {Scope::stats_read, "stats:read"},
    {Scope::pii_read, "pii:read"},
    {Scope::admin_keys, "admin:keys"},
    {Scope::admin_templates, "admin:templates"},
    {Scope::admin_webhooks, "admin:webhooks"},
    {Scope::admin_lists, "admin:lists"},
    {Scope::admin_policy, "admin:policy"},
};

/// A key may be a hook's.
constexpr std::uint8_t format_of_hooks = 2;
/// A key may manage; such a one is no hook's.
constexpr std::uint8_t format_of_admins = 3;
/// A key may have a name, and be either.
constexpr std::uint8_t format_of_named = 4;

/// A release that knows no hooks, or nobody who manages, can do nothing with such a key, so that it may as well not
/// read it. No release has been without names.
std::uint8_t format_of(const ApiKey& key) {
  if (!key.name.empty()) return format_of_named;
  if (!key.hook.empty()) return format_of_hooks;
  return (key.scopes & admin_scopes) != 0 ? format_of_admins : api_key_format.writes();
}

void put_moment(OctetWriter& out, WallTime at) { out.signed_varint(unix_millis(at)); }
WallTime moment(OctetReader& in) { return wall_time(in.signed_varint()); }

void put_moment(OctetWriter& out, const std::optional<WallTime>& at) {
  out.u8(at ? 1 : 0);
  if (at) put_moment(out, *at);
}
std::optional<WallTime> optional_moment(OctetReader& in) {
  if (in.u8() == 0) return std::nullopt;
  return moment(in);
}

}  // namespace

std::string_view to_string(Scope scope) {
  for (const auto& [value, name] : names_of_scopes) {
    if (value == scope) return name;
  }
  return "";
}

std::optional<Scope> parse_scope(std::string_view text) {
  for (const auto& [value, name] : names_of_scopes) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> scope_names(Scopes scopes) {
  std::vector<std::string_view> names;
  for (const auto& [value, name] : names_of_scopes) {
    if ((scopes & static_cast<Scopes>(value)) != 0) names.push_back(name);
  }
  return names;
}

std::string to_record(const App& app) {
  std::string record;
  OctetWriter out(record);
  out.u8(app_format.writes());
  out.varint(app.id);
  out.text(app.name);
  out.text(app.plan);
  put_moment(out, app.created_at);
  out.varint(app.overrides.size());
  for (const auto& [key, value] : app.overrides) {
    out.text(key);
    out.text(value);
  }
  return record;
}

std::optional<App> app_from_record(std::string_view record) {
  OctetReader in(record);
  if (!app_format.can_read(in.u8())) return std::nullopt;
  App app;
  app.id = static_cast<AppId>(in.varint());
  app.name = in.text();
  app.plan = in.text();
  app.created_at = moment(in);
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
    const auto key = in.text();
    app.overrides.insert_or_assign(std::string(key), std::string(in.text()));
  }
  if (in.failed() || !in.at_end()) return std::nullopt;
  return app;
}

std::string to_record(const ApiKey& key) {
  std::string record;
  OctetWriter out(record);
  const std::uint8_t format = format_of(key);
  out.u8(format);
  out.text(key.id);
  out.varint(key.app);
  out.raw(as_text(key.hash));
  out.u8(key.test ? 1 : 0);
  if (format >= format_of_admins)
    out.varint(key.scopes);
  else
    out.u8(static_cast<std::uint8_t>(key.scopes));
  out.varint(key.networks.size());
  for (const auto& network : key.networks) out.text(network);
  put_moment(out, key.created_at);
  put_moment(out, key.expires_at);
  put_moment(out, key.revoked_at);
  if (format == format_of_named) out.text(key.name);
  if (key.hook.empty()) return record;
  out.text(key.hook);
  out.raw(as_text(key.secret_as.octets));
  out.text(key.secret_sealed);
  return record;
}

std::optional<ApiKey> api_key_from_record(std::string_view record) {
  OctetReader in(record);
  const std::uint8_t format = in.u8();
  if (!api_key_format.can_read(format)) return std::nullopt;
  ApiKey key;
  key.id = in.text();
  key.app = static_cast<AppId>(in.varint());
  const auto hash = in.raw(key.hash.size());
  std::copy(hash.begin(), hash.end(), key.hash.begin());
  key.test = in.u8() != 0;
  key.scopes = static_cast<Scopes>(format >= format_of_admins ? in.varint() : in.u8());
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) key.networks.emplace_back(in.text());
  key.created_at = moment(in);
  key.expires_at = optional_moment(in);
  key.revoked_at = optional_moment(in);
  if (format == format_of_named) key.name = in.text();
  if (format == format_of_hooks || (format == format_of_named && !in.at_end())) {
    key.hook = in.text();
    std::ranges::copy(as_octets(in.raw(OtpId::size)), key.secret_as.octets.begin());
    key.secret_sealed = in.text();
  }
  if (in.failed() || !in.at_end()) return std::nullopt;
  return key;
}

}  // namespace xion
