#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "core/owners/app.h"

namespace xion {

/// Who asks for something, and from where.
struct Actor {
  std::uint32_t uid = 0;  ///< As the kernel says; of somebody at the dashboard: the daemon's own.
  std::string name;       ///< Of that user; empty: it has none.
  std::string sudo_user;  ///< Whom xionctl says it runs for: sudo's word, not the kernel's.
  std::string person;     ///< Of a dashboard's session, or a key's id; empty: it came by the control socket.
  std::string from;       ///< "pid 4711", "dashboard 192.0.2.7", "api 192.0.2.7"
  bool operator==(const Actor&) const = default;
};
/// "anna (root by sudo)", "root", "uid 1000", "ani@shop.example (dashboard)": what people are told.
std::string describe(const Actor& actor);
/// The same for the owner of an app: who came by the daemon's machine is "operator", since its users are nobody else's
/// business.
std::string describe_to_owner(const Actor& actor);

enum class AuditOutcome : std::uint8_t {
  begun,  ///< And nobody knows how it ended: the daemon ended before.
  done,
  refused,  ///< Nothing was changed.
};
std::string_view to_string(AuditOutcome outcome);

/// Somebody changed something, or tried to, or looked at what is hidden from most. Values that are secret, and phone
/// numbers, are never in it whole.
struct AuditEvent {
  WallTime at{};
  Actor who;
  std::string command;    ///< "app set"
  std::string arguments;  ///< "app=shop scope=otp:send": whose it is comes first, where it is an app's.
  std::string before;     ///< What it was, as JSON; empty: not known, or nothing.
  std::string after;      ///< What it is now.
  AuditOutcome outcome = AuditOutcome::begun;
  std::string reason;  ///< Why it was refused.
  bool operator==(const AuditEvent&) const = default;
};
/// Whether it is about this app: its arguments begin with the app's name, which nothing that somebody wrote can do, and
/// there was no other app of that name then. Its own making was asked before it was there, and is not.
bool is_about(const AuditEvent& event, const App& app);
/// Whether an app's figures may have changed by it: a configuration that was taken over, a carrier that was paused,
/// drained or resumed, or a text of the app. What was refused changes nothing.
bool shows_in_figures_of(const AuditEvent& event, const App& app);
/// Longer texts are cut.
inline constexpr std::size_t audit_text_limit_octets = 2000;

/// The octets that a store keeps. A record of a newer format, or a corrupt one, reads as nothing.
std::string to_record(const AuditEvent& event);
std::optional<AuditEvent> audit_event_from_record(std::string_view record);

}  // namespace xion
