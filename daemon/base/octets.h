#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xion {

/// Octets of a LEB128 number, at most.
inline constexpr std::size_t varint_max = 10;
/// Writes LEB128 where there is room for it; returns what follows.
inline char* put_varint(char* at, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at++ = static_cast<char>(value);
  return at;
}
/// For differences that may be negative: small ones stay short.
inline std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

/// Appends compact values to a buffer: how records are written to disk. Read back by `OctetReader` in the same order.
class OctetWriter {
 public:
  explicit OctetWriter(std::string& out) : out_(out) {}
  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  /// LEB128: 1 octet below 128.
  void varint(std::uint64_t value) {
    if (value < 0x80) return u8(static_cast<std::uint8_t>(value));
    char octets[varint_max];
    out_.append(octets, put_varint(octets, value));
  }
  void signed_varint(std::int64_t value) { varint(zigzag(value)); }
  void raw(std::string_view octets) { out_.append(octets); }
  /// Length, then octets.
  void text(std::string_view octets) {
    varint(octets.size());
    raw(octets);
  }

 private:
  std::string& out_;
};

/// Reads what `OctetWriter` wrote. After the first read past the end every read gives zero or nothing and `failed()`
/// stays true, so a whole record is read and checked once.
class OctetReader {
 public:
  explicit OctetReader(std::string_view in) : in_(in) {}
  std::uint8_t u8() {
    if (at_ >= in_.size()) {
      failed_ = true;
      return 0;
    }
    return static_cast<std::uint8_t>(in_[at_++]);
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t octet = u8();
      value |= static_cast<std::uint64_t>(octet & 0x7F) << shift;
      if ((octet & 0x80) == 0) return value;
    }
    failed_ = true;
    return 0;
  }
  std::int64_t signed_varint() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  std::string_view raw(std::size_t length) {
    if (failed_ || length > in_.size() - at_) {
      failed_ = true;
      return {};
    }
    const auto part = in_.substr(at_, length);
    at_ += length;
    return part;
  }
  std::string_view text() { return raw(static_cast<std::size_t>(varint())); }
  bool failed() const { return failed_; }
  bool at_end() const { return at_ == in_.size(); }

 private:
  std::string_view in_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace xion
