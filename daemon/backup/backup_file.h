#pragma once
#include <expected>
#include <string>

#include "backup/check.h"
#include "crypto/sha256.h"
#include "ports/open_file.h"

namespace xion {

/// A backup that is being written: as FILE.part until it is whole, checked and on the disk; gone where it never is.
class BackupFile {
 public:
  /// Mode 0600. Errors: there is a file of that name, the place can't be written, or another backup is writing there.
  static std::expected<BackupFile, BackupTrouble> create(std::string path);
  ~BackupFile();
  BackupFile(BackupFile&& other) = default;
  BackupFile& operator=(BackupFile&&) = delete;

  /// Octets of the data file, in their order.
  std::expected<void, BackupTrouble> add(std::string_view octets);
  std::uint64_t octets() const { return octets_; }
  /// Its name until it is whole.
  std::string part() const { return path_ + ".part"; }
  /// Seals it with what the daemon signed, reads it back from the disk and gives it its name.
  std::expected<CheckedBackup, BackupTrouble> finish(WallTime made_at, const Digest& proof, const CheckWishes& wishes);

 private:
  BackupFile(std::string path, OpenFile file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  OpenFile file_;
  Sha256 hash_;
  std::uint64_t octets_ = 0;
  std::uint64_t octets_on_disk_ = 0;
};

}  // namespace xion
