#include "core/otp/conversion.h"

#include <cmath>

namespace xion {

std::optional<Carriage> carriage_of(const Otp& otp) {
  if (otp.test || otp.messages.empty() || otp.messages.back().submissions.empty()) return std::nullopt;
  const Submission& last = otp.messages.back().submissions.back();
  if (last.state == MessageState::rejected || last.state == MessageState::submitting) return std::nullopt;
  return Carriage{last.carrier, otp.calling_prefix};
}

Conversions::Counts Conversions::faded(Counts counts, MonoTime now) {
  const double halvings = static_cast<double>((now - counts.at).count()) / static_cast<double>(half_life.count());
  const double left = std::exp2(-halvings);
  return {counts.good * left, counts.bad * left, now};
}

void Conversions::note(std::string_view carrier, std::string_view calling_prefix, bool is_good, double weight,
                       MonoTime now) {
  Counts& counts = carriers_[std::string(carrier)][std::string(calling_prefix)];
  counts = faded(counts, now);
  (is_good ? counts.good : counts.bad) += weight;
}

void Conversions::note_delivery(std::string_view carrier, std::string_view calling_prefix, bool was_delivered,
                                MonoTime now) {
  note(carrier, calling_prefix, was_delivered, 1, now);
}

void Conversions::note_verification(std::string_view carrier, std::string_view calling_prefix, bool was_verified,
                                    MonoTime now) {
  note(carrier, calling_prefix, was_verified, verification_weight, now);
}

std::optional<double> Conversions::rate(std::string_view carrier, std::string_view e164, MonoTime now) const {
  const auto of_carrier = carriers_.find(carrier);
  if (of_carrier == carriers_.end() || e164.empty()) return std::nullopt;
  // A calling prefix has one to three digits, and none begins another.
  for (std::size_t digits = 1; digits <= 3 && digits < e164.size(); ++digits) {
    const auto found = of_carrier->second.find(e164.substr(1, digits));
    if (found == of_carrier->second.end()) continue;
    const Counts counts = faded(found->second, now);
    const double weight = counts.good + counts.bad;
    return weight < weight_needed ? std::nullopt : std::optional(counts.good / weight);
  }
  return std::nullopt;
}

}  // namespace xion
