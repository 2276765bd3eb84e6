#include "cli/status_screen.h"

#include <fmt/format.h>

#include "cli/render.h"

namespace xion::cli {
namespace {

using wire::Value;

const Value* find(const Value& of, std::initializer_list<std::string_view> path) {
  const Value* at = &of;
  for (const std::string_view name : path) {
    at = at == nullptr ? nullptr : at->find(name);
  }
  return at;
}

std::string shown(const Value& of, std::initializer_list<std::string_view> path) {
  return cell(std::string_view(*(path.end() - 1)), find(of, path));
}

bool is_true(const Value* value) { return value != nullptr && value->truth() != nullptr && *value->truth(); }

/// What an operator has to know before all else.
std::string warnings(const Value& status) {
  std::string text;
  const auto add = [&](std::string_view line) { text += fmt::format("! {}\n", line); };
  if (!is_true(find(status, {"store", "writable"})))
    add("the store can't be written: " + shown(status, {"store", "trouble"}));
  if (find(status, {"store", "reason"}) != nullptr) add("the database: " + shown(status, {"store", "reason"}));
  const std::string outcome = shown(status, {"lastReload", "outcome"});
  if (outcome == "refused") add("the last reload was refused: " + shown(status, {"lastReload", "reason"}));
  if (const Value* warning = find(status, {"api", "warning"})) add(cell("", warning));
  if (!is_true(find(status, {"ready"}))) add("not ready: no carrier takes messages, or the store can't be written");
  return text;
}

std::string carriers(Command command, const Value& status, const Screen& screen, const Look& look) {
  const Value* list = find(status, {"carriers"});
  if (list == nullptr || list->array() == nullptr || list->array()->empty()) return "no carriers\n";
  if (!look.columns.empty() || !look.sort.empty() || look.is_wide) {
    command.view = View::table;
    return render(command, *list, screen, look);
  }
  Grid grid;
  grid.titles = {"CARRIER", "STATE", "BINDS", "FLIGHT", "P95 MS", "THROTTLED", "NOTE"};
  for (const Value& each : *list->array()) {
    std::string note = shown(each, {"hold", "by"});
    if (note != "–") {
      note = "by " + note;
      if (find(each, {"hold", "until"})) note += " until " + shown(each, {"hold", "until"});
      if (find(each, {"hold", "reason"})) note += ": " + shown(each, {"hold", "reason"});
    } else {
      note = shown(each, {"lastError"});
    }
    grid.rows.push_back({shown(each, {"name"}), shown(each, {"state"}),
                         fmt::format("{}/{}", shown(each, {"binds"}), shown(each, {"bindsWanted"})),
                         fmt::format("{}/{}", shown(each, {"inFlight"}), shown(each, {"window"})),
                         shown(each, {"rttP95Ms"}), shown(each, {"throttled"}), note});
  }
  return grid.render(screen);
}

std::string rates(const Value& status, const Screen& screen) {
  Grid grid;
  grid.titles = {"", "PER SECOND 1M", "5M", "SINCE START"};
  for (const std::string_view name : {"sends", "deliveries", "verifies"}) {
    grid.rows.push_back({std::string(name), shown(status, {"rates", name, "perSecond1m"}),
                         shown(status, {"rates", name, "perSecond5m"}), shown(status, {"rates", name, "sinceStart"})});
  }
  return grid.render(screen);
}

std::string store_line(const Value& status) {
  const std::string commits = fmt::format("commits p50 {} ms, p99 {} ms", shown(status, {"store", "commitP50Ms"}),
                                          shown(status, {"store", "commitP99Ms"}));
  if (find(status, {"store", "server"}) != nullptr)
    return fmt::format("store: PostgreSQL at {}, {}, {}", shown(status, {"store", "server"}),
                       is_true(find(status, {"store", "standby"})) ? "with a standby" : "without a standby", commits);
  return fmt::format("store: {} requests in {}, {}, {} free on the disk", shown(status, {"store", "requests"}),
                     shown(status, {"store", "dataBytes"}), commits, shown(status, {"store", "diskFreeBytes"}));
}

/// Lines that are longer than the screen are cut.
std::string fitted(const std::string& text, const Screen& screen) {
  if (screen.width == 0) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    // Colours take no room, and only the tables have them, which fit already.
    out += (line.find('\033') == std::string::npos ? cut(line, screen.width) : line) + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace

std::string status_screen(const Command& command, const Value& status, const Screen& screen, const Look& look) {
  const bool is_node = find(status, {"node"}) != nullptr;
  std::string text = fmt::format("XionID {}  {}{}  up {}  configuration {}\n", shown(status, {"version"}),
                                 is_node ? "node " + shown(status, {"node"}) + "  " : "",
                                 is_true(find(status, {"ready"})) ? "ready" : "NOT READY",
                                 shown(status, {"uptimeSeconds"}), shown(status, {"configHash"}));
  text += warnings(status) + "\n" + carriers(command, status, screen, look) + "\n" + rates(status, screen);
  text += fmt::format("\nqueue {} of {}, the oldest for {}; API at {}\n", shown(status, {"queue", "size"}),
                      shown(status, {"queue", "limit"}), shown(status, {"queue", "oldestSeconds"}),
                      shown(status, {"api", "listening"}));
  text += store_line(status) + "\n";
  return look.is_wide ? text : fitted(text, screen);
}

}  // namespace xion::cli
