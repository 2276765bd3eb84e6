#include "lmdb/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>

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
  OpenFile file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) return std::unexpected(fmt::format("{} can't be opened: {}", path, std::strerror(errno)));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return std::unexpected(fmt::format("the data directory {} is in use by another xiond", directory));
    return std::unexpected(fmt::format("{} can't be locked: {}", path, std::strerror(errno)));
  }
  return DataLock(std::move(file));
}

}  // namespace xion
