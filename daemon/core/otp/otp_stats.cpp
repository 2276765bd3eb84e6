#include "core/otp/otp_stats.h"

#include <algorithm>
#include <cmath>

#include "core/otp/charges.h"
#include "core/otp/otp_sums.h"
#include "smpp/command.h"
#include "smpp/status_meaning.h"

namespace xion {
namespace {

constexpr double shortest_ms = 50;
constexpr double classes_per_octave = 4;
constexpr std::size_t error_octets_max = 32;
constexpr char separator = '/';

/// A name of two parts, of which the first has no separator in it.
std::string joined(std::string_view first, std::string_view second) {
  std::string name(first);
  name += separator;
  name += second;
  return name;
}
/// Without a separator all of it is the first.
std::pair<std::string_view, std::string_view> parted(std::string_view name) {
  const auto at = name.find(separator);
  if (at == std::string_view::npos) return {name, {}};
  return {name.substr(0, at), name.substr(at + 1)};
}

void count(OtpShare& share, Stat stat, std::size_t by = 1) {
  share.counts[static_cast<std::size_t>(stat)] += static_cast<std::int32_t>(by);
}

void count_status(OtpShare& share, const Otp& otp) {
  if (otp.status == OtpStatus::blocked || is_notice(otp)) return;
  count(share, Stat::requests);
  switch (otp.status) {
    case OtpStatus::pending: return count(share, Stat::pending);
    case OtpStatus::verified: return count(share, Stat::verified);
    case OtpStatus::expired: return count(share, Stat::expired);
    case OtpStatus::locked: return count(share, Stat::locked);
    case OtpStatus::canceled: return count(share, Stat::canceled);
    case OtpStatus::failed: return count(share, Stat::failed);
    case OtpStatus::blocked: return;
  }
}

std::string error_of(const Message& message) {
  DeliveryError error{std::string(to_string(message.state)), {}, {}};
  if (!message.submissions.empty()) {
    const Submission& last = message.submissions.back();
    error.carrier = last.carrier;
    error.error = last.receipt_error;
    if (error.error.empty() && last.command_status != 0) error.error = smpp::status_name(last.command_status);
  }
  return error_name(error);
}

std::uint32_t accepted_segments(const Submission& submission) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(submission.segments, [](const Segment& s) { return !s.smsc_message_id.empty(); }));
}

/// Which sum besides `sent` a message counts for.
Stat outcome_of(MessageState state) {
  switch (state) {
    case MessageState::delivered: return Stat::delivered;
    case MessageState::undelivered:
    case MessageState::expired:
    case MessageState::rejected: return Stat::undelivered;
    case MessageState::unknown: return Stat::unknown;
    case MessageState::queued:
    case MessageState::submitting:
    case MessageState::submitted:
    case MessageState::superseded: return Stat::sent;
  }
  return Stat::sent;
}

void count_for_carrier(OtpShare& share, const Message& message) {
  if (message.submissions.empty()) return;
  CarrierShare carrier{.carrier = message.submissions.back().carrier, .outcome = outcome_of(message.state)};
  if (carrier.outcome == Stat::delivered && message.ended_at)
    carrier.latency = latency_class(*message.ended_at - message.queued_at);
  carrier.segments = accepted_segments(message.submissions.back());
  share.carriers.push_back(std::move(carrier));
}

void count_message(OtpShare& share, const Message& message) {
  count(share, Stat::sent);
  for (const Submission& submission : message.submissions) {
    count(share, Stat::segments, accepted_segments(submission));
  }
  count_for_carrier(share, message);
  const Stat outcome = outcome_of(message.state);
  if (outcome == Stat::sent) return;
  count(share, outcome);
  if (outcome == Stat::delivered && message.ended_at)
    share.latencies.push_back(latency_class(*message.ended_at - message.queued_at));
  if (outcome == Stat::undelivered) share.errors.push_back(error_of(message));
}

ChargeShare charge_of(const Message& message) {
  ChargeShare charge{day_of(message.queued_at), month_of(message.queued_at), {}};
  const auto set = [&](Spent what, std::int64_t value) { charge.counts[static_cast<std::size_t>(what)] = value; };
  set(Spent::messages, 1);
  set(Spent::parts, accepted_parts(message));
  set(Spent::price, price_of(message));
  set(Spent::held, held_for(message));
  if (!message.is_overage) return charge;
  set(Spent::overage, 1);
  set(Spent::overage_parts, accepted_parts(message));
  set(Spent::overage_price, price_of(message));
  return charge;
}

}  // namespace

