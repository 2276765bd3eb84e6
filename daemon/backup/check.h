#pragma once
#include <expected>
#include <string>

#include "backup/seal.h"
#include "backup/trouble.h"
#include "store/census.h"

namespace xion {

struct CheckWishes {
  /// Of the master key at hand, which has to be the one that the store was made with. Null: any.
  const Digest* check_value = nullptr;
  /// Records that can't be read are passed over, as the daemon does; else they are a reason to refuse.
  bool takes_unreadable = false;
  BackupProgress progress{};
};

/// A backup that is whole: sealed, its schema known, every record read.
struct CheckedBackup {
  Seal seal;
  Census census;
};

/// Looks at every octet and every record of a backup; changes nothing.
/// Errors: it can't be read, is no backup, was cut short or changed since it was made, is of a newer schema, of another
/// master key, or has records that can't be read.
std::expected<CheckedBackup, BackupTrouble> check_backup(const std::string& path, const CheckWishes& wishes);

}  // namespace xion
