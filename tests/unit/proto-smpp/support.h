#pragma once
#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "smpp/decode.h"
#include "smpp/encode.h"
#include "smpp/framer.h"
#include "smpp/pdu.h"

namespace xion::smpp::test {

/// Octets from the hexadecimal that a trace shows; spaces are for the reader.
inline std::string from_hex(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    const std::size_t found = std::string_view("0123456789ABCDEF0123456789abcdef").find(c);
    if (found == std::string_view::npos) continue;
    const int value = static_cast<int>(found % 16);
    if (high < 0) {
      high = value;
    } else {
      out.push_back(static_cast<char>(high << 4 | value));
      high = -1;
    }
  }
  return out;
}

inline void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
}

/// A PDU with a right command_length around any body.
inline std::string raw_pdu(std::uint32_t command_id, std::uint32_t status, std::uint32_t sequence,
                           std::string_view body = {}) {
  std::string out;
  put_u32(out, static_cast<std::uint32_t>(16 + body.size()));
  put_u32(out, command_id);
  put_u32(out, status);
  put_u32(out, sequence);
  out += body;
  return out;
}

inline std::string encoded(const Pdu& pdu) {
  auto octets = encode(pdu);
  REQUIRE(octets.has_value());
  return *octets;
}
inline Pdu decoded(std::string_view octets) {
  auto pdu = decode(octets);
  REQUIRE(pdu.has_value());
  return *pdu;
}

/// Every PDU in a run of octets.
inline std::vector<Pdu> all_decoded(std::string_view octets) {
  Framer framer;
  framer.append(octets);
  std::vector<Pdu> pdus;
  for (;;) {
    const auto whole = framer.next();
    REQUIRE(whole.has_value());
    if (!*whole) break;
    pdus.push_back(decoded(**whole));
  }
  REQUIRE(framer.pending_octets() == 0);
  return pdus;
}

inline SubmitSm some_submit() {
  SubmitSm sm;
  sm.service_type = "CMT";
  sm.source = {5, 0, "XionID"};
  sm.destination = {1, 1, "4915112345678"};
  sm.registered_delivery = 1;
  sm.short_message = "123456 is your code";
  return sm;
}

/// The values of one type among the alternatives of a list of variants, in order.
template <typename Wanted, typename Variant>
std::vector<Wanted> only(const std::vector<Variant>& all) {
  std::vector<Wanted> found;
  for (const Variant& one : all) {
    if (const auto* wanted = std::get_if<Wanted>(&one)) found.push_back(*wanted);
  }
  return found;
}

using Random = std::mt19937_64;
inline std::size_t below(Random& random, std::size_t bound) { return static_cast<std::size_t>(random() % bound); }
inline std::uint8_t octet(Random& random) { return static_cast<std::uint8_t>(random()); }
inline std::string octets(Random& random, std::size_t length) {
  std::string out;
  for (std::size_t i = 0; i < length; ++i) out.push_back(static_cast<char>(octet(random)));
  return out;
}
/// A C-Octet String of at most `limit` octets: any but NUL.
inline std::string c_string(Random& random, std::size_t limit) {
  std::string out;
  const std::size_t length = below(random, limit + 1);
  for (std::size_t i = 0; i < length; ++i) out.push_back(static_cast<char>(1 + below(random, 255)));
  return out;
}
inline std::vector<Tlv> some_tlvs(Random& random) {
  std::vector<Tlv> tlvs;
  for (std::size_t count = below(random, 4); count > 0; --count) {
    tlvs.push_back({static_cast<std::uint16_t>(random()), octets(random, below(random, 300))});
  }
  return tlvs;
}

}  // namespace xion::smpp::test
