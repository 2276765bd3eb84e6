#include "core/guard/guard_replay.h"

#include <algorithm>

namespace xion {
namespace {

constexpr std::string_view fraud_reason = "fraud_suspected";

std::int32_t day_number(WallTime at) {
  return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(at).time_since_epoch().count());
}

}  // namespace

void GuardReplay::feed(const Otp& otp) {
  play_until(otp.created_at);
  const bool was_refused = otp.status == OtpStatus::blocked;
  if (otp.test || (was_refused && otp.reason != fraud_reason)) return;
  const auto proven = proven_at(otp);
  Request request{traffic_keys(otp), otp.country, proven.has_value(), {}, 0};
  const std::size_t number = next_request_++;
  const auto plan = [&](WallTime at, bool is_verification) {
    happenings_.push({at, number, is_verification});
    ++request.left;
  };
  if (was_refused) plan(otp.created_at, false);  // it would have been a send
  for (const Message& message : otp.messages) plan(message.queued_at, false);
  if (proven) plan(*proven, true);
  if (request.left > 0) requests_.emplace(number, std::move(request));
}

void GuardReplay::play_until(WallTime until) {
  while (!happenings_.empty() && happenings_.top().at <= until) {
    const Happening now = happenings_.top();
    happenings_.pop();
    close_days(now.at);
    const auto request = requests_.find(now.request);
    if (!now.is_verification) {
      play_send(request->second, now.at);
    } else if (!request->second.sent.empty()) {
      for (const TrafficKey& key : request->second.keys) counts_.verified(key, now.at, request->second.sent);
    }
    if (--request->second.left == 0) requests_.erase(request);
  }
}

void GuardReplay::play_send(Request& request, WallTime at) {
  bool is_refused = false;
  const bool is_counted = at >= counted_from_;
  for (const TrafficKey& key : request.keys) {
    for (const GuardFinding& finding : check_traffic(settings_, key.of, counts_.read(key, at))) {
      is_refused = true;
      if (is_counted) ++result_.rules[finding.rule()];
    }
  }
  if (!is_refused) {
    request.sent.push_back(at);
    for (const TrafficKey& key : request.keys) counts_.sent(key, at);
  }
  if (!is_counted) return;
  for (ReplayedCountry* count : {&result_.all, &result_.countries[request.country]}) {
    ++count->sends;
    if (!is_refused) continue;
    ++count->refused;
    if (request.is_verified) ++count->refused_verified;
  }
}

void GuardReplay::close_days(WallTime now) {
  const std::int32_t yesterday = day_number(now) - 1;
  if (!counts_.closed_day() || *counts_.closed_day() < yesterday) counts_.close_day(yesterday);
}

ReplayResult GuardReplay::finish() {
  play_until(WallTime::max());
  return std::move(result_);
}

}  // namespace xion
