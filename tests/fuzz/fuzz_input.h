#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"

namespace xion::fuzz {

/// Hands out the fuzzer's octets as small choices, then as text. After the end everything is 0 and empty.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : left_(reinterpret_cast<const char*>(data), size) {}
  std::uint8_t octet() {
    if (left_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return value;
  }
  std::string_view take(std::size_t length) {
    const auto part = left_.substr(0, length);
    left_.remove_prefix(part.size());
    return part;
  }
  std::string_view rest() { return take(left_.size()); }
  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

/// The octets with a command_length that is right, so that the fuzzer gets past it at once.
inline std::string with_right_length(std::string_view octets) {
  std::string pdu(octets);
  if (pdu.size() < 16) pdu.resize(16);
  for (std::size_t i = 0; i < 4; ++i) pdu[i] = static_cast<char>(pdu.size() >> (24 - 8 * i) & 0xFF);
  return pdu;
}

}  // namespace xion::fuzz
