#pragma once
#include "metrics/exposition.h"
#include "metrics/families.h"

namespace xion {

/// File descriptors of this process: those that are open, and how many may be.
std::uint64_t open_descriptors();
std::uint64_t descriptor_limit();

}  // namespace xion

namespace xion::metrics {

/// The standard families of a process, under the names that every exporter gives them, and XionID's own about itself.
void tell_process(Families& families, const ProcessFacts& process);

}  // namespace xion::metrics
