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

/// What a person typed as a code; empty where it can't be one.
Secret typed_code(std::string_view text);
/// The request that an id names; an id that none has where it is not one of ours.
OtpId named_request(std::string_view text);

/// Reads the fields by their table: forms only. Views hold until the reader reads again.
std::optional<Problem> read_verify_body(JsonReader& reader, std::string_view body, VerifyBody& out);

}  // namespace xion
