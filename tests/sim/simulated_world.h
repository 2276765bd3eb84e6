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
        Engine engine = Engine::log);
  ~World();

  WorldHabits habits;
  /// `included`: messages a month; 0: no end. Before `start`.
  void add_app(const std::string& name, const std::string& plan);
  /// The first life, with its apps and keys; returns when it is ready.
  void start();
  void kill(Death death);
  /// The next life; it may take a while to be ready.
  void revive();
  bool is_up() const { return process_ != nullptr && process_->is_ready(); }
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
  Gateway& gateway() { return process_->gateway(); }
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
  void maybe_strike();
  void plan_deaths();
  void plan_operations();
  void stop_orderly();
  void answer(const Ask& ask, const Told& told,
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
  bool is_strike_planned_ = false;
  std::map<std::string, std::unique_ptr<SimulatedSmsc>> carriers_;
  std::map<std::string, std::vector<std::string>> handsets_;
  std::vector<std::pair<std::string, std::string>> apps_;  ///< Name, plan.
  std::vector<std::string> log_;
  TaskCounts task_counts_;
  Agenda::Owner life_ = Agenda::world;
  std::unique_ptr<Process> process_;
  Backends backends_;
  std::uint64_t scenario_asks_ = 1'000'000'000;
};

}  // namespace xion::sim
