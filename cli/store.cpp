// xionctl store: what is done with a store while no daemon works on it. xiond has the engines, so it does it.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "cli/local.h"
#include "cli/run.h"

namespace xion::cli {
namespace {

/// The one that came with this xionctl; else the machine's.
std::string xiond() {
  std::error_code trouble;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", trouble).parent_path();
  for (const std::filesystem::path& path : {here / "xiond", here.parent_path() / "sbin" / "xiond"})
    if (!trouble && ::access(path.c_str(), X_OK) == 0) return path.string();
  return "xiond";
}

/// Its words are its own.
ExitCode have_xiond(const Invocation& wanted, std::vector<std::string> options) {
  options.insert(options.begin(), {xiond(), "--config", wanted.text("config", default_config)});
  std::vector<char*> words;
  for (std::string& option : options) words.push_back(option.data());
  words.push_back(nullptr);
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execvp(words.front(), words.data());
    fmt::print(stderr, "xionctl: {}: {}\n", words.front(), std::strerror(errno));
    ::_exit(127);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child < 0 || status == 127 << 8)
    return fail(refused, "xiond could not be run", "it has the engines: install it beside xionctl");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? done : refused;
}

std::vector<std::string> with_json(const Invocation& wanted, std::vector<std::string> options) {
  if (wanted.json) options.emplace_back("--json");
  return options;
}

}  // namespace

ExitCode print_store_schema(const Invocation& wanted) { return have_xiond(wanted, {"--schema"}); }
ExitCode check_store(const Invocation& wanted) { return have_xiond(wanted, {"--check"}); }
ExitCode import_store(const Invocation& wanted) {
  return have_xiond(wanted, with_json(wanted, {"--import", wanted.text("from", "")}));
}
ExitCode export_store(const Invocation& wanted) {
  return have_xiond(wanted, with_json(wanted, {"--export", wanted.text("to", "")}));
}
ExitCode forget_live(const Invocation& wanted) { return have_xiond(wanted, with_json(wanted, {"--forget-live"})); }

}  // namespace xion::cli
