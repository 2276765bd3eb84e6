#include "backup/octet_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace xion {
namespace {

constexpr std::size_t piece_octets = std::size_t{1} << 20;

std::string hint_for(int error) {
  if (error == ENOSPC || error == EDQUOT) return "make room there, or name another place";
  if (error == EEXIST) return "name another file; nothing is ever overwritten";
  if (error == EACCES || error == EPERM) return "be root, or name a place that is yours";
  return {};
}

}  // namespace

BackupTrouble file_trouble(std::string_view what, std::string_view doing, int error) {
  return {fmt::format("{} can't be {}: {}", what, doing, std::strerror(error)), hint_for(error)};
}

std::expected<void, BackupTrouble> write_all(const OpenFile& file, const std::string& path, std::string_view octets) {
  if (!write_all(file.get(), octets)) return std::unexpected(file_trouble(path, "written", errno));
  return {};
}

std::expected<void, BackupTrouble> read_octets(const OpenFile& file, const std::string& path, std::uint64_t octets,
                                               const TakeOctets& take) {
  std::vector<char> piece(piece_octets);
  for (std::uint64_t at = 0; at < octets;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), octets - at));
    const ssize_t got = ::pread(file.get(), piece.data(), wanted, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(file_trouble(path, "read", errno));
    if (got == 0) return std::unexpected(BackupTrouble{fmt::format("{} was cut short while it was read", path), {}});
    if (auto taken = take({piece.data(), static_cast<std::size_t>(got)}); !taken) return taken;
    at += static_cast<std::uint64_t>(got);
  }
  return {};
}

std::expected<void, BackupTrouble> publish(const OpenFile& file, const std::string& from, const std::string& to) {
  if (::fsync(file.get()) != 0) return std::unexpected(file_trouble(from, "made durable", errno));
  // File systems that can't promise it replace nothing either: whoever made the name looked whether it is free.
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0 &&
      (errno != EINVAL || ::access(to.c_str(), F_OK) == 0 || ::rename(from.c_str(), to.c_str()) != 0))
    return std::unexpected(file_trouble(to, "made", errno));
  const OpenFile folder(::open(folder_of(to).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::fsync(folder.get()) != 0)
    return std::unexpected(file_trouble(folder_of(to), "made durable", errno));
  return {};
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace xion
