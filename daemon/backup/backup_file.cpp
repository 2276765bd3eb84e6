#include "backup/backup_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "backup/octet_file.h"

namespace xion {
namespace {

/// Octets that may wait in memory for the disk. All of them at once, at the end, would keep a daemon on the same disk
/// from committing for as long as they take.
constexpr std::uint64_t unwritten_limit = std::uint64_t{16} << 20;

}  // namespace

std::expected<BackupFile, BackupTrouble> BackupFile::create(std::string path) {
  if (::access(path.c_str(), F_OK) == 0) return std::unexpected(file_trouble(path, "made", EEXIST));
  const std::string part = path + ".part";
  OpenFile file(::open(part.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return std::unexpected(file_trouble(part, "made", errno));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return std::unexpected(BackupTrouble{fmt::format("another backup is writing {}", part), {}});
  // What a backup left that was broken off is overwritten.
  struct stat found{};
  if (::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode) || found.st_uid != ::geteuid() ||
      ::fchmod(file.get(), 0600) != 0 || ::ftruncate(file.get(), 0) != 0)
    return std::unexpected(
        BackupTrouble{fmt::format("{} is somebody else's", part), "remove it, or name another file"});
  return BackupFile(std::move(path), std::move(file));
}

BackupFile::~BackupFile() {
  if (file_.is_open()) ::unlink(part().c_str());
}

std::expected<void, BackupTrouble> BackupFile::add(std::string_view octets) {
  hash_.add(octets);
  octets_ += octets.size();
  if (auto written = write_all(file_, part(), octets); !written) return written;
  if (octets_ - octets_on_disk_ < unwritten_limit) return {};
  octets_on_disk_ = octets_;
  if (::fdatasync(file_.get()) != 0) return std::unexpected(file_trouble(part(), "made durable", errno));
  return {};
}

std::expected<CheckedBackup, BackupTrouble> BackupFile::finish(WallTime made_at, const Digest& proof,
                                                               const CheckWishes& wishes) {
  Seal seal{.made_at = made_at, .data_octets = octets_, .proof = proof, .digest = {}};
  hash_.add(to_octets(seal).substr(0, sealed_octets));
  seal.digest = hash_.digest();
  if (auto written = write_all(file_, part(), to_octets(seal)); !written) return std::unexpected(written.error());
  if (::fsync(file_.get()) != 0) return std::unexpected(file_trouble(part(), "made durable", errno));
  auto checked = check_backup(part(), wishes);
  if (!checked) return checked;
  if (auto published = publish(file_, part(), path_); !published) return std::unexpected(published.error());
  file_.close();
  return checked;
}

}  // namespace xion
