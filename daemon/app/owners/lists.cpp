#include "app/owners/lists.h"

#include <algorithm>

#include "base/log.h"
#include "core/country.h"
#include "core/phone.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr std::string_view all_wildcard = "*";

bool are_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_letter_pair(std::string_view text) {
  return text.size() == 2 &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

Refusal list_not_kept() { return {"the store could not keep it; nothing was changed", "see `xionctl status`"}; }

}  // namespace

std::optional<ListTarget> parse_list_target(std::string_view text) {
  if (text == all_wildcard) return ListTarget{ListSubject::everything, ""};
  if (is_letter_pair(text)) {
    std::string country(text);
    for (char& c : country) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (!is_country_code(country)) return std::nullopt;
    return ListTarget{ListSubject::country, std::move(country)};
  }
  const bool is_open = text.ends_with('*');
  if (is_open) text.remove_suffix(1);
  if (!is_open) {
    if (const auto phone = parse_phone(text)) return ListTarget{ListSubject::phone, phone->e164};
  }
  if (text.size() < 2 || text.size() > 15 || text.front() != '+' || !are_digits(text.substr(1)) || text[1] == '0')
    return std::nullopt;
  return ListTarget{ListSubject::prefix, std::string(text)};
}

ListEntry list_entry(ListKind kind, AppId app, const ListTarget& target, Vault& vault) {
  ListEntry entry;
  entry.kind = kind;
  entry.app = app;
  entry.subject = target.subject;
  entry.value = target.value;
  if (target.subject == ListSubject::phone) {
    const auto phone = parse_phone(target.value);
    entry.phone = vault.phone_fingerprint(target.value);
    entry.value = mask_phone(target.value, phone ? phone->country_code : std::string_view());
  }
  return entry;
}

void add_to_list(Services& services, ListEntry entry, AdminDone<ListEntry> done) {
  run_task(
      services.store, [entry](Txn& txn) { return txn.put(entry), true; },
      [entry, done = std::move(done)](Commit commit, bool&) mutable {
        if (commit == Commit::failed) return done(std::unexpected(list_not_kept()));
        log::info("list.added", "list={} app={} subject={}", to_string(entry.kind), entry.app,
                  to_string(entry.subject));
        done(std::move(entry));
      });
}

void remove_from_list(Services& services, ListEntry entry, AdminDone<ListEntry> done) {
  run_task(
      services.store, [entry](Txn& txn) { return txn.remove(entry); },
      [entry, done = std::move(done)](Commit commit, std::optional<ListEntry>& removed) mutable {
        if (commit == Commit::failed) return done(std::unexpected(list_not_kept()));
        if (!removed)
          return done(std::unexpected(
              Refusal{"it is not on the list", "an entry of one app is another than one of all apps: --app"}));
        log::info("list.removed", "list={} app={} subject={}", to_string(entry.kind), entry.app,
                  to_string(entry.subject));
        done(std::move(*removed));
      });
}

void list_entries(Services& services, ListKind kind, std::optional<AppId> app,
                  std::move_only_function<void(std::vector<ListEntry>, bool)> done) {
  run_task(
      services.store, [kind](Txn& txn) { return txn.list_entries(kind); },
      [app, done = std::move(done)](Commit commit, std::vector<ListEntry>& entries) mutable {
        if (app) std::erase_if(entries, [&](const ListEntry& entry) { return entry.app != 0 && entry.app != *app; });
        done(std::move(entries), commit == Commit::durable);
      });
}

}  // namespace xion
