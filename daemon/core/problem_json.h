#pragma once
#include <string_view>

#include "base/json_writer.h"

/// How every refusal over HTTP is written, whoever refuses: the API, the dashboard, or the adapter for what reaches
/// neither. Source: RFC 9457; `type` leads to the page that says what to do about it.
namespace xion {

inline constexpr std::string_view problem_content_type = "application/problem+json";

/// The members that every one has. The object is open still, for members of its own.
JsonWriter begin_problem(std::string_view code, std::string_view title, std::string_view detail);

}  // namespace xion
