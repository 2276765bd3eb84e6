#include "cli/run.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/connection.h"
#include "cli/csv_table.h"
#include "cli/parse.h"
#include "cli/render.h"
#include "cli/status_screen.h"
#include "cli/wait_carrier.h"

namespace xion::cli {
namespace {

constexpr int watch_milliseconds = 2000;
constexpr std::string_view clear_screen = "\033[H\033[2J";
constexpr std::string_view other_version = "is this socket xiond's, and of the same version?";

ExitCode fail(const wire::Answer& refusal) {
  return fail(refusal.code == wire::Refusal::usage ? misused : refused, refusal.detail, refusal.hint);
}

std::string request_line(const Invocation& wanted) {
  const char* by = ::geteuid() == 0 ? std::getenv("SUDO_USER") : nullptr;
  return wire::encode(wire::Request{std::string(wanted.entry().name), wanted.args, by == nullptr ? "" : by});
}

/// Whether it may be done: nobody is asked who is no person at a terminal, or who said yes.
bool is_agreed(const Invocation& wanted) {
  const bool is_person = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0 && !wanted.json;
  if (wanted.entry().asks.empty() || wanted.is_confirmed || !is_person) return true;
  fmt::print(stderr, "{} [y/N] ", wanted.entry().asks);
  std::fflush(stderr);
  char answer[16] = "";
  return std::fgets(answer, sizeof answer, stdin) != nullptr && (answer[0] == 'y' || answer[0] == 'Y');
}

/// Written, and taken by whoever reads.
ExitCode flushed() { return std::fflush(stdout) == 0 ? done : refused; }

void print_note(const Invocation& wanted) {
  if (!wanted.entry().note.empty() && !wanted.json) fmt::print("\n{}\n", wanted.entry().note);
}

/// An answer as it was asked for: JSON, comma-separated values, or for people.
std::string shown(const Invocation& wanted, const std::string& result_json, const Screen& screen) {
  if (wanted.json) return result_json + "\n";
  const auto result = wire::parse_json(result_json);
  if (!result) return {};
  return wanted.flag("csv") ? csv(*result) : render(*wanted.command, *result, screen, wanted.look);
}

/// Each line that an answer has before its last one. An empty one only tells that it begins.
void print_line(const Invocation& wanted, const wire::Answer& line) {
  if (line.missed > 0)
    fmt::print(stderr, "xionctl: {} missed, as this end read too slowly\n",
               line.missed == 1 ? "1 line was" : fmt::format("{} lines were", line.missed));
  if (line.result.empty()) {
    if (!wanted.json && ::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "Ctrl-C ends it.\n");
    return;
  }
  const auto object = wire::parse_json(line.result);
  if (wanted.json || !object)
    fmt::print("{}\n", line.result);
  else
    fmt::print("{}", render_line(*wanted.command, *object));
}

/// What a stream's lines were asked for at once, without following.
void print_lines(const Invocation& wanted, const wire::Answer& last) {
  const auto result = wire::parse_json(last.result);
  if (wanted.json || !result || result->array() == nullptr) {
    fmt::print("{}\n", last.result);
    return;
  }
  for (const wire::Value& object : *result->array()) fmt::print("{}", render_line(*wanted.command, object));
}

/// The end of a story: its whole, unless its parts were shown. A message that was not delivered is a failure.
ExitCode end_story(const Invocation& wanted, const wire::Answer& last) {
  const auto result = wire::parse_json(last.result);
  const wire::Value* delivery = result ? result->find("delivery") : nullptr;
  const wire::Value* status = delivery != nullptr ? delivery->find("status") : nullptr;
  const std::string told = status != nullptr && status->text() != nullptr ? *status->text() : "unknown";
  if (wanted.json || !wanted.flag("watch")) fmt::print("{}", shown(wanted, last.result, Screen::of(STDOUT_FILENO)));
  print_note(wanted);
  if (told == "delivered") return flushed();
  return fail(refused, fmt::format("it was not delivered: {}", told), "`xionctl otp trace PHONE` tells how it goes on");
}

ExitCode follow_and_print(const Invocation& wanted) {
  const bool is_story = wanted.command->view == View::story;
  const bool shows_lines = !is_story || wanted.flag("watch");
  ExitCode code = done;
  const auto on_line = [&](std::string_view line) {
    const auto answer = wire::decode_answer(line);
    if (!answer) return code = fail(no_daemon, answer.error(), other_version), false;
    if (!answer->ok) return code = fail(*answer), false;
    if (answer->more) {
      if (shows_lines) print_line(wanted, *answer);
      code = flushed();
      return code == done;
    }
    if (is_story) return code = end_story(wanted, *answer), false;
    print_lines(wanted, *answer);
    return code = flushed(), false;
  };
  const auto followed = follow(wanted.socket, request_line(wanted), on_line);
  return followed ? code : fail(followed.error().code, followed.error().detail, followed.error().hint);
}

/// As many lines as the terminal has, the last of them saying how many are left out.
std::string fitted(std::string text, std::size_t height) {
  if (height < 2) return text;
  std::size_t lines = 0, kept = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (++lines == height - 1) kept = at;
  }
  if (lines < height) return text;
  return fmt::format("{}… {} more lines\n", text.substr(0, kept), lines - (height - 2));
}

/// Two arrays as one; JSON texts.
std::string joined(std::string first, std::string_view second) {
  const auto is_empty = [](std::string_view array) { return array.size() <= 2; };
  if (is_empty(first)) return std::string(second);
  if (is_empty(second)) return first;
  first.back() = ',';
  return first.append(second.substr(1));
}

/// The whole of an answer, which may come as an array in parts.
std::expected<wire::Answer, ExitCode> whole_answer(const Invocation& wanted) {
  std::string before;
  std::expected<wire::Answer, ExitCode> whole = std::unexpected(no_daemon);
  const auto followed = follow(wanted.socket, request_line(wanted), [&](std::string_view line) {
    const auto answer = wire::decode_answer(line);
    if (!answer) return whole = std::unexpected(fail(no_daemon, answer.error(), other_version)), false;
    if (!answer->ok) return whole = std::unexpected(fail(*answer)), false;
    before = joined(std::move(before), answer->result);
    whole = wire::Answer::done(before);
    return answer->more;
  });
  if (!followed) return std::unexpected(fail(followed.error().code, followed.error().detail, followed.error().hint));
  return whole;
}

ExitCode ask_and_print(const Invocation& wanted, bool is_watching) {
  const auto answer = whole_answer(wanted);
  if (!answer) return answer.error();
  const Screen screen = Screen::of(STDOUT_FILENO);
  const auto watched = is_watching && !wanted.json ? wire::parse_json(answer->result) : std::nullopt;
  std::string text =
      watched ? status_screen(*wanted.command, *watched, screen, wanted.look) : shown(wanted, answer->result, screen);
  if (is_watching && !wanted.json && screen.width > 0)
    text = std::string(clear_screen) + fitted(std::move(text), screen.height);
  fmt::print("{}", text);
  if (!wanted.flag("dry-run")) print_note(wanted);
  return flushed();
}

}  // namespace

ExitCode fail(ExitCode code, std::string_view detail, std::string_view hint) {
  fmt::print(stderr, "{}", complaint(detail, hint));
  return code;
}

ExitCode run(const Invocation& wanted) {
  if (!is_agreed(wanted)) return fail(refused, "nothing was done", "--yes doesn't ask");
  if (wanted.command->run_here != nullptr) return wanted.command->run_here(wanted);
  const bool goes_on = wanted.command->view == View::stream || wanted.command->view == View::story;
  if (goes_on && !wanted.flag("dry-run")) return follow_and_print(wanted);
  if (!wanted.flag("watch")) {
    const ExitCode code = ask_and_print(wanted, false);
    return code == done && wanted.flag("wait") ? wait_for_carrier(wanted) : code;
  }
  for (;;) {
    if (const ExitCode code = ask_and_print(wanted, true); code != done) return code;
    ::poll(nullptr, 0, watch_milliseconds);
  }
}

}  // namespace xion::cli
