#pragma once
#include <string_view>

namespace xion {

/// Whether a `Content-Type` is application/json, with parameters or not.
bool is_json_type(std::string_view content_type);
/// 1 to 255 visible ASCII characters.
bool is_idempotency_key(std::string_view key);

/// A value of CAMARA's `x-correlator` that may be echoed: `[a-zA-Z0-9-_:;./<>{}]{1,256}`.
bool is_correlator(std::string_view text);

}  // namespace xion
