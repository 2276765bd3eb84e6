#include "smpp/incoming_text.h"

#include <string_view>

namespace xion::smpp {

std::string incoming_text(const Sm& sm, Alphabet default_alphabet) {
  std::string_view octets = sm.short_message;
  if (octets.empty()) {
    if (const Tlv* payload = find_tlv(sm.tlvs, tag::message_payload)) octets = payload->value;
  }
  if ((sm.esm_class & esm_class_udhi) != 0 && !octets.empty()) {
    const std::size_t udh = static_cast<std::uint8_t>(octets.front()) + std::size_t{1};
    if (udh <= octets.size()) octets.remove_prefix(udh);
  }
  return decode_text(octets, sm.data_coding, default_alphabet);
}

}  // namespace xion::smpp
