#include "smpp/framer.h"

#include <cstdint>

namespace xion::smpp {
namespace {

/// Memory above this is given back once the buffer is empty.
constexpr std::size_t kept_capacity_octets = std::size_t{16} * 1024;

std::uint32_t read_u32(const char* octets) {
  const auto* p = reinterpret_cast<const std::uint8_t*>(octets);
  return static_cast<std::uint32_t>(p[0]) << 24 | static_cast<std::uint32_t>(p[1]) << 16 |
         static_cast<std::uint32_t>(p[2]) << 8 | p[3];
}

}  // namespace

std::string_view frame_error_text(FrameError error) {
  switch (error) {
    case FrameError::length_below_16: return "length_below_16";
    case FrameError::length_above_64k: return "length_above_64k";
  }
  return "";
}

void Framer::append(std::string_view octets) {
  if (error_) return;  // nothing that follows can be read, so nothing is kept
  if (at_ == buffer_.size()) {
    release();
  } else if (at_ > buffer_.size() / 2) {
    // What moves is less than what was consumed since the last move, so all moves together stay linear.
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_.append(octets);
}

std::expected<std::optional<std::string_view>, FrameError> Framer::next() {
  if (error_) return std::unexpected(*error_);
  const std::size_t held = buffer_.size() - at_;
  if (held == 0) release();
  if (held < 4) return std::nullopt;
  const std::uint32_t length = read_u32(buffer_.data() + at_);
  if (length < header_octets) error_ = FrameError::length_below_16;
  if (length > pdu_limit_octets) error_ = FrameError::length_above_64k;
  if (error_) {
    buffer_ = std::string();
    at_ = 0;
    return std::unexpected(*error_);
  }
  if (held < length) return std::nullopt;
  const std::string_view pdu(buffer_.data() + at_, length);
  at_ += length;
  return pdu;
}

void Framer::release() {
  buffer_.clear();
  if (buffer_.capacity() > kept_capacity_octets) buffer_.shrink_to_fit();
  at_ = 0;
}

void Framer::clear() {
  buffer_ = std::string();
  at_ = 0;
  error_.reset();
}

}  // namespace xion::smpp
