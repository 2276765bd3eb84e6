#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "api/call/call.h"
#include "app/codes/send_otp.h"

namespace xion {

/// The body of `POST /v1/otp/send`.
struct SendBody {
  SendRequest request;  ///< Without the phone.
  std::string_view phone;
  std::string country;
  std::string_view channel = "sms";
  std::optional<std::int64_t> ttl_seconds;
  bool is_dry_run = false;
};

/// Reads the fields by their table: forms only. Views hold until the reader reads again.
std::optional<Problem> read_send_body(JsonReader& reader, std::string_view body, SendBody& out);

/// What needs more than the field itself: the phone, the app's ceiling, the configured routes and senders.
std::expected<SendRequest, Problem> check_send_body(SendBody& body, PhoneCache& phones, const AppPolicy& policy,
                                                    const Settings& settings);

}  // namespace xion
