#include "cli/local.h"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "base/plural.h"
#include "cli/parse.h"
#include "cli/screen.h"
#include "config/config.h"
#include "crypto/entropy.h"
#include "crypto/master_key.h"
#include "preflight/start_check.h"

namespace xion::cli {
namespace {

void print_json(const std::vector<Finding>& findings) {
  JsonWriter out;
  out.begin_array();
  for (const Finding& finding : findings) {
    out.begin_object()
        .field("file", finding.file)
        .field("line", finding.line)
        .field("column", finding.column)
        .field("severity", finding.is_error ? "error" : "warning")
        .field("message", finding.message)
        .field("hint", finding.hint)
        .end_object();
  }
  out.end_array();
  fmt::print("{}\n", out.str());
}

}  // namespace

ExitCode check_config(const Invocation& wanted) {
  const std::string file = wanted.text("file", default_config);
  const Loaded loaded = wanted.flag("only-file") ? load_config(file) : load_checked(file, false);
  if (wanted.json) {
    print_json(loaded.findings);
  } else {
    const bool colour = Screen::of(STDERR_FILENO).colour;
    for (const Finding& finding : loaded.findings) fmt::print(stderr, "{}\n", format_finding(finding, colour));
    if (loaded.is_usable()) {
      fmt::print("{}: good; {}, {}\n", file, counted(loaded.settings.carriers.size(), "carrier"),
                 counted(loaded.settings.routes.size(), "route"));
    }
  }
  return loaded.is_usable() ? done : refused;
}

/// Other errors of the configuration don't matter here: the key is often made before its passwords are there.
ExitCode init_key(const Invocation& wanted) {
  const std::string file = wanted.text("config", default_config);
  const Loaded loaded = load_config(file);
  if (!loaded.was_read) {
    for (const Finding& finding : loaded.findings) fmt::print(stderr, "{}\n", format_finding(finding, false));
    return refused;
  }
  const std::string& path = loaded.settings.master_key_file;
  OpenSslEntropy entropy;
  if (const auto key = make_master_key(path, entropy); !key) {
    fmt::print(stderr, "{}", complaint(key.error(), ""));
    return refused;
  }
  if (wanted.json) {
    fmt::print("{}\n", JsonWriter().begin_object().field("path", path).end_object().str());
  } else {
    fmt::print("{}\n{}\n", path, wanted.entry().note);
  }
  return done;
}

}  // namespace xion::cli
