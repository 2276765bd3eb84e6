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

/// An invitation opens one session, once; a session is what its cookie shows.
enum class PassKind : std::uint8_t { invite, session };

inline constexpr Seconds invite_life{600};
inline constexpr Seconds session_life{12 * 3600};

/// A way into the dashboard without the secret: only its keyed hash is kept.
struct DashboardPass {
  std::string id;  ///< Public name, `ses_` or `inv_` and 10 characters; what `xionctl dashboard revoke` takes.
  PassKind kind = PassKind::invite;
  DashboardRole role = DashboardRole::viewer;
  AppId app = 0;        ///< 0: an operator's.
  std::string person;   ///< Whom the operator invited, for people; may be empty.
  std::string address;  ///< From where a session was opened; empty: by a Unix socket, or not yet.
  Digest hash{};
  WallTime created_at{};
  WallTime expires_at{};
  bool operator==(const DashboardPass&) const = default;

  /// Whether both are one person's: what "sign out everywhere" ends. Who was invited without a name is nobody else.
  bool is_same_person(const DashboardPass& other) const {
    if (person.empty()) return id == other.id;
    return app == other.app && role == other.role && person == other.person;
  }
};

std::string to_record(const DashboardPass& pass);
std::optional<DashboardPass> dashboard_pass_from_record(std::string_view record);

}  // namespace xion
