#pragma once
#include <expected>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"
#include "crypto/code_vault.h"
#include "crypto/master_key.h"
#include "lmdb/lmdb_store.h"
#include "ports/cluster.h"
#include "ports/loop.h"
#include "ports/store.h"
#include "ports/vault.h"

namespace xion {

/// The store that a configuration names, and what only some engines can do.
struct StoreKit {
  std::unique_ptr<Store> store;
  /// Wrapped under the master key, as it was when the store was opened; nothing: there was no rotation yet.
  std::optional<std::string> key_ring;
  /// Copies the data file to a socket: `LmdbStore::copy_to`. Empty: the engine's backup is its own.
  std::function<void(std::shared_ptr<OpenFile>, LmdbStore::CopyDone, std::function<void(std::string_view)>)> copy_to;
  /// `LmdbStore::compact`. Empty: there is no data file.
  std::function<void(LmdbStore::CompactDone)> compact;
  /// Who else shares it.
  std::unique_ptr<Cluster> cluster = std::make_unique<OnlyNode>();
};

/// What a store needs of whoever opens it.
struct StoreHost {
  Digest check_value{};
  Vault& vault;  ///< For the store's thread.
  LmdbStore::Post post;
  LmdbStore::AtTurnEnd at_turn_end;
  Loop* loop = nullptr;  ///< Of the thread that opens it; null where it is opened to be copied.
  /// Another process writes to the store now, and this one can't any more; told on the loop thread.
  std::function<void()> taken_over;
  /// Another node changed these, or they were told to have failed and were kept after all, on the loop thread: memory
  /// of them is to be read anew.
  std::function<void(std::vector<ThingName>)> changed_elsewhere = [](std::vector<ThingName>) {};
  /// It is opened to be copied to or from: what is of a copy under way is no trouble.
  bool is_for_copy = false;
};

/// Why a store could not be opened, in one line.
struct StoreTrouble {
  std::string text;
  bool may_pass = false;  ///< By itself: nobody is there now, or somebody else is.
};

/// Under which this machine is a node; see `cluster.node`.
std::string node_name(const ClusterSettings& settings);

/// Why the store could not be opened here and now, as far as that shows without changing anything; empty: it could, or
/// it is a data file, which preflight looks at.
std::string why_no_store(const StoreSettings& settings);

/// What makes the tables of a database, as SQL for its administrator.
std::string store_schema(const StoreSettings& settings);

std::expected<StoreKit, StoreTrouble> open_store(const Settings& settings, StoreHost host);

/// A store whose master key was changed keeps its keys itself, wrapped under the master key: from now on these vaults
/// have them. The error is one line.
std::expected<void, std::string> adopt_key_ring(const StoreKit& kit, const MasterKey& master,
                                                std::initializer_list<OpenSslVault*> vaults);

}  // namespace xion
