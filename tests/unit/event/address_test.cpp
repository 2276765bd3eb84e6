#include "event/address.h"

#include <doctest/doctest.h>

using namespace xion;

TEST_CASE("an address is host:port, [v6]:port or unix:/path") {
  CHECK(std::get<TcpAddress>(parse_address("127.0.0.1:8080").value()) == TcpAddress{"127.0.0.1", 8080});
  CHECK(std::get<TcpAddress>(parse_address("smsc.example:2775").value()) == TcpAddress{"smsc.example", 2775});
  CHECK(std::get<TcpAddress>(parse_address("[::1]:0").value()) == TcpAddress{"::1", 0});
  CHECK(std::get<UnixAddress>(parse_address("unix:/run/xionid/api.sock").value()).path == "/run/xionid/api.sock");
}

TEST_CASE("what is wrong with an address is said in a sentence that begins with it") {
  CHECK(parse_address("127.0.0.1").error() == "127.0.0.1: the port is missing, as in 127.0.0.1:8080");
  CHECK(parse_address("::1:80").error() == "::1:80: an IPv6 address needs brackets, as in [::1]:80");
  CHECK(parse_address("[::1]").error() == "[::1]: expected [address]:port");
  CHECK(parse_address("host:65536").error() == "host:65536: expected a port of 0–65535 behind the colon");
  CHECK(parse_address("host:").error() == "host:: expected a port of 0–65535 behind the colon");
  CHECK(parse_address(":8080").error() ==
        ":8080: the host is missing, as in 127.0.0.1:8080 or, for every address, 0.0.0.0:8080");
  CHECK(parse_address("unix:api.sock").error() ==
        "unix:api.sock: expected an absolute path, as in unix:/run/xionid/api.sock");
  CHECK(parse_address("unix:/" + std::string(200, 'x')).error().ends_with("has at most 107 octets"));
}

TEST_CASE("a literal needs no name server, and a name is never taken for one") {
  CHECK(literal({"127.0.0.1", 80}).size() == 1);
  CHECK(to_text(literal({"::1", 80}).at(0)) == "[::1]:80");
  CHECK(literal({"localhost", 80}).empty());
}