std::uint8_t latency_class(Millis latency) {
  const auto ms = static_cast<double>(latency.count());
  if (ms <= shortest_ms) return 0;
  const double at = std::ceil(std::log2(ms / shortest_ms) * classes_per_octave);
  return static_cast<std::uint8_t>(std::min(at, static_cast<double>(latency_classes - 1)));
}

Millis latency_bound(std::size_t latency_class) {
  return Millis{std::llround(shortest_ms * std::exp2(static_cast<double>(latency_class) / classes_per_octave))};
}

void StatSums::add(const StatSums& other) {
  for (std::size_t i = 0; i < stat_count; ++i) counts[i] += other.counts[i];
  for (std::size_t i = 0; i < latency_classes; ++i) latencies[i] += other.latencies[i];
  latest = std::max(latest, other.latest);
}

Millis latency_at(const StatSums& sums, double share) {
  std::int64_t all = 0;
  for (const std::int64_t messages : sums.latencies) all += messages;
  if (all == 0) return Millis{0};
  const double rank = std::max(1.0, share * static_cast<double>(all));
  double below = 0;
  for (std::size_t i = 0; i < latency_classes; ++i) {
    const auto here = static_cast<double>(sums.latencies[i]);
    if (below + here < rank || here <= 0) {
      below += here;
      continue;
    }
    const auto least = static_cast<double>(i == 0 ? 0 : latency_bound(i - 1).count());
    const auto most = static_cast<double>(latency_bound(i).count());
    return Millis{std::llround(least + (most - least) * (rank - below) / here)};
  }
  return latency_bound(latency_classes - 1);
}

double delivery_rate(const StatSums& sums) {
  const std::int64_t ended = sums[Stat::delivered] + sums[Stat::undelivered];
  return ended > 0 ? static_cast<double>(sums[Stat::delivered]) / static_cast<double>(ended) : -1;
}

double verification_rate(const StatSums& sums) {
  const std::int64_t ended = sums[Stat::requests] - sums[Stat::pending];
  return ended > 0 ? static_cast<double>(sums[Stat::verified]) / static_cast<double>(ended) : -1;
}

OtpShare share_of(const Otp& otp) {
  OtpShare share;
  share.is_counted = true;
  share.country = otp.country;
  share.route = otp.route_taken;
  count_status(share, otp);
  count(share, Stat::attempts, otp.failed_attempts.size());
  for (const Message& message : otp.messages) count_message(share, message);
  for (const PolicyEvent& event : otp.policy_events) {
    if (!event.is_refusal) continue;
    count(share, Stat::blocked);
    // The code alone: which rule it was is for the timeline.
    const std::string reason = describe(event);
    share.refusals.push_back(reason.substr(0, reason.find(':')));
  }
  if (otp.converted_at) count(share, Stat::converted);
  if (otp.currency.empty() || otp.test) return share;
  share.currency = otp.currency;
  for (const Message& message : otp.messages) share.charges.push_back(charge_of(message));
  return share;
}

std::string destination_name(std::string_view currency, std::string_view country) { return joined(currency, country); }

Destination read_destination_name(std::string_view name) {
  const auto [currency, country] = parted(name);
  return {std::string(currency), std::string(country)};
}

std::string carrier_country_name(std::string_view carrier, std::string_view country) {
  return joined(country, carrier);
}

CarrierCountry read_carrier_country_name(std::string_view name) {
  if (name.find(separator) == std::string_view::npos) return {std::string(name), {}};
  const auto [country, carrier] = parted(name);
  return {std::string(carrier), std::string(country)};
}

std::string error_name(const DeliveryError& error) {
  std::string name = error.delivery;
  name += separator;
  name += error.carrier;
  name += separator;
  name += std::string_view(error.error).substr(0, error_octets_max);
  return name;
}

DeliveryError read_error_name(std::string_view name) {
  const auto first = name.find(separator);
  const auto second = first == std::string_view::npos ? first : name.find(separator, first + 1);
  if (second == std::string_view::npos) return {std::string(name), {}, {}};
  return {std::string(name.substr(0, first)), std::string(name.substr(first + 1, second - first - 1)),
          std::string(name.substr(second + 1))};
}

std::string country_error_name(std::string_view country, std::string_view error) { return joined(country, error); }

CountryError read_country_error_name(std::string_view name) {
  const auto [country, error] = parted(name);
  return {std::string(country), read_error_name(error)};
}

std::string_view meaning_of(const DeliveryError& error) {
  const std::string_view of_status = smpp::named_status_meaning(error.error);
  return of_status.empty() ? smpp::receipt_error_meaning(error.error) : of_status;
}

}  // namespace xion
