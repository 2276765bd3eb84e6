#include "core/otp/charges.h"

#include <algorithm>

#include "core/prices.h"

namespace xion {

/// A request that lives while the currency changes keeps its own: what is added then has no price.
void set_part_price(Otp& otp, std::size_t message, const Prices& prices, std::string_view e164) {
  if (otp.currency.empty() || otp.currency != prices.currency) return;
  Submission& submission = otp.messages[message].submissions.back();
  submission.part_price = part_price(prices, submission.carrier, e164);
}

std::uint32_t accepted_parts(const Submission& submission) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(submission.segments, [](const Segment& s) { return s.state != MessageState::submitting; }));
}

std::uint32_t accepted_parts(const Message& message) {
  std::uint32_t parts = 0;
  for (const Submission& submission : message.submissions) parts += accepted_parts(submission);
  return parts;
}

Micros price_of(const Message& message) {
  Micros price = 0;
  for (const Submission& submission : message.submissions) price += submission.part_price * accepted_parts(submission);
  return price;
}

Micros price_of(const Otp& otp) {
  Micros price = 0;
  for (const Message& message : otp.messages) price += price_of(message);
  return price;
}

Micros held_for(const Message& message) {
  if (message.held == 0) return 0;
  switch (message.state) {
    case MessageState::queued: return message.held;
    case MessageState::submitting: {
      // What its accepted parts cost is in the price already.
      const Submission& last = message.submissions.back();
      return std::max(message.held, last.part_price * last.segments_expected) - last.part_price * accepted_parts(last);
    }
    case MessageState::unknown:
    case MessageState::submitted:
    case MessageState::delivered:
    case MessageState::undelivered:
    case MessageState::expired:
    case MessageState::rejected:
    case MessageState::superseded: return 0;
  }
  return 0;
}

void write_price(JsonWriter& json, const Otp& otp) {
  if (otp.currency.empty()) return;
  json.field("price", shown_money(price_of(otp))).field("currency", otp.currency);
}

}  // namespace xion
