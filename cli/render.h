#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/screen.h"
#include "cli/shown_command.h"

namespace xion::cli {

/// An answer as people read it, by the command's view and columns.
std::string render(const Command& command, const wire::Value& result, const Screen& screen, const Look& look = {});

/// One line of a `View::stream`, newline included.
std::string render_line(const Command& command, const wire::Value& object);

/// Rows under titles, columns as wide as they must be; where the screen is too narrow, the widest are cut, except those
/// that are whole; where that isn't enough, the last ones are left out, which a line below says. Columns of numbers
/// stand to the right. Without titles no head is written, and no column left out.
struct Grid {
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> rows;
  std::vector<bool> is_whole{};  ///< Of each column, whether it is never cut: ids. Empty: none is.
  std::string render(const Screen& screen) const;
};

/// One value in a cell: "–" for nothing, lists joined, durations and sizes in units where the field's name ends so.
std::string cell(std::string_view field, const wire::Value* value);
/// `rttP50Ms` → "rtt p50 ms"; `uptimeSeconds` → "uptime", whose cell has the unit; `ttl_seconds`, a key of the
/// configuration, stays as it is written there.
std::string label(std::string_view field);

}  // namespace xion::cli
