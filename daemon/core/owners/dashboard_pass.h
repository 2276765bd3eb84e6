#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "core/ids.h"

namespace xion {

/// What somebody may do at the dashboard. An operator sees every app and the carriers.
enum class DashboardRole : std::uint8_t { viewer, owner, operator_ };
std::string_view to_string(DashboardRole role);
std::optional<DashboardRole> parse_dashboard_role(std::string_view text);

/// An invitation opens one session, once; a session is what its cookie shows. A wall's link may be opened again and
/// again, by screens that show figures to whoever passes; its cookie is the link's own secret. A passkey opens a
/// session for whoever has its private key.
enum class PassKind : std::uint8_t { invite, session, wall, passkey };
std::string_view to_string(PassKind kind);

inline constexpr Seconds invite_life{600};
inline constexpr Seconds wall_life{90 * 86'400};
inline constexpr Seconds passkey_life{366 * 86'400};  ///< After it was last used.

/// How long a session lives: `idle` after it was last used, `most` after it began.
struct SessionLives {
  Seconds idle{12 * 3600};
  Seconds most{7 * 86'400};
};

/// A way into the dashboard without the secret: only its keyed hash is kept.
struct DashboardPass {
  std::string id;  ///< Public name, `ses_`, `inv_`, `wal_` or `psk_` and 10 characters, for `xionctl dashboard revoke`.
  PassKind kind = PassKind::invite;
  DashboardRole role = DashboardRole::viewer;
  AppId app = 0;        ///< 0: an operator's, or a wall's that shows every app.
  std::string person;   ///< Whom the operator invited, for people; may be empty.
  std::string address;  ///< From where a session was opened; empty: by a Unix socket, or not yet.
  Digest hash{};        ///< Of its secret; of a passkey, whose id is none, of that id.
  WallTime created_at{};
  WallTime expires_at{};
  std::string public_key;        ///< A passkey's, as SubjectPublicKeyInfo; of others empty.
  std::uint32_t sign_count = 0;  ///< How often a passkey said that it had signed; 0: it does not count.
  bool operator==(const DashboardPass&) const = default;

  /// Whether both are one person's: what "sign out everywhere" ends. Who was invited without a name is nobody else.
  bool is_same_person(const DashboardPass& other) const {
    if (person.empty()) return id == other.id;
    return app == other.app && role == other.role && person == other.person;
  }
};

/// Whether a passkey that signed so often before may have signed so often now. Otherwise there are two of it.
/// Source: WebAuthn Level 2 §7.2, step 21.
constexpr bool may_be_the_same(std::uint32_t before, std::uint32_t now) {
  return now > before || (now == 0 && before == 0);
}

/// When a session ends that is used now. Nothing: later than it has by less than a twelfth of `idle` (which is not
/// worth a write), no later at all, or no session.
std::optional<WallTime> longer_life(const DashboardPass& pass, const SessionLives& lives, WallTime now);

std::string to_record(const DashboardPass& pass);
std::optional<DashboardPass> dashboard_pass_from_record(std::string_view record);

}  // namespace xion
