#include "core/guard/traffic_keys.h"

#include <string_view>

namespace xion {
namespace {

std::uint16_t country_number(std::string_view country) {
  if (country.size() != 2) return 0;
  return static_cast<std::uint16_t>(static_cast<unsigned char>(country[0]) << 8 |
                                    static_cast<unsigned char>(country[1]));
}

/// FNV-1a, 64 bits: the same in every process. Who finds two ids of one hash has them counted as one, no more.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

}  // namespace

TrafficKeys traffic_keys(const Otp& otp) {
  TrafficKeys keys;
  const std::uint16_t country = country_number(otp.country);
  keys.push_back({otp.app, TrafficOf::country, country, country});
  if (otp.number_block != 0)
    keys.push_back({otp.app, TrafficOf::prefix, std::uint64_t{country} << 32 | otp.number_block, country});
  if (otp.user_ip) keys.push_back(traffic_key_of_address(otp, *otp.user_ip));
  if (!otp.user_id.empty()) keys.push_back({otp.app, TrafficOf::user_id, hash_of(otp.user_id), country});
  return keys;
}

TrafficKey traffic_key_of_address(const Otp& otp, const Fingerprint& address) {
  std::uint64_t subject = 0;
  for (std::size_t i = 0; i < 8; ++i) subject = subject << 8 | address[i];
  return {otp.app, TrafficOf::user_ip, subject, country_number(otp.country)};
}

std::optional<WallTime> proven_at(const Otp& otp) {
  if (otp.converted_at) return otp.converted_at;
  if (otp.status != OtpStatus::verified) return std::nullopt;
  return otp.ended_at.value_or(otp.created_at);
}

}  // namespace xion
