#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "app/codes/send_otp.h"

namespace xion {

/// What test keys play: no carrier, no quota, no limit; the last four digits of the number pick the story.

/// The purpose under which requests of test keys are kept.
std::string test_purpose(std::string_view purpose);

/// "000000", as long as the codes of the request.
Secret test_code(std::uint8_t length);

/// A refusal that the number asks for: …0004 country_not_allowed, …0005 cooldown_active (of a request that lives),
/// …0008 fraud_suspected, …0009 plan_limit_reached, …0010 rate_limited, …0012 phone_locked, …0013 phone_blocked.
std::optional<SendVerdict> refusal_of_story(std::string_view e164);

/// …0011.
bool has_no_route_by_story(std::string_view e164);

/// Plays the newest message to its end: …0002 undelivered, …0003 submitted (delivered 10 s later), …0006 expired at
/// once, …0007 locked, …0014 verified at once, …0015 refused by one carrier and delivered by another; others delivered.
void play_test_story(Otp& otp, std::string_view e164, WallTime now);
/// …0003: how long after the send the receipt comes.
std::optional<Seconds> late_receipt_of_story(std::string_view e164);
void play_late_receipt(Otp& otp, WallTime now);

}  // namespace xion
