#pragma once
#include "app/delivery/carriers.h"
#include "base/json_writer.h"
#include "control/verb.h"

/// What the files about carriers share.
namespace xion::control {

/// A carrier as `carrier list`, `carrier show` and `status` show it: what is of this node, and where it is bound.
void write_carrier(JsonWriter& json, const CarrierView& view, const Cluster& cluster);
/// There is no carrier of the name that `command` names.
void refuse_unknown_carrier(const Command& command);

void carrier_trace(Command command);
void carrier_receipt(Command command);

}  // namespace xion::control
