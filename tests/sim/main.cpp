// Plays seeds: the whole gateway against simulated carriers, customers, disk and network, in virtual time.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/seed_run.h"

namespace {

using namespace xion;

struct Options {
  std::uint64_t first = 1, last = 1;
  std::uint64_t minutes = 4;  ///< Of virtual time with faults.
  std::uint64_t jobs = 1;
  std::optional<double> hours;  ///< Of real time: seeds go on until it is over.
  bool has_trace = false;
};

constexpr std::string_view usage =
    "usage: xion_sim [--seed N | --seeds FROM..TO] [--hours H] [--minutes N] [--jobs N] [--trace]\n"
    "  --seed N         plays one seed (1)\n"
    "  --seeds A..B     plays the seeds A to B\n"
    "  --hours H        plays seed after seed from the first one for so long\n"
    "  --minutes N      virtual minutes with faults in each seed (4)\n"
    "  --jobs N         so many processes at once (1)\n"
    "  --trace          prints every event\n";

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    fmt::print(stderr, "xion_sim: {}: expected a number\n{}", text, usage);
    std::exit(2);
  }
  return value;
}

Options read(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--trace") {
      options.has_trace = true;
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
    } else if (name == "--hours") {
      options.hours = std::strtod(argv[i], nullptr);
      options.last = UINT64_MAX;
    } else if (name == "--minutes") {
      options.minutes = number(value);
    } else if (name == "--jobs") {
      options.jobs = std::max<std::uint64_t>(1, number(value));
    } else {
      fmt::print(stderr, "xion_sim: {}: no such option\n{}", name, usage);
      std::exit(2);
    }
  }
  return options;
}

void tell_broken(std::uint64_t seed, const sim::SeedOutcome& outcome, const Options& options) {
  fmt::print("\nseed {} broke: {}\n", seed, outcome.broken);
  if (!options.has_trace) {
    for (const auto& line : outcome.last_lines) fmt::print("  {}\n", line);
  }
  const std::string minutes = options.minutes == Options{}.minutes ? "" : fmt::format(" --minutes {}", options.minutes);
  fmt::print("replay: build/dev/bin/xion_sim --seed {}{} --trace\n", seed, minutes);
  std::fflush(stdout);
}

/// Every `jobs`-th seed. Returns how many broke.
int play(const Options& options, std::uint64_t offset) {
  const auto began = std::chrono::steady_clock::now();
  int broken = 0;
  std::uint64_t seeds = 0;
  if (options.jobs > 1)
    fmt::print("seeds {}, {}, … {}\n", options.first + offset, options.first + offset + options.jobs, options.last);
  sim::SeedOutcome sum;
  for (std::uint64_t seed = options.first + offset; seed <= options.last; seed += options.jobs) {
    const auto outcome =
        sim::run_seed(seed, Millis{static_cast<std::int64_t>(options.minutes) * 60'000}, options.has_trace);
    ++seeds;
    if (!outcome.broken.empty()) {
      ++broken;
      tell_broken(seed, outcome, options);
    }
    sum.accepted += outcome.accepted;
    sum.verified += outcome.verified;
    sum.submits += outcome.submits;
    sum.receipts += outcome.receipts;
    sum.lives += outcome.lives;
    sum.steps += outcome.steps;
    sum.digest = sum.digest * 31 + outcome.digest;
    const std::chrono::duration<double, std::ratio<3600>> hours = std::chrono::steady_clock::now() - began;
    if (options.hours && hours.count() >= *options.hours) break;
    if (broken >= 10) break;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print(
      "{} seeds, {} broken, {:.1f} s: {} sends accepted, {} verified, {} submits, {} receipts, {} lives, {} events, "
      "digest {:016x}\n",
      seeds, broken, took.count(), sum.accepted, sum.verified, sum.submits, sum.receipts, sum.lives, sum.steps,
      sum.digest);
  std::fflush(stdout);
  return broken;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read(argc, argv);
  if (options.jobs == 1) return play(options, 0) == 0 ? 0 : 1;
  std::vector<pid_t> children;
  for (std::uint64_t job = 0; job < options.jobs; ++job) {
    const pid_t child = fork();
    if (child == 0) std::_Exit(play(options, job) == 0 ? 0 : 1);
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
