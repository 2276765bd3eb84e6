#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/catalogue.h"
#include "wire/wire.h"

namespace xion::cli {

/// What the shell is told.
enum ExitCode : int { done = 0, refused = 1, misused = 2, no_daemon = 3 };

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
  settings,  ///< A configuration, as its file would say it.
  story,     ///< The events of a timeline as they happen, then the whole of it: those with `--watch`, else this.
};

/// How tables are wanted.
struct Look {
  bool is_wide = false;              ///< Nothing is cut and no column left out.
  std::vector<std::string> columns;  ///< By field or title; empty: the command's own.
  std::string sort;  ///< By this field or title; with "-" before it the other way round; empty: as it came.
};

struct Invocation;

/// What `xionctl` adds to a row of the catalogue.
struct Command {
  wire::CommandId id;
  View view = View::record;
  std::span<const Column> columns{};
  /// What is done here, with or without a daemon; null: the daemon is asked.
  ExitCode (*run_here)(const Invocation&) = nullptr;

  constexpr const wire::CommandEntry& entry() const { return *id; }
};
/// One for each row of the catalogue.
std::span<const Command> commands();

/// What the user asked for.
struct Invocation {
  const Command* command = nullptr;
  wire::Value args{wire::Value::Object{}};
  std::string socket;
  bool json = false;
  wire::Value local{wire::Value::Object{}};  ///< Arguments that the daemon isn't told.
  Look look{};
  bool is_confirmed = false;  ///< Nobody is asked.

  const wire::CommandEntry& entry() const { return command->entry(); }
  std::string text(std::string_view name, std::string_view otherwise) const;
  bool flag(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
};

}  // namespace xion::cli
