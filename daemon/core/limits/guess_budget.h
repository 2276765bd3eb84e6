#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/otp/otp.h"
#include "core/settings.h"

namespace xion {

/// Wrong codes in a row: of one phone with one app, over requests and purposes, however long ago. A verification ends
/// the row; nothing else does but an operator.
struct GuessRow {
  AppId app = 0;
  Fingerprint phone{};
  std::uint32_t wrong = 0;
  WallTime last{};  ///< When the newest was tried.
  bool operator==(const GuessRow&) const = default;
};

/// So many wrong codes in a row, and nobody but an operator can go on. Source: NIST SP 800-63B §3.2.2, "no more than
/// 100 consecutive failed authentication attempts on a single subscriber account".
inline constexpr std::uint32_t guesses_in_a_row_max = 100;
/// What `Retry-After` says where no wait helps. Nobody should try sooner.
inline constexpr Seconds guess_help_wait{86'400};

/// How long nothing is sent to a phone, nor verified, after the last of so many wrong codes in a row; 0: not at all.
Seconds wait_after_guesses(std::uint32_t wrong);

/// Why a phone is locked, and for how long still.
struct PhoneLock {
  Seconds wait{0};              ///< At least 1.
  bool needs_operator = false;  ///< No wait helps.
  bool operator==(const PhoneLock&) const = default;
};
/// Whether wrong codes in a row lock the phone at `now`.
std::optional<PhoneLock> lock_of(const GuessRow& row, WallTime now);

/// How often somebody who knows a phone, and can ask for codes to it, may guess before its owner verifies.
struct GuessBudget {
  std::uint32_t in_ten_minutes = 0;
  std::uint32_t in_a_day = 0;
  std::uint32_t in_a_row = guesses_in_a_row_max;
  std::uint8_t digits = 6;  ///< Of the shortest code that may be sent.
  /// That so many guesses hit a code. Each is a new one of 10^digits, or one less of the same: the sum is a bound.
  double chance(std::uint32_t guesses) const;
};
/// Plays the fastest guesser against the rules: each request by a purpose of its own, so that no cooldown stops it.
GuessBudget guess_budget(const OtpSettings& otp, const LimitSettings& limits);
/// "15 guesses in ten minutes, 31 in a day, 100 in a row at codes of 6 digits: a chance of 1 in 32258 a day, 1 in 10000
/// in all"
std::string describe(const GuessBudget& budget);

std::string to_record(const GuessRow& row);
/// Nothing where it is corrupt or of a newer format.
std::optional<GuessRow> guess_row_from_record(std::string_view key, std::string_view record);
/// The app's id, then the phone's fingerprint.
std::string guess_key(AppId app, const Fingerprint& phone);

}  // namespace xion
