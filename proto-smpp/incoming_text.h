#pragma once
#include <string>

#include "smpp/pdu.h"
#include "smpp/text.h"

namespace xion::smpp {

/// The text of a message from a phone or of a receipt as UTF-8, wherever it is (short_message or message_payload),
/// without its user data header. `default_alphabet` is what data_coding 0 means.
std::string incoming_text(const Sm& sm, Alphabet default_alphabet);

}  // namespace xion::smpp
