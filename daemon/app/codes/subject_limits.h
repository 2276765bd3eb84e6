#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/services.h"

namespace xion {

/// Whose limits are asked about: a phone, an end user's address, an end user, or a value of a limit key.
struct LimitSubject {
  bool is_phone = true;
  bool is_user = false;
  std::string text;     ///< E.164, the address as `to_string(IpAddress)`, a userId, or a key's value.
  std::string country;  ///< Of a phone.
  std::string masked;   ///< As it may be shown.
  std::string key{};    ///< The limit key of the app's own whose value `text` is; empty: it is none.
};
/// A phone, an address, `user:` and a userId, or `key:NAME=VALUE`. Nothing where it is none of them.
std::optional<LimitSubject> parse_limit_subject(std::string_view text);

/// How one app's rule stands for the subject.
struct LimitUse {
  std::string app;
  std::string policy;  ///< "sends_per_phone"
  std::uint32_t limit = 0;
  Seconds window{0};
  std::uint32_t used = 0;
  Seconds wait{0};  ///< Until one more is allowed; 0: now.
};
struct LimitState {
  std::vector<LimitUse> uses;
  bool is_blocked = false;  ///< By a list, for any of the apps.
  bool is_allowed = false;
};

/// `done(…, false)`: the store failed. Of one app, or of all.
void read_limits(Services& services, const LimitSubject& subject, std::optional<AppId> app,
                 std::move_only_function<void(LimitState, bool)> done);
/// Nothing that happened until now counts for the subject's limits, cooldown and lock any more. `done(false)`: the
/// store failed.
void reset_limits(Services& services, const LimitSubject& subject, std::optional<AppId> app,
                  std::move_only_function<void(bool)> done);

}  // namespace xion
