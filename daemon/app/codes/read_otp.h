#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/codes/answered.h"
#include "app/services.h"
#include "core/otp/world.h"

namespace xion {

/// A request with the number it was for (unsealed; mask it before it is shown).
struct OtpView {
  Otp otp;
  Secret phone;
};

/// `done(nothing, true)`: no such request of this app (all apps: nothing given). `false`: the store failed.
void read_otp(Services& services, std::optional<World> whose, OtpId id,
              std::move_only_function<void(std::optional<OtpView>, bool)> done);

/// The newest requests first, older than `before`; for `xionctl otp list`, and `otp trace PHONE` by `phone` (E.164).
struct OtpQuery {
  std::optional<AppId> app;
  std::optional<std::string> phone;
  std::optional<OtpId> before;
  std::size_t limit = 20;
  std::optional<OtpStatus> status{};  ///< As it is shown: a pending request past its expiry is expired.
  std::string carrier{};              ///< That a message of it was handed to; empty: any.
  std::string reason{};               ///< How its reason begins, or that of an event of it: "rate_limited".
  std::optional<WallTime> since{};
};
void list_otps(Services& services, OtpQuery query, std::move_only_function<void(std::vector<OtpView>, bool)> done);

enum class CancelResult : std::uint8_t {
  canceled,
  not_found,
  code_used,
  code_expired,
  code_canceled,
  code_locked,
  not_live
};
struct CancelOutcome {
  CancelResult result = CancelResult::not_found;
  Otp otp;
  WallTime now{};
  WallTime send_available_at{};  ///< code_locked
};
void cancel_otp(Services& services, std::optional<World> whose, OtpId id, std::optional<IdempotencyUse> idempotency,
                Render<CancelOutcome> render, ReplyTo reply);

}  // namespace xion
