#include "sim/simulated_process.h"

#include <string>
#include <utility>

#include "base/assert.h"

namespace xion::sim {
namespace {

const MasterKey master_key(std::string(master_key_octets, 'k'));

/// Which membership the nodes have. The perfect one tells faults of the auditor, or of the rules, from its own.
ClusterOfNode cluster_of(const Seat& seat, Agenda::Owner life) {
  if (seat.cluster != nullptr)
    return {seat.cluster->join(seat.node, seat.name, life),
            [&seat = *seat.cluster, node = seat.node](const std::vector<ThingName>& things) {
              seat.tell_again(node, things);
            }};
  auto alone = std::make_unique<OnlyNode>();
  OnlyNode& told = *alone;
  return {std::move(alone), [&told](const std::vector<ThingName>& things) { told.tell_changed(things); }};
}

}  // namespace

Process::Process(const Machine& machine, Agenda::Owner life, Seeded entropy, Seeded of_tasks)
    : agenda_(machine.agenda),
      life_(life),
      entropy_(entropy),
      loop_(
          machine.agenda, life,
          [life, &network = machine.network](const Endpoint& endpoint, StreamEvents& events) {
            return network.connect(endpoint.address, life, events);
          },
          machine.seat.clock),
      loop_vault_(master_key),
      store_vault_(master_key),
      cluster_(cluster_of(machine.seat, life)),
      treatment_(machine.agenda, life, machine.disk, machine.task_habits, machine.mutation, of_tasks,
                 machine.task_counts, [this](auto task) { store_->submit(std::move(task)); }) {
  store_ = machine.database != nullptr ? open_shared(machine) : open_store(machine);
  const Ports ports{loop_, *store_, entropy_, loop_vault_, store_vault_, *cluster_.cluster};
  gateway_ = std::make_unique<Gateway>(ports, machine.settings);
  api_ = std::make_unique<Api>(gateway_->services());
}

std::unique_ptr<Store> Process::open_store(const Machine& machine) {
  auto store = SimStore::open(loop_, machine.disk, store_vault_.check_value(), machine.commit_delay, machine.near,
                              [this](auto& running, auto& arrived) { treatment_.treat(running, arrived); });
  XION_ASSERT(store.has_value());
  return std::move(*store);
}

Rows& Process::rows_of(const Machine& machine) {
  if (machine.seat.cluster != nullptr) {
    node_rows_ =
        std::make_unique<NodeRows>(loop_, agenda_, *machine.database, entropy_.fork("rows"), machine.database_habits);
    return *node_rows_;
  }
  rows_ = std::make_unique<SimulatedRows>(loop_, *machine.database, entropy_.fork("rows"), machine.database_habits);
  rows_->went_away = machine.database_went_away;
  return *rows_;
}

/// Small batches, so that tasks meet each other's rows in the store as well as in memory.
std::unique_ptr<Store> Process::open_shared(const Machine& machine) {
  SharedEngine::Settings settings{.node = machine.seat.node, .tasks_of_batch = 8};
  settings.kept_after_all = [this](const auto& things) { cluster_.tell_changed(things); };
  settings.status_changed = [this, told = machine.seat.was_taken_over] {
    if (told && store_ && static_cast<SharedEngine&>(*store_).is_fenced()) told();
  };
  auto engine = std::make_unique<SharedEngine>(loop_, rows_of(machine), std::move(settings));
  engine->open();
  return engine;
}

void Process::heal() {
  if (rows_) rows_->heal();
  if (node_rows_) node_rows_->heal();
}

void Process::set_link(Link link) {
  if (node_rows_) node_rows_->set_link(link);
}

Process::~Process() {
  *lives_ = false;
  api_.reset();
  gateway_.reset();
  // Tasks and posted work hold exchanges, which tell their clients that the connection broke.
  agenda_.drop(life_);
  store_.reset();
}

void Process::start(std::move_only_function<void(bool)> ready) {
  gateway_->start([this, ready = std::move(ready)](bool is_well) mutable {
    is_ready_ = is_well;
    ready(is_well);
  });
}

}  // namespace xion::sim
