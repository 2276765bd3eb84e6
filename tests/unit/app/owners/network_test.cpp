#include "app/owners/network.h"

#include <doctest/doctest.h>

using namespace xion;

TEST_CASE("an end user is an IPv4 address, or the /64 of an IPv6 one, in a /48") {
  struct Row {
    std::string_view address, user, net;
  };
  const Row rows[] = {
      {"203.0.113.7", "203.0.113.7", ""},
      {"::ffff:203.0.113.7", "203.0.113.7", ""},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1::"},
      {"2001:db8:1:2::", "2001:db8:1:2::", "2001:db8:1::"},
      {"2001:db8:1:3::1", "2001:db8:1:3::", "2001:db8:1::"},
      {"::1", "::", "::"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.address);
    const auto address = parse_ip_address(row.address);
    REQUIRE(address);
    CHECK(to_string(end_user_of(*address)) == row.user);
    const auto net = end_user_net_of(*address);
    CHECK((net ? to_string(*net) : "") == row.net);
  }
}
