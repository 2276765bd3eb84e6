#include "app/owners/move_holdings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "app/owners/templates.h"
#include "app/owners/webhook_admin.h"
#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr std::string_view marked_text = "xionid: which master key an export is of";
constexpr std::size_t mark_octets = 16;

StoredHoldings stored(Txn& txn) {
  StoredHoldings here{txn.apps(), txn.api_keys(), txn.templates(), txn.list_entries(ListKind::block), txn.webhooks()};
  std::ranges::move(txn.list_entries(ListKind::allow), std::back_inserter(here.lists));
  return here;
}

/// What belongs to an app that is gone is nobody's.
Holdings by_app(StoredHoldings here, WallTime now) {
  Holdings all;
  std::map<AppId, std::size_t> places;
  for (App& app : here.apps) {
    places.emplace(app.id, all.apps.size());
    all.apps.push_back({std::move(app), {}, {}, {}, {}});
  }
  const auto put = [&](auto& things, auto AppHoldings::* member) {
    for (auto& thing : things) {
      if (const auto place = places.find(thing.app); place != places.end())
        (all.apps[place->second].*member).push_back(std::move(thing));
    }
  };
  for (Webhook& webhook : here.webhooks)
    std::erase_if(webhook.secrets, [&](const WebhookSecret& secret) { return secret.until && *secret.until <= now; });
  std::erase_if(here.lists, [&](const ListEntry& entry) { return !entry.holds(now); });
  std::ranges::copy_if(here.lists, std::back_inserter(all.lists), [](const ListEntry& one) { return one.app == 0; });
  put(here.keys, &AppHoldings::keys);
  put(here.templates, &AppHoldings::templates);
  put(here.lists, &AppHoldings::lists);
  put(here.webhooks, &AppHoldings::webhooks);
  sort(all);
  return all;
}

/// Of the first secret that this daemon can't open; nothing: it opens all.
std::optional<Refusal> trouble_in_secrets(const Holdings& holdings, Vault& vault) {
  const auto sealed_elsewhere = [](std::string_view id, std::string_view app) {
    return Refusal{fmt::format("{} of app {}: its secret is sealed under another master key", id, app),
                   "`xionctl export --portable` leaves secrets out"};
  };
  for (const AppHoldings& of : holdings.apps) {
    for (const ApiKey& key : of.keys) {
      if (!key.hook.empty() && !vault.open(key.secret_as, key.secret_sealed))
        return sealed_elsewhere(key.id, of.app.name);
    }
    for (const Webhook& webhook : of.webhooks) {
      for (const WebhookSecret& secret : webhook.secrets) {
        if (!vault.open(secret.sealed_as, secret.sealed)) return sealed_elsewhere(webhook.id, of.app.name);
      }
    }
  }
  return std::nullopt;
}

/// Webhooks that come without a secret get one where they are new; `plan_import` keeps what is here.
std::map<std::string, WebhookSecret> secrets_to_be(Services& services, const Holdings& holdings) {
  std::map<std::string, WebhookSecret> fresh;
  for (const AppHoldings& of : holdings.apps) {
    for (const Webhook& webhook : of.webhooks)
      if (webhook.secrets.empty()) fresh.emplace(webhook.id, fresh_webhook_secret(services).kept);
  }
  return fresh;
}

void write(Txn& txn, StoredHoldings writes, const std::map<std::string, WebhookSecret>& fresh) {
  std::map<AppId, AppId> ids;
  for (App& app : writes.apps) {
    if (is_new_app(app.id)) app.id = ids[app.id] = txn.next_app_id();
    txn.put(app);
  }
  const auto put_all = [&](auto& things) {
    for (auto& thing : things) {
      if (const auto given = ids.find(thing.app); given != ids.end()) thing.app = given->second;
      txn.put(thing);
    }
  };
  for (Webhook& webhook : writes.webhooks)
    if (webhook.secrets.empty()) webhook.secrets.push_back(fresh.at(webhook.id));
  put_all(writes.keys);
  put_all(writes.templates);
  put_all(writes.lists);
  put_all(writes.webhooks);
}

