#include <doctest/doctest.h>

#include "unit/api/api_desk.h"

namespace xion {
namespace {

constexpr std::string_view phone = "\"phone\":\"+37499123056\"";

struct Refused {
  const char* body;
  int status;
  const char* code;
  const char* field;
};

void check_all(ApiDesk& desk, const std::string& path, std::span<const Refused> rows) {
  for (const Refused& row : rows) {
    CAPTURE(row.body);
    const Told told = desk.post(path, row.body, desk.live);
    CHECK(told.status == row.status);
    CHECK(told.code() == row.code);
    CHECK(told.text("field") == row.field);
    CHECK_FALSE(told.text("detail").empty());
    CHECK(told.text("type") == std::string("/docs/errors/#") + row.code);
    CHECK(told.http.content_type == "application/problem+json");
    CHECK(told.body.find("status") == nullptr);
  }
}

}  // namespace

TEST_CASE("every wrong field of a send is refused by its name") {
  constexpr Refused rows[] = {
      {"", 400, "malformed_json", ""},
      {"{", 400, "malformed_json", ""},
      {"[]", 400, "malformed_json", ""},
      {"\"phone\"", 400, "malformed_json", ""},
      {"{\"phone\":\"\xC3\x28\"}", 400, "malformed_json", ""},
      {R"({"a":[[[[[[[[[[1]]]]]]]]]]})", 400, "malformed_json", ""},
      {R"({"phone":"+37499123056","phone":"+37499123057"})", 400, "malformed_json", "phone"},
      {"{}", 400, "missing_field", "phone"},
      {R"({"phone":null})", 400, "missing_field", "phone"},
      {R"({"phone":37499123056})", 400, "invalid_field", "phone"},
      {R"({"phone":""})", 422, "invalid_phone", "phone"},
      {R"({"phone":"099123056"})", 422, "invalid_phone", "phone"},
      {R"({"phone":"+374991"})", 422, "invalid_phone", "phone"},
      {R"({"phone":"+37499123056","channel":"whatsapp"})", 422, "unsupported_channel", "channel"},
      {R"({"phone":"+37499123056","channel":1})", 400, "invalid_field", "channel"},
      {R"({"phone":"+37499123056","ttlSeconds":29})", 422, "invalid_ttl", "ttlSeconds"},
      {R"({"phone":"+37499123056","ttlSeconds":601})", 422, "invalid_ttl", "ttlSeconds"},
      {R"({"phone":"+37499123056","ttlSeconds":-9223372036854775808})", 422, "invalid_ttl", "ttlSeconds"},
      {R"({"phone":"+37499123056","ttlSeconds":18446744073709551615})", 400, "invalid_field", "ttlSeconds"},
      {R"({"phone":"+37499123056","ttlSeconds":60.5})", 400, "invalid_field", "ttlSeconds"},
      {R"({"phone":"+37499123056","ttlSeconds":"60"})", 400, "invalid_field", "ttlSeconds"},
      {R"({"phone":"+37499123056","codeLength":3})", 400, "invalid_field", "codeLength"},
      {R"({"phone":"+37499123056","codeLength":11})", 400, "invalid_field", "codeLength"},
      {R"({"phone":"+37499123056","codeLength":260})", 400, "invalid_field", "codeLength"},
      {R"({"phone":"+37499123056","purpose":""})", 400, "invalid_field", "purpose"},
      {R"({"phone":"+37499123056","purpose":"Login"})", 400, "invalid_field", "purpose"},
      {R"({"phone":"+37499123056","purpose":"test:login"})", 400, "invalid_field", "purpose"},
      {R"({"phone":"+37499123056","country":"ARM"})", 400, "invalid_field", "country"},
      {R"({"phone":"+37499123056","locale":"english language"})", 400, "invalid_field", "locale"},
      {R"({"phone":"+37499123056","template":"welcome"})", 422, "template_error", "template"},
      {R"({"phone":"+37499123056","variables":{"name":1}})", 400, "invalid_field", "variables"},
      {R"({"phone":"+37499123056","variables":{"a name":"x"}})", 400, "invalid_field", "variables"},
      {R"({"phone":"+37499123056","appHash":"FA+9qCX9VS"})", 400, "invalid_field", "appHash"},
      {R"({"phone":"+37499123056","webOrigin":"https://example.com"})", 400, "invalid_field", "webOrigin"},
      {R"({"phone":"+37499123056","webOrigin":"example..com"})", 400, "invalid_field", "webOrigin"},
      {R"({"phone":"+37499123056","sender":"Bank"})", 400, "invalid_field", "sender"},
      {R"({"phone":"+37499123056","route":"nowhere"})", 400, "invalid_field", "route"},
      {R"({"phone":"+37499123056","userIp":"localhost"})", 400, "invalid_field", "userIp"},
      {R"({"phone":"+37499123056","userIp":"203.0.113.7:80"})", 400, "invalid_field", "userIp"},
      {R"({"phone":"+37499123056","userId":""})", 400, "invalid_field", "userId"},
      {R"({"phone":"+37499123056","reference":"a\nb"})", 400, "invalid_field", "reference"},
      {R"({"phone":"+37499123056","metadata":{"a":"1","a":"2"}})", 400, "invalid_field", "metadata"},
      {R"({"phone":"+37499123056","metadata":["a"]})", 400, "invalid_field", "metadata"},
      {R"({"phone":"+37499123056","metadata":{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","9":"","10":"","11":""}})",
       400, "invalid_field", "metadata"},
      {R"({"phone":"+37499123056","resend":"again"})", 400, "invalid_field", "resend"},
      {R"({"phone":"+37499123056","dryRun":"yes"})", 400, "invalid_field", "dryRun"},
      {R"({"phone":"+37499123056","ttl":60})", 400, "unknown_field", "ttl"},
  };
  ApiDesk desk;
  check_all(desk, "/v1/otp/send", rows);
}

