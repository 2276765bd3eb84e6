#pragma once
#include "app/carriers.h"
#include "app/directory.h"
#include "core/settings.h"
#include "ports/loop.h"
#include "ports/store.h"
#include "ports/vault.h"

namespace xion {

class Dispatcher;

/// The ports and parts that the use cases stand on. main (or the simulation) makes them; all outlive the loop's run.
struct Services {
  const Settings* settings = nullptr;   ///< Replaced by a reload.
  Loop& loop;
  Store& store;
  Entropy& entropy;
  Vault& loop_vault;    ///< For the loop thread.
  Vault& store_vault;   ///< For tasks, on the store thread.
  Directory& directory;
  Dispatcher* dispatcher = nullptr;   ///< For the use cases.
  Carriers* carriers = nullptr;       ///< The same, as the API and the control socket see it.
};

}  // namespace xion
