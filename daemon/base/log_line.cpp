#include "base/log_line.h"

#include <iterator>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "base/visible.h"

namespace xion::log {
namespace {

using Argument = fmt::format_context::format_arg;

/// Whether the argument is text, whose author is anybody; numbers and truths are what they are.
bool is_text(const Argument& argument) {
  return fmt::visit_format_arg([]<typename T>(const T&) { return std::is_same_v<T, char> || !std::is_arithmetic_v<T>; },
                               argument);
}

/// Walks the format itself, since where a value stands says how it is written: alone, or between quotes.
class Line {
 public:
  Line(std::string_view event, fmt::format_args args) : line_(event), args_(args) {}

  std::string of(std::string_view format) && {
    if (!format.empty()) line_.push_back(' ');
    while (!format.empty()) {
      const bool is_doubled = format.size() > 1 && format[0] == format[1];
      if (format[0] == '{' && !is_doubled) {
        const std::size_t end = format.find('}') + 1;
        add(format.substr(0, end));
        format.remove_prefix(end);
        continue;
      }
      is_inside_ ^= format[0] == '"';
      line_.push_back(format[0]);
      format.remove_prefix((format[0] == '{' || format[0] == '}') ? 2 : 1);
    }
    return std::move(line_);
  }

 private:
  void add(std::string_view field) {
    const Argument argument = args_.get(next_++);
    std::string text;
    fmt::vformat_to(std::back_inserter(text), fmt::string_view(field.data(), field.size()), {&argument, 1});
    if (!is_text(argument))
      line_.append(text);
    else if (is_inside_)
      append_inside_quotes(line_, text);
    else
      append_log_value(line_, text);
  }

  std::string line_;
  fmt::format_args args_;
  int next_ = 0;
  bool is_inside_ = false;  ///< Between quotes of the format.
};

}  // namespace

std::string format_line(std::string_view event, fmt::string_view format, fmt::format_args args) {
  return Line(event, args).of({format.data(), format.size()});
}

}  // namespace xion::log
