#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits/limits.h"
#include "core/otp/otp.h"

/// The lifecycle of a request, pure: record and time in, verdict and next record out. The caller stores `next` before
/// it tells the verdict.
namespace xion::otp_rules {

/// Whether it can still be verified: pending and not past its expiry.
bool is_live(const Otp& otp, WallTime now);

/// pending and past its expiry → expired, with every message not yet with a carrier superseded. Otherwise unchanged.
/// Returns whether it changed.
bool expire(Otp& otp, WallTime now);

// --- send ---------------------------------------------------------------------------------------------------------

enum class ResendVerdict : std::uint8_t { resend, cooldown_active };
struct Resend {
  ResendVerdict verdict;
  Seconds retry_after{0};
};
/// Whether a live request may be sent again at `now`. Precondition: is_live.
Resend may_resend(const Otp& otp, const std::vector<Seconds>& cooldown, WallTime now);
/// When the next resend is allowed.
WallTime resend_available_at(const Otp& otp, const std::vector<Seconds>& cooldown);
/// Appends a queued message, superseding those that no carrier has. `rotate`: the caller has set generation and
/// code_hash already (a new code refills no guesses).
void add_message(Otp& otp, WallTime now);
/// From which address the newest message was asked for; nothing: none was named. The others keep theirs.
void note_address(Otp& otp, const std::optional<Fingerprint>& address);

// --- verify -------------------------------------------------------------------------------------------------------

enum class VerifyVerdict : std::uint8_t {
  verified,
  invalid_code,
  code_expired,
  code_used,
  code_canceled,
  code_locked,
  no_active_code
};
/// Decides one attempt; `is_right` tells whether the offered code's keyed hash equals the kept one (compared in
/// constant time). Expiry wins over correctness: a late right code never becomes a session. A failed attempt is
/// counted; the last one locks. Only a live request counts attempts. Changes `otp` to the next record.
VerifyVerdict verify(Otp& otp, bool is_right, WallTime now);

/// pending → canceled. False where it was not live (then unchanged, but for an expiry that was due).
bool cancel(Otp& otp, WallTime now);

}  // namespace xion::otp_rules
