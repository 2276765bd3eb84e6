#include <doctest/doctest.h>

#include <algorithm>

#include "cli/render.h"

using namespace xion;
using namespace xion::cli;

namespace {

const Command& command(std::string_view name) {
  const auto found = std::ranges::find_if(commands(), [&](const Command& c) { return c.entry().name == name; });
  REQUIRE(found != commands().end());
  return *found;
}
std::string shown(std::string_view name, std::string_view json, Screen screen = {}) {
  const auto result = wire::parse_json(json);
  REQUIRE(result);
  return render(command(name), *result, screen);
}

}  // namespace

TEST_CASE("a list is a table of its command's columns, numbers to the right, those that are in no row left out") {
  CHECK(shown("carrier list", R"([{"name":"primary","state":"bound","binds":2,"window":20,"rate":30.0},
                                  {"name":"b","state":"down","binds":0,"window":5,"rate":0.5,"lastError":"refused"}])") ==
        "NAME     STATE  BINDS  WINDOW  RATE  LAST ERROR\n"
        "primary  bound      2      20    30  –\n"
        "b        down       0       5   0.5  refused\n");
}

TEST_CASE("an empty list says so") { CHECK(shown("app list", "[]") == "(none)\n"); }

TEST_CASE("objects without any known column are shown with what they have") {
  CHECK(shown("app list", R"([{"fooBar":1}])") == "FOO BAR\n      1\n");
}

TEST_CASE("a table is as wide as the screen at most, and the widest column gives way") {
  const std::string json =
      R"([{"name":"primary","state":"down","lastError":"connection refused by smsc.example.net, port 2775"}])";
  CHECK(shown("carrier list", json, {40, false}) ==
        "NAME     STATE  LAST ERROR\n"
        "primary  down   connection refused by s…\n");
  CHECK(shown("carrier list", json).find("port 2775\n") != std::string::npos);
}

TEST_CASE("nothing of an answer acts on the terminal, names included") {
  CHECK(shown("app list", R"([{"name":"\u001b[2J\u202eabc\u009b\nx","a\u001b[1m":1}])").find_first_of("\x1b\xc2") ==
        std::string::npos);
  CHECK(shown("status", R"({"a\u001b":"b\u202e","c":{"d\u001b":["\u001b",{"e\u001b":1}]}})").find('\x1b') ==
        std::string::npos);
  CHECK(shown("app list", R"([{"name":"a\u202eb"}])") == "NAME\na\\u{202e}b\n");
}

TEST_CASE("states have colours on a terminal and none elsewhere") {
  const std::string json = R"([{"name":"a","state":"bound"}])";
  CHECK(shown("carrier list", json, {80, true}).find("\033[32mbound\033[0m") != std::string::npos);
  CHECK(shown("carrier list", json).find('\033') == std::string::npos);
}

TEST_CASE("an object is a line a field, then what is inside it") {
  CHECK(shown("status", R"({"version":"0.1.0","uptimeSeconds":93784,"store":{"isWritable":true,"dataOctets":1572864},
                            "carriers":[{"name":"a","state":"bound","binds":1}],"queue":{"waiting":0},"configHash":"ab12"})") ==
        "version      0.1.0\n"
        "uptime       1d 2h\n"
        "config hash  ab12\n"
        "\nstore\n"
        "  is writable  yes\n"
        "  data         1.5 MiB\n"
        "\ncarriers\n"
        "  NAME  STATE  BINDS\n"
        "  a     bound      1\n"
        "\nqueue\n"
        "  waiting  0\n");
}

TEST_CASE("the configuration is shown as the file would say it") {
  CHECK(shown("config show", R"({"otp":{"ttl_seconds":300},"plans":{"a":{"sms_per_month":1},"b":{"sms_per_month":0}},
                                 "carrier":[{"name":"p","sender":""}]})") ==
        "[otp]\n"
        "ttl_seconds = 300\n"
        "\n[plans.a]\n"
        "sms_per_month = 1\n"
        "\n[plans.b]\n"
        "sms_per_month = 0\n"
        "\n[[carrier]]\n"
        "name = \"p\"\n"
        "sender = \"\"\n");
}

