#pragma once
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/secret.h"
#include "core/limits/demand.h"
#include "core/limits/limits.h"
#include "core/otp/world.h"
#include "core/owners/app.h"
#include "core/owners/key_asker.h"
#include "core/settings.h"
#include "ports/loop.h"
#include "ports/store.h"
#include "ports/vault.h"

namespace xion {

/// An app with what the configuration says for it now.
struct AppEntry {
  App app;
  AppPolicy policy;
  TokenBucket requests;               ///< Request rate of the plan.
  TokenBucket test_requests{20, 40};  ///< Of all test keys.
  DemandMeter demand{};               ///< Of calls by its keys, test keys' left out.
  double share = 1;                   ///< Of the plan's rate, that this node lets through.

  /// What `requests` has lent stays lent.
  void set_share(double of_rate, MonoTime now);
};

/// Who calls: valid as long as the exchange that asked, since entries are replaced, never changed, while shared.
struct Caller {
  std::shared_ptr<AppEntry> app;
  std::string key_id;
  Scopes scopes = 0;
  bool is_test = false;
  bool is_session = false;  ///< Of the dashboard: reads only, and takes nothing of the app's rate.
  World world() const { return {app->app.id, is_test}; }
  /// Of which each call takes one. Test keys have their own, whatever the plan.
  TokenBucket& requests() const { return is_test ? app->test_requests : app->requests; }
  bool may(Scope scope) const { return (scopes & static_cast<Scopes>(scope)) != 0; }
};

enum class AuthError : std::uint8_t {
  missing_api_key,
  invalid_api_key,
  expired_api_key,
  revoked_api_key,
  client_not_allowed,
  wrong_signature  ///< Of an auth server's call.
};

/// Why somebody may not call, and by which key, where it is one of ours.
struct AuthRefused {
  AuthError error = AuthError::missing_api_key;
  std::string key_id{};
  bool operator==(AuthError other) const { return error == other; }
};

/// Why the operator's wish was refused, for `xionctl`.
struct Refusal {
  std::string detail;
  std::string hint;
  bool is_forbidden = false;  ///< Others may: it is refused for who asked.
};
template <typename T>
using AdminDone = std::move_only_function<void(std::expected<T, Refusal>)>;

struct NewKey {
  ApiKey key;
  Secret text;           ///< Shown once; of a hook's key nobody is told it.
  Secret secret{};       ///< Of a hook's key, as it is typed; where we made it, it is shown once.
  bool is_ours = false;  ///< Whether we made the secret.
};
struct RotatedKey {
  NewKey fresh;
  WallTime old_ends_at{};
};
struct KeyWish {
  std::string app;
  Scopes scopes = default_scopes;
  bool is_test = false;
  std::optional<Seconds> expires_in;
  std::vector<std::string> networks;
  std::string name{};  ///< What it is for; at most `key_name_octets`.
  std::string hook{};  ///< One of `signing_hooks`: who signs with a secret instead. Empty: a plain key.
  Secret secret{};     ///< That one, as it is typed; empty: one of ours.
};

inline constexpr std::size_t keys_of_an_app = 100;

/// Apps and API keys: the whole of them in memory on the loop thread, every change durable before it counts.
class Directory {
 public:
  Directory(Store& store, Loop& loop, Entropy& entropy, Vault& vault, const Settings& settings);

  /// Reads all apps and keys from the store, in the place of those that are known; `done(false)` where the store
  /// failed.
  void load(std::move_only_function<void(bool)> done);
  /// New configuration: policies are laid afresh.
  void configure(const Settings& settings);

  /// `authorization` is the header's value. `peer` is an IP address, empty for a Unix socket, which is in no network.
  std::expected<Caller, AuthRefused> authenticate(std::string_view authorization, std::string_view peer,
                                                  WallTime now) const;

  /// The same of an auth server that signs its calls, by the id of its key.
  std::expected<Caller, AuthRefused> authenticate_signed(std::string_view hook, std::string_view key_id,
                                                         const ClaimedSignature& claimed, std::string_view peer,
                                                         WallTime now) const;

  std::shared_ptr<AppEntry> app(AppId id) const;
  std::shared_ptr<AppEntry> app_named(std::string_view name) const;
  std::vector<std::shared_ptr<AppEntry>> apps() const;
  std::vector<ApiKey> keys() const;
  /// When a key last let somebody in; nothing: never, or before anybody noted it. After a crash up to ten minutes
  /// early.
  std::optional<WallTime> last_used(const std::string& key_id) const;

  void add_app(std::string name, std::string plan, std::map<std::string, std::string> overrides, AdminDone<App> done);
  void set_app(std::string name, std::map<std::string, std::string> overrides, AdminDone<App> done);
  void remove_app(std::string name, AdminDone<App> done);
  /// Of an app at most `keys_of_an_app` keys work at once.
  void create_key(KeyWish wish, const KeyAsker& by, AdminDone<NewKey> done);
  /// A new key with the rights of the old one, which works for `grace` still.
  void rotate_key(std::string id, Seconds grace, const KeyAsker& by, AdminDone<RotatedKey> done);
  void revoke_key(std::string id, const KeyAsker& by, AdminDone<ApiKey> done);

 private:
  struct DigestHash {
    std::size_t operator()(const Digest& d) const;
  };
  void keep(const App& app);
  void keep(const ApiKey& key);
  void forget_all_but(const std::vector<App>& apps);
  std::expected<Caller, AuthRefused> admit(const ApiKey& key, std::string_view peer, WallTime now) const;
  Secret fresh_key_text(bool is_test);
  Store& store_;
  Loop& loop_;
  Entropy& entropy_;
  Vault& vault_;
  const Settings* settings_;
  std::unordered_map<AppId, std::shared_ptr<AppEntry>> apps_;
  std::unordered_map<Digest, ApiKey, DigestHash> keys_;
  /// What a signed call names its key by, and what it is signed with, opened: master keys may change.
  struct HookKey {
    Digest hash;
    Secret secret;
  };
  std::map<std::string, HookKey, std::less<>> hook_keys_;  ///< By the key's id.
  struct KeyUse {
    WallTime at{};
    WallTime noted_at{};  ///< What the store knows.
  };
  void note_use(const std::string& key_id, WallTime now) const;
  mutable std::unordered_map<std::string, KeyUse> uses_;  ///< By the key's id.
};

}  // namespace xion
