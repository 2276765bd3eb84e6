#include "core/ids.h"

#include <algorithm>

namespace xion {
namespace {

/// 2020-01-01T00:00:00Z: 41 bits of milliseconds last until 2089.
constexpr std::int64_t epoch_unix_ms = 1'577'836'800'000;
constexpr std::int64_t last_moment = (std::int64_t{1} << 41) - 1;
constexpr unsigned slot_mask = (1U << slot_bits) - 1;
constexpr std::string_view prefix = "OTP-";
constexpr std::size_t id_digits = 16;

void put_big_endian(std::uint64_t value, std::span<std::uint8_t> out) {
  for (std::size_t i = out.size(); i-- > 0; value >>= 8) out[i] = static_cast<std::uint8_t>(value & 0xFF);
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

Slot slot_of(const Fingerprint& phone) { return static_cast<Slot>((unsigned{phone[0]} << 8 | phone[1]) & slot_mask); }

Slot slot_of(const OtpId& id) {
  return static_cast<Slot>((unsigned{id.octets[5]} << 8 | id.octets[6]) >> 5 & slot_mask);
}

/// The seven bits of the sixth octet that are not the moment's, and the first three of the seventh.
OtpId in_slot(OtpId id, Slot slot) {
  id.octets[5] = static_cast<std::uint8_t>((id.octets[5] & 0x80) | (slot >> 3 & 0x7F));
  id.octets[6] = static_cast<std::uint8_t>((id.octets[6] & 0x1F) | (slot & 7) << 5);
  return id;
}

OtpId make_otp_id(WallTime now, std::span<const std::uint8_t, 5> random) {
  const auto moment =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(unix_millis(now) - epoch_unix_ms, 0, last_moment));
  OtpId id;
  std::copy(random.begin(), random.end(), id.octets.begin() + 5);
  // The last bit of the moment shares the sixth octet with the first seven random bits.
  put_big_endian(moment >> 1, std::span(id.octets).first(5));
  id.octets[5] = static_cast<std::uint8_t>((id.octets[5] & 0x7F) | (moment & 1) << 7);
  return id;
}

OtpId first_otp_id_at(WallTime at) {
  constexpr std::array<std::uint8_t, 5> nothing{};
  return make_otp_id(at, nothing);
}

WallTime made_at(const OtpId& id) {
  std::int64_t moment = 0;
  for (std::size_t i = 0; i < 5; ++i) moment = moment << 8 | id.octets[i];
  return wall_time(epoch_unix_ms + (moment << 1 | id.octets[5] >> 7));
}

std::string to_string(const OtpId& id) { return std::string(prefix) + crockford32(id.octets); }

std::optional<OtpId> parse_otp_id(std::string_view text) {
  if (text.size() != prefix.size() + id_digits) return std::nullopt;
  if (!std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return a == upper(b); }))
    return std::nullopt;
  const auto octets = from_crockford32(text.substr(prefix.size()));
  if (!octets || octets->size() != OtpId::size) return std::nullopt;
  OtpId id;
  std::copy(octets->begin(), octets->end(), id.octets.begin());
  return id;
}

}  // namespace xion
