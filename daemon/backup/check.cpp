#include "backup/check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <optional>

#include "backup/child.h"
#include "backup/octet_file.h"
#include "base/bytes.h"
#include "crypto/backup_mac.h"
#include "crypto/sha256.h"
#include "crypto/wrapped_key_ring.h"
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
                                                const CheckWishes& wishes) {
  const BackupProgress& progress = wishes.progress;
  Sha256 hash;
  std::uint64_t done = 0;
  const auto read =
      read_octets(file, path, seal.data_octets, [&](std::string_view octets) -> std::expected<void, BackupTrouble> {
        hash.add(octets);
        if (progress) progress("checking the seal", done += octets.size(), seal.data_octets);
        return {};
      });
  if (!read) return read;
  const Digest data = hash.so_far();
  hash.add(to_octets(seal).substr(0, sealed_octets));
  if (hash.digest() != seal.digest)
    return no_backup(fmt::format("{} is damaged: it is not what was sealed", path), other_copy);
  if (wishes.master == nullptr) return {};
  if (equal_in_constant_time(backup_mac(*wishes.master, seal.data_octets, data), seal.proof)) return {};
  return no_backup(
      fmt::format("{} was not made by an xiond with this master key", path),
      "name the configuration whose master key it was made under; without --config nobody knows who made it");
}

std::expected<Census, BackupTrouble> read_records(const std::string& path, const CheckWishes& wishes) {
  try {
    LmdbKv file = LmdbKv::of_file(path);
    give_up_rights();
    NearKv kv(file);
    kv.begin();
    const auto of_master = wishes.master != nullptr ? std::optional(check_value_of(*wishes.master)) : std::nullopt;
    if (auto why_not = why_not_usable(kv, of_master ? &*of_master : wishes.check_value); !why_not.empty())
      return no_backup(fmt::format("{}: {}", path, why_not), {});
    Census census = take_census(kv, [&](std::uint64_t rows) {
      if (wishes.progress) wishes.progress("reading records", rows, 0);
    });
    kv.abort();
    if (census.astray > 0)
      return no_backup(fmt::format("{} records of {} belong to an app that is not there, the first of them {}",
                                   census.astray, path, census.first_astray),
                       other_copy);
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
  if (auto whole = check_digest(file, path, *seal, wishes); !whole) return std::unexpected(whole.error());
  auto census = in_child(path, [&] { return read_records(path, wishes); });
  if (!census) return std::unexpected(census.error());
  return CheckedBackup{*seal, *census};
}

}  // namespace xion
