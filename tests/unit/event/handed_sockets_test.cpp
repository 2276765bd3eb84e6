#include "event/handed_sockets.h"

#include <doctest/doctest.h>

using namespace xion;
using Texts = std::vector<std::string>;

TEST_CASE("sockets that are handed over and what is wanted are compared as addresses, not as texts") {
  const auto difference = [](const Texts& wanted, const Texts& listening) {
    return compare_sockets(wanted, listening);
  };
  CHECK(difference({"127.0.0.1:8080"}, {"127.0.0.1:8080"}).is_empty());
  CHECK(difference({"[0:0::1]:80"}, {"[::1]:80"}).is_empty());
  CHECK(difference({"0.0.0.0:80", "[::]:80"}, {"[::]:80"}).is_empty());
  CHECK(difference({"unix:/run/x"}, {"unix:/run/x"}).is_empty());
  const auto moved = difference({"0.0.0.0:443", "127.0.0.1:8080"}, {"127.0.0.1:8080", "127.0.0.1:9000"});
  CHECK(moved.missing == Texts{"0.0.0.0:443"});
  CHECK(moved.extra == Texts{"127.0.0.1:9000"});
}
