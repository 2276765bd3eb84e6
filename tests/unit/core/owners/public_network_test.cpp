#include "core/owners/public_network.h"

#include <doctest/doctest.h>

namespace xion {
namespace {

TEST_CASE("a URL into a private network is known by its spelling, whatever a resolver takes for an address") {
  for (const std::string_view url :
       {"http://127.0.0.1/hook", "http://127.0.0.1:8080/hook", "https://10.1.2.3", "http://localhost/",
        "http://LOCALHOST:80/x", "http://localhost./x", "http://a.localhost/", "http://127.1/", "http://2130706433/",
        "http://0x7f000001/", "http://0177.0.0.1/", "http://[::1]/", "http://[::1]:8080/", "http://[fd00::1]/x",
        "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/latest", "http://0/", "http://192.168.1.1?x=1"}) {
    CAPTURE(url);
    CHECK(has_private_host(url));
  }
}

TEST_CASE("names and public addresses are not private by their spelling") {
  for (const std::string_view url :
       {"https://example.com/hook", "http://example.com:8080", "https://8.8.8.8/", "https://[2606:4700::1111]/",
        "https://localhost.example.com/", "https://10.example.com/", "https://notlocalhost/"}) {
    CAPTURE(url);
    CHECK_FALSE(has_private_host(url));
  }
}

}  // namespace
}  // namespace xion
