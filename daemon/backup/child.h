#pragma once
#include <expected>
#include <functional>
#include <string>

#include "backup/trouble.h"
#include "store/census.h"

namespace xion {

using ReadCensus = std::expected<Census, BackupTrouble>;

/// Lets a child process look at a file that may be anybody's, and gives what it found. Where it dies of it, or says
/// nothing that makes sense, the file is refused. `path` is for people. For a process of one thread: what another holds
/// at that moment, such as the allocator's lock, is held in the child for ever.
ReadCensus in_child(const std::string& path, const std::function<ReadCensus()>& look);

/// In the child, once it has what it reads: no other user's rights, no file to be written, no process, no core file.
void give_up_rights();

}  // namespace xion
