#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "api/call/json_request.h"
#include "app/codes/verify_otp.h"

namespace xion {

/// The body of `POST /v1/otp/verify`.
struct VerifyBody {
  VerifyRequest request;  ///< Without the phone.
  std::optional<std::string_view> phone;
  std::string country;
};

/// Reads the fields by their table: forms only. Views hold until the reader reads again.
std::optional<Problem> read_verify_body(JsonReader& reader, std::string_view body, VerifyBody& out);

}  // namespace xion
