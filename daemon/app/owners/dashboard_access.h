#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/owners/directory.h"
#include "base/secret.h"
#include "core/limits/limits.h"
#include "core/owners/dashboard_pass.h"
#include "core/settings.h"
#include "ports/http.h"
#include "ports/loop.h"
#include "ports/store.h"
#include "ports/vault.h"

namespace xion {

/// A pass with the secret that it opens to, shown once.
struct NewPass {
  DashboardPass pass;
  Secret secret;
};

/// A session that is open, as the loop knows it. Valid as long as somebody holds it.
struct DashboardSession {
  DashboardPass pass;
  TokenBucket requests{20, 240};    ///< Its own rate, pages turned in haste: looking takes nothing of the app's.
  bool is_being_prolonged = false;  ///< The store is at it.
  bool is_first_hand = false;       ///< Opened here, by an invitation or a passkey, and not by somebody else's word.
};

struct InviteWish {
  AppId app = 0;  ///< 0: an operator's.
  DashboardRole role = DashboardRole::viewer;
  std::string person;
  Seconds life = invite_life;  ///< How long the invitation waits, or a wall's link works.
};

/// A passkey as its browser shows it the first time.
struct NewPasskey {
  std::string credential;  ///< Its id, 16–1,023 octets.
  std::string public_key;  ///< As SubjectPublicKeyInfo.
  std::uint32_t sign_count = 0;
};

enum class SignInError : std::uint8_t {
  unknown_invite,  ///< No such invitation or passkey: never made, used, revoked or over.
  cloned,          ///< A passkey that has signed less often than it had before: there are two.
  too_many_tries,
  store_failed,
  no_room,  ///< An app, or all of them, has as many as there may be.
};

/// Who may look at the dashboard: invitations and sessions, all of them in memory on the loop thread, every change
/// durable before it counts. Of their secrets only keyed hashes are kept.
class DashboardAccess {
 public:
  DashboardAccess(Store& store, Loop& loop, Entropy& entropy, Vault& vault, const Directory& directory)
      : store_(store), loop_(loop), entropy_(entropy), vault_(vault), directory_(directory) {}

  /// Reads all passes, in the place of those that are known; `done(false)` where the store failed.
  void load(std::move_only_function<void(bool)> done);

  void invite(InviteWish wish, AdminDone<NewPass> done);
  /// A link for screens on walls: it may be opened again and again, until it is over or revoked.
  void hang_wall(InviteWish wish, AdminDone<NewPass> done);
  /// Opens a session for whom somebody else vouched for, such as an OpenID provider.
  void admit(InviteWish wish, std::string address,
             std::move_only_function<void(std::expected<NewPass, SignInError>)> done);
  /// Takes an invitation and opens the session that it is for; of a wall's link it gives back what it was given. Who
  /// has a good one gets in, whatever others do at the same address, which may be a proxy's.
  void sign_in(std::string_view secret, std::string address,
               std::move_only_function<void(std::expected<NewPass, SignInError>)> done);
  /// Keeps a passkey for whose session it is. Errors: it is known already, there is no room, the store failed.
  void enrol(const DashboardPass& session, const NewPasskey& passkey, AdminDone<DashboardPass> done);
  /// Whether somebody who is signed in so may make a passkey: a person with a name whom no provider vouched for (who
  /// leaves that one would keep the passkey), and who came a quarter of an hour ago at most.
  bool may_enrol(const DashboardSession& session) const;
  /// The passkey of that id. Nothing: it is none, or it is over.
  std::optional<DashboardPass> passkey(std::string_view credential) const;
  bool has_passkeys() const;
  /// Opens a session for whoever has shown the passkey, which says that it has signed so often now.
  void enter_by(const DashboardPass& passkey, std::uint32_t sign_count, std::string address,
                std::move_only_function<void(std::expected<NewPass, SignInError>)> done);
  /// Counts a sign-in that failed: ten in a row from one address, then one in 6 s. False: there were more.
  bool note_failed_try(const std::string& address);
  /// Ends what `which` says; `done` tells how many those were, or nothing where the store failed.
  void revoke(std::function<bool(const DashboardPass&)> which,
              std::move_only_function<void(std::optional<std::size_t>)> done);

  /// The session of a request's cookie; null: none that is open. Where browsers reach us by HTTPS, only the cookie that
  /// nobody but our own HTTPS page could set is looked at.
  std::shared_ptr<DashboardSession> session(const HttpExchange& exchange, const Settings& settings) const;
  /// Somebody is there: the session's idle time begins anew. What a page asks by itself while nobody touches it, which
  /// its header `X-XionID-Unattended` says, is no use.
  void note_use(const std::shared_ptr<DashboardSession>& session, const HttpExchange& exchange);
  WallTime end_if_used(const DashboardPass& pass) const {
    return longer_life(pass, lives_, loop_.wall_now()).value_or(pass.expires_at);
  }
  /// The value of one cookie. Source: RFC 6265 §4.2.1.
  static std::optional<std::string_view> cookie(std::string_view cookies, std::string_view name);
  /// What a request's cookie shows, if it has the form of a session's or a wall's.
  static std::optional<std::string_view> secret(const HttpExchange& exchange, const Settings& settings);
  /// From now on; what is open keeps its end until it is used.
  void set_lives(const Settings& settings);
  /// Passes that are not over.
  std::vector<DashboardPass> passes() const;

  /// Whether a request that changes something was made by our own page: another site's can't set this header, and
  /// browsers say whose page it was.
  static bool is_from_own_page(const HttpExchange& exchange);

  /// Whether browsers reach us by HTTPS: then cookies are for HTTPS alone.
  static bool is_secure(const Settings& settings) {
    return !settings.tls_certificate.empty() || settings.dashboard_url.starts_with("https://");
  }
  /// Browsers take a name that begins with `__Host-` from this very host alone, by HTTPS. Source: RFC 6265bis §4.1.3.2.
  static std::string_view cookie_name(const Settings& settings) {
    return is_secure(settings) ? "__Host-xionid_session" : "xionid_session";
  }

 private:
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const;
  };
  NewPass fresh(PassKind kind, const InviteWish& wish);
  void add(NewPass made, AdminDone<NewPass> done);
  const std::shared_ptr<DashboardSession>& keep(const DashboardPass& pass);
  void forget_all_but(const std::vector<DashboardPass>& passes);
  Digest passkey_hash(std::string_view credential) const;
  void forget(std::string_view id);

  Store& store_;
  Loop& loop_;
  Entropy& entropy_;
  Vault& vault_;
  const Directory& directory_;
  std::unordered_map<Digest, std::shared_ptr<DashboardSession>, DigestHash> passes_;
  std::unordered_map<std::string, TokenBucket> tries_;  ///< By address.
  SessionLives lives_;
};

}  // namespace xion
