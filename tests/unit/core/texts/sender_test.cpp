#include <doctest/doctest.h>

#include "core/texts/sender.h"

using namespace xion;

namespace {

CarrierSettings a_carrier() {
  CarrierSettings settings;
  settings.sender = "XionID";
  settings.source_ton = 5;
  settings.sender_rules = {
      {.prefix = "", .country = "US", .sender = "12025550123", .ton = {}, .npi = {}, .is_only = true},
      {.prefix = "+3749", .country = "", .sender = "XionAM", .ton = {}, .npi = {}, .is_only = false},
      {.prefix = "+37499", .country = "", .sender = "4411", .ton = 3, .npi = 9, .is_only = false}};
  return settings;
}

}  // namespace

TEST_CASE("a sender's numbering follows from what it is") {
  const auto of = [](std::string_view sender) {
    const Numbering numbering = numbering_of(sender);
    return std::pair<int, int>{numbering.ton, numbering.npi};
  };
  CHECK(of("") == std::pair{0, 0});
  CHECK(of("Acme") == std::pair{5, 0});
  CHECK(of("4411") == std::pair{3, 0});
  CHECK(of("+12025550123") == std::pair{1, 1});
  CHECK(of("12025550123") == std::pair{1, 1});
}

TEST_CASE("the longest prefix chooses the sender, then the country, then the carrier") {
  CHECK(source_address(a_carrier(), "", "+37499123056", "AM") == smpp::Address{3, 9, "4411"});
  CHECK(source_address(a_carrier(), "", "+37491123056", "AM") == smpp::Address{5, 0, "XionAM"});
  CHECK(source_address(a_carrier(), "", "+12015550100", "US") == smpp::Address{1, 1, "12025550123"});
  CHECK(source_address(a_carrier(), "", "+447700900123", "GB") == smpp::Address{5, 0, "XionID"});
}

TEST_CASE("a sender that was asked for wins over a rule, except where no other is taken") {
  CHECK(source_address(a_carrier(), "Acme", "+37491123056", "AM").digits == "Acme");
  CHECK(source_address(a_carrier(), "+447700900999", "+37491123056", "AM") == smpp::Address{1, 1, "447700900999"});
  CHECK(source_address(a_carrier(), "Acme", "+12015550100", "US").digits == "12025550123");
}
