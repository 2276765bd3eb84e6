#pragma once
#include <functional>
#include <memory>

#include "api/router.h"
#include "app/gateway.h"
#include "crypto/code_vault.h"
#include "shared/shared_cluster.h"
#include "shared/shared_engine.h"
#include "sim/memory_kv.h"
#include "sim/node_clock.h"
#include "sim/node_rows.h"
#include "sim/perfect_cluster.h"
#include "sim/seeded.h"
#include "sim/shared_database.h"
#include "sim/sim_store.h"
#include "sim/simulated_network.h"
#include "sim/task_treatment.h"
#include "sim/virtual_loop.h"

namespace xion::sim {

/// A node's place among others that share a database.
struct Seat {
  NodeId node = only_node;
  std::string name{};
  NodeClock clock{};
  bool is_of_many = false;
  PerfectCluster* perfect = nullptr;       ///< Instead of the membership that is shipped.
  std::function<void()> was_taken_over{};  ///< Others have taken it for dead.
};

/// What outlives a process, and what it stands on.
struct Machine {
  Agenda& agenda;
  Network& network;
  MemoryKv& disk;
  const Settings& settings;
  SimStore::CommitDelay commit_delay;
  TaskHabits task_habits;
  Mutation mutation;
  TaskCounts& task_counts;
  NearLimits near{};
  SharedDatabase* database = nullptr;  ///< Instead of the disk.
  DatabaseHabits database_habits{};
  std::function<void(Millis)> database_went_away{};
  Seat seat{};
};

/// Who else shares the store, and who is to be told of what was kept after all.
struct ClusterOfNode {
  std::unique_ptr<Cluster> cluster;
  std::function<void(const std::vector<ThingName>&)> tell_changed;
};

/// One life of xiond: built as main builds it, over simulated ports. Its end is a crash: nothing is flushed, nobody is
/// told.
class Process {
 public:
  /// `of_tasks`: what its store makes of them.
  Process(const Machine& machine, Agenda::Owner life, Seeded entropy, Seeded of_tasks);
  ~Process();

  /// `ready(false)`: the store can't be read.
  void start(std::move_only_function<void(bool)> ready);
  bool is_ready() const { return is_ready_; }
  Gateway& gateway() { return *gateway_; }
  void handle(std::unique_ptr<HttpExchange> exchange) { api_->handle(std::move(exchange)); }
  /// False once it dies; for those who may hear of its end.
  std::shared_ptr<const bool> lives() const { return lives_; }
  Agenda::Owner life() const { return life_; }
  /// Among others that share a database, once it has one.
  std::optional<NodeLife> life_of_node() const;
  /// Its database, if it has one, is there from now on.
  void heal();
  /// What is between it and its database, which others share.
  void set_link(Link link);

 private:
  std::unique_ptr<Store> open_store(const Machine& machine);
  std::unique_ptr<Store> open_shared(const Machine& machine);
  ClusterOfNode join_cluster(const Machine& machine);
  Rows& rows_of(const Machine& machine);

  Agenda& agenda_;
  Agenda::Owner life_;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
  bool is_ready_ = false;
  Seeded entropy_;
  VirtualLoop loop_;
  OpenSslVault loop_vault_, store_vault_;
  std::unique_ptr<NodeRows> cluster_rows_;  ///< Where it is of many.
  SharedCluster* shared_cluster_ = nullptr;
  ClusterOfNode cluster_;
  TaskTreatment treatment_;
  std::unique_ptr<SimulatedRows> rows_;
  std::unique_ptr<NodeRows> node_rows_;  ///< Instead, where it isn't alone.
  std::unique_ptr<Store> store_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Api> api_;
};

}  // namespace xion::sim
