#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/backends.h"
#include "sim/leaks.h"
#include "sim/ledger.h"
#include "sim/simulated_process.h"
#include "sim/simulated_smsc.h"
#include "sim/wire_audit.h"

namespace xion::sim {

/// What goes wrong where several nodes share a database: about so often, of one of them or of all. 0: never.
struct NodeHabits {
  Millis frozen_every{0};       ///< One has no turn for seconds, and goes on.
  Millis cut_off_every{0};      ///< One is cut off its database: mute, deaf, or both.
  Millis carrier_cut_every{0};  ///< One is cut off a carrier.
  Millis failover_every{0};     ///< Nobody is at the database for seconds.
  Millis span_min{200}, span_max{15'000};
  double sticky = 0;  ///< Of calls: they come to the node that has had the phone's before.
  bool is_perfect =
      false;  ///< Somebody who sees all of them says who lives and who holds what, and not they themselves.
};

/// What goes wrong outside the carriers' and the network's own habits.
struct WorldHabits {
  Millis client_latency_max{60};
  double answer_lost = 0;  ///< Of an answer on its way to the client.
  Millis commit_min{1}, commit_max{6};
  double commit_stalls = 0;   ///< Of a commit: takes seconds.
  double commit_fails = 0;    ///< Of a commit.
  NearLimits near{};          ///< How much is kept near before it is folded.
  double map_full = 0;        ///< Of a write to the store.
  double killed_at_edge = 0;  ///< Of an answer, a submit or an acknowledgement: the process dies right after it.
  Millis killed_every{0};     ///< About; 0: never.
  Millis restarted_every{0};  ///< An orderly stop, about so often.
  Millis operated_every{0};   ///< An operator pauses, resumes or reconnects a carrier, about so often.
  Millis down_min{100}, down_max{4'000};
  NodeHabits nodes;
  TaskHabits tasks;         ///< Of the lives that begin from now on.
  DatabaseHabits database;  ///< Of the same.
};

/// Over which engine the process stands.
enum class Engine : std::uint8_t {
  log,    ///< A disk of its own.
  shared  ///< A database across a network.
};

/// How a life ends.
enum class Death : std::uint8_t {
  killed,      ///< Sockets are closed by the kernel.
  power_loss,  ///< Carriers hear nothing.
};

/// The whole of it: customers, the process and its disk, the network, carriers, handsets, and the auditor, in one
/// thread and in virtual time.
class World {
 public:
  World(Settings settings, std::uint64_t seed, bool prints_trace, Mutation mutation = Mutation::none,
        Engine engine = Engine::log, std::size_t nodes = 1);
  ~World();

  WorldHabits habits;
  /// `included`: messages a month; 0: no end. Before `start`.
  void add_app(const std::string& name, const std::string& plan);
  /// The first life, with its apps and keys; returns when it is ready.
  void start();
  void kill(Death death);
  /// The next life of each node; it may take a while to be ready.
  void revive();
  bool is_up() const;
  void run_for(Millis span);
  /// Everything behaves from here on.
  void heal();
  /// Reads every request that was told, and holds it against the books. After `heal`, and enough time.
  void settle_accounts();

  void call(Ask ask, std::move_only_function<void(const Told&)> done);
  /// Calls and waits; for scenarios.
  Told call_and_wait(Ask ask);
  Ask ask_to_send(const std::string& phone, const std::string& more = {});
  Ask ask_to_verify(const std::string& phone, const std::string& code);
  Ask ask_to_read(const std::string& request_id);

