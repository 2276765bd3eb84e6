// What decodes holds no more than it was given, says the same when packed and read again, and is described in one line.
#include <string>

#include "fuzz_input.h"
#include "smpp/decode.h"
#include "smpp/encode.h"

using namespace xion;
using namespace xion::smpp;

namespace {

std::size_t octets_of(const std::vector<Tlv>& tlvs) {
  std::size_t sum = 0;
  for (const Tlv& tlv : tlvs) sum += 4 + tlv.value.size();
  return sum;
}

struct Octets {
  std::size_t operator()(const Bind& bind) const {
    return bind.system_id.size() + bind.password.reveal().size() + bind.system_type.size() +
           bind.address_range.digits.size();
  }
  std::size_t operator()(const BindResp& resp) const { return resp.system_id.size() + octets_of(resp.tlvs); }
  std::size_t message(const Sm& sm) const {
    return sm.service_type.size() + sm.source.digits.size() + sm.destination.digits.size() +
           sm.schedule_delivery_time.size() + sm.validity_period.size() + sm.short_message.size() + octets_of(sm.tlvs);
  }
  std::size_t operator()(const SubmitSm& sm) const { return message(sm); }
  std::size_t operator()(const DeliverSm& sm) const { return message(sm); }
  std::size_t operator()(const SubmitSmResp& resp) const { return resp.message_id.size() + octets_of(resp.tlvs); }
  std::size_t operator()(const DeliverSmResp& resp) const { return resp.message_id.size() + octets_of(resp.tlvs); }
  std::size_t operator()(const Unknown& unknown) const { return unknown.body.size(); }
  std::size_t operator()(const auto&) const { return 0; }
};

void check(std::string_view octets) {
  const auto pdu = decode(octets);
  if (!pdu) return;
  XION_ASSERT(std::visit(Octets{}, pdu->body) <= octets.size() - 16);
  const std::string line = describe(*pdu);
  XION_ASSERT(line.find('\n') == std::string::npos);
  const auto again = encode(*pdu);
  if (!again) return;  // longer than the spec allows us to send
  auto back = decode(*again);
  XION_ASSERT(back.has_value());
  XION_ASSERT(!back->truncated);
  back->truncated = pdu->truncated;
  XION_ASSERT(*back == *pdu);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto octets = input.rest();
  check(octets);
  check(fuzz::with_right_length(octets));
  return 0;
}
