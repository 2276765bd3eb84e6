#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "core/ids.h"

namespace xion {

/// A customer's project: what keys, limits and quota belong to.
struct App {
  AppId id = 0;
  std::string name;  ///< `[a-z0-9][a-z0-9_.-]{0,62}`, unique.
  std::string plan = "starter";
  WallTime created_at{};
  std::map<std::string, std::string>
      overrides;  ///< `xionctl app set`: keys of `[otp]` and `[limits]`, such as "ttl_seconds".
};

enum class Scope : std::uint16_t {
  otp_send = 1,
  otp_verify = 2,
  otp_read = 4,
  stats_read = 8,
  pii_read = 16,
  // Of those who manage the app by HTTP, as `xionctl` does.
  admin_keys = 32,
  admin_templates = 64,
  admin_webhooks = 128,
  admin_lists = 256,
  admin_policy = 512,
};
/// Any of them together.
using Scopes = std::uint16_t;
inline constexpr Scopes default_scopes = 1 | 2 | 4 | 8;
inline constexpr Scopes admin_scopes = 32 | 64 | 128 | 256 | 512;
std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);
std::vector<std::string_view> scope_names(Scopes scopes);

/// Auth servers that sign what they ask for with a secret; the other adapters take an API key as everybody does.
inline constexpr std::string_view signing_hooks[] = {"supabase", "zitadel", "auth0"};

/// An API key without the key: only its keyed hash is kept.
struct ApiKey {
  std::string id;  ///< Public name, `key_` and 10 characters; what `xionctl key revoke` takes.
  AppId app = 0;
  Digest hash{};
  bool test = false;
  Scopes scopes = default_scopes;
  std::vector<std::string> networks;  ///< CIDR; empty: from anywhere.
  WallTime created_at{};
  std::optional<WallTime> expires_at;
  std::optional<WallTime> revoked_at;
  std::string hook;           ///< One of `signing_hooks`, who signs instead of bringing the key. Empty: a plain key.
  OtpId secret_as;            ///< The id under which the secret that it signs with is sealed.
  std::string secret_sealed;  ///< Empty: a plain key.
  std::string name{};         ///< What it is for, in its owner's words; empty: nobody said.
};

inline constexpr std::size_t key_name_octets = 64;

/// What a signed call claims: any of the signatures may be the right one.
struct ClaimedSignature {
  std::string content;             ///< What was signed.
  std::vector<Digest> signatures;  ///< HMAC-SHA256 of it.
};

std::string to_record(const App& app);
std::optional<App> app_from_record(std::string_view record);
std::string to_record(const ApiKey& key);
std::optional<ApiKey> api_key_from_record(std::string_view record);

}  // namespace xion
