#pragma once
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "app/owners/directory.h"
#include "app/owners/import_plan.h"
#include "app/services.h"
#include "core/owners/holdings.h"

/// Apps, keys, texts, lists and webhooks on their way from one daemon to another, or into a file that is kept.
namespace xion {

/// Which master key hashes of keys and phones are under, and secrets sealed: the same text for the same, whatever
/// rotations there were since. 32 hexadecimal digits, which tell nothing of the key.
std::string key_mark(Vault& vault);

/// All of them as they are at one moment, sorted; entries of lists that are over left out.
void read_holdings(Services& services, AdminDone<Holdings> done);

/// What a document is read by: a vault of the store's thread, and the settings of when it came.
struct DocumentReading {
  const Settings& settings;
  Vault& vault;
  WallTime now{};
};
using ReadDocument = std::function<std::expected<Holdings, Refusal>(const DocumentReading& by)>;
using TellChanges = std::function<std::string(const std::vector<ImportChange>&)>;

/// Makes what is here as the document says, whole or not at all, and tells what that changed; a dry run tells what it
/// would. `read` and `tell` run on the store's thread, since megabytes take long; `read` has to check whatever the
/// document says but for what is here already: see `plan_import`. Refused, too: secrets that were sealed under another
/// master key.
void take_holdings(Services& services, ReadDocument read, TellChanges tell, bool is_dry_run,
                   AdminDone<std::string> done);

}  // namespace xion
