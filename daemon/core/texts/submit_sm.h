#pragma once
#include <span>
#include <vector>

#include "core/texts/submit_tlvs.h"
#include "smpp/pdu.h"
#include "smpp/text.h"

namespace xion {

/// The PDUs of a text for one carrier, one a part, with all that its block, its sender rules and the template say.
/// validity_period is left to whoever writes them.
std::vector<smpp::SubmitSm> submits_of(const CarrierSettings& carrier, const smpp::EncodedText& text,
                                       std::span<const smpp::Tlv> of_template, const SenderQuestion& question);

}  // namespace xion
