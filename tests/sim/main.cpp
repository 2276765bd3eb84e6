// Plays seeds: the whole gateway against simulated carriers, customers, disk and network, in virtual time.
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "sim/seed_run.h"

namespace {

using namespace xion;
using Clock = std::chrono::steady_clock;

struct Options {
  std::uint64_t first = 1, last = 1;
  std::vector<std::uint64_t> kept;  ///< Instead of first to last.
  std::uint64_t minutes = 4;        ///< Of virtual time with faults.
  std::uint64_t jobs = 1;
  std::optional<double> hours;  ///< Of real time: seeds go on until it is over.
  bool has_trace = false;
  sim::Mutation mutation = sim::Mutation::none;
  sim::Engine engine = sim::Engine::log;
  std::size_t nodes = 1;
  bool plays_mutations = false;
};

constexpr std::string_view usage =
    "usage: xion_sim [--seed N | --seeds FROM..TO | --fresh N | --kept FILE] [--hours H] [--minutes N] [--jobs N]\n"
    "                [--engine log|shared] [--nodes N] [--mutation NAME] [--mutations] [--trace]\n"
    "  --seed N         plays one seed (1)\n"
    "  --seeds A..B     plays the seeds A to B\n"
    "  --fresh N        plays N seeds that nobody has played before, and prints the first\n"
    "  --kept FILE      plays the seeds of a file: one a line, what follows a # says why it is there\n"
    "  --hours H        plays seed after seed from the first one for so long\n"
    "  --minutes N      virtual minutes with faults in each seed (4)\n"
    "  --jobs N         so many processes at once (1)\n"
    "  --engine NAME    log: xiond's own, over a disk; shared: over a database across a network (log)\n"
    "  --nodes N        so many gateways on the shared engine; 0: two to four, by the seed (1)\n"
    "  --mutation NAME  builds a fault in: told-early, no-cooldown, …\n"
    "  --mutations      plays the seeds with each such fault until one finds it; fails where none does\n"
    "  --trace          prints every event\n";

/// More seeds may be broken than anybody wants to read of.
constexpr int broken_at_most = 10;
constexpr std::chrono::seconds progress_interval{20};

[[noreturn]] void leave(std::string_view why) {
  fmt::print(stderr, "xion_sim: {}\n{}", why, usage);
  std::exit(2);
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) leave(fmt::format("{}: expected a number", text));
  return value;
}

/// Of the clock's milliseconds: no two runs begin in the same one.
std::uint64_t fresh_seed() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(now).count());
}

std::vector<std::uint64_t> seeds_of(const char* path) {
  std::ifstream file(path);
  if (!file) leave(fmt::format("{}: can't be read", path));
  std::vector<std::uint64_t> seeds;
  for (std::string line; std::getline(file, line);) {
    line.resize(std::min(line.find_first_of(" #"), line.size()));
    if (!line.empty()) seeds.push_back(number(line));
  }
  if (seeds.empty()) leave(fmt::format("{}: no seed in it", path));
  return seeds;
}

Options read(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--trace" || name == "--mutations") {
      (name == "--trace" ? options.has_trace : options.plays_mutations) = true;
      continue;
    }
    if (i + 1 == argc || name == "--help") {
      fmt::print(stderr, "{}", usage);
      std::exit(name == "--help" ? 0 : 2);
    }
    const std::string_view value = argv[++i];
    if (name == "--seed") {
      options.first = options.last = number(value);
    } else if (name == "--seeds") {
      const auto dots = value.find("..");
      options.first = number(value.substr(0, dots));
      options.last = dots == std::string_view::npos ? options.first : number(value.substr(dots + 2));
    } else if (name == "--fresh") {
      options.first = fresh_seed();
      options.last = options.first + number(value) - 1;
      fmt::print("fresh seeds: --seeds {}..{}\n", options.first, options.last);
    } else if (name == "--kept") {
      options.kept = seeds_of(argv[i]);
    } else if (name == "--hours") {
      options.hours = std::strtod(argv[i], nullptr);
      options.last = UINT64_MAX;
    } else if (name == "--minutes") {
      options.minutes = number(value);
    } else if (name == "--jobs") {
      options.jobs = std::max<std::uint64_t>(1, number(value));
    } else if (name == "--engine") {
      if (value != "log" && value != "shared") leave(fmt::format("{}: no such engine", value));
      options.engine = value == "log" ? sim::Engine::log : sim::Engine::shared;
    } else if (name == "--nodes") {
      options.nodes = number(value);
    } else if (name == "--mutation") {
      const auto mutation = sim::mutation_named(value);
      if (!mutation) leave(fmt::format("{}: no such mutation", value));
      options.mutation = *mutation;
    } else {
      leave(fmt::format("{}: no such option", name));
    }
  }
  if (options.nodes != 1) options.engine = sim::Engine::shared;
  if (!options.kept.empty()) {
    options.first = 0;
    options.last = options.kept.size() - 1;
  }
  std::fflush(stdout);
  return options;
}

/// What all processes have played, in memory that they share.
struct Progress {
  std::atomic<std::uint64_t> seeds = 0, broken = 0;
};
Progress& shared_progress() {
  void* memory = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  XION_ASSERT(memory != MAP_FAILED);
  return *new (memory) Progress;
}