TEST_CASE("every wrong field of a verify is refused by its name") {
  constexpr Refused rows[] = {
      {"{}", 400, "missing_field", "code"},
      {R"({"code":"123456"})", 400, "missing_field", "phone"},
      {R"({"phone":"+37499123056"})", 400, "missing_field", "code"},
      {R"({"phone":"+37499123056","code":123456})", 400, "invalid_field", "code"},
      {R"({"phone":"+37499123056","code":""})", 404, "no_active_code", ""},
      {R"({"phone":"+37499123056","code":"12a456"})", 404, "no_active_code", ""},
      {R"({"phone":"nonsense","code":"123456"})", 422, "invalid_phone", "phone"},
      {R"({"requestId":"OTP-1","code":"123456"})", 404, "no_active_code", ""},
      {R"({"phone":"+37499123056","code":"123456","purpose":"A B"})", 400, "invalid_field", "purpose"},
      {R"({"phone":"+37499123056","code":"123456","userIp":"me"})", 400, "invalid_field", "userIp"},
      {R"({"phone":"+37499123056","code":"123456","ttlSeconds":60})", 400, "unknown_field", "ttlSeconds"},
  };
  ApiDesk desk;
  check_all(desk, "/v1/otp/verify", rows);
}

TEST_CASE("a mistyped field is refused with the one that was meant, before the one that is missing for it") {
  ApiDesk desk;
  const Told told = desk.send(R"({"phnoe":"+37499123056"})");
  CHECK(told.code() == "unknown_field");
  CHECK(told.text("suggestion") == "phone");
  const Told endless = desk.send("{\"" + std::string(60'000, 'x') + "\":1}");
  CHECK(endless.code() == "unknown_field");
  CHECK(endless.http.body.size() < 500);
}

TEST_CASE("a phone is read as people write it") {
  ApiDesk desk;
  for (const char* body : {R"({"phone":"+374 (99) 12-30-56"})", R"({"phone":"0037499123056","purpose":"a"})",
                           R"({"phone":"099 123056","country":"am","purpose":"b"})"}) {
    CAPTURE(body);
    const Told told = desk.send(body);
    CHECK(told.status == 202);
    CHECK(told.text("phone") ==
          "+374\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2"
          "056");
  }
}

TEST_CASE("the form of a field is a whole rule") {
  ApiDesk desk;
  const std::string all =
      R"({"phone":"+37499123056","channel":"sms","ttlSeconds":30,"codeLength":10,"purpose":"log-in_1.x","locale":"pt-BR",
    "template":"default","variables":{},"appHash":"FA+9qCX9VSu","webOrigin":"example.com","sender":"XionID","route":"primary",
    "userIp":"2001:db8::1","userId":"u1","reference":"order 7","metadata":{"cart":"9"},"resend":"rotate"})";
  const Told told = desk.send(all);
  CHECK(told.status == 202);
  CHECK(told.number("ttlSeconds") == 30);
  CHECK(told.text("reference") == "order 7");
  REQUIRE(told.body.find("metadata") != nullptr);
}

TEST_CASE("a body that is not JSON by its type, or too large, is refused before it is read") {
  ApiDesk desk;
  const auto typed = [&](const std::string& type) {
    return desk.post("/v1/otp/send", std::string("{").append(phone).append("}"), desk.live, {{"Content-Type", type}})
        .status;
  };
  CHECK(typed("application/x-www-form-urlencoded") == 415);
  CHECK(typed("application/jsonp") == 415);
  CHECK(typed("Application/JSON ; charset=utf-8") == 202);
  const Told large = desk.send("{\"reference\":\"" + std::string(70'000, 'x') + "\"}");
  CHECK(large.status == 413);
  CHECK(large.code() == "body_too_large");
}

}  // namespace xion
