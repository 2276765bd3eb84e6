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

ExitCode fail(const wire::Answer& refusal) {
  return fail(refusal.code == wire::Refusal::usage ? misused : refused, refusal.detail, refusal.hint);
}

ExitCode follow_and_print(const Invocation& wanted) {
  ExitCode code = done;
  const auto on_line = [&](std::string_view line) {
    const auto answer = wire::decode_answer(line);
    if (!answer) return code = fail(no_daemon, answer.error(), "is this socket xiond's, and of the same version?"), false;
    if (!answer->ok) return code = fail(*answer), false;
    if (answer->missed > 0) fmt::print(stderr, "xionctl: {} lines were missed, as this end read too slowly\n", answer->missed);
    const auto object = wire::parse_json(answer->result);
    if (answer->result.empty()) {
      if (!wanted.json) fmt::print(stderr, "Ctrl-C ends it.\n");
    } else if (wanted.json || !object) {
      fmt::print("{}\n", answer->result);
    } else {
      fmt::print("{}", render_line(*wanted.command, *object));
    }
    if (std::fflush(stdout) != 0) code = refused;
    return answer->more && code == done;
  };
  const auto followed = follow(wanted.socket, wire::encode(wire::Request{wanted.command->name(), wanted.args}), on_line);
  return followed ? code : fail(followed.error().code, followed.error().detail, followed.error().hint);
}

ExitCode ask_and_print(const Invocation& wanted, bool is_watching) {
  const auto line = ask(wanted.socket, wire::encode(wire::Request{wanted.command->name(), wanted.args}));
  if (!line) return fail(line.error().code, line.error().detail, line.error().hint);
  const auto answer = wire::decode_answer(*line);
  if (!answer) return fail(no_daemon, answer.error(), "is this socket xiond's, and of the same version?");
  if (!answer->ok) return fail(*answer);
  if (is_watching && !wanted.json && ::isatty(STDOUT_FILENO) != 0) fmt::print("{}", clear_screen);
  print(wanted, answer->result);
  return std::fflush(stdout) == 0 ? done : refused;
}

}  // namespace

ExitCode run(const Invocation& wanted) {
  if (wanted.command->run_here != nullptr) return wanted.command->run_here(wanted);
  if (wanted.command->view == View::stream) return follow_and_print(wanted);
  if (!wanted.flag("watch")) return ask_and_print(wanted, false);
  for (;;) {
    if (const ExitCode code = ask_and_print(wanted, true); code != done) return code;
    ::poll(nullptr, 0, watch_milliseconds);
  }
}

}  // namespace xion::cli
