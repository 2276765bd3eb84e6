#include "sample_otp.h"

#include <array>
#include <cstring>

namespace xion {

Fingerprint subject(std::uint32_t n) {
  std::uint64_t mixed = (n + 1) * 0x9E3779B97F4A7C15;
  Fingerprint octets{};
  for (std::size_t i = 0; i < octets.size(); i += 8, mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9)
    std::memcpy(octets.data() + i, &mixed, 8);
  return octets;
}

OtpId id_at(WallTime at, std::uint32_t n) {
  const std::array<std::uint8_t, 5> random{0, static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
                                           static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
  return make_otp_id(at, random);
}

Otp sample_otp(WallTime at, std::uint32_t n, std::uint32_t phone) {
  Otp otp;
  otp.id = id_at(at, n);
  otp.app = 1;
  otp.phone = subject(phone);
  otp.phone_sealed = std::string(28, '\x5a');
  otp.country = "AM";
  otp.calling_prefix = "374";
  otp.salt.fill(static_cast<std::uint8_t>(n));
  otp.code_hash.fill(static_cast<std::uint8_t>(n >> 8));
  otp.created_at = at;
  otp.expires_at = at + Seconds{300};
  queue_again(otp, at);
  return otp;
}

void queue_again(Otp& otp, WallTime at) { otp.messages.emplace_back().queued_at = at; }

void submit_to(Otp& otp, std::size_t message, const std::string& carrier, const std::string& smsc_message_id,
               WallTime at) {
  Submission submission;
  submission.carrier = carrier;
  submission.at = at;
  if (!smsc_message_id.empty()) {
    submission.state = MessageState::submitted;
    submission.answered_at = at;
    submission.segments.push_back({.smsc_message_id = smsc_message_id});
  }
  otp.messages[message].state = submission.state;
  otp.messages[message].submissions.push_back(std::move(submission));
}

void deliver(Otp& otp, std::size_t message, WallTime at) {
  Submission& submission = otp.messages[message].submissions.back();
  for (Segment& segment : submission.segments) segment.state = MessageState::delivered;
  submission.state = otp.messages[message].state = MessageState::delivered;
  submission.receipt_at = otp.messages[message].ended_at = at;
}

void end(Otp& otp, OtpStatus status, WallTime at) {
  otp.status = status;
  otp.ended_at = at;
  for (Message& message : otp.messages)
    if (message.state == MessageState::queued) message.state = MessageState::superseded;
}

}  // namespace xion
