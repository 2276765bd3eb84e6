#include "sim/simulated_world.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/log.h"

namespace xion::sim {
namespace {

/// A backend waits so long for an answer.
constexpr Millis client_patience{15'000};
/// After a failed commit the store tries its disk again within a second.
constexpr Millis store_recovers_in{1'100};

Millis about(Millis span, Seeded& entropy) { return entropy.between(span / 2, span + span / 2); }

/// What the process of a mutation that forgets a limit goes by.
Settings forgetting(Settings settings, Mutation mutation) {
  LimitSettings& limits = settings.limits;
  if (mutation == Mutation::no_cooldown) limits.cooldown.clear();
  if (mutation == Mutation::no_sends_per_phone) limits.sends_per_phone.clear();
  if (mutation == Mutation::no_locks_per_phone) limits.locks_per_phone = {};
  if (mutation == Mutation::no_sends_per_user_ip) limits.sends_per_user_ip.clear();
  if (mutation == Mutation::no_phones_per_user_ip) limits.phones_per_user_ip = {};
  if (mutation == Mutation::no_failed_verifies_per_user_ip) limits.failed_verifies_per_user_ip = {};
  if (mutation == Mutation::no_attempts) settings.otp.attempts = 200;
  if (mutation == Mutation::no_month) {
    for (auto& [name, plan] : settings.plans) plan.sms_per_month = 0;
  }
  return settings;
}

}  // namespace

World::World(Settings settings, std::uint64_t seed, bool prints_trace, Mutation mutation, Engine engine,
             std::size_t nodes)
    : settings_(std::move(settings)),
      mutation_(mutation),
      settings_of_process_(forgetting(settings_, mutation)),
      entropy_(seed),
      entropy_of_tasks_(~seed),
      chronicle_(agenda_, prints_trace),
      ledger_(agenda_, chronicle_, settings_),
      wire_(agenda_, chronicle_, ledger_, settings_),
      leaks_(chronicle_, ledger_),
      network_(agenda_, entropy_.fork("network"), wire_),
      engine_(engine),
      entropy_of_nodes_(seed * 31 + 7),
      cluster_(agenda_, entropy_of_nodes_.fork("cluster")),
      backends_(
          agenda_, chronicle_, entropy_.fork("backends"),
          [this](Ask ask, std::move_only_function<void(const Told&)> done) { call(std::move(ask), std::move(done)); }) {
  log::set_level(log::Level::debug);
  log::set_sink([this](log::Level, std::string_view line) {
    chronicle_.note("log: {}", line);
    log_.emplace_back(line);
  });
  if (mutation_ == Mutation::forgetful_restart) disk_.forgotten = Table::index_log;
  disk_.commit_fails = [this] { return commit_fails(); };
  disk_.is_full = [this] { return disk_may_fail_ && habits.map_full > 0 && entropy_.chance(habits.map_full); };
  wire_.written_something = [this](Agenda::Owner life) { maybe_strike(life); };
  make_nodes(nodes);
  for (const CarrierSettings& each : settings_.carriers) {
    auto carrier = std::make_unique<SimulatedSmsc>(agenda_, network_, entropy_.fork(each.name).next(), chronicle_, each,
                                                   nodes > 1);
    carrier->handset_gets = [this](const std::string& phone, const std::string& text) {
      handsets_[phone].push_back(text);
      wire_.on_handset(phone, text);
      backends_.on_sms(phone, text);
    };
    carrier->receipt_sent = [this](const auto& name, const auto& spelt, const auto& id) {
      wire_.on_receipt_sent(name, spelt, id);
    };
    carriers_.emplace(each.name, std::move(carrier));
  }
}

World::~World() {
  for (Node& node : nodes_) node.process.reset();
  agenda_.drop(Agenda::world);
  log::set_sink({});
}

// --- the disk -------------------------------------------------------------------------------------------------------

Millis World::commit_delay() {
  if (entropy_.chance(habits.commit_stalls)) return entropy_.between(Millis{500}, Millis{4'000});
  return entropy_.between(habits.commit_min, habits.commit_max);
}

bool World::commit_fails() {
  if (!disk_may_fail_ || !entropy_.chance(habits.commit_fails)) return false;
  chronicle_.note("a commit fails");
  wire_.on_trouble();
  ledger_.store_fails_until(agenda_.now() + store_recovers_in);
  return true;
}

/// It is looked for again and again, and then all that is in memory is read anew.
void World::database_went_away(Millis span) {
  chronicle_.note("nobody is at the database for {} ms", span.count());
  wire_.on_trouble();
  ledger_.store_fails_until(agenda_.now() + span + store_recovers_in);
}

// --- lives ----------------------------------------------------------------------------------------------------------

void World::add_app(const std::string& name, const std::string& plan) {
  apps_.emplace_back(name, plan);
  ledger_.include(name, settings_.plans.at(plan).sms_per_month);
}

void World::start() {
  has_perfect_cluster_ = habits.nodes.is_perfect;
  revive(nodes_.front());
  while (!is_up()) XION_ASSERT(agenda_.step());
  make_apps();
  disk_may_fail_ = true;
  revive();
  plan_deaths();
  plan_operations();
  plan(&NodeHabits::frozen_every, &World::freeze_one);
  plan(&NodeHabits::cut_off_every, &World::cut_off_one);
  plan(&NodeHabits::carrier_cut_every, &World::cut_off_carrier);
  plan(&NodeHabits::failover_every, &World::fail_over);
}

bool World::is_up() const {
  return std::ranges::any_of(nodes_, [](const Node& node) { return node.process && node.process->is_ready(); });
}

/// As `xionctl app add` and `xionctl key create` do, which somebody types again where the database was away.
void World::make_apps() {
  for (const auto& [name, plan] : apps_) {
    Directory& directory = nodes_.front().process->gateway().services().directory;
    until_done([&](auto done) {
      directory.add_app(name, plan, {}, [&, done](std::expected<App, Refusal> app) {
        done(app.has_value() || directory.app_named(name) != nullptr);  // It may have been kept all the same.
      });
    });
    until_done([&](auto done) {
      KeyWish wish;
      wish.app = name;
      directory.create_key(std::move(wish), the_operator, [&, done](std::expected<NewKey, Refusal> key) {
        if (key) backends_.add_app(name, key->text.reveal());
        done(key.has_value());
      });
    });
  }
}

void World::until_done(const std::function<void(std::function<void(bool)>)>& ask) {
  for (bool is_done = false; !is_done;) {
    bool is_answered = false;
    ask([&](bool was_done) {
      is_answered = true;
      is_done = was_done;
    });
    do {
      XION_ASSERT(agenda_.step());
    } while (!is_answered);
    if (!is_done) run_for(Millis{1'000});  // Before somebody types it again: refused at once, it would take no time.
  }
}

void World::revive() {
  for (Node& node : nodes_) revive(node);
}

Machine World::machine_of(Node& node) {
  return {agenda_,
          network_,
          disk_,
          settings_of_process_,
          [this] { return commit_delay(); },
          habits.tasks,
          mutation_,
          task_counts_,
          habits.near,
          engine_ == Engine::shared ? &database_ : nullptr,
          habits.database,
          [this](Millis span) { database_went_away(span); },
          {node.number, node.name, node.clock, is_of_many(), is_of_many() && has_perfect_cluster_ ? &cluster_ : nullptr,
           is_of_many() ? [this, &node, life = life_ + 1] { kill_replaced(node, life); } : std::function<void()>()}};
}

void World::revive(Node& node) {
  if (node.process) return;
  wire_.on_life();
  chronicle_.note("the process starts, life {}", life_ + 1);
  disk_.crash();
  const bool may_fail = std::exchange(disk_may_fail_, false);
  const Machine machine = machine_of(node);
  node.frozen_until = node.excused_until = {};
  node.unheard_until.clear();
  node.process = std::make_unique<Process>(machine, ++life_, entropy_.fork("life"), entropy_of_tasks_.fork("life"));
  disk_may_fail_ = may_fail;
  node.process->start([this, &node](bool is_well) {
    if (is_well) return;
    chronicle_.note("the store can't be read");
    agenda_.after(Millis{1}, Agenda::world, [this, &node] {
      kill(node, Death::killed);
      agenda_.after(Millis{2'000}, Agenda::world, [this, &node] { revive(node); });
    });
  });
}

void World::revive_later(Node& node) {
  agenda_.after(entropy_.between(habits.down_min, habits.down_max), Agenda::world, [this, &node] { revive(node); });
}

std::string World::kept_octets() const { return engine_ == Engine::shared ? database_.octets() : disk_.octets(); }

void World::kill(Death death) {
  for (Node& node : nodes_) kill(node, death);
}

void World::kill(Node& node, Death death) {
  if (!node.process) return;
  chronicle_.note("the process dies{}", death == Death::power_loss ? ", and its machine with it" : "");
  wire_.on_trouble();
  const Agenda::Owner life = node.process->life();
  if (death == Death::power_loss) network_.silence_all_of(life);
  if (is_of_many()) {
    be_troubled(agenda_.now() + Millis{1'000});
    cluster_.died(node.number);
    agenda_.thaw(life);
  }
  node.process.reset();
  leaks_.search_store(kept_octets());
}

/// An orderly stop: nothing may be lost that a crash would not lose.
void World::stop_orderly(Node& node) {
  if (!node.process || !node.process->is_ready() || is_frozen(node)) return;
  chronicle_.note("the process is asked to stop");
  node.process->gateway().stop([this, &node, life = node.process->life()] {
    agenda_.interrupt([this, &node, life] {
      if (!node.process || node.process->life() != life) return;
      if (const auto own = node.process->life_of_node()) database_.leave(*own);
      kill(node, Death::killed);
      revive_later(node);
    });
  });
}

/// Called where the process has just told the world something: the worst moment to die.
void World::maybe_strike(Agenda::Owner life) {
  Node* node = node_of(life);
  if (node == nullptr || node->is_strike_planned || !entropy_.chance(habits.killed_at_edge)) return;
  node->is_strike_planned = true;
  agenda_.interrupt([this, node] {
    node->is_strike_planned = false;
    kill(*node, entropy_.chance(0.5) ? Death::killed : Death::power_loss);
    revive_later(*node);
  });
}

void World::plan_deaths() {
  if (habits.killed_every > Millis{0}) {
    agenda_.after(about(habits.killed_every, entropy_), Agenda::world, [this] {
      if (habits.killed_every == Millis{0}) return;
      Node& node = any_node();
      kill(node, entropy_.chance(0.5) ? Death::killed : Death::power_loss);
      revive_later(node);
      plan_deaths();
    });
  } else if (habits.restarted_every > Millis{0}) {
    agenda_.after(about(habits.restarted_every, entropy_), Agenda::world, [this] {
      if (habits.restarted_every == Millis{0}) return;
      stop_orderly(any_node());
      plan_deaths();
    });
  }
}

/// As `xionctl carrier pause` and its like do.
void World::plan_operations() {
  if (habits.operated_every == Millis{0}) return;
  agenda_.after(about(habits.operated_every, entropy_), Agenda::world, [this] {
    if (habits.operated_every == Millis{0}) return;
    auto carrier = carriers_.begin();
    std::advance(carrier, entropy_.below(carriers_.size()));
    const auto operation = entropy_.below(3);
    Node& node = any_node();
    if (node.process && node.process->is_ready() && !is_frozen(node)) {
      chronicle_.note("operation {} on {}", operation, carrier->first);
      Carriers& carriers = *node.process->gateway().services().carriers;
      if (operation == 0) carriers.pause(carrier->first);
      if (operation == 1) carriers.resume(carrier->first);
      if (operation == 2) {
        wire_.on_trouble();  // Answers that are under way reach nobody.
        carriers.reconnect(carrier->first);
      }
    }
    plan_operations();
  });
}

void World::run_for(Millis span) {
  if (!agenda_.run_until(agenda_.now() + span))
    chronicle_.broken("no event begets itself for ever", "time stands still");
}

void World::heal() {
  chronicle_.note("faults stop");
  wire_.on_heal();
  habits = {};
  network_.set_habits({});
  for (auto& [name, carrier] : carriers_) carrier->heal();
  revive();
  for (Node& node : nodes_) node.process->heal();
  if (is_of_many()) {
    network_.join_all();
    database_.be_away({});
    cluster_.heal();
  }
  for (Node& node : nodes_) {
    if (!node.process->is_ready() || is_frozen(node)) continue;
    for (const auto& [name, carrier] : carriers_) node.process->gateway().services().carriers->resume(name);
  }
}

// --- calls ----------------------------------------------------------------------------------------------------------

void World::call(Ask ask, std::move_only_function<void(const Told&)> done) {
  // Shared by the answer and the client's patience: whichever comes first takes it.
  auto once = std::make_shared<std::move_only_function<void(const Told&)>>(std::move(done));
  agenda_.after(client_patience, Agenda::world, [once] {
    if (auto waiting = std::exchange(*once, {})) waiting(std::nullopt);
  });
  agenda_.after(
      entropy_.between(Millis{1}, habits.client_latency_max), Agenda::world,
      [this, ask = std::move(ask), once]() mutable {
        Node* node = node_for(ask);
        if (node == nullptr) {
          if (auto waiting = std::exchange(*once, {})) waiting(std::nullopt);
          return;
        }
        chronicle_.note("call {} {} {} {} {}", ask.number, ask.app, ask.path, ask.idempotency_key, ask.body);
        Process& process = *node->process;
        ask.arrived = node->clock.wall(agenda_.wall_now(), agenda_.now());
        ledger_.asked(ask);
        const Agenda::Owner life = process.life();
        auto tell = [this, node, life, once](const Ask& asked, Told told) { answer(*node, life, asked, told, once); };
        auto exchange = std::make_unique<SimExchange>(std::move(ask), process.lives(), std::move(tell));
        if (!is_of_many()) return process.handle(std::move(exchange));
        agenda_.after(Millis{0}, life,
                      [&process, exchange = std::move(exchange)]() mutable { process.handle(std::move(exchange)); });
      });
}

void World::answer(Node& node, Agenda::Owner life, const Ask& ask, const Told& told,
                   const std::shared_ptr<std::move_only_function<void(const Told&)>>& done) {
  if (told) {
    chronicle_.note("answer to {}: {} {}{}", ask.number, told->status, told->body,
                    header_of(*told, "Idempotency-Replayed") ? " (replayed)" : "");
  } else {
    chronicle_.note("call {} is cut", ask.number);
  }
  ledger_.told(ask, told, node.clock.wall(agenda_.wall_now(), agenda_.now()));
  const bool is_lost = entropy_.chance(habits.answer_lost);
  agenda_.after(entropy_.between(Millis{1}, habits.client_latency_max), Agenda::world,
                [done, told = is_lost ? std::nullopt : told] {
                  if (auto waiting = std::exchange(*done, {})) waiting(told);
                });
  if (told) maybe_strike(life);
}

Told World::call_and_wait(Ask ask) {
  std::optional<Told> answer;
  call(std::move(ask), [&](const Told& told) { answer = told; });
  while (!answer) XION_ASSERT(agenda_.step());
  return *answer;
}

Ask World::question(Verb verb, std::string path) {
  Ask ask;
  ask.number = ++scenario_asks_;
  ask.app = apps_.front().first;
  ask.api_key = backends_.key_of(ask.app);
  ask.verb = verb;
  ask.path = std::move(path);
  return ask;
}

Ask World::ask_to_send(const std::string& phone, const std::string& more) {
  Ask ask = question(Verb::send, "/v1/otp/send");
  ask.body = fmt::format(R"({{"phone":"{}"{}}})", phone, more);
  ask.phone = phone;
  return ask;
}

Ask World::ask_to_verify(const std::string& phone, const std::string& code) {
  Ask ask = question(Verb::verify, "/v1/otp/verify");
  ask.body = fmt::format(R"({{"phone":"{}","code":"{}"}})", phone, code);
  ask.phone = phone;
  ask.code = code;
  return ask;
}

Ask World::ask_to_read(const std::string& request_id) {
  Ask ask = question(Verb::read, "/v1/otp/" + request_id);
  ask.request_id = request_id;
  if (const RequestTold* request = ledger_.request(request_id)) {
    ask.phone = request->phone;
    ask.app = request->app;
    ask.api_key = backends_.key_of(ask.app);
  }
  return ask;
}

void World::settle_accounts() {
  if (ledger_.waiting() > 0) chronicle_.broken("every call has one answer", "{} have none", ledger_.waiting());
  ledger_.settle_unknown();
  std::vector<std::string> ids;
  for (const auto& [id, request] : ledger_.requests()) ids.push_back(id);
  for (const std::string& id : ids) {
    run_for(is_of_many() ? Millis{600} : Millis{250});  // At a pace that every plan allows, and each node's part of it.
    const Told told = call_and_wait(ask_to_read(id));
    if (!told || told->status != 200)
      return chronicle_.broken("a request that was told can be read", "{}: {}", id, told ? told->body : "no answer");
    wire_.check_end(*ledger_.request(id), *told);
  }
  wire_.check_all_kept();
  if (is_of_many()) ledger_.check_order();
  recount();
  leaks_.search_log(log_);
  leaks_.search_store(kept_octets());
}

}  // namespace xion::sim
