#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;

namespace {

template <typename Message>
Message any_message(Random& random) {
  Message sm;
  sm.service_type = c_string(random, 5);
  sm.source = {octet(random), octet(random), c_string(random, 20)};
  sm.destination = {octet(random), octet(random), c_string(random, 20)};
  sm.esm_class = octet(random);
  sm.protocol_id = octet(random);
  sm.priority_flag = octet(random);
  sm.schedule_delivery_time = c_string(random, 16);
  sm.validity_period = c_string(random, 16);
  sm.registered_delivery = octet(random);
  sm.replace_if_present_flag = octet(random);
  sm.data_coding = octet(random);
  sm.sm_default_msg_id = octet(random);
  sm.short_message = octets(random, below(random, 256));
  sm.tlvs = some_tlvs(random);
  return sm;
}

DataSm any_data(Random& random) {
  DataSm data;
  data.service_type = c_string(random, 5);
  data.source = {octet(random), octet(random), c_string(random, 20)};
  data.destination = {octet(random), octet(random), c_string(random, 20)};
  data.esm_class = octet(random);
  data.registered_delivery = octet(random);
  data.data_coding = octet(random);
  data.tlvs = some_tlvs(random);
  return data;
}

Body any_body(Random& random) {
  const auto type = static_cast<BindType>(below(random, 3));
  switch (below(random, 14)) {
    case 0:
      return Bind{type,
                  c_string(random, 15),
                  Secret(c_string(random, 40)),
                  c_string(random, 12),
                  octet(random),
                  {octet(random), octet(random), c_string(random, 40)}};
    case 1: return BindResp{type, c_string(random, 15), some_tlvs(random)};
    case 2: return any_message<SubmitSm>(random);
    case 3: return SubmitSmResp{c_string(random, 65), some_tlvs(random)};
    case 4: return any_message<DeliverSm>(random);
    case 5: return DeliverSmResp{c_string(random, 65), some_tlvs(random)};
    case 6: return Unbind{};
    case 7: return UnbindResp{};
    case 8: return EnquireLink{};
    case 9: return EnquireLinkResp{};
    case 10: return GenericNack{};
    case 11: return any_data(random);
    case 12: return DataSmResp{c_string(random, 65), some_tlvs(random)};
    default: return Unknown{0x00010200U + octet(random), octets(random, below(random, 100))};
  }
}

}  // namespace

TEST_CASE("twenty thousand random PDUs come back as they went") {
  Random random(42);
  for (int i = 0; i < 20'000; ++i) {
    const Pdu pdu{.status = static_cast<std::uint32_t>(random()),
                  .sequence = static_cast<std::uint32_t>(random()),
                  .body = any_body(random)};
    const std::string octets = encoded(pdu);
    const Pdu back = decoded(octets);
    REQUIRE(back == pdu);
    REQUIRE(encoded(back) == octets);
  }
}

TEST_CASE("PDUs with random damage decode or are refused, and what decodes says the same when sent again") {
  Random random(43);
  int whole = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string octets = encoded({.sequence = 1, .body = any_body(random)});
    for (std::size_t hits = 1 + below(random, 4); hits > 0; --hits)
      octets[below(random, octets.size())] = static_cast<char>(random());
    const auto pdu = decode(octets);
    if (!pdu) continue;
    const auto again = encode(*pdu);
    if (!again) continue;
    Pdu back = decoded(*again);
    back.truncated = pdu->truncated;
    REQUIRE(back == *pdu);
    ++whole;
  }
  CHECK(whole > 5'000);
}
