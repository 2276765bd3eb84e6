#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/settings.h"
#include "core/texts/text_pattern.h"
#include "smpp/tlv.h"

namespace xion {

/// Whose TLV it is. Where several have the same tag, the later one of these counts.
enum class TlvOrigin : std::uint8_t { carrier, sender, message_template };
std::string_view to_string(TlvOrigin origin);

struct SubmitTlv {
  smpp::Tlv tlv;
  TlvOrigin origin = TlvOrigin::carrier;
};

/// Who a message comes from, and to whom it goes: what decides about a sender rule.
struct SenderQuestion {
  std::string_view asked;  ///< Sender that the request or its app names; empty: none.
  std::string_view e164;
  std::string_view country;
};

/// The extra TLVs of a submit_sm, by tag: the template's, then those of the rule that is for its sender and its part of
/// the world, then the carrier's.
std::vector<SubmitTlv> submit_tlvs(const CarrierSettings& carrier, std::span<const smpp::Tlv> of_template,
                                   const SenderQuestion& question);

/// What is wrong with an extra TLV: tags that the codec sets itself, or that belong to receipts and responses, are
/// errors; an id of Indian DLT that is none is a warning.
std::vector<PatternFinding> lint_tlv(const smpp::Tlv& tlv);

}  // namespace xion
