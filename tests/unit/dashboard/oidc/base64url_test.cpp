#include "dashboard/oidc/base64url.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace xion::oidc {

TEST_CASE("octets have one spelling. Source: RFC 4648 §10, RFC 7515 appendix C") {
  const std::pair<std::string_view, std::string_view> known[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\x03\xEC\xFF\xE0\xC1", "A-z_4ME"}};
  for (const auto& [octets, text] : known) {
    CHECK(base64url(octets) == text);
    CHECK(from_base64url(text) == std::string(octets));
  }
  for (const auto* wrong : {"Z", "Zg=", "Zg==", "Zm9v\n", " Zg", "Zh", "Zm9", "A+z/4ME", "Zm9vY", "\xC3\xA4"}) {
    CAPTURE(wrong);
    CHECK_FALSE(from_base64url(wrong));
  }
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("\xFB\xFF") == "+/8=");
}

}  // namespace xion::oidc
