#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "backup/trouble.h"
#include "ports/open_file.h"

namespace xion {

/// Writes all of it, whatever the kernel takes at a time.
std::expected<void, BackupTrouble> write_all(const OpenFile& file, const std::string& path, std::string_view octets);

/// Reads a file's first octets in pieces. Errors: it can't be read, or has fewer; what `take` says, which ends it.
using TakeOctets = std::function<std::expected<void, BackupTrouble>(std::string_view octets)>;
std::expected<void, BackupTrouble> read_octets(const OpenFile& file, const std::string& path, std::uint64_t octets,
                                               const TakeOctets& take);

/// On the disk, then under its name, and the name on the disk too. Never replaces a file.
std::expected<void, BackupTrouble> publish(const OpenFile& file, const std::string& from, const std::string& to);

/// "." for a bare name.
std::string folder_of(const std::string& path);

}  // namespace xion
