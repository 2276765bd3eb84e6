#include "smpp/incoming_text.h"

namespace xion::smpp {

std::vector<std::string_view> text_octets(const Sm& sm) {
  std::vector<std::string_view> texts{sm.short_message};
  if (const Tlv* payload = find_tlv(sm.tlvs, tag::message_payload)) texts.emplace_back(payload->value);
  std::erase_if(texts, [](std::string_view octets) { return octets.empty(); });
  if ((sm.esm_class & esm_class_udhi) == 0) return texts;
  for (std::string_view& octets : texts) {
    const std::size_t udh = static_cast<std::uint8_t>(octets.front()) + std::size_t{1};
    if (udh <= octets.size()) octets.remove_prefix(udh);
  }
  return texts;
}

std::string incoming_text(const Sm& sm, Alphabet default_alphabet) {
  const auto texts = text_octets(sm);
  return decode_text(texts.empty() ? std::string_view() : texts.front(), sm.data_coding, default_alphabet);
}

}  // namespace xion::smpp
