#include "event/public_address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <cstring>
#include <string>

using namespace xion;

namespace {

bool is_public(const std::string& text) {
  sockaddr_storage address{};
  if (text.find(':') == std::string::npos) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_family = AF_INET;
    REQUIRE(inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1);
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    v6.sin6_family = AF_INET6;
    REQUIRE(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1);
  }
  return is_public_address(reinterpret_cast<const sockaddr&>(address));
}

}  // namespace

TEST_CASE("addresses of the open Internet are public, the first and last beside each closed range too") {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::5"}) {
    CAPTURE(text);
    CHECK(is_public(text));
  }
}

TEST_CASE("loopback, private, link-local, shared, multicast, reserved and documentation addresses are not public") {
  for (const char* text :
       {"0.0.0.0",      "10.1.2.3",        "100.64.0.1",  "127.0.0.1",   "127.255.255.255", "169.254.169.254",
        "172.16.0.1",   "172.31.255.255",  "192.0.2.1",   "192.168.1.1", "198.18.0.1",      "203.0.113.9",
        "224.0.0.1",    "255.255.255.255", "::",          "::1",         "fe80::1",         "fc00::1",
        "fd12:3456::1", "ff02::1",         "2001:db8::1", "100::1",      "2001::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_public(text));
  }
}

TEST_CASE("an IPv4 address in IPv6 clothes is what it is") {
  CHECK_FALSE(is_public("::ffff:127.0.0.1"));
  CHECK_FALSE(is_public("::ffff:169.254.169.254"));
  CHECK_FALSE(is_public("64:ff9b::10.0.0.1"));
  CHECK_FALSE(is_public("2002:7f00:1::"));
  CHECK(is_public("::ffff:8.8.8.8"));
  CHECK(is_public("2002:808:808::"));
}
