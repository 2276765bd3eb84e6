#include "carrier/receipt_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace xion::carrier {
namespace {

/// One number, one UUID: nothing needs to be remembered.
std::string uuid_of(std::uint64_t number) {
  Random random(number);
  const std::uint64_t high = random.next();
  const std::uint64_t low = random.next();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xFFFF, high & 0xFFF,
                     (low >> 48 & 0x3FFF) | 0x8000, low & 0xFFFF'FFFF'FFFF);
}

std::string network_error(std::string_view error) {
  std::uint16_t code = 0;
  std::from_chars(error.data(), error.data() + error.size(), code);
  constexpr char gsm_network = 3;
  return {gsm_network, static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
}

std::vector<smpp::Tlv> tlvs_of(const ReceiptFacts& facts, const std::string& id, Faults& faults, Random& random) {
  std::vector<smpp::Tlv> tlvs;
  const std::string told = faults.strikes(Fault::receipt_foreign_id, random) ? uuid_of(facts.number) : id;
  if (!told.empty()) tlvs.push_back({smpp::tag::receipted_message_id, told + '\0'});
  const std::uint8_t state = smpp::message_state_of(facts.state);
  tlvs.push_back(faults.strikes(Fault::receipt_wide_state, random) ? smpp::short_tlv(smpp::tag::message_state, state)
                                                                   : smpp::octet_tlv(smpp::tag::message_state, state));
  if (facts.error != "000") tlvs.push_back({smpp::tag::network_error_code, network_error(facts.error)});
  return tlvs;
}

std::string_view vendor_word(smpp::ReceiptState state) {
  switch (state) {
    case smpp::ReceiptState::delivered: return "DELIVERED";
    case smpp::ReceiptState::undeliverable: return "FAILED";
    case smpp::ReceiptState::rejected: return "REJECT";
    default: return smpp::receipt_state_text(state);  // Vendors agree with the spec on the others.
  }
}

std::string text_of(const ReceiptFacts& facts, const std::string& id, WallTime done, Faults& faults, Random& random,
                    bool has_vendor_word) {
  if (has_vendor_word) return fmt::format("id:{} stat:{} err:{}", id, vendor_word(facts.state), facts.error);
  if (faults.strikes(Fault::receipt_missing_fields, random)) {
    return fmt::format("id:{} stat:{}", id, smpp::receipt_state_text(facts.state));
  }
  return smpp::receipt_text({.message_id = id,
                             .state = facts.state,
                             .error = facts.error,
                             .submitted = facts.submitted,
                             .done = done,
                             .text = facts.text});
}

smpp::Address national(const smpp::Address& phone, std::int64_t country_digits) {
  constexpr std::uint8_t ton_national = 2;
  const auto dropped =
      std::min(phone.digits.size(), static_cast<std::size_t>(country_digits) + phone.digits.starts_with('+'));
  return {ton_national, phone.npi, "0" + phone.digits.substr(dropped)};
}

}  // namespace

std::string response_id(std::uint64_t number, IdStyle style) {
  switch (style) {
    case IdStyle::same:
    case IdStyle::hex:
    case IdStyle::padded: return fmt::format("{}", number);
    case IdStyle::decimal:
    case IdStyle::upper: return fmt::format("{:x}", number);
    case IdStyle::uuid: return uuid_of(number);
  }
  return {};
}

std::string receipt_id(std::uint64_t number, IdStyle style) {
  switch (style) {
    case IdStyle::same:
    case IdStyle::decimal: return fmt::format("{}", number);
    case IdStyle::hex: return fmt::format("{:x}", number);
    case IdStyle::upper: return fmt::format("{:X}", number);
    case IdStyle::padded: return fmt::format("{:020}", number);
    case IdStyle::uuid: return uuid_of(number);
  }
  return {};
}

void add_unknown_tlvs(std::vector<smpp::Tlv>& tlvs) {
  tlvs.push_back({0x1501, "vendor"});
  tlvs.push_back({0x3FFE, std::string("\0\xFF\x80", 3)});
}

smpp::DeliverSm receipt_message(const ReceiptFacts& facts, WallTime done, Faults& faults, Random& random) {
  constexpr std::uint8_t delivery_receipt = 0x04;
  constexpr std::uint8_t intermediate_notification = 0x20;
  const bool has_id = !faults.strikes(Fault::receipt_no_id, random);
  const std::string id = has_id ? receipt_id(facts.number, faults.id_style()) : std::string();
  smpp::DeliverSm sm;
  sm.source = facts.phone;
  if (faults.strikes(Fault::receipt_national, random))
    sm.source = national(facts.phone, faults.number(Fault::receipt_national));
  sm.destination = facts.sender;
  if (faults.strikes(Fault::receipt_other_phone, random)) sm.source = {.ton = 1, .npi = 1, .digits = "37410000000"};
  if (faults.strikes(Fault::receipt_not_turned, random)) std::swap(sm.source, sm.destination);
  sm.esm_class = facts.is_intermediate ? intermediate_notification : delivery_receipt;
  // A vendor's word has no number beside it.
  const bool has_vendor_word = faults.strikes(Fault::receipt_word, random);
  const bool has_commas = faults.strikes(Fault::receipt_commas, random);
  const bool has_tlvs = !has_vendor_word && !has_commas && !faults.strikes(Fault::receipt_text_only, random);
  if (has_tlvs) sm.tlvs = tlvs_of(facts, id, faults, random);
  if (sm.tlvs.empty() || !faults.strikes(Fault::receipt_tlv_only, random)) {
    sm.short_message =
        has_commas ? fmt::format("{},{},{},{}", id, smpp::receipt_state_text(facts.state), facts.error, "2602121201")
                   : text_of(facts, id, done, faults, random, has_vendor_word);
  }
  if (!sm.short_message.empty() && faults.strikes(Fault::receipt_in_payload, random)) {
    sm.tlvs.push_back({smpp::tag::message_payload, std::move(sm.short_message)});
    sm.short_message.clear();
  }
  if (faults.strikes(Fault::unknown_tlvs, random)) add_unknown_tlvs(sm.tlvs);
  return sm;
}

}  // namespace xion::carrier