/// What is told of the changes, and how many they are.
struct Told {
  std::string text;
  std::size_t changes = 0;
};
/// What a task gives has to have a beginning: a refusal that is never told.
struct Imported {
  std::expected<Told, std::string> told = std::unexpected(std::string());
};
/// A document as it was read. It is taken apart where it was put together, so that the loop does neither.
using Document = std::shared_ptr<std::optional<Holdings>>;
void forget(Store& store, Document document) {
  run_task(
      store,
      [document = std::move(document)](Txn&) {
        document->reset();
        return true;
      },
      [](Commit, bool) {});
}

/// The memory follows what is on disk: each reads it again.
void follow(Services& services, std::string told, AdminDone<std::string> done) {
  services.directory.load([&services, told = std::move(told), done = std::move(done)](bool is_read) mutable {
    services.templates->load(
        [&services, told = std::move(told), done = std::move(done), is_read](bool are_read) mutable {
          if (services.webhooks != nullptr) services.webhooks->look_soon();
          if (!is_read || !are_read)
            return done(std::unexpected(Refusal{"it is kept, but can't be read", "see `xionctl status`"}));
          done(std::move(told));
        });
  });
}

}  // namespace

std::string key_mark(Vault& vault) {
  const Digest digest = vault.api_key_hash(marked_text);
  return hex(std::span(digest).first(mark_octets));
}

void read_holdings(Services& services, AdminDone<Holdings> done) {
  run_task(
      services.store, [](Txn& txn) { return stored(txn); },
      [now = services.loop.wall_now(), done = std::move(done)](Commit commit, StoredHoldings& here) mutable {
        if (commit != Commit::durable)
          return done(std::unexpected(Refusal{"the store can't be read", "see `xionctl status`"}));
        done(by_app(std::move(here), now));
      });
}

namespace {

struct Taking {
  Document document;
  TellChanges tell;
  bool is_dry_run = false;
};

void take(Services& services, Taking taking, AdminDone<std::string> done) {
  const auto fresh = secrets_to_be(services, **taking.document);
  run_task(
      services.store,
      [&vault = services.store_vault, taking, fresh, now = services.loop.wall_now()](Txn& txn) {
        const auto is_same_secret = [&](const WebhookSecret& one, const WebhookSecret& other) {
          const auto first = vault.open(one.sealed_as, one.sealed);
          const auto second = vault.open(other.sealed_as, other.sealed);
          return first && second && first->reveal() == second->reveal() && one.until == other.until;
        };
        auto plan = plan_import(stored(txn), **taking.document, is_same_secret, now);
        if (!plan) return Imported{std::unexpected(std::move(plan.error()))};
        if (!taking.is_dry_run) write(txn, std::move(plan->writes), fresh);
        return Imported{Told{taking.tell(plan->changes), plan->changes.size()}};
      },
      [&services, taking, done = std::move(done)](Commit commit, Imported& imported) mutable {
        forget(services.store, taking.document);
        if (commit != Commit::durable)
          return done(
              std::unexpected(Refusal{"the store could not keep it; nothing was changed", "see `xionctl status`"}));
        auto& told = imported.told;
        if (!told) return done(std::unexpected(Refusal{std::move(told.error()), "nothing was changed"}));
        if (taking.is_dry_run || told->changes == 0) return done(std::move(told->text));
        log::info("import.taken", "changes={}", told->changes);
        follow(services, std::move(told->text), std::move(done));
      });
}

}  // namespace

void take_holdings(Services& services, ReadDocument read, TellChanges tell, bool is_dry_run,
                   AdminDone<std::string> done) {
  const auto settings = std::make_shared<const Settings>(*services.settings);
  Taking taking{std::make_shared<std::optional<Holdings>>(), std::move(tell), is_dry_run};
  run_task(
      services.store,
      [read = std::move(read), settings, &vault = services.store_vault, document = taking.document,
       now = services.loop.wall_now()](Txn&) -> std::optional<Refusal> {
        auto holdings = read({*settings, vault, now});
        if (!holdings) return std::move(holdings.error());
        *document = std::move(*holdings);
        return trouble_in_secrets(**document, vault);
      },
      [&services, taking = std::move(taking), done = std::move(done)](Commit, std::optional<Refusal>& trouble) mutable {
        if (!trouble && *taking.document) return take(services, std::move(taking), std::move(done));
        forget(services.store, taking.document);
        done(std::unexpected(trouble ? std::move(*trouble)
                                     : Refusal{"the store can't be read", "see `xionctl status`"}));
      });
}

}  // namespace xion
