#include "app/delivery/trace_tap.h"

#include <algorithm>
#include <utility>

#include "smpp/decode.h"

namespace xion {

void TraceTap::add(Tracer tracer) { tracers_.push_back(std::move(tracer)); }

void TraceTap::show(const TracedPdu& pdu) {
  std::erase_if(tracers_, [&](Tracer& tracer) { return !tracer(pdu); });
}

void TraceReader::reset() {
  is_reading_ = false;
  framer_.clear();
  length_octets_ = 0;
  octets_left_ = 0;
}

void TraceReader::received(std::string_view octets, const Show& show) {
  const bool is_at_beginning = length_octets_ == 0 && octets_left_ == 0;
  count(octets);
  if (!is_on_) {
    if (std::exchange(is_reading_, false)) framer_.clear();
    return;
  }
  // A trace that begins within a PDU waits for a read that begins with one.
  is_reading_ = is_reading_ || is_at_beginning;
  if (!is_reading_) return;
  framer_.append(octets);
  show_frames(framer_, false, show);
}

void TraceReader::sent(std::string_view octets, const Show& show) const {
  if (!is_on_) return;
  smpp::Framer framer;
  framer.append(octets);
  show_frames(framer, true, show);
}

void TraceReader::count(std::string_view octets) {
  while (!octets.empty()) {
    if (octets_left_ > 0) {
      const std::size_t passed = std::min(octets_left_, octets.size());
      octets.remove_prefix(passed);
      octets_left_ -= passed;
      continue;
    }
    length_[length_octets_++] = octets.front();
    octets.remove_prefix(1);
    if (length_octets_ < length_.size()) continue;
    std::size_t length = 0;
    for (const char octet : length_) length = length << 8 | static_cast<std::uint8_t>(octet);
    // A length that can't be ends the connection; until then it does not matter what is counted.
    octets_left_ = length > length_.size() ? length - length_.size() : 0;
    length_octets_ = 0;
  }
}

void TraceReader::show_frames(smpp::Framer& framer, bool is_sent, const Show& show) const {
  for (;;) {
    const auto frame = framer.next();
    if (!frame) return show({bind_, is_sent, std::nullopt, "command_length"});
    if (!*frame) return;
    auto pdu = smpp::decode(**frame);
    if (pdu) {
      show({bind_, is_sent, std::move(*pdu), {}});
    } else {
      show({bind_, is_sent, std::nullopt, smpp::decode_error_text(pdu.error())});
    }
  }
}

}  // namespace xion
