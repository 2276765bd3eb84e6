#include "backup/restore.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "backup/octet_file.h"
#include "crypto/sha256.h"
#include "lmdb/data_lock.h"

namespace xion {
namespace {

/// The directory that gets the store.
class Target {
 public:
  explicit Target(std::string directory) : directory_(std::move(directory)) {}
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  /// Where nothing came of it, nothing is left.
  ~Target() {
    if (has_part_) ::unlink(part().c_str());
    if (has_made_lock_ && !is_done_) ::unlink(lock_path().c_str());
  }

  std::expected<void, BackupTrouble> check() {
    struct stat found{};
    if (::stat(directory_.c_str(), &found) != 0 || !S_ISDIR(found.st_mode))
      return no_backup(fmt::format("there is no directory {}", directory_),
                       fmt::format("make it: install -d -m 0700 -o xionid -g xionid {}", directory_));
    owner_ = found;
    // A lock that nobody has is left where it is; one that is not there is made when everything else is well.
    if (::access(lock_path().c_str(), F_OK) == 0) {
      if (auto taken = lock(); !taken) return taken;
    }
    if (::access(data_file().c_str(), F_OK) == 0)
      return no_backup(fmt::format("{} holds a store already", directory_),
                       fmt::format("move {} away first, or name an empty directory", data_file()));
    return {};
  }

  std::expected<void, BackupTrouble> take(const OpenFile& backup, const std::string& path, const Seal& seal,
                                          const BackupProgress& progress) {
    if (auto locked = lock(); !locked) return locked;
    if (auto room = check_room(seal.data_octets); !room) return room;
    OpenFile file(::open(part().c_str(), O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return std::unexpected(file_trouble(part(), "made", errno));
    has_part_ = true;
    if (auto owned = give_to_owner(file, part()); !owned) return owned;
    if (auto copied = copy(backup, path, seal, file, progress); !copied) return copied;
    if (auto published = publish(file, part(), data_file()); !published) return published;
    has_part_ = false;
    is_done_ = true;
    return {};
  }

 private:
  std::string lock_path() const { return directory_ + "/xiond.lock"; }
  std::string data_file() const { return directory_ + "/data.mdb"; }
  std::string part() const { return restored_part(directory_); }

  std::expected<void, BackupTrouble> lock() {
    if (lock_) return {};
    has_made_lock_ = ::access(lock_path().c_str(), F_OK) != 0;
    auto taken = DataLock::take(directory_);
    if (!taken) return no_backup(taken.error(), "stop it first: systemctl stop xiond.socket xiond");
    lock_.emplace(std::move(*taken));
    // Made by root, it would keep the daemon out.
    const OpenFile file(::open(lock_path().c_str(), O_RDONLY | O_CLOEXEC));
    return has_made_lock_ ? give_to_owner(file, lock_path()) : std::expected<void, BackupTrouble>();
  }

  std::expected<void, BackupTrouble> check_room(std::uint64_t octets) const {
    struct statvfs found{};
    if (::statvfs(directory_.c_str(), &found) != 0) return {};
    const std::uint64_t free = std::uint64_t{found.f_bavail} * found.f_frsize;
    if (free >= octets) return {};
    return no_backup(fmt::format("{} octets are needed in {}, and {} are free", octets, directory_, free),
                     "make room there");
  }

  std::expected<void, BackupTrouble> give_to_owner(const OpenFile& file, const std::string& path) const {
    if (owner_.st_uid == ::geteuid() || ::fchown(file.get(), owner_.st_uid, owner_.st_gid) == 0) return {};
    return std::unexpected(file_trouble(path, "given to the directory's owner", errno));
  }

  static std::expected<void, BackupTrouble> copy(const OpenFile& backup, const std::string& path, const Seal& seal,
                                                 const OpenFile& to, const BackupProgress& progress) {
    Sha256 hash;
    std::uint64_t done = 0;
    const auto copied = read_octets(backup, path, seal.data_octets, [&](std::string_view octets) {
      hash.add(octets);
      if (progress) progress("writing", done += octets.size(), seal.data_octets);
      return write_all(to, "the data file", octets);
    });
    if (!copied) return copied;
    hash.add(to_octets(seal).substr(0, sealed_octets));
    if (hash.digest() == seal.digest) return {};
    return no_backup(fmt::format("{} was changed while it was read", path), "try again");
  }

  const std::string directory_;
  struct stat owner_{};
  std::optional<DataLock> lock_;
  bool has_made_lock_ = false;
  bool has_part_ = false;
  bool is_done_ = false;
};

}  // namespace

std::expected<CheckedBackup, BackupTrouble> restore_backup(const std::string& backup, const std::string& data_dir,
                                                           const CheckWishes& wishes) {
  Target target(data_dir);
  if (auto usable = target.check(); !usable) return std::unexpected(usable.error());
  auto checked = check_backup(backup, wishes);
  if (!checked) return checked;
  const OpenFile file(::open(backup.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return std::unexpected(file_trouble(backup, "read", errno));
  if (auto taken = target.take(file, backup, checked->seal, wishes.progress); !taken)
    return std::unexpected(taken.error());
  return checked;
}

}  // namespace xion
