#pragma once
#include <string>

#include "sim/seeded.h"
#include "sim/simulated_smsc.h"

namespace xion::sim {

/// Gives a carrier the faults of a seed: of every row of the simulator's table that this network and this auditor can
/// play, in some seeds.
void draw_faults(Seeded& entropy, SimulatedSmsc& smsc);
/// Each message for this phone is refused by a carrier with a full queue, where the seed says so.
void draw_full_queue(Seeded& entropy, double share, carrier::Script& script, const std::string& phone);

}  // namespace xion::sim
