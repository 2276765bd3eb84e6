#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "wire/app_commands.h"
#include "wire/command_entry.h"
#include "wire/daemon_commands.h"
#include "wire/message_commands.h"

/// Every command that there is, once: its name, its arguments with their types, who may use it, its help. `xionctl` and
/// the daemon both lay their part beside these rows, and neither compiles where it leaves one out or has one too many.
namespace xion::wire {

/// In the order in which the help lists them.
inline constexpr Noun nouns[] = {
    {"status", "The daemon on one screen"},
    {"app", "Apps: the projects that keys, limits and quotas belong to"},
    {"key", "API keys"},
    {"carrier", "Carriers: the SMPP accounts"},
    {"route", "Which carrier a message goes by, and why"},
    {"otp", "Requests, and what happened to them"},
    {"queue", "Messages that wait for a carrier"},
    {"cluster", "The nodes that share a database, and who has what"},
    {"receipt", "Delivery reports"},
    {"template", "Texts of the apps"},
    {"phone", "What is kept of a phone number, forgotten"},
    {"fraud", "The pumping guard"},
    {"usage", "What apps used of their plans"},
    {"limit", "How a phone or an address stands with its limits"},
    {"block", "Who gets nothing"},
    {"allow", "Who is exempt from the guard and from wider blocks"},
    {"dashboard", "Who may look at the dashboard"},
    {"webhook", "Where apps' backends are told what happens"},
    {"config", "The configuration"},
    {"audit", "Who changed what"},
    {"stats", "What became of requests"},
    {"send", "A real code from the shell"},
    {"log", "The log, followed live; one phone traced; how much is logged"},
    {"doctor", "What is amiss, and what to do about it"},
    {"smpp-status", "What a status of SMPP means"},
    {"lookup", "What a phone number is"},
    {"completion", "Completion for bash, zsh and fish"},
    {"backup", "A copy of the store"},
    {"restore", "A backup put back"},
    {"compact", "The data file without its holes, while it works"},
    {"store", "The store while no daemon works on it: its tables, from one engine to another"},
    {"export", "Apps, keys, texts and lists as a document"},
    {"import", "Such a document taken over"},
    {"init-key", "The master key's file"},
    {"rotate-master-key", "A new master key, without a pause"},
};

namespace rows {

template <std::size_t... counts>
constexpr auto joined(const CommandEntry (&... parts)[counts]) {
  std::array<CommandEntry, (counts + ...)> all{};
  auto at = all.begin();
  ((at = std::ranges::copy(parts, at).out), ...);
  return all;
}

void no_command_has_this_name();

}  // namespace rows

inline constexpr auto catalogue = rows::joined(rows::of_daemon, rows::of_apps, rows::of_messages);

/// A command of the catalogue, by its name: one that is not there does not compile.
class CommandId {
 public:
  // Implicit, so that tables are written as `{"app add", …}`.
  consteval CommandId(const char* name) {  // NOLINT(google-explicit-constructor)
    const auto* const entry = std::ranges::find(catalogue, std::string_view(name), &CommandEntry::name);
    if (entry == catalogue.end()) rows::no_command_has_this_name();
    index_ = static_cast<std::size_t>(entry - catalogue.begin());
  }
  constexpr std::size_t index() const { return index_; }
  constexpr const CommandEntry& operator*() const { return catalogue[index_]; }
  constexpr const CommandEntry* operator->() const { return &catalogue[index_]; }
  constexpr bool operator==(const CommandId&) const = default;

 private:
  std::size_t index_ = 0;
};

/// Whether `table` has a row for each command that `is_meant`, once, and no other.
template <typename Row, typename IsMeant>
constexpr bool has_each_once(std::span<const Row> table, CommandId Row::* command, IsMeant is_meant) {
  return std::ranges::all_of(catalogue, [&](const CommandEntry& entry) {
    const auto is_it = [&](const Row& row) { return &*(row.*command) == &entry; };
    return std::ranges::count_if(table, is_it) == (is_meant(entry) ? 1 : 0);
  });
}

}  // namespace xion::wire
