#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "app/codes/answered.h"
#include "app/services.h"
#include "base/secret.h"
#include "core/otp/conversion.h"

#include "core/otp/bound_code.h"

namespace xion {

/// A checked `POST /v1/otp/verify`: phone or request id, or both (then they must agree).
struct VerifyRequest {
  std::optional<std::string> phone;  ///< E.164
  std::optional<OtpId> request_id;
  std::string purpose = "default";
  Secret code;  ///< Normalised digits; empty where what was typed can't be a code.
  std::optional<std::string> user_ip;
  Bind bind{};  ///< Sorted.
};

enum class VerifyResult : std::uint8_t {
  verified,
  invalid_code,
  code_expired,
  code_used,
  code_canceled,
  code_locked,
  no_active_code,
  rate_limited,
  phone_locked
};
/// As in the error catalogue; "verified" for the right code.
std::string_view to_string(VerifyResult result);

struct VerifyOutcome {
  VerifyResult result = VerifyResult::no_active_code;
  std::optional<OtpId> id;
  WallTime verified_at{};
  WallTime expires_at{};
  std::uint32_t attempts_remaining = 0;
  Seconds retry_after{0};        ///< rate_limited, phone_locked; code_locked: until a new send is allowed
  WallTime send_available_at{};  ///< code_locked
  bool needs_operator = false;   ///< phone_locked: no wait helps.
  std::vector<Violation> violations;
  std::optional<Carriage> carriage;  ///< Of what was verified.
  bool is_on_a_link = false;         ///< A message of the request is claimed and may not have left yet.
};

/// Counts the attempt, compares in constant time, then pending → verified once.
void verify_otp(Services& services, const Caller& caller, VerifyRequest request,
                std::optional<IdempotencyUse> idempotency, Render<VerifyOutcome> render, ReplyTo reply);

}  // namespace xion
