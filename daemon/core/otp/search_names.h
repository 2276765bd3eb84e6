#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/otp/otp.h"

namespace xion {

/// What a request is found by beside its phone and its reference, each a text of its own: whose it is, what for, and
/// each pair of its metadata.
std::string user_name(std::string_view user_id);
std::string purpose_name(std::string_view kept_purpose);
std::string metadata_name(std::string_view name, std::string_view value);

/// All names of a request. Its purpose has one only where it is not the usual one: most have that, and nobody looks for
/// most.
std::vector<std::string> search_names(const Otp& otp);

}  // namespace xion
