#pragma once
#include <string_view>

namespace xion {

/// The contract as `daemon/api/openapi.yaml` has it; the build puts it into the binary.
std::string_view openapi_yaml();
std::string_view openapi_json();

}  // namespace xion
