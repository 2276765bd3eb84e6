#pragma once
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/owners/holdings.h"

namespace xion {

/// One thing that an import changes, for people.
struct ImportChange {
  /// `kept`: what is here stays, since it is stricter: a revoked key is not given back.
  enum class Action : std::uint8_t { add, change, kept } action = Action::add;
  std::string_view kind;  ///< "app", "key", "template", "block", "allow", "webhook"
  std::string app;        ///< Empty: all apps.
  std::string name;
  std::string what;  ///< "ttl_seconds: 120 → 300, sender: (none) → Acme"
};
std::string_view to_string(ImportChange::Action action);

/// What is in the store already.
struct StoredHoldings {
  std::vector<App> apps;
  std::vector<ApiKey> keys;
  std::vector<MessageTemplate> templates;
  std::vector<ListEntry> lists;
  std::vector<Webhook> webhooks;
};

/// What an import would write. The apps that are new have ids of the document's alone (`is_new_app`).
struct ImportPlan {
  std::vector<ImportChange> changes;
  StoredHoldings writes;
};
/// Whether the store has yet to give this app its id.
bool is_new_app(AppId id);

/// What taking a document over means for what is here: nothing is removed, what it has is added or made equal. An app's
/// settings are one thing, so that one which the document lacks is taken back. Apps,
/// keys and webhooks that were made here keep their time of making. `is_same_secret` says whether two sealed secrets
/// are the same text. Refused, in a sentence: a key's or webhook's id that belongs to something else here, and more
/// keys or webhooks than an app may have.
std::expected<ImportPlan, std::string> plan_import(
    const StoredHoldings& here, const Holdings& wanted,
    const std::function<bool(const WebhookSecret&, const WebhookSecret&)>& is_same_secret, WallTime now);

}  // namespace xion
