#include "control/log_filter.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/visible.h"

namespace xion::control {
namespace {

constexpr std::string_view own_names[] = {"at", "level", "event", "detail"};

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

/// One word, which a quote makes longer: `reason="reset by \"peer\""`.
std::string_view take_word(std::string_view& rest) {
  bool is_quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (is_quoted || rest[end] != ' '); ++end) {
    if (rest[end] == '"') is_quoted = !is_quoted;
    if (is_quoted && rest[end] == '\\' && end + 1 < rest.size()) ++end;
  }
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

std::string_view event_of(std::string_view line) { return line.substr(0, line.find(' ')); }

}  // namespace

std::string_view LogFields::find(std::string_view name) const {
  const auto found = std::ranges::find(named, name, &std::pair<std::string, std::string>::first);
  return found == named.end() ? std::string_view{} : std::string_view(found->second);
}

LogFields parse_log_line(std::string_view line) {
  LogFields fields;
  fields.event = take_word(line);
  while (!line.empty()) {
    const std::string_view word = take_word(line);
    const std::size_t sign = word.find('=');
    const std::string_view name = word.substr(0, sign);
    const bool is_repeated =
        std::ranges::find(fields.named, name, &std::pair<std::string, std::string>::first) != fields.named.end();
    const bool is_named = sign != std::string_view::npos && is_name(name) && !is_repeated &&
                          std::ranges::find(own_names, name) == std::end(own_names);
    if (is_named) {
      fields.named.emplace_back(name, read_log_value(word.substr(sign + 1)));
    } else {
      fields.detail.append(fields.detail.empty() ? "" : " ").append(word);
    }
  }
  return fields;
}

bool may_match(const LogFilter& filter, const LogLine& line) {
  if (line.level < filter.level) return false;
  const std::string_view event = event_of(line.text);
  return filter.event.empty() || event == filter.event ||
         (event.starts_with(filter.event) && event[filter.event.size()] == '.');
}

bool matches(const LogFilter& filter, const LogFields& fields) {
  const std::string_view request = fields.find("request");
  if (!filter.request.empty() && request != filter.request) return false;
  if (!filter.carrier.empty() && fields.find("smsc") != filter.carrier) return false;
  if (filter.phone.empty() || filter.requests.contains(request)) return true;
  // Of a send that was refused before it got an id only the mask is there.
  return fields.find("traced") == filter.phone || (request == "none" && fields.find("phone") == filter.phone);
}

std::string log_json(const LogLine& line, const LogFields& fields) {
  JsonWriter json;
  json.begin_object()
      .field("at", rfc3339_millis(line.at))
      .field("level", log::to_string(line.level))
      .field("event", fields.event);
  for (const auto& [name, value] : fields.named) json.field(name, value);
  if (!fields.detail.empty()) json.field("detail", fields.detail);
  json.end_object();
  return std::move(json).str();
}

}  // namespace xion::control
