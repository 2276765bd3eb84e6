#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace xion {

/// Why a backup was not made or not taken: a sentence, and one that says what helps (or nothing).
struct BackupTrouble {
  std::string detail;
  std::string hint;
};
inline std::unexpected<BackupTrouble> no_backup(std::string detail, std::string_view hint) {
  return std::unexpected(BackupTrouble{std::move(detail), std::string(hint)});
}
/// `what` is refused as `doing` failed: errno's words.
BackupTrouble file_trouble(std::string_view what, std::string_view doing, int error);

/// Told now and then while it takes its time: "checking", so many octets or rows of so many (0: nobody knows).
using BackupProgress = std::function<void(std::string_view doing, std::uint64_t done, std::uint64_t of)>;

}  // namespace xion
