#pragma once
#include "app/carriers.h"
#include "base/json_writer.h"

namespace xion::control {

/// A carrier as `carrier list`, `carrier show` and `status` show it.
void write_carrier(JsonWriter& json, const CarrierView& view);

}  // namespace xion::control
