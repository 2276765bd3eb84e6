#include "core/texts/submit_sm.h"

#include <string>

#include "core/texts/sender.h"

namespace xion {
namespace {

smpp::Address destination_of(std::string_view e164, const CarrierSettings& carrier) {
  return {carrier.dest_ton, carrier.dest_npi, std::string(carrier.dest_plus ? e164 : e164.substr(1))};
}

}  // namespace

std::vector<smpp::SubmitSm> submits_of(const CarrierSettings& carrier, const smpp::EncodedText& text,
                                       std::span<const smpp::Tlv> of_template, const SenderQuestion& question) {
  smpp::SubmitSm whole;
  whole.service_type = carrier.service_type;
  whole.source = source_address(carrier, question.asked, question.e164, question.country);
  whole.destination = destination_of(question.e164, carrier);
  whole.priority_flag = carrier.priority;
  whole.registered_delivery = carrier.registered_delivery;
  whole.data_coding = text.data_coding;
  const auto tlvs = submit_tlvs(carrier, of_template, question);
  std::vector<smpp::SubmitSm> submits;
  for (const smpp::Segment& segment : text.segments) {
    smpp::SubmitSm& sm = submits.emplace_back(whole);
    const std::uint8_t header_bit = segment.udh_octets > 0 ? smpp::esm_class_udhi : std::uint8_t{0};
    sm.esm_class = static_cast<std::uint8_t>(carrier.esm_class | header_bit);
    sm.short_message = segment.short_message;
    sm.tlvs = segment.tlvs;
    for (const SubmitTlv& each : tlvs) sm.tlvs.push_back(each.tlv);
  }
  return submits;
}

}  // namespace xion
