#include "sim/seed_run.h"

#include <optional>
#include <ranges>
#include <set>
#include <string>

#include "sim/seed_faults.h"
#include "sim/simulated_world.h"

namespace xion::sim {
namespace {

/// After the last fault: the longest life of a code, the 120 s for which receipts are parked, and some.
constexpr Millis calm{260'000};

constexpr Millis storm{25'000};

/// In every so manieth seed one of two carriers is well all the time, and so are the daemon, its disk and its network.
constexpr std::uint64_t healthy_seeds = 4;
constexpr auto well_carrier = "carrier-well";
/// Until the first bind stands.
constexpr Millis warm_up{3'000};

/// A fault that is on in some seeds only: faults that are always there hide each other.
double maybe(Seeded& entropy, double share_of_seeds, double most) {
  return entropy.chance(share_of_seeds) ? most * static_cast<double>(entropy.between(10, 100)) / 100 : 0;
}

CarrierSettings draw_carrier(Seeded& entropy, const std::string& name) {
  CarrierSettings carrier;
  carrier.name = name;
  carrier.addresses = {name + ".example:2775"};
  if (entropy.chance(0.3)) carrier.addresses.push_back(name + "-2.example:2775");
  carrier.system_id = "xion";
  carrier.password = Secret("secret");
  carrier.sender = "Xion";
  carrier.bind = entropy.pick({"transceiver", "transceiver", "transmitter+receiver"});
  carrier.binds = static_cast<std::uint32_t>(entropy.pick({1, 1, 2, 3}));
  carrier.window = static_cast<std::uint32_t>(entropy.pick({1, 2, 5, 10}));
  carrier.rate = entropy.pick({0.0, 2.0, 10.0, 30.0});
  carrier.account_rate = entropy.pick({0.0, 0.0, 5.0, 20.0});
  carrier.default_alphabet =
      entropy.pick({smpp::Alphabet::gsm7, smpp::Alphabet::latin1, smpp::Alphabet::ascii, smpp::Alphabet::gsm7packed});
  carrier.concat = entropy.pick({smpp::Concat::udh8, smpp::Concat::udh16, smpp::Concat::sar, smpp::Concat::payload});
  carrier.enquire_link = entropy.between(Millis{3'000}, Millis{25'000});
  carrier.enquire_link_timeout = entropy.between(Millis{2'000}, Millis{8'000});
  carrier.bind_timeout = Millis{5'000};
  carrier.response_timeout = entropy.between(Millis{3'000}, Millis{15'000});
  carrier.reconnect_min = entropy.pick({Millis{500}, Millis{500}, Millis{3'000}});
  carrier.reconnect_max = Millis{8'000};
  carrier.dest_plus = entropy.chance(0.3);
  carrier.validity_format = entropy.pick({"relative", "absolute", "none"});
  return carrier;
}

Settings draw_settings(Seeded& entropy) {
  Settings settings;
  const auto carriers = entropy.between(1, 3);
  RouteSettings route;
  route.name = "default";
  for (std::int64_t i = 0; i < carriers; ++i) {
    settings.carriers.push_back(draw_carrier(entropy, fmt::format("carrier-{}", static_cast<char>('a' + i))));
    route.carriers.push_back(
        {settings.carriers.back().name, entropy.chance(0.3) ? 1U + static_cast<std::uint32_t>(i) : 0U});
  }
  route.failover_after = Seconds{entropy.between(2, 10)};
  settings.routes.push_back(route);
  if (entropy.chance(0.4)) {
    RouteSettings armenia = route;
    armenia.name = "armenia";
    armenia.prefix = "+374";
    armenia.carriers = {{settings.carriers.back().name}};
    settings.routes.push_back(armenia);
  }
  settings.plans["starter"] = {"starter", entropy.chance(0.1) ? 15U : 1'000U, 5};
  settings.plans["custom"] = {"custom", 0, 0};
  settings.otp.attempts = static_cast<std::uint8_t>(entropy.between(1, 5));
  settings.guard.mode = GuardMode::record;
  settings.otp.code_length_min = 4;
  settings.otp.ttl = Seconds{60};  // Every request is over when the seed is.
  if (entropy.chance(0.8)) {
    settings.limits.sends_per_phone = {{20, Seconds{600}}};
    settings.limits.cooldown = {Seconds{4}, Seconds{10}};
    settings.limits.locks_per_phone = {};
    settings.limits.sends_per_user_ip.clear();
    settings.limits.phones_per_user_ip = {};
  }
  return settings;
}

/// Limits that a seed's few minutes can meet.
void draw_limits(Seeded& entropy, LimitSettings& limits) {
  const auto rule = [&](std::int64_t most) {
    return RateRule{static_cast<std::uint32_t>(entropy.between(1, most)), Seconds{entropy.between(20, 300)}};
  };
  if (entropy.chance(0.3)) limits.sends_per_phone = {rule(6)};
  if (entropy.chance(0.2)) {
    limits.locks_per_phone = rule(2);
    limits.phone_lock = Seconds{entropy.between(30, 200)};
  }
  if (entropy.chance(0.2)) limits.sends_per_user_ip = {rule(10)};
  if (entropy.chance(0.2)) limits.phones_per_user_ip = rule(4);
  if (entropy.chance(0.2)) limits.failed_verifies_per_user_ip = rule(6);
}

NetworkHabits draw_network(Seeded& entropy) {
  NetworkHabits habits;
  habits.latency_max = entropy.pick({Millis{5}, Millis{60}, Millis{400}});
  habits.refuse = maybe(entropy, 0.3, 0.4);
  habits.split = maybe(entropy, 0.4, 0.8);
  habits.octet_by_octet = maybe(entropy, 0.3, 0.3);
  habits.delay = maybe(entropy, 0.3, 0.3);
  return habits;
}

WorldHabits draw_world(Seeded& entropy) {
  WorldHabits habits;
  habits.answer_lost = maybe(entropy, 0.5, 0.3);
  habits.commit_max = entropy.pick({Millis{2}, Millis{10}, Millis{250}});
  habits.commit_stalls = maybe(entropy, 0.2, 0.01);
  habits.commit_fails = maybe(entropy, 0.25, 0.02);
  habits.map_full = maybe(entropy, 0.2, 0.01);
  habits.killed_at_edge = maybe(entropy, 0.4, 0.03);
  if (entropy.chance(0.3)) habits.killed_every = entropy.between(Millis{10'000}, Millis{60'000});
  if (entropy.chance(0.2)) habits.operated_every = entropy.between(Millis{5'000}, Millis{30'000});
  if (entropy.chance(0.3)) habits.restarted_every = entropy.between(Millis{20'000}, Millis{90'000});
  if (!entropy.chance(0.2)) {  // Else a seed is too short for anything to be folded.
    habits.near.memory_octets = static_cast<std::size_t>(entropy.between(2'000, 60'000));
    habits.near.journal_octets = 2 * habits.near.memory_octets;
    habits.near.ticks = static_cast<std::uint32_t>(entropy.between(1, 20));
    habits.near.step_octets = static_cast<std::size_t>(entropy.between(200, 8'000));
    habits.near.tick_octets = static_cast<std::size_t>(entropy.between(200, 8'000));
  }
  return habits;
}

/// A healthy seed's messages are kept waiting by nothing, so none of their tasks is put off.
TaskHabits draw_tasks(Seeded& entropy, bool is_healthy) {
  TaskHabits habits;
  habits.broken_off = maybe(entropy, 0.4, 0.3);
  habits.shuffled = maybe(entropy, 0.4, 1);
  habits.deferred = is_healthy ? 0 : maybe(entropy, 0.2, 0.4);
  return habits;
}

/// Nobody is away for so long that a commit in doubt is told to have failed, though it may have been kept.
DatabaseHabits draw_database(Seeded& entropy) {
  DatabaseHabits habits;
  habits.latency_max = entropy.pick({Millis{2}, Millis{10}, Millis{60}});
  habits.conflict = maybe(entropy, 0.4, 0.3);
  habits.doubt = maybe(entropy, 0.4, 0.1);
  habits.unreachable = maybe(entropy, 0.3, 0.003);
  return habits;
}

/// What several nodes do to each other. Nobody stops them all: some may be away for long.
NodeHabits draw_nodes(Seeded& entropy) {
  NodeHabits habits;
  const auto every = [&](double share_of_seeds) {
    const Millis about = entropy.between(Millis{15'000}, Millis{90'000});
    return entropy.chance(share_of_seeds) ? about : Millis{0};
  };
  habits.frozen_every = every(0.4);
  habits.cut_off_every = every(0.4);
  habits.carrier_cut_every = every(0.3);
  habits.failover_every = every(0.25);
  habits.span_max = entropy.pick({Millis{2'000}, Millis{6'000}, Millis{15'000}});
  habits.sticky = entropy.pick({0.0, 0.0, 0.5, 1.0});
  habits.is_perfect = entropy.chance(0.3);
  return habits;
}

/// One carrier has faults, the other none and room for everything; it stands in every route.
void make_healthy(Settings& settings) {
  CarrierSettings healthy = settings.carriers.front();
  settings.carriers.resize(1);
  healthy.name = well_carrier;
  healthy.addresses = {healthy.name + ".example:2775"};
  healthy.rate = healthy.account_rate = 0;
  healthy.window = 10;
  settings.carriers.push_back(healthy);
  settings.routes.front().carriers = {{settings.carriers.front().name}, {healthy.name}};
  for (auto& route : settings.routes | std::views::drop(1)) route.carriers = {{healthy.name}};
}

void add_people(World& world, Seeded& entropy) {
  const auto users = entropy.between(4, 24);
  const double full_queues = maybe(entropy, 0.15, 0.3);
  std::set<std::string> phones;
  for (std::int64_t i = 0; i < users; ++i) {
    const auto number = entropy.between(100'000, 999'999);
    const std::string phone = entropy.pick({0, 1, 2}) == 0 ? fmt::format("+37499{}", number)
                              : entropy.chance(0.5)        ? fmt::format("+447911{}", number)
                                                           : fmt::format("+4915123{}", number);
    if (!phones.insert(phone).second) continue;  // One person has one phone.
    world.backends().add_user(phone, static_cast<std::size_t>(i % 2));
    for (const auto& [name, carrier] : world.carriers()) {
      if (name != well_carrier) draw_full_queue(entropy, full_queues, carrier->script(), phone);
    }
  }
  auto& habits = world.backends().habits;
  habits.code_length = static_cast<std::uint8_t>(entropy.pick({4, 6, 6, 8, 10}));
  habits.idempotent = entropy.pick({0.0, 0.5, 1.0});
  habits.rotates = maybe(entropy, 0.4, 1.0);
}

/// `longest_wait`: of a message, where one carrier is well.
void play(World& world, Millis span, bool ends_in_storm, std::optional<Millis> longest_wait) {
  const MonoTime began = world.agenda().now(), end = began + span;
  const auto steps_on = [&](MonoTime until) {
    while (world.agenda().now() < until && !world.chronicle().is_broken()) {
      world.run_for(Millis{100});
      if (longest_wait && world.agenda().now() > began + warm_up) world.wire().waits().check(*longest_wait);
    }
  };
  world.backends().run_until(end);
  if (ends_in_storm) {
    // No carrier to be had, then the process dies: what waits has only the disk to be remembered by.
    steps_on(end - storm);
    for (const auto& [name, carrier] : world.carriers()) {
      carrier->fault("bind-fail");
      carrier->disconnect();
    }
    steps_on(end);
    world.kill(Death::killed);
  }
  steps_on(end);
  world.heal();
  steps_on(end + calm);
  if (!world.chronicle().is_broken()) world.settle_accounts();
}

}  // namespace

SeedOutcome& SeedOutcome::operator+=(const SeedOutcome& other) {
  accepted += other.accepted;
  verified += other.verified;
  submits += other.submits;
  receipts += other.receipts;
  lives += other.lives;
  steps += other.steps;
  broken_off += other.broken_off;
  put_off += other.put_off;
  digest = digest * 31 + other.digest;
  return *this;
}

SeedOutcome run_seed(std::uint64_t seed, Millis span, bool prints_trace, Mutation mutation, Engine engine,
                     std::size_t nodes) {
  Seeded entropy(seed);
  Seeded of_tasks(~seed);  // Of its own: what was drawn before there were these is drawn as it was.
  Seeded of_settings = entropy.fork("settings");
  Settings settings = draw_settings(of_settings);
  Seeded of_limits = of_tasks.fork("limits");
  draw_limits(of_limits, settings.limits);
  Seeded of_nodes(seed ^ 0x5DEECE66D);
  const std::size_t count = nodes > 0 ? nodes : static_cast<std::size_t>(of_nodes.between(2, 4));
  const bool is_healthy = seed % healthy_seeds == 0 && count == 1;
  if (is_healthy) make_healthy(settings);
  const Millis longest_wait = Millis(settings.routes.front().failover_after) + Millis{1'000};
  World world(settings, entropy.next(), prints_trace, mutation, engine, count);
  world.add_app("shop", "starter");
  world.add_app("the-savings-bank-of-a-town-with-a-very-long-name-indeed", "custom");
  Seeded of_faults = entropy.fork("faults");
  for (const auto& [name, carrier] : world.carriers()) draw_faults(of_faults, *carrier);
  world.network().set_habits(draw_network(of_faults));
  world.habits = draw_world(of_faults);
  if (is_healthy) {
    world.carrier(well_carrier).heal();
    world.network().set_habits({});
    world.habits = {};
  }
  world.habits.tasks = draw_tasks(of_tasks, is_healthy);
  if (engine == Engine::shared && !is_healthy) world.habits.database = draw_database(of_tasks);
  if (count > 1) world.habits.nodes = draw_nodes(of_nodes);
  world.start();
  Seeded of_people = entropy.fork("people");
  add_people(world, of_people);
  const bool ends_in_storm = of_people.chance(0.3);
  play(world, span, ends_in_storm && !is_healthy, is_healthy ? std::optional(longest_wait) : std::nullopt);

  SeedOutcome outcome;
  outcome.broken = world.chronicle().finding();
  outcome.last_lines.assign(world.chronicle().last_lines().begin(), world.chronicle().last_lines().end());
  outcome.digest = world.chronicle().digest();
  outcome.accepted = world.ledger().accepted();
  outcome.verified = world.ledger().verified();
  outcome.submits = world.wire().submits();
  outcome.receipts = world.wire().acknowledged_receipts();
  outcome.lives = world.lives();
  outcome.steps = world.agenda().steps();
  outcome.broken_off = world.task_counts().broken_off;
  outcome.put_off = world.task_counts().put_off;
  return outcome;
}

}  // namespace xion::sim
