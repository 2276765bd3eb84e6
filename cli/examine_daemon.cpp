#include <fmt/format.h>

#include <chrono>

#include "base/plural.h"
#include "cli/examinations.h"
#include "cli/render.h"

namespace xion::cli {
namespace {

using wire::Value;

constexpr double backup_age_wanted_days = 2;
constexpr std::int64_t waiting_too_long_seconds = 30;

const Value* member(const Value& of, std::initializer_list<std::string_view> path) {
  const Value* at = &of;
  for (const std::string_view name : path) {
    if (at != nullptr) at = at->find(name);
  }
  return at;
}
std::string text(const Value& of, std::initializer_list<std::string_view> path) {
  const Value* value = member(of, path);
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
}
std::int64_t number(const Value& of, std::initializer_list<std::string_view> path) {
  const Value* value = member(of, path);
  if (value == nullptr) return 0;
  if (const auto* whole = value->whole()) return *whole;
  return value->real() != nullptr ? static_cast<std::int64_t>(*value->real()) : 0;
}
bool truth(const Value& of, std::initializer_list<std::string_view> path) {
  const Value* value = member(of, path);
  return value != nullptr && value->truth() != nullptr && *value->truth();
}

Examined program(const Value& status) {
  const std::string runs = text(status, {"version"});
  if (runs == XION_VERSION) return {"daemon", Health::well, fmt::format("xiond {} runs", runs), {}};
  return {"daemon", Health::warning, fmt::format("xiond {} runs, and {} is installed", runs, XION_VERSION),
          "systemctl restart xiond"};
}

Examined store(const Value& status) {
  if (truth(status, {"store", "writable"})) return {"store", Health::well, "it is written", {}};
  return {"store", Health::error, "it can't be written: " + text(status, {"store", "trouble"}),
          "mostly the disk is full: xionid-data(7)"};
}

Examined configuration(const Value& status, const Value* changes) {
  if (text(status, {"lastReload", "outcome"}) == "refused")
    return {"in force", Health::error, "the last reload was refused: " + text(status, {"lastReload", "reason"}),
            "mend the file, then `xionctl config apply`"};
  if (const std::string warning = text(status, {"api", "warning"}); !warning.empty())
    return {"in force", Health::error, warning, "`xionctl config socket-unit` prints the unit that fits"};
  const std::size_t count = changes != nullptr && changes->array() != nullptr ? changes->array()->size() : 0;
  if (changes == nullptr)
    return {"in force", Health::warning, "the file can't be compared with what runs", "`xionctl config check`"};
  if (count == 0) return {"in force", Health::well, "what runs is what the file says", {}};
  return {"in force", Health::warning, fmt::format("{} of the file's keys are not in force", count),
          "`xionctl config diff` shows them; `xionctl config apply`, or a restart where it says so"};
}

Examined backup(const Value& status) {
  const std::int64_t age = number(status, {"backup", "ageSeconds"});
  if (member(status, {"backup"}) == nullptr)
    return {"backup", Health::warning, "none is known of", "`xionctl backup /var/backups/`, every night by a timer"};
  const double days = static_cast<double>(age) / 86'400;
  const std::string found =
      fmt::format("the last one was made {} ago", cell("ageSeconds", member(status, {"backup", "ageSeconds"})));
  if (days <= backup_age_wanted_days) return {"backup", Health::well, found, {}};
  return {"backup", Health::warning, found, "`xionctl backup /var/backups/`; look why the timer doesn't"};
}

Examined queue(const Value& status) {
  const std::int64_t size = number(status, {"queue", "size"}), limit = number(status, {"queue", "limit"});
  const std::int64_t oldest = number(status, {"queue", "oldestSeconds"});
  const std::string found =
      fmt::format("{} wait{}, the oldest for {} s", counted(size, "message"), size == 1 ? "s" : "", oldest);
  if (oldest > waiting_too_long_seconds || size * 2 > limit)
    return {"queue", Health::error, found, "`xionctl queue show` says why; `xionctl carrier list`"};
  return {"queue", Health::well, found, {}};
}

Examined carrier(const Value& each) {
  const std::string name = text(each, {"name"}), state = text(each, {"state"});
  const std::string check = "carrier " + name, error = text(each, {"lastError"});
  const Value* hold = member(each, {"hold"});
  if (hold != nullptr) {
    const bool ends = member(*hold, {"until"}) != nullptr;
    return {check, ends ? Health::well : Health::warning,
            fmt::format("{} by {} since {}{}", state, text(*hold, {"by"}), text(*hold, {"since"}),
                        ends ? " until " + text(*hold, {"until"}) : ""),
            fmt::format("`xionctl carrier resume {}`, if it was forgotten", name)};
  }
  if (number(each, {"binds"}) == 0 && number(each, {"bindsElsewhere"}) > 0)
    return {check, Health::well, "bound by " + cell("nodes", member(each, {"nodes"})), {}};
  if (number(each, {"binds"}) == 0)
    return {check, Health::error, error.empty() ? state : fmt::format("{}: {}", state, error),
            fmt::format("`xionctl carrier test {}` tries each step", name)};
  if (text(each, {"breaker"}) != "closed")
    return {check, Health::warning, "bound, and failing: its breaker is " + text(each, {"breaker"}), "ask the carrier"};
  if (number(each, {"binds"}) < number(each, {"bindsWanted"}))
    return {check, Health::warning,
            fmt::format("{} of {} binds are bound", number(each, {"binds"}), number(each, {"bindsWanted"})),
            "does the account allow so many?"};
  return {check, Health::well, "bound", {}};
}

Examined descriptors(const Value& status) {
  const std::int64_t open = number(status, {"process", "openFiles"}), most = number(status, {"process", "maxFiles"});
  const std::string found = fmt::format("{} of {} file descriptors are open", open, most);
  if (most == 0 || open * 5 < most * 4) return {"descriptors", Health::well, found, {}};
  return {"descriptors", Health::error, found, "raise LimitNOFILE= of xiond.service, or find who opens so many"};
}

}  // namespace

std::vector<Examined> examine_daemon(const Value& status, const Value* changes) {
  std::vector<Examined> all{program(status), store(status), configuration(status, changes),
                            backup(status),  queue(status), descriptors(status)};
  const Value* carriers = member(status, {"carriers"});
  if (carriers == nullptr || carriers->array() == nullptr) return all;
  for (const Value& each : *carriers->array()) all.push_back(carrier(each));
  return all;
}

}  // namespace xion::cli
