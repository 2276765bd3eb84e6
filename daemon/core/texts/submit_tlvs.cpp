#include "core/texts/submit_tlvs.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/texts/sender.h"
#include "core/tlv_text.h"

namespace xion {
namespace {

struct NotOurs {
  std::uint16_t tag;
  std::string_view why;
};
constexpr NotOurs not_ours[] = {
    {smpp::tag::sar_msg_ref_num, "`concat` of the carrier says how the parts of a long text find each other"},
    {smpp::tag::sar_total_segments, "`concat` of the carrier says how the parts of a long text find each other"},
    {smpp::tag::sar_segment_seqnum, "`concat` of the carrier says how the parts of a long text find each other"},
    {smpp::tag::message_payload, "`concat = \"payload\"` of the carrier sends the text by it"},
    {smpp::tag::receipted_message_id, "it belongs to receipts"},
    {smpp::tag::message_state, "it belongs to receipts"},
    {smpp::tag::network_error_code, "it belongs to receipts"},
    {smpp::tag::sc_interface_version, "it belongs to the answer to a bind"},
    {smpp::tag::delivery_failure_reason, "it belongs to responses"},
    {smpp::tag::additional_status_info_text, "it belongs to responses"},
};

/// Ids of TRAI's registers of commercial communications. Source: TCCCPR 2018; the operators' DLT portals give ids of 19
/// digits.
struct DltId {
  std::uint16_t tag;
  std::string_view what;
};
constexpr DltId dlt_ids[] = {{0x1400, "the entity's id"}, {0x1401, "the template's id"}};
constexpr std::size_t dlt_digits = 19;

bool is_dlt_id(std::string_view value) {
  return value.size() == dlt_digits && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view to_string(TlvOrigin origin) {
  switch (origin) {
    case TlvOrigin::carrier: return "carrier";
    case TlvOrigin::sender: return "sender";
    case TlvOrigin::message_template: return "template";
  }
  return "";
}

std::vector<SubmitTlv> submit_tlvs(const CarrierSettings& carrier, std::span<const smpp::Tlv> of_template,
                                   const SenderQuestion& question) {
  std::map<std::uint16_t, SubmitTlv> by_tag;
  const auto lay_over = [&](std::span<const smpp::Tlv> tlvs, TlvOrigin origin) {
    for (const smpp::Tlv& tlv : tlvs) by_tag.insert_or_assign(tlv.tag, SubmitTlv{tlv, origin});
  };
  lay_over(carrier.tlvs, TlvOrigin::carrier);
  if (const SenderRule* rule = rule_of_sender(carrier, question.asked, question.e164, question.country))
    lay_over(rule->tlvs, TlvOrigin::sender);
  lay_over(of_template, TlvOrigin::message_template);
  std::vector<SubmitTlv> tlvs;
  for (auto& [tag, tlv] : by_tag) tlvs.push_back(std::move(tlv));
  return tlvs;
}

std::vector<PatternFinding> lint_tlv(const smpp::Tlv& tlv) {
  const std::string tag = shown_tlv_tag(tlv.tag);
  if (const auto* row = std::ranges::find(not_ours, tlv.tag, &NotOurs::tag); row != std::end(not_ours))
    return {{true, fmt::format("TLV {} ({}) can't be added: {}", tag, smpp::tag_name(tlv.tag), row->why)}};
  std::vector<PatternFinding> findings;
  if (tlv.value.empty()) findings.push_back({false, fmt::format("TLV {} is empty", tag)});
  const auto* id = std::ranges::find(dlt_ids, tlv.tag, &DltId::tag);
  if (id != std::end(dlt_ids) && !tlv.value.empty() && !is_dlt_id(tlv.value)) {
    findings.push_back(
        {false, fmt::format("TLV {} is {} in Indian DLT, which has {} digits", tag, id->what, dlt_digits)});
  }
  return findings;
}

}  // namespace xion
