#pragma once
#include <expected>
#include <string>
#include <utility>

#include "ports/open_file.h"

namespace xion {

/// Keeps a second process away from a data directory for as long as it lives: LMDB itself would let one in, whose
/// indexes in memory would then miss what the other writes. The kernel lets go of it when the process dies, however it
/// does.
class DataLock {
 public:
  /// Errors: a sentence for the operator: the directory is missing or not ours to write, or somebody has it open.
  static std::expected<DataLock, std::string> take(const std::string& directory);

 private:
  explicit DataLock(OpenFile file) : file_(std::move(file)) {}
  OpenFile file_;
};

}  // namespace xion
