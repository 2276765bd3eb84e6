#include <doctest/doctest.h>

#include "wire/wire.h"

using namespace xion::wire;

TEST_CASE("a request comes out as it went in, on one line") {
  const std::string line =
      "{\"command\":\"key "
      "create\",\"args\":{\"app\":\"sh\\u000aop\",\"scope\":[\"otp:send\",\"otp:read\"],\"test\":true,"
      "\"limit\":20,\"set\":{\"ttl_seconds\":\"120\"}}}\n";
  const auto request = decode_request(line);
  REQUIRE(request);
  CHECK(request->command == "key create");
  CHECK(request->text("app") == "sh\nop");
  CHECK(request->texts("scope") == std::vector<std::string>{"otp:send", "otp:read"});
  CHECK(request->flag("test"));
  CHECK(request->number("limit") == 20);
  CHECK(request->pairs("set") == std::map<std::string, std::string>{{"ttl_seconds", "120"}});
  const std::string again = encode(*request);
  CHECK(again.find('\n') == again.size() - 1);
  CHECK(decode_request(again)->text("app") == "sh\nop");
}

TEST_CASE("an argument that is missing or of another type is nothing") {
  const auto request = decode_request(R"({"command":"status","args":{"watch":"yes","limit":"20"}})");
  REQUIRE(request);
  CHECK_FALSE(request->text("app"));
  CHECK_FALSE(request->number("limit"));
  CHECK_FALSE(request->flag("watch"));
  CHECK(request->texts("watch").empty());
  CHECK(request->pairs("watch").empty());
  CHECK(decode_request(R"({"command":"status"})")->args.object()->empty());
}

TEST_CASE("what is no request is refused with a sentence") {
  for (const auto* line : {"", "hello", "[]", "{\"args\":{}}", "{\"command\":7}", "{\"command\":\"a\",\"args\":[]}",
                           "{\"command\":\"a\",\"command\":\"b\"}", "{\"command\":\"a\"} {\"command\":\"b\"}"}) {
    INFO(line);
    const auto request = decode_request(line);
    REQUIRE_FALSE(request);
    CHECK_FALSE(request.error().empty());
  }
}

TEST_CASE("JSON nested deeper than any answer is refused, not followed") {
  CHECK(parse_json("[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]"));
  CHECK_FALSE(parse_json("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"));
  CHECK_FALSE(parse_json(std::string(100'000, '[')));
}

TEST_CASE("of what strangers send no more is taken than is said, and a name comes once among many, too") {
  const JsonLimits limits{.depth = 2, .values = 3};
  CHECK(parse_json(R"({"a":1,"b":[2]})", limits));
  CHECK_FALSE(parse_json(R"({"a":1,"b":[2,3]})", limits));
  CHECK_FALSE(parse_json("[[[]]]", limits));
  std::string many = "{";
  for (int n = 0; n < 5'000; ++n) many += "\"n" + std::to_string(n) + "\":0,";
  CHECK(parse_json(many + "\"m\":0}"));
  CHECK_FALSE(parse_json(many + "\"n7\":0}"));
}

TEST_CASE("an answer carries its result whole, in its own order") {
  const std::string result = R"([{"z":1,"a":-2.5,"n":null,"t":"é\"","big":9007199254740993,"list":[true,false]}])";
  const std::string line = encode(Answer::done(result));
  CHECK(line == "{\"ok\":true,\"result\":" + result + "}\n");
  CHECK(decode_answer(line)->result == result);
}

TEST_CASE("a refusal carries its reason and its hint") {
  const std::string line = encode(Answer::refused("no app \"shpo\"", "did you mean \"shop\"?"));
  CHECK(line ==
        "{\"ok\":false,\"code\":\"refused\",\"detail\":\"no app \\\"shpo\\\"\",\"hint\":\"did you mean "
        "\\\"shop\\\"?\"}\n");
  const auto answer = decode_answer(line);
  REQUIRE(answer);
  CHECK_FALSE(answer->ok);
  CHECK(answer->code == Refusal::refused);
  CHECK(answer->detail == "no app \"shpo\"");
  CHECK(answer->hint == "did you mean \"shop\"?");
  CHECK(decode_answer(encode(Answer::misused("unknown command")))->code == Refusal::usage);
}

TEST_CASE("an answer of another protocol is told from a refusal") {
  CHECK_FALSE(decode_answer("HTTP/1.1 400 Bad Request"));
  CHECK_FALSE(decode_answer("{\"ok\":true}"));
}
