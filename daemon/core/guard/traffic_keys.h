#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "core/guard/pumping_guard.h"
#include "core/ids.h"
#include "core/otp/otp.h"

namespace xion {

/// One subject of an app's traffic.
struct TrafficKey {
  AppId app = 0;
  TrafficOf of = TrafficOf::country;
  std::uint64_t subject = 0;  ///< As `traffic_keys` makes it.
  std::uint16_t country = 0;  ///< Where this message goes: an end user's countries are told apart by it.
};
/// The subjects that a request's messages count for: its country, its prefix where known, its address and user where
/// given.
class TrafficKeys {
 public:
  void push_back(const TrafficKey& key) { keys_[size_++] = key; }
  const TrafficKey* begin() const { return keys_.data(); }
  const TrafficKey* end() const { return keys_.data() + size_; }
  const TrafficKey& front() const { return keys_[0]; }
  const TrafficKey& operator[](std::size_t i) const { return keys_[i]; }
  std::size_t size() const { return size_; }

 private:
  std::array<TrafficKey, 4> keys_{};
  std::size_t size_ = 0;
};
TrafficKeys traffic_keys(const Otp& otp);
/// The end user's address that one of the request's messages was asked for from.
TrafficKey traffic_key_of_address(const Otp& otp, const Fingerprint& address);
/// When a request's user was first known to be there: verified, or told by the customer (`converted`). Nothing: never.
std::optional<WallTime> proven_at(const Otp& otp);

}  // namespace xion
