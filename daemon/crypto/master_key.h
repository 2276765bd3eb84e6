#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "base/secret_key.h"
#include "ports/loop.h"

namespace xion {

/// 32 random octets that every other key comes from. Kept outside the database, in a file of one line of hexadecimal:
/// `openssl rand -hex 32` makes the same.
using MasterKey = SecretKey;
inline constexpr std::size_t master_key_octets = SecretKey::size;

/// Reads the key file. Errors are sentences that name the file: missing, no such length, not hexadecimal, or open to
/// users who have no business with it.
std::expected<MasterKey, std::string> read_master_key(const std::string& path);

/// Makes the key file, mode 0600, durable when it returns. Errors are sentences; a file that exists is never
/// overwritten, for everything sealed under it would be lost.
std::expected<MasterKey, std::string> make_master_key(const std::string& path, Entropy& entropy);

/// The names in a file's folder, durable when it returns true: what was made, renamed or removed there.
bool sync_folder_of(const std::string& path);

/// HKDF-SHA256 of the master key, without salt, `label` as info. One label for each use. Source: RFC 5869.
SecretKey subkey(const MasterKey& master, std::string_view label);

}  // namespace xion
