#pragma once
#include "metrics/exposition.h"
#include "metrics/families.h"

namespace xion::metrics {

/// The standard families of a process, under the names that every exporter gives them, and XionID's own about itself.
void tell_process(Families& families, const ProcessFacts& process);

}  // namespace xion::metrics