TEST_CASE("a decision is told with every option and its reason") {
  CHECK(shown("route explain",
              R"({"phone":"+374•••••056","country":"AM","route":"+374","why":"longest prefix +374","chosen":"backup",
                  "options":[{"carrier":"primary","chosen":false,"reason":"down: connection refused"},
                             {"carrier":"backup","chosen":true,"reason":"bound, 10 of 10 free"}]})") ==
        "phone    +374•••••056\n"
        "country  AM\n"
        "route    +374\n"
        "why      longest prefix +374\n"
        "chosen   backup\n"
        "\noptions\n"
        "  CARRIER  CHOSEN  REASON\n"
        "  primary  no      down: connection refused\n"
        "  backup   yes     bound, 10 of 10 free\n");
}

TEST_CASE("a trace is one line an event, under what the request is") {
  CHECK(shown("otp trace", R"({"requestId":"OTP-06EZ","status":"verified","events":[
      {"at":"2026-02-12T12:00:00.000Z","type":"created"},
      {"at":"2026-02-12T12:00:00.120Z","type":"submitted","carrier":"primary","detail":"id 7F3A","message":1},
      {"at":"2026-02-12T12:00:02.120Z","type":"receipt","carrier":"primary","detail":"delivered","error":"000"}]})") ==
        "request id  OTP-06EZ\n"
        "status      verified\n"
        "\n"
        "2026-02-12T12:00:00.000Z  created\n"
        "2026-02-12T12:00:00.120Z  submitted  primary  id 7F3A  message=1\n"
        "2026-02-12T12:00:02.120Z  receipt    primary  delivered  error=000\n");
}

TEST_CASE("a carrier's text can't steer the terminal") {
  CHECK(shown("carrier list", "[{\"name\":\"a\",\"lastError\":\"\\u001b[2Jx\"}]") ==
        "NAME  LAST ERROR\na     \\x1b[2Jx\n");
}

TEST_CASE("values are told in units that people use") {
  const auto as_cell = [](std::string_view field, std::string_view json) {
    const auto value = wire::parse_json(json);
    return cell(field, &value.value());
  };
  CHECK(as_cell("uptimeSeconds", "59") == "59s");
  CHECK(as_cell("uptimeSeconds", "0") == "0s");
  CHECK(as_cell("uptimeSeconds", "86400") == "1d");
  CHECK(as_cell("dataOctets", "512") == "512 B");
  CHECK(as_cell("rttP50Ms", "41.666") == "41.7");
  CHECK(as_cell("scopes", R"(["otp:send","otp:read"])") == "otp:send, otp:read");
  CHECK(as_cell("delivery", R"({"status":"delivered","route":"a"})") == "delivered");
  CHECK(as_cell("carriers", R"([{"name":"a","weight":1},{"name":"b"}])") == "a, b");
  CHECK(as_cell("x", "null") == "–");
  CHECK(as_cell("x", "\"\"") == "–");
  CHECK(cell("x", nullptr) == "–");
  CHECK(label("rttP50Ms") == "rtt p50 ms");
  CHECK(label("perSecond1m") == "per second 1m");
  CHECK(label("p95") == "p95");
  CHECK(label("dataBytes") == "data");
}

TEST_CASE("a text is cut between characters") {
  CHECK(cut("Երևան", 5) == "Երևան");
  CHECK(cut("Երևան", 4) == "Երև…");
  CHECK(columns_of("Երևան") == 5);
}

TEST_CASE("a configuration is shown as its file would say it") {
  CHECK(
      shown("config show",
            R"({"config":"/etc/x.toml","configHash":"ab12","daemon":{"log":"auto","retention_days":90},)"
            R"("plans":{"starter":{"overage":false}},"networks":{},)"
            R"("carrier":[{"name":"a","address":["h:1","h:2"],"tls":{"ca":""},"npi":null,"tlvs":{}},{"name":"b"}]})") ==
      "# config: /etc/x.toml\n# configHash: ab12\n"
      "\n[daemon]\nlog = \"auto\"\nretention_days = 90\n"
      "\n[plans.starter]\noverage = false\n"
      "\n[[carrier]]\nname = \"a\"\naddress = [\"h:1\", \"h:2\"]\ntls = { ca = \"\" }\ntlvs = {}\n"
      "\n[[carrier]]\nname = \"b\"\n");
}
