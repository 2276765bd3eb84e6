#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/owners/directory.h"
#include "app/services.h"
#include "core/owners/list_entry.h"

namespace xion {

/// What an operator wrote to say who is meant.
struct ListTarget {
  ListSubject subject = ListSubject::phone;
  std::string value;  ///< "+37499123056", "+37499", "AM", or nothing for everything.
};
/// A phone ("+374 99 123056"), a prefix ("+37499*", or what is too short for a phone), a country ("AM"), or "*" for
/// everything.
std::optional<ListTarget> parse_list_target(std::string_view text);

/// Makes the entry for a target, without its times and reason.
ListEntry list_entry(ListKind kind, AppId app, const ListTarget& target, Vault& vault);

/// Adds to a list, or replaces the entry that says the same. Unsent messages for it stay.
void add_to_list(Services& services, ListEntry entry, AdminDone<ListEntry> done);
void remove_from_list(Services& services, ListEntry entry, AdminDone<ListEntry> done);
/// `done(…, false)`: the store failed. Of one app and of all apps (app given), or everything.
void list_entries(Services& services, ListKind kind, std::optional<AppId> app,
                  std::move_only_function<void(std::vector<ListEntry>, bool)> done);

}  // namespace xion
