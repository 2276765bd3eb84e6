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
  bool is_dry_run = false;
};

/// Reads the fields by their table: forms only. Views hold until the reader reads again.
std::optional<Problem> read_send_body(JsonReader& reader, std::string_view body, SendBody& out);

/// The same of `POST /v1/notice`, which takes what has to do with no code, and needs a template.
std::optional<Problem> read_notice_body(JsonReader& reader, std::string_view body, SendBody& out);

/// What needs more than the field itself: the channel, and the phone with its country. What of the rest this app may
/// send is not the API's to say (`admit_send`).
std::expected<SendRequest, Problem> check_send_body(SendBody& body, PhoneCache& phones);

}  // namespace xion
