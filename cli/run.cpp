#include "cli/run.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "cli/connection.h"
#include "cli/parse.h"
#include "cli/render.h"

namespace xion::cli {
namespace {

constexpr int watch_milliseconds = 2000;
constexpr std::string_view clear_screen = "\033[H\033[2J";

ExitCode fail(ExitCode code, std::string_view detail, std::string_view hint) {
  fmt::print(stderr, "{}", complaint(detail, hint));
  return code;
}

void print(const Invocation& wanted, const std::string& result_json) {
  if (wanted.json) {
    fmt::print("{}\n", result_json);
    return;
  }
  const auto result = wire::parse_json(result_json);
  if (result) fmt::print("{}", render(*wanted.command, *result, Screen::of(STDOUT_FILENO)));
  if (!wanted.command->note.empty()) fmt::print("\n{}\n", wanted.command->note);
}

ExitCode ask_and_print(const Invocation& wanted, bool is_watching) {
  const auto line = ask(wanted.socket, wire::encode(wire::Request{wanted.command->name(), wanted.args}));
  if (!line) return fail(line.error().code, line.error().detail, line.error().hint);
  const auto answer = wire::decode_answer(*line);
  if (!answer) return fail(no_daemon, answer.error(), "is this socket xiond's, and of the same version?");
  if (!answer->ok) {
    return fail(answer->code == wire::Refusal::usage ? misused : refused, answer->detail, answer->hint);
  }
  if (is_watching && !wanted.json && ::isatty(STDOUT_FILENO) != 0) fmt::print("{}", clear_screen);
  print(wanted, answer->result);
  return std::fflush(stdout) == 0 ? done : refused;
}

}  // namespace

ExitCode run(const Invocation& wanted) {
  if (wanted.command->run_here != nullptr) return wanted.command->run_here(wanted);
  if (!wanted.flag("watch")) return ask_and_print(wanted, false);
  for (;;) {
    if (const ExitCode code = ask_and_print(wanted, true); code != done) return code;
    ::poll(nullptr, 0, watch_milliseconds);
  }
}

}  // namespace xion::cli
