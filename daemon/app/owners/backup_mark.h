#pragma once
#include <functional>
#include <optional>

#include "base/time.h"
#include "ports/store.h"

namespace xion {

/// Keeps when the last backup was made, so that a restart doesn't forget it.
void note_backup(Store& store, WallTime at);
/// Nothing: none is known of.
void read_backup_mark(Store& store, std::function<void(std::optional<WallTime>)> done);

}  // namespace xion
