#include "sim/simulated_process.h"

#include <string>
#include <utility>

#include "base/assert.h"

namespace xion::sim {
namespace {

const MasterKey master_key(std::string(master_key_octets, 'k'));

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
      cluster_(join_cluster(machine)),
      treatment_(machine.agenda, life, machine.disk, machine.task_habits, machine.mutation, of_tasks,
                 machine.task_counts, [this](auto task) { store_->submit(std::move(task)); }) {
  store_ = machine.database != nullptr ? open_shared(machine) : open_store(machine);
  const Ports ports{loop_, *store_, entropy_, loop_vault_, store_vault_, *cluster_.cluster};
  gateway_ = std::make_unique<Gateway>(ports, machine.settings);
  api_ = std::make_unique<Api>(gateway_->services());
}

/// The perfect membership tells faults of the auditor, or of the rules, from those of the one that is shipped.
ClusterOfNode Process::join_cluster(const Machine& machine) {
  const Seat& seat = machine.seat;
  if (seat.perfect != nullptr)
    return {seat.perfect->join(seat.node, seat.name, life_),
            [&all = *seat.perfect, node = seat.node](const std::vector<ThingName>& things) {
              all.tell_again(node, things);
            }};
  if (!seat.is_of_many) {
    auto alone = std::make_unique<OnlyNode>();
    OnlyNode& told = *alone;
    return {std::move(alone), [&told](const std::vector<ThingName>& things) { told.tell_changed(things); }};
  }
  cluster_rows_ =
      std::make_unique<NodeRows>(loop_, agenda_, *machine.database, entropy_.fork("beats"), machine.database_habits);
  auto nodes = std::make_unique<SharedCluster>(
      loop_, *cluster_rows_, SharedCluster::Settings{.name = seat.name, .fenced = seat.was_taken_over});
  shared_cluster_ = nodes.get();
  return {std::move(nodes), [this](const std::vector<ThingName>& things) { shared_cluster_->tell_changed(things); }};
}

std::unique_ptr<Store> Process::open_store(const Machine& machine) {
  auto store = SimStore::open(loop_, machine.disk, store_vault_.check_value(), machine.commit_delay, machine.near,
                              [this](auto& running, auto& arrived) { treatment_.treat(running, arrived); });
  XION_ASSERT(store.has_value());
  return std::move(*store);
}

Rows& Process::rows_of(const Machine& machine) {
  if (machine.seat.is_of_many) {
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
  if (shared_cluster_ != nullptr) {
    settings.name = machine.seat.name;
    settings.began = [this](NodeLife begun) { shared_cluster_->begin(begun); };
    settings.changed_elsewhere = [this](const auto& things) { shared_cluster_->tell_changed(things); };
  }
  auto engine = std::make_unique<SharedEngine>(loop_, rows_of(machine), std::move(settings));
  engine->open();
  return engine;
}

std::optional<NodeLife> Process::life_of_node() const {
  const auto* engine = shared_cluster_ == nullptr ? nullptr : static_cast<const SharedEngine*>(store_.get());
  return engine != nullptr && engine->is_open() ? std::optional(engine->life()) : std::nullopt;
}

void Process::heal() {
  if (rows_) rows_->heal();
  for (const auto& rows : {node_rows_.get(), cluster_rows_.get()})
    if (rows != nullptr) rows->heal();
}

void Process::set_link(Link link) {
  for (const auto& rows : {node_rows_.get(), cluster_rows_.get()})
    if (rows != nullptr) rows->set_link(link);
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
