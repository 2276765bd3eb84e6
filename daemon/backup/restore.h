#pragma once
#include <expected>
#include <string>

#include "backup/check.h"

namespace xion {

/// What a restore writes until it is whole.
inline std::string restored_part(const std::string& data_dir) { return data_dir + "/data.mdb.part"; }

/// Makes a backup the data file of a directory that has none, owned by the directory's owner. Nothing is left there
/// unless all went well. Errors: those of `check_backup`; the directory is missing, used by a daemon, has a store, or
/// not enough room.
std::expected<CheckedBackup, BackupTrouble> restore_backup(const std::string& backup, const std::string& data_dir,
                                                           const CheckWishes& wishes);

}  // namespace xion
