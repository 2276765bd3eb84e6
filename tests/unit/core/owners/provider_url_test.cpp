#include "core/owners/provider_url.h"

#include <doctest/doctest.h>

#include <string>

namespace xion {

TEST_CASE("what is secret goes by https, or stays on this machine") {
  for (const auto* url : {"https://id.example", "https://id.example:8443/realms/x?p=1", "http://localhost:3000/oidc",
                          "http://127.0.0.1", "http://[::1]:3000/"}) {
    CAPTURE(url);
    CHECK(is_provider_url(url));
  }
  for (const std::string& url :
       {std::string(), std::string("https://"), std::string("https:///x"), std::string("http://id.example"),
        std::string("http://127.0.0.1.evil.example"), std::string("http://localhost.evil.example"),
        std::string("http://127.0.0.1@evil.example"), std::string("https://a@id.example"), std::string("https://:1"),
        std::string("http://[::1].evil.example"), std::string("ftp://id.example"), std::string("HTTPS://id.example"),
        std::string("https://id.example/#x"), std::string("https://id.example/a b"),
        std::string("https://id.example\n"), std::string("https://id.example/\"x"),
        "https://id.example/" + std::string(3'000, 'x')}) {
    CAPTURE(url);
    CHECK_FALSE(is_provider_url(url));
  }
}

}  // namespace xion
