#include "core/texts/sender.h"

#include <algorithm>
#include <string>

namespace xion {
namespace {

constexpr std::size_t longest_short_code_digits = 6;

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The plus of a number is told by its type.
std::string digits_of_sender(std::string_view sender) {
  const bool has_plus = sender.starts_with('+') && is_number(sender.substr(1));
  return std::string(has_plus ? sender.substr(1) : sender);
}

/// Of the rules for a part of the world the one with the longest prefix; of `sender` alone where that isn't empty.
const SenderRule* rule_for(const CarrierSettings& carrier, std::string_view e164, std::string_view country,
                           std::string_view sender = {}) {
  const SenderRule* best = nullptr;
  for (const SenderRule& rule : carrier.sender_rules) {
    const bool fits =
        (rule.prefix.empty() || e164.starts_with(rule.prefix)) && (rule.country.empty() || rule.country == country);
    const bool is_meant = sender.empty() || digits_of_sender(rule.sender) == sender;
    if (fits && is_meant && (best == nullptr || rule.prefix.size() > best->prefix.size())) best = &rule;
  }
  return best;
}

smpp::Address address_of(std::string_view sender) {
  const Numbering numbering = numbering_of(sender);
  return {numbering.ton, numbering.npi, digits_of_sender(sender)};
}

}  // namespace

Numbering numbering_of(std::string_view sender) {
  if (sender.empty()) return {0, 0};
  if (sender.starts_with('+') && is_number(sender.substr(1))) return {1, 1};
  if (!is_number(sender)) return {5, 0};
  return sender.size() <= longest_short_code_digits ? Numbering{3, 0} : Numbering{1, 1};
}

const SenderRule* rule_of_sender(const CarrierSettings& carrier, std::string_view asked, std::string_view e164,
                                 std::string_view country) {
  const std::string sender = source_address(carrier, asked, e164, country).digits;
  return sender.empty() ? nullptr : rule_for(carrier, e164, country, sender);
}

smpp::Address source_address(const CarrierSettings& carrier, std::string_view asked, std::string_view e164,
                             std::string_view country) {
  const SenderRule* rule = rule_for(carrier, e164, country);
  if (!asked.empty() && asked != carrier.sender && (rule == nullptr || !rule->is_only)) return address_of(asked);
  if (rule == nullptr) return {carrier.source_ton, carrier.source_npi, digits_of_sender(carrier.sender)};
  smpp::Address address = address_of(rule->sender);
  address.ton = rule->ton.value_or(address.ton);
  address.npi = rule->npi.value_or(address.npi);
  return address;
}

}  // namespace xion
