#include "backup/check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "backup/octet_file.h"
#include "crypto/sha256.h"
#include "lmdb/lmdb_kv.h"
#include "store/log_engine.h"
#include "store/near/near_kv.h"

namespace xion {
namespace {

constexpr std::string_view other_copy = "take another backup";

std::expected<Seal, BackupTrouble> read_seal(const OpenFile& file, const std::string& path) {
  struct stat found{};
  if (::fstat(file.get(), &found) != 0) return std::unexpected(file_trouble(path, "read", errno));
  if (!S_ISREG(found.st_mode))
    return no_backup(fmt::format("{} is no file", path), "name a file that `xionctl backup` made");
  const auto size = static_cast<std::uint64_t>(found.st_size);
  std::array<char, seal_octets> octets{};
  const auto at = static_cast<off_t>(size < seal_octets ? 0 : size - seal_octets);
  const ssize_t got = ::pread(file.get(), octets.data(), octets.size(), at);
  if (got < 0) return std::unexpected(file_trouble(path, "read", errno));
  const auto seal = seal_from({octets.data(), static_cast<std::size_t>(got)});
  if (!seal)
    return no_backup(fmt::format("{} has no seal at its end: it is no backup, or was cut short", path), other_copy);
  if (seal->data_octets + seal_octets != size)
    return no_backup(fmt::format("{} has {} octets where {} were sealed", path, size, seal->data_octets + seal_octets),
                     other_copy);
  return *seal;
}

std::expected<void, BackupTrouble> check_digest(const OpenFile& file, const std::string& path, const Seal& seal,
                                                const BackupProgress& progress) {
  Sha256 hash;
  std::uint64_t done = 0;
  const auto read =
      read_octets(file, path, seal.data_octets, [&](std::string_view octets) -> std::expected<void, BackupTrouble> {
        hash.add(octets);
        if (progress) progress("checking the seal", done += octets.size(), seal.data_octets);
        return {};
      });
  if (!read) return read;
  hash.add(to_octets(seal).substr(0, sealed_octets));
  if (hash.digest() == seal.digest) return {};
  return no_backup(fmt::format("{} is damaged: it is not what was sealed", path), other_copy);
}

std::expected<Census, BackupTrouble> read_records(const std::string& path, const CheckWishes& wishes) {
  try {
    LmdbKv file = LmdbKv::of_file(path);
    NearKv kv(file);
    kv.begin();
    if (auto why_not = why_not_usable(kv, wishes.check_value); !why_not.empty())
      return no_backup(fmt::format("{}: {}", path, why_not), {});
    Census census = take_census(kv, [&](std::uint64_t rows) {
      if (wishes.progress) wishes.progress("reading records", rows, 0);
    });
    kv.abort();
    if (census.unreadable == 0 || wishes.takes_unreadable) return census;
    return no_backup(fmt::format("{} records of {} can't be read, the first of them {}", census.unreadable, path,
                                 census.first_unreadable),
                     "--with-unreadable passes over them, as xiond does");
  } catch (const StoreFailure& failure) {
    return no_backup(fmt::format("{}: {}", path, failure.what()), other_copy);
  }
}

}  // namespace

std::expected<CheckedBackup, BackupTrouble> check_backup(const std::string& path, const CheckWishes& wishes) {
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return std::unexpected(file_trouble(path, "read", errno));
  const auto seal = read_seal(file, path);
  if (!seal) return std::unexpected(seal.error());
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);  // What counts is what the disk has.
  if (auto whole = check_digest(file, path, *seal, wishes.progress); !whole) return std::unexpected(whole.error());
  auto census = read_records(path, wishes);
  if (!census) return std::unexpected(census.error());
  return CheckedBackup{*seal, *census};
}

}  // namespace xion
