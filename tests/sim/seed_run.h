#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "sim/mutation.h"
#include "sim/simulated_world.h"

namespace xion::sim {

/// What one seed gave.
struct SeedOutcome {
  std::string broken;                   ///< Empty: every invariant held.
  std::vector<std::string> last_lines;  ///< Before it broke.
  std::uint64_t digest = 0;             ///< The same for every run of the seed.
  std::size_t accepted = 0, verified = 0, submits = 0, receipts = 0, lives = 0;
  std::uint64_t steps = 0;
  std::size_t broken_off = 0, put_off = 0;  ///< Tasks, by the store.
  /// Adds up what several seeds gave.
  SeedOutcome& operator+=(const SeedOutcome& other);
};

/// Draws a configuration, carriers, faults and customers from the seed, plays them for `span` of virtual time, stops
/// the faults, lets every request come to its end, and asks the auditor. `nodes`: that share a database; 0: two to
/// four.
SeedOutcome run_seed(std::uint64_t seed, Millis span, bool prints_trace, Mutation mutation = Mutation::none,
                     Engine engine = Engine::log, std::size_t nodes = 1);

}  // namespace xion::sim
