#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/wire.h"

namespace xion::cli {

/// What the shell is told.
enum ExitCode : int { done = 0, refused = 1, misused = 2, no_daemon = 3 };

enum class Kind {
  word,    ///< A text.
  words,   ///< Several.
  pairs,   ///< key=value, several.
  number,  ///< A whole number, not negative.
  flag,
};

/// One argument: by its place where the name is plain (`name`), by option where it begins with `--`. The daemon gets it
/// under the name without the dashes.
struct Argument {
  std::string_view name;
  std::string_view shown;  ///< In the help: "NAME".
  Kind kind = Kind::word;
  bool is_required = false;
  std::string_view help;
  std::string_view letter{};  ///< For short: "-n"; empty: none.
  bool is_local = false;      ///< How the answer is shown; the daemon isn't told.
  std::string_view wire_name() const { return name.starts_with("--") ? name.substr(2) : name; }
  bool is_option() const { return name.starts_with("--"); }
};

struct Column {
  std::string_view field;  ///< Of the answer's objects.
  std::string_view title;
};

/// How an answer is shown to people; `--json` shows it as it came.
enum class View {
  table,     ///< An array of objects, by `columns`.
  record,    ///< An object, a line a field; arrays of objects inside as tables, by `columns`.
  timeline,  ///< An object with `events`, a line each.
  stream,    ///< Objects, mostly until Ctrl-C, a line each: the values of `columns`, then the rest as name=value.
  story,     ///< The events of a timeline as they happen, then the whole of it: those with `--watch`, else this.
};

struct Invocation;

/// One row of the table that makes the parser, the help, the request and the rendering.
struct Command {
  std::string_view noun;
  std::string_view verb;  ///< Empty: the noun alone is the command.
  std::string_view summary;
  std::vector<Argument> arguments{};
  View view = View::record;
  std::vector<Column> columns{};
  std::string_view examples{};
  std::string_view note{};  ///< What people should know once it is done.
  /// What is done here, without a daemon; null: the daemon is asked.
  ExitCode (*run_here)(const Invocation&) = nullptr;

  std::string name() const;  ///< "key create"
};
std::span<const Command> commands();

struct Noun {
  std::string_view name;
  std::string_view summary;
};
std::span<const Noun> nouns();

/// What the user asked for.
struct Invocation {
  const Command* command = nullptr;
  wire::Value args{wire::Value::Object{}};
  std::string socket;
  bool json = false;
  wire::Value local{wire::Value::Object{}};  ///< Arguments that the daemon isn't told.

  std::string text(std::string_view name, std::string_view otherwise) const;
  bool flag(std::string_view name) const;
};

}  // namespace xion::cli
