#include "control/phone_filter.h"

#include <variant>

#include "smpp/pdu.h"
#include "smpp/pdu_fields.h"

namespace xion::control {
namespace {

/// So many requests about a phone may wait for their responses; of older ones the response is not shown.
constexpr std::size_t awaited_limit = 4096;

std::string_view digits_of(std::string_view number) {
  const std::size_t first = number.find_first_not_of("+0");
  return first == std::string_view::npos ? std::string_view{} : number.substr(first);
}

/// The number that a PDU is about, without its plus; empty: none.
std::string_view phone_of(const smpp::Pdu& pdu) {
  if (const auto* submit = std::get_if<smpp::SubmitSm>(&pdu.body)) return digits_of(submit->destination.digits);
  if (const auto* deliver = std::get_if<smpp::DeliverSm>(&pdu.body)) return digits_of(deliver->source.digits);
  return {};
}

}  // namespace

PhoneFilter::PhoneFilter(std::string_view e164) : digits_(digits_of(e164)) {}

bool PhoneFilter::shows(const TracedPdu& traced) {
  if (digits_.empty()) return true;
  if (!traced.pdu) return false;
  const smpp::Pdu& pdu = *traced.pdu;
  const bool is_response = smpp::is_response(smpp::command_id(pdu));
  const Asked asked{traced.bind, traced.is_sent != is_response, pdu.sequence};
  if (is_response) return std::erase(awaited_, asked) > 0;
  if (phone_of(pdu) != digits_) return false;
  if (awaited_.size() == awaited_limit) awaited_.pop_front();
  awaited_.push_back(asked);
  return true;
}

}  // namespace xion::control