sim::SeedOutcome run(std::uint64_t seed, const Options& options, sim::Mutation mutation) {
  return sim::run_seed(seed, Millis{static_cast<std::int64_t>(options.minutes) * 60'000}, options.has_trace, mutation,
                       options.engine, options.nodes);
}

void tell_broken(std::uint64_t seed, const sim::SeedOutcome& outcome, const Options& options) {
  fmt::print("\nseed {} broke: {}\n", seed, outcome.broken);
  if (!options.has_trace) {
    for (const auto& line : outcome.last_lines) fmt::print("  {}\n", line);
  }
  const std::string minutes = options.minutes == Options{}.minutes ? "" : fmt::format(" --minutes {}", options.minutes);
  std::string engine = options.engine == sim::Engine::shared ? " --engine shared" : "";
  if (options.nodes != 1) engine = fmt::format(" --nodes {}", options.nodes);
  fmt::print("replay: build/dev/bin/xion_sim --seed {}{}{} --trace\n", seed, minutes, engine);
  fmt::print("keep it: a scenario in tests/scenarios, and a line in tests/sim/seeds_that_broke\n");
  std::fflush(stdout);
}

/// Every `jobs`-th seed. Returns how many broke.
int play(const Options& options, std::uint64_t offset, Progress& progress) {
  const auto began = Clock::now();
  auto told_at = began;
  int broken = 0;
  std::uint64_t seeds = 0;
  if (options.jobs > 1 && options.kept.empty())
    fmt::print("seeds {}, {}, …{}\n", options.first + offset, options.first + offset + options.jobs,
               options.hours ? "" : fmt::format(" {}", options.last));
  sim::SeedOutcome sum;
  for (std::uint64_t at = options.first + offset; at <= options.last; at += options.jobs) {
    const std::uint64_t seed = options.kept.empty() ? at : options.kept[at];
    const auto outcome = run(seed, options, options.mutation);
    ++seeds;
    ++progress.seeds;
    if (!outcome.broken.empty()) {
      ++broken;
      ++progress.broken;
      tell_broken(seed, outcome, options);
    }
    sum += outcome;
    const auto now = Clock::now();
    const std::chrono::duration<double, std::ratio<3600>> hours = now - began;
    if (options.hours && hours.count() >= *options.hours) break;
    if (broken >= broken_at_most) break;
    if (options.hours && offset == 0 && now - told_at >= progress_interval) {
      told_at = now;
      const std::chrono::duration<double> took = now - began;
      fmt::print("{:.2f} h: {} seeds, {} broken, {:.1f} a second, at {}\n", hours.count(), progress.seeds.load(),
                 progress.broken.load(), static_cast<double>(progress.seeds.load()) / took.count(), seed);
      std::fflush(stdout);
    }
  }
  const std::chrono::duration<double> took = Clock::now() - began;
  fmt::print(
      "{} seeds, {} broken, {:.1f} s: {} sends accepted, {} verified, {} submits, {} receipts, {} lives, {} events, "
      "{} tasks broken off, {} put off, digest {:016x}\n",
      seeds, broken, took.count(), sum.accepted, sum.verified, sum.submits, sum.receipts, sum.lives, sum.steps,
      sum.broken_off, sum.put_off, sum.digest);
  std::fflush(stdout);
  return broken;
}

/// Plays the seeds with each fault that is built in, until one finds it. Returns how many are found by none.
int play_mutations(const Options& options) {
  int missed = 0;
  for (const auto& [mutation, name, meaning, is_of_many] : sim::mutation_names) {
    if (is_of_many != (options.nodes != 1)) continue;
    std::uint64_t seed = options.first;
    std::string finding;
    for (; seed <= options.last && finding.empty(); ++seed) finding = run(seed, options, mutation).broken;
    if (finding.empty()) {
      ++missed;
      fmt::print("{}: {}: NOT CAUGHT by {} seeds\n", name, meaning, seed - options.first);
    } else {
      fmt::print("{}: {}: caught by seed {}, the {}. played: {}\n", name, meaning, seed - 1, seed - options.first,
                 finding.substr(0, finding.find('\n')));
    }
    std::fflush(stdout);
  }
  return missed;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read(argc, argv);
  if (options.plays_mutations) return play_mutations(options) == 0 ? 0 : 1;
  Progress& progress = shared_progress();
  if (options.jobs == 1) return play(options, 0, progress) == 0 ? 0 : 1;
  std::vector<pid_t> children;
  for (std::uint64_t job = 0; job < options.jobs; ++job) {
    const pid_t child = fork();
    if (child == 0) std::_Exit(play(options, job, progress) == 0 ? 0 : 1);
    children.push_back(child);
  }
  bool is_well = true;
  for (const pid_t child : children) {
    int status = 0;
    is_well = waitpid(child, &status, 0) == child && status == 0 && is_well;
    if (WIFSIGNALED(status))
      fmt::print("a process ended by signal {}: play its seeds with --jobs 1\n", WTERMSIG(status));
  }
  return is_well ? 0 : 1;
}
