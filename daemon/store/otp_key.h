#pragma once
#include <algorithm>
#include <string_view>

#include "base/bytes.h"
#include "core/ids.h"
#include "core/row_id.h"

namespace xion {

/// The key of a request's row, read back.
inline OtpId otp_id_of(std::string_view key) {
  OtpId id;
  std::ranges::copy(as_octets(key.substr(0, OtpId::size)), id.octets.begin());
  return id;
}

}  // namespace xion
