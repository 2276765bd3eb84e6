#pragma once
#include "app/codes/read_otp.h"
#include "core/otp/world.h"

namespace xion {

enum class ConvertResult : std::uint8_t { converted, not_found, code_used };
struct ConvertOutcome {
  ConvertResult result = ConvertResult::not_found;
  Otp otp;
};
/// Keeps that the user was verified another way. Its state stays as it is; the pumping guard learns that a person was
/// there. Once told, it is told: a second time changes nothing.
void convert_otp(Services& services, const World& whose, OtpId id, std::optional<IdempotencyUse> idempotency,
                 Render<ConvertOutcome> render, ReplyTo reply);

}  // namespace xion
