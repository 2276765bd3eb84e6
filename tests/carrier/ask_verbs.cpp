// `inbox`, `stats`, `fault` and the rest: one line to a running simulator, its answer for people or for scripts.
#include <fmt/format.h>
#include <simdjson.h>

#include <cstdio>

#include "carrier/admin_client.h"
#include "carrier/admin_verbs.h"

namespace xion::carrier {
namespace {

/// Prints what the simulator answers; lines of JSON through `show`, which gives the exit code.
template <typename Show>
int ask_and_show(const AskOptions& options, const std::string& line, Show show) {
  const auto address = parse_address(options.admin);
  if (!address) return fail(exit_usage, "--admin " + address.error());
  const auto lines = ask(*address, line);
  if (!lines) return fail(exit_unreachable, lines.error());
  std::vector<simdjson::dom::element> answers;
  std::vector<simdjson::dom::parser> parsers(lines->size());
  for (std::size_t i = 0; i < lines->size(); ++i) {
    simdjson::dom::element answer;
    if (parsers[i].parse((*lines)[i]).get(answer) != simdjson::SUCCESS)
      return fail(exit_refused, "the answer is no JSON");
    std::string_view error;
    if (answer["error"].get(error) == simdjson::SUCCESS) return fail(exit_refused, std::string(error));
    answers.push_back(answer);
  }
  if (options.as_json) {
    for (const std::string& one : *lines) fmt::print("{}\n", one);
    return 0;
  }
  return show(answers);
}

std::string_view text_in(const simdjson::dom::element& object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

int show_nothing(const std::vector<simdjson::dom::element>&) { return 0; }

}  // namespace

int ask_inbox(const AskOptions& options) {
  std::string line = fmt::format("inbox {}", options.number);
  if (options.after > 0) line += fmt::format(" after={}", options.after);
  if (options.wait_seconds > 0) line += fmt::format(" wait={}", options.wait_seconds);
  return ask_and_show(options, line, [&](const std::vector<simdjson::dom::element>& messages) {
    if (options.only_code) {
      const auto code = messages.empty() ? std::string_view{} : text_in(messages.back(), "code");
      if (code.empty()) return fail(exit_refused, "no message with a code has come for this number");
      fmt::print("{}\n", code);
      return 0;
    }
    for (const auto& message : messages) {
      const std::uint64_t parts = message["parts"].get_uint64().value_unsafe();
      const std::uint64_t wanted = message["partsWanted"].get_uint64().value_unsafe();
      const std::string missing = parts == wanted ? "" : fmt::format("  ({} of {} parts)", parts, wanted);
      fmt::print("{}  {}  {}{}\n", text_in(message, "at"), text_in(message, "from"), text_in(message, "text"), missing);
    }
    return 0;
  });
}

int ask_stats(const AskOptions& options) {
  return ask_and_show(options, "stats", [](const std::vector<simdjson::dom::element>& answers) {
    for (const auto& answer : answers) {
      for (const auto& [name, value] : simdjson::dom::object(answer)) {
        simdjson::dom::object nested;
        if (value.get(nested) != simdjson::SUCCESS) {
          fmt::print("{:<22}{}\n", name, value.get_uint64().value_unsafe());
          continue;
        }
        for (const auto& [status, count] : nested)
          fmt::print("  {:<20}{}\n", status, count.get_uint64().value_unsafe());
      }
    }
    return 0;
  });
}

int ask_fault(const AskOptions& options) {
  std::string line = "fault";
  for (const std::string& word : options.words) line += ' ' + word;
  return ask_and_show(options, line, [](const std::vector<simdjson::dom::element>& rows) {
    for (const auto& row : rows) {
      if (text_in(row, "name").empty()) continue;
      const auto is = text_in(row, "is");
      fmt::print("{} {:<30}{}\n", is.empty() ? " " : "*", is.empty() ? text_in(row, "name") : is, text_in(row, "does"));
    }
    return 0;
  });
}

int tell(const AskOptions& options, const std::string& verb) {
  std::string line = verb;
  for (const std::string& word : options.words) line += ' ' + word;
  return ask_and_show(options, line, show_nothing);
}

int fail(int code, const std::string& sentence) {
  fmt::print(stderr, "xionid-carrier: {}\n", sentence);
  return code;
}

}  // namespace xion::carrier
