#pragma once
#include <vector>

#include "core/owners/app.h"
#include "core/owners/list_entry.h"
#include "core/owners/webhook.h"
#include "core/texts/message_template.h"

namespace xion {

/// An app with all that operators and owners gave it. Ids of apps count in one data file alone: those of what belongs
/// to it mean nothing here.
struct AppHoldings {
  App app;
  std::vector<ApiKey> keys;
  std::vector<MessageTemplate> templates;
  std::vector<ListEntry> lists;   ///< Its own.
  std::vector<Webhook> webhooks;  ///< Without a secret: whoever takes it over keeps theirs, or makes a new one.
};

/// What a data file holds that is neither traffic nor the daemon's own: what moves from one daemon to another.
struct Holdings {
  std::vector<AppHoldings> apps;
  std::vector<ListEntry> lists;  ///< Those of all apps.
};

/// In the one order in which it is written, whatever order it was made in: apps and texts by name, keys and webhooks by
/// when they were made, entries of lists by what they are about.
void sort(Holdings& holdings);

}  // namespace xion
