#include "lmdb/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace xion {

std::expected<DataLock, std::string> DataLock::take(const std::string& directory) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory, ignored))
    return std::unexpected(fmt::format("the data directory {} does not exist", directory));
  const std::string path = directory + "/xiond.lock";
  DataLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.file_ < 0) return std::unexpected(fmt::format("{} can't be opened: {}", path, std::strerror(errno)));
  if (::flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return std::unexpected(fmt::format("the data directory {} is in use by another xiond", directory));
    return std::unexpected(fmt::format("{} can't be locked: {}", path, std::strerror(errno)));
  }
  return lock;
}

DataLock::DataLock(DataLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

DataLock::~DataLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace xion
