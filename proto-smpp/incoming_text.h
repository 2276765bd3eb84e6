#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "smpp/pdu.h"
#include "smpp/text.h"

namespace xion::smpp {

/// Where the text of a message is, without its user data header: short_message, message_payload, or in both of them,
/// which the spec forbids and some do. Views into `sm`; empty ones are left out.
std::vector<std::string_view> text_octets(const Sm& sm);

/// The text of a message from a phone or of a receipt as UTF-8, wherever it is (short_message or message_payload),
/// without its user data header. `default_alphabet` is what data_coding 0 means.
std::string incoming_text(const Sm& sm, Alphabet default_alphabet);

}  // namespace xion::smpp
