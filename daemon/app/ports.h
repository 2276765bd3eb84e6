#pragma once
#include "ports/cluster.h"
#include "ports/http_client.h"
#include "ports/loop.h"
#include "ports/store.h"
#include "ports/vault.h"

namespace xion {

/// The ports that a gateway stands on. main, or the simulation, makes them; all outlive the loop's run.
struct Ports {
  Loop& loop;
  Store& store;
  Entropy& entropy;
  Vault& loop_vault;           ///< For the loop thread.
  Vault& store_vault;          ///< For tasks, on the store thread.
  Cluster& cluster;            ///< Who else shares the store.
  HttpClient* http = nullptr;  ///< Null: webhooks wait.
};

}  // namespace xion
