#pragma once
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace xion::log {

/// One line of the log: the event, and the pairs of `format`. Each value that is text goes through `append_log_value`,
/// or `append_inside_quotes` where `format` has the quotes, so that whatever it holds the line has these pairs and no
/// other, and is of bounded length. Fields of `format` have no numbers or names of their own.
std::string format_line(std::string_view event, fmt::string_view format, fmt::format_args args);

template <typename... Args>
std::string line(std::string_view event, fmt::format_string<Args...> format, Args&&... args) {
  return format_line(event, format, fmt::make_format_args(args...));
}

}  // namespace xion::log