  Agenda& agenda() { return agenda_; }
  Chronicle& chronicle() { return chronicle_; }
  Network& network() { return network_; }
  Backends& backends() { return backends_; }
  Ledger& ledger() { return ledger_; }
  WireAudit& wire() { return wire_; }
  Gateway& gateway() { return nodes_.front().process->gateway(); }
  SimulatedSmsc& carrier(const std::string& name) { return *carriers_.at(name); }
  const std::map<std::string, std::unique_ptr<SimulatedSmsc>>& carriers() const { return carriers_; }
  /// Texts that a handset has shown.
  const std::vector<std::string>& texts_of(const std::string& phone) { return handsets_[phone]; }
  const Settings& settings() const { return settings_; }
  const TaskCounts& task_counts() const { return task_counts_; }
  std::size_t commits() const { return disk_.commits() + database_.commits(); }
  std::uint32_t lives() const { return life_; }
  /// Lines that the process has logged in all its lives.
  const std::vector<std::string>& log() const { return log_; }

 private:
  Ask question(Verb verb, std::string path);
  std::string kept_octets() const;
  Millis commit_delay();
  bool commit_fails();
  void database_went_away(Millis span);
  void make_apps();
  /// Asks, and again until it was done.
  void until_done(const std::function<void(std::function<void(bool)>)>& ask);
  /// A node, in whatever life it is.
  struct Node {
    NodeId number = only_node;
    std::string name;
    NodeClock clock;
    std::unique_ptr<Process> process;
    bool is_strike_planned = false;
    MonoTime frozen_until{};
    MonoTime excused_until{};                         ///< What it holds may be others' by now.
    std::map<std::string, MonoTime> unheard_until{};  ///< By carriers, which know of no end until then.
    MonoTime reached_until{};                         ///< That a database, or nobody, is there.
  };
  void make_nodes(std::size_t count);
  Machine machine_of(Node& node);
  void revive(Node& node);
  void revive_later(Node& node);
  void kill(Node& node, Death death);
  void kill_replaced(Node& node, Agenda::Owner life);
  Node* node_of(Agenda::Owner life);
  Node& any_node();
  Node* node_for(const Ask& ask);
  bool is_of_many() const { return nodes_.size() > 1; }
  bool is_frozen(const Node& node) const { return agenda_.now() < node.frozen_until; }
  void plan(Millis NodeHabits::* every, void (World::*act)());
  void freeze_one();
  void cut_off_one();
  void cut_off_carrier();
  void fail_over();
  void be_troubled(MonoTime until);
  void check_binds(const CarrierSettings& carrier, const WireAudit::BindsOf& binds);
  void check_commit(const RowCommit& commit, bool is_of_now);
  void recount();
  void maybe_strike(Agenda::Owner life);
  void plan_deaths();
  void plan_operations();
  void stop_orderly(Node& node);
  void answer(Node& node, Agenda::Owner life, const Ask& ask, const Told& told,
              const std::shared_ptr<std::move_only_function<void(const Told&)>>& done);

  const Settings settings_;
  const Mutation mutation_;
  const Settings settings_of_process_;  ///< The same, but for what a mutation forgets.
  Seeded entropy_;
  Seeded entropy_of_tasks_;  ///< Of its own, so that seeds play as they did without these habits.
  Agenda agenda_;
  Chronicle chronicle_;
  Ledger ledger_;
  WireAudit wire_;
  Leaks leaks_;
  Network network_;
  MemoryKv disk_;
  const Engine engine_;
  SharedDatabase database_;
  bool disk_may_fail_ = false;
  std::map<std::string, std::unique_ptr<SimulatedSmsc>> carriers_;
  std::map<std::string, std::vector<std::string>> handsets_;
  std::vector<std::pair<std::string, std::string>> apps_;  ///< Name, plan.
  std::vector<std::string> log_;
  TaskCounts task_counts_;
  Agenda::Owner life_ = Agenda::world;
  Seeded entropy_of_nodes_;  ///< Of its own, too.
  PerfectCluster cluster_;
  bool has_perfect_cluster_ = false;
  std::vector<Node> nodes_;
  MonoTime troubled_until_{};
  std::map<std::string, std::size_t> sticks_to_;
  Backends backends_;
  std::uint64_t scenario_asks_ = 1'000'000'000;
};

}  // namespace xion::sim
