#pragma once
#include <string>

#include "core/otp/otp.h"
#include "domain/txn.h"

namespace xion {

/// Subject number `n`: a phone or an address as a store knows it, well mixed as a keyed hash is.
Fingerprint subject(std::uint32_t n);
/// The `n`-th id made at a moment.
OtpId id_at(WallTime at, std::uint32_t n);

/// A pending request of app 1 with one queued message.
Otp sample_otp(WallTime at, std::uint32_t n, std::uint32_t phone);
inline LiveKey key_of(const Otp& otp) { return {otp.app, otp.phone, otp.purpose}; }

/// The request is sent again: one more queued message.
void queue_again(Otp& otp, WallTime at);
/// Message `message` goes to a carrier, which names it `smsc_message_id`; empty: it has not answered.
void submit_to(Otp& otp, std::size_t message, const std::string& carrier, const std::string& smsc_message_id,
               WallTime at);
void deliver(Otp& otp, std::size_t message, WallTime at);
void end(Otp& otp, OtpStatus status, WallTime at);

}  // namespace xion
