#include "cli/last_answer.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/connection.h"
#include "cli/local.h"
#include "cli/render.h"
#include "cli/run.h"
#include "cli/screen.h"

namespace xion::cli {

std::expected<std::string, ExitCode> last_answer(const Invocation& wanted, int handed) {
  std::expected<std::string, ExitCode> told = std::unexpected(no_daemon);
  const char* by = ::geteuid() == 0 ? std::getenv("SUDO_USER") : nullptr;
  const wire::Request request{std::string(wanted.entry().name), wanted.args, by == nullptr ? "" : by};
  const auto on_line = [&](std::string_view line) {
    const auto answer = wire::decode_answer(line);
    if (!answer) {
      told = std::unexpected(fail(no_daemon, answer.error(), "is this socket xiond's, and of the same version?"));
      return false;
    }
    if (!answer->ok) {
      const ExitCode code = answer->code == wire::Refusal::usage ? misused : refused;
      told = std::unexpected(fail(code, answer->detail, answer->hint));
      return false;
    }
    told = answer->result;
    return answer->more;
  };
  const auto asked = follow(wanted.socket, wire::encode(request), on_line, handed);
  if (!asked) return std::unexpected(fail(asked.error().code, asked.error().detail, asked.error().hint));
  return told;
}

ExitCode show_answer(const Invocation& wanted, const std::string& result_json) {
  const auto result = wire::parse_json(result_json);
  if (wanted.json || !result)
    fmt::print("{}\n", result_json);
  else
    fmt::print("{}", render(*wanted.command, *result, Screen::of(STDOUT_FILENO), wanted.look));
  return std::fflush(stdout) == 0 ? done : refused;
}

ExitCode compact_store(const Invocation& wanted) {
  const auto told = last_answer(wanted);
  return told ? show_answer(wanted, *told) : told.error();
}

}  // namespace xion::cli
