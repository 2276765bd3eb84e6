#include "core/texts/message_template.h"

#include "base/octets.h"
#include "core/record_formats.h"
#include "core/tlv_text.h"

namespace xion {

std::string template_key(const MessageTemplate& text) {
  std::string key;
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(text.app >> shift & 0xFF));
  return key.append(text.name).append("\n").append(text.locale);
}

std::string to_record(const MessageTemplate& text) {
  std::string record;
  OctetWriter out(record);
  out.u8(template_format.writes());
  out.varint(text.app);
  out.text(text.name);
  out.text(text.locale);
  out.text(text.text);
  out.signed_varint(unix_millis(text.created_at));
  if (!text.tlvs.empty()) write_tlvs(out, text.tlvs);
  return record;
}

std::optional<MessageTemplate> template_from_record(std::string_view record) {
  OctetReader in(record);
  if (!template_format.can_read(in.u8())) return std::nullopt;
  MessageTemplate text;
  text.app = static_cast<AppId>(in.varint());
  text.name = in.text();
  text.locale = in.text();
  text.text = in.text();
  text.created_at = wall_time(in.signed_varint());
  if (!in.at_end()) text.tlvs = read_tlvs(in);
  if (in.failed() || !in.at_end()) return std::nullopt;
  return text;
}

}  // namespace xion
