#pragma once
#include "app/codes/dry_run.h"
#include "base/json_writer.h"
#include "control/verb.h"

namespace xion::control {

/// Members of an open object: what a send would meet beside the choice of a carrier (lists, rights, guard, limits,
/// plan), and how it would look: sender, parts, alphabet, TLVs.
void write_decision(JsonWriter& json, const Command& command, const DryRun& run);

}  // namespace xion::control
