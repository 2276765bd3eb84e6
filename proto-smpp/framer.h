#pragma once
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace xion::smpp {

/// Octets of the header that begins every PDU.
inline constexpr std::size_t header_octets = 16;
/// The longest PDU that we accept, header included. The spec sets no bound; a message_payload of 64 KiB is its largest
/// field.
inline constexpr std::size_t pdu_limit_octets = std::size_t{64} * 1024;

enum class FrameError { length_below_16, length_above_64k };
std::string_view frame_error_text(FrameError error);

/// Cuts a stream of octets into PDUs. Each octet is copied once and looked at once, however the reads fell.
class Framer {
 public:
  /// Takes what was read. Views that `next` gave are no longer valid.
  void append(std::string_view octets);
  /// The next whole PDU, valid until the next call of `append` or `next`; nothing while it is incomplete.
  /// Errors: both are for good, since no later octet can be trusted to begin a PDU.
  std::expected<std::optional<std::string_view>, FrameError> next();
  /// Octets held for a PDU that is not whole yet.
  std::size_t pending_octets() const { return buffer_.size() - at_; }
  /// Octets of memory held, for the test that bursts do not stay.
  std::size_t capacity_octets() const { return buffer_.capacity(); }
  void clear();

 private:
  /// Everything was consumed: begins at the front again, and gives back what a burst took.
  void release();

  std::string buffer_;
  std::size_t at_ = 0;
  std::optional<FrameError> error_;
};

}  // namespace xion::smpp
