#pragma once
#include <expected>
#include <string>

#include "backup/seal.h"
#include "backup/trouble.h"
#include "crypto/master_key.h"
#include "store/census.h"

namespace xion {

struct CheckWishes {
  /// The one at hand, which has to be that of the store, and of whoever made the backup. Null: any, and nobody knows
  /// who made it.
  const MasterKey* master = nullptr;
  /// Of that master key, where it alone is known: the store has to be made with it.
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
/// master key or proves no master key, or has records that can't be read, or that belong to an app that isn't there.
///
/// A digest proves nothing of who made a file, and LMDB trusts every octet of it. So its records are read by a child
/// process without rights: whatever that comes to, the answer is a refusal.
std::expected<CheckedBackup, BackupTrouble> check_backup(const std::string& path, const CheckWishes& wishes);

}  // namespace xion
