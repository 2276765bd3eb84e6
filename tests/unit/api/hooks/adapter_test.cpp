#include "api/hooks/adapter.h"

#include <doctest/doctest.h>

#include <string>

using namespace xion;

namespace {

std::expected<HookMessage, Problem> read(std::string_view name, std::string body) {
  JsonReader reader;
  body.reserve(body.size() + JsonReader::padding_octets);
  return read_hook_message(*adapter_named(name), reader, body);
}

}  // namespace

TEST_CASE("the code of a text is its one run of 4 to 10 digits, however often it stands there") {
  CHECK(code_in("Your code is 123456.") == "123456");
  CHECK(code_in("1234") == "1234");
  CHECK(code_in("Use 561166, @example.com #561166") == "561166");
  CHECK(code_in("ACME 24: 0123456789, call 180055512345") == "0123456789");
  CHECK_FALSE(code_in("Your code 123456 is valid until 2030"));
  CHECK_FALSE(code_in("no code 123"));
  CHECK_FALSE(code_in(""));
}

TEST_CASE("an adapter takes the first of its places that has a text") {
  const auto sent = read("kratos", R"({"to":"","recipient":"37499123056","template_data":{"recovery_code":"0123"}})");
  REQUIRE(sent);
  CHECK(sent->phone == "+37499123056");
  CHECK(sent->code == "0123");
  CHECK(read("supabase", R"({"user":{"phone":"1"},"sms":{"otp":"123456","phone":"37499123056"}})")->phone ==
        "+37499123056");
  CHECK(read("zitadel", R"({"contextInfo":{"recipientPhoneNumber":"+1"},"templateData":{"text":"verify it 123456"}})")
            ->code == "123456");
  CHECK_FALSE(read("logto", R"({"to":"+1","payload":{"code":"8MKCJ6"}})"));
  CHECK_FALSE(read("logto", R"({"to":"+1","payload":"123456"})"));
  CHECK_FALSE(read("logto", R"(["+1"])"));
  CHECK(adapter_named("keycloak") == nullptr);
}
