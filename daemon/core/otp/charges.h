#pragma once
#include "base/json_writer.h"
#include "core/money.h"
#include "core/otp/otp.h"

/// What a request costs, told from its record alone. A part that a carrier accepted costs what one cost there when it
/// was handed over: neither a refusal nor an unanswered submit costs anything, a reload changes no price that was
/// agreed, and a message that failed over costs what the carriers that took it ask for.
namespace xion {

struct Prices;

/// The price of the submission that a message was just claimed with, by the carrier that it is of.
void set_part_price(Otp& otp, std::size_t message, const Prices& prices, std::string_view e164);

/// Parts of a submission that its carrier accepted.
std::uint32_t accepted_parts(const Submission& submission);
std::uint32_t accepted_parts(const Message& message);
Micros price_of(const Message& message);
Micros price_of(const Otp& otp);

/// What a message may still cost beyond `price_of` while it is on its way: what its caps keep free for it.
Micros held_for(const Message& message);

/// `price` and `currency` of a request; nothing where nothing had a price when it was made.
void write_price(JsonWriter& json, const Otp& otp);

}  // namespace xion
