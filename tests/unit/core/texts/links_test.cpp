#include "core/texts/links.h"

#include <doctest/doctest.h>

namespace xion {
namespace {

TEST_CASE("what a handset makes a link of is one") {
  for (const std::string_view text :
       {"https://evil.example/x", "http://a", "evil.example", "www.evil", "see evil.co.uk/now", "bit.ly/abc",
        "HTTPS://EVIL", "evil。example", "evil．com", "t.me/x", "(evil.com)", "evil.com.", "tg://resolve",
        "a.custom/path", "login.example.com:8080", "пример.ru"}) {
    CAPTURE(text);
    CHECK(has_link(text));
  }
}

TEST_CASE("names, numbers and dates are no links") {
  for (const std::string_view text : {"", "Ani", "5.00 EUR", "J. R. Smith", "ACME Inc.", "12.05.2026", "v1.2", "3.5%",
                                      "a.m.", "z.B.", "...", "No.5", "John.Smith", "end. Begin", "1/2", "a:b"}) {
    CAPTURE(text);
    CHECK_FALSE(has_link(text));
  }
}

}  // namespace
}  // namespace xion
