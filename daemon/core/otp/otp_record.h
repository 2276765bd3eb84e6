#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/otp/otp.h"

namespace xion {

/// The octets that a store keeps for a request, and back. A record of a newer format, or a corrupt one, reads as
/// nothing.
std::string to_record(const Otp& otp);
std::optional<Otp> from_record(const OtpId& id, std::string_view record);

}  // namespace xion
