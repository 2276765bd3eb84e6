#include "lmdb/disk_room.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "ports/open_file.h"

namespace xion {
namespace {

/// What a batch of some hundred requests takes.
constexpr std::size_t trial_octets = std::size_t{256} * 1024;

/// 0, or errno. Written, not only set aside: a file system may promise what it can't keep.
int try_to_write(const std::string& path) {
  OpenFile file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open()) return errno;
  static constexpr std::array<char, std::size_t{16} * 1024> piece{};
  int error = 0;
  // A short write is followed by one that tells why.
  for (std::size_t done = 0; error == 0 && done < trial_octets;) {
    const ssize_t written = ::write(file.get(), piece.data(), piece.size());
    if (written < 0)
      error = errno;
    else
      done += static_cast<std::size_t>(written);
  }
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  file.close();
  ::unlink(path.c_str());
  return error;
}

std::string free_room(const std::string& directory) {
  struct statvfs found{};
  if (::statvfs(directory.c_str(), &found) != 0) return {};
  return fmt::format(" ({} KiB free)", std::uint64_t{found.f_bavail} * found.f_frsize / 1024);
}

}  // namespace

std::string why_no_room(const std::string& directory) {
  const int error = try_to_write(directory + "/xiond.trial");
  if (error == 0) return {};
  if (error == ENOSPC) return "the disk of the data directory is full" + free_room(directory);
  if (error == EDQUOT) return "the quota of the data directory's disk is used up";
  return fmt::format("the data directory can't be written: {}", std::strerror(error));
}

}  // namespace xion
