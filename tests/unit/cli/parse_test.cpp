#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/parse.h"

using namespace xion;
using namespace xion::cli;

namespace {

/// As a shell parts them; what stands in single quotes is one word.
std::vector<std::string> words(const std::string& line) {
  std::vector<std::string> all;
  bool is_quoted = false, is_inside = false;
  for (const char c : line) {
    if (c == '\'') is_quoted = !is_quoted;
    const bool is_part = is_quoted || c != ' ';
    if (is_part && !std::exchange(is_inside, true)) all.emplace_back();
    if (is_part && c != '\'') all.back() += c;
    is_inside = is_part;
  }
  return all;
}
/// The request that a line makes.
std::string request_of(const std::string& line) {
  const auto wanted = parse(words(line));
  if (!wanted) return "not run: " + wanted.error().text;
  return wire::encode(wire::Request{std::string(wanted->entry().name), wanted->args});
}
std::string refusal_of(const std::string& line) {
  const auto wanted = parse(words(line));
  REQUIRE_FALSE(wanted);
  CHECK(wanted.error().code == misused);
  return wanted.error().text;
}

}  // namespace

TEST_CASE("nouns, verbs and arguments become the daemon's request") {
  CHECK(request_of("status") == "{\"command\":\"status\",\"args\":{}}\n");
  CHECK(request_of("app add shop --plan growth --set ttl_seconds=120 --set code_length=8") ==
        "{\"command\":\"app "
        "add\",\"args\":{\"name\":\"shop\",\"plan\":\"growth\",\"set\":{\"code_length\":\"8\",\"ttl_seconds\":\"120\"}}"
        "}\n");
  CHECK(request_of("app set shop sends_per_phone=3/10m,6/1d") ==
        "{\"command\":\"app set\",\"args\":{\"name\":\"shop\",\"set\":{\"sends_per_phone\":\"3/10m,6/1d\"}}}\n");
  CHECK(request_of("key create shop --scope otp:send otp:verify --test --expires 90d --network 10.0.0.0/8") ==
        "{\"command\":\"key create\",\"args\":{\"app\":\"shop\",\"scope\":[\"otp:send\",\"otp:verify\"],\"test\":true,"
        "\"expires\":\"90d\",\"network\":[\"10.0.0.0/8\"]}}\n");
  CHECK(request_of("key list") == "{\"command\":\"key list\",\"args\":{}}\n");
  CHECK(request_of("otp list --limit 20") == "{\"command\":\"otp list\",\"args\":{\"limit\":20}}\n");
  CHECK(request_of("otp trace +37499123056 --reveal") ==
        "{\"command\":\"otp trace\",\"args\":{\"id\":\"+37499123056\",\"reveal\":true}}\n");
}

TEST_CASE("an option of several values leaves the argument that must follow it") {
  CHECK(request_of("key create --scope otp:send shop") ==
        "{\"command\":\"key create\",\"args\":{\"app\":\"shop\",\"scope\":[\"otp:send\"]}}\n");
}

TEST_CASE("an app may be called like a noun") {
  CHECK(request_of("app show status") == "{\"command\":\"app show\",\"args\":{\"name\":\"status\"}}\n");
  CHECK(request_of("app show add") == "{\"command\":\"app show\",\"args\":{\"name\":\"add\"}}\n");
}

TEST_CASE("a noun may be a command by itself and have verbs, and its options have letters") {
  CHECK(request_of("log") == "{\"command\":\"log\",\"args\":{}}\n");
  CHECK(request_of("log -n 5 -f --level info") ==
        "{\"command\":\"log\",\"args\":{\"level\":\"info\",\"lines\":5,\"follow\":true}}\n");
  CHECK(request_of("log level debug") == "{\"command\":\"log level\",\"args\":{\"level\":\"debug\"}}\n");
  CHECK(request_of("log trace --off +37499123056") ==
        "{\"command\":\"log trace\",\"args\":{\"phone\":\"+37499123056\",\"off\":true}}\n");
}

TEST_CASE("how an answer is shown is no matter of the daemon's") {
  CHECK(request_of("status --watch") == "{\"command\":\"status\",\"args\":{}}\n");
  CHECK(parse(words("status --watch"))->flag("watch"));
  CHECK(request_of("usage shop --csv") == "{\"command\":\"usage\",\"args\":{\"app\":\"shop\"}}\n");
  CHECK(parse(words("usage --csv"))->flag("csv"));
}

TEST_CASE("--socket and --json are taken anywhere") {
  for (const auto* line :
       {"--socket /s --json carrier list", "carrier --json --socket=/s list", "carrier list --json --socket /s"}) {
    INFO(line);
    const auto wanted = parse(words(line));
    REQUIRE(wanted);
    CHECK(wanted->socket == "/s");
    CHECK(wanted->json);
    CHECK(wanted->entry().name == "carrier list");
  }
  CHECK(parse(words("status"))->socket == "/run/xionid/control.sock");
}

TEST_CASE("a mistyped noun, verb or option is answered with the one that was meant") {
  CHECK(refusal_of("carier list") == "xionctl: \"carier\" is no command\n  hint: did you mean \"carrier\"?\n");
  CHECK(refusal_of("--socket /s carier list") ==
        "xionctl: \"carier\" is no command\n  hint: did you mean \"carrier\"?\n");
  CHECK(refusal_of("carrier pasue primary") ==
        "xionctl: carrier has no verb \"pasue\"\n  hint: did you mean \"pause\"?\n");
  CHECK(refusal_of("carrier frobnicate") ==
        "xionctl: carrier has no verb \"frobnicate\"\n  hint: one of: list, show, pause, resume, drain, reconnect, "
        "trace, receipt, test\n");
  CHECK(refusal_of("app add shop --pln growth") == "xionctl: unknown option --pln\n  hint: did you mean --plan?\n");
}

TEST_CASE("what is missing, too much or malformed is a matter of usage") {
  CHECK(refusal_of("app add").starts_with("xionctl: name is required\n  hint: see `xionctl app add --help`"));
  CHECK(refusal_of("app add a b").starts_with("xionctl: "));
  CHECK(refusal_of("otp list --limit many").starts_with("xionctl: "));
  CHECK(refusal_of("otp list --limit -1").starts_with("xionctl: "));
  CHECK(refusal_of("app set shop ttl_seconds") ==
        "xionctl: \"ttl_seconds\" is not KEY=VALUE\n  hint: such as ttl_seconds=120\n");
  CHECK(refusal_of("app set shop a=1 a=2") == "xionctl: a is given twice\n");
  CHECK(refusal_of("carrier").find("pause") != std::string::npos);
  CHECK(refusal_of("").find("route") != std::string::npos);
}

TEST_CASE("help teaches by examples, at every level") {
  for (const auto* line : {"--help", "app add --help", "status --help", "key create -h"}) {
    INFO(line);
    const auto wanted = parse(words(line));
    REQUIRE_FALSE(wanted);
    CHECK(wanted.error().code == done);
    CHECK(wanted.error().text.find("Examples:\n  xionctl ") != std::string::npos);
  }
  CHECK(parse({"--version"}).error().text.starts_with("xionctl "));
}

TEST_CASE("help lists every noun, whichever is typed, and a refused one is told the nearest of all") {
  for (const auto* line : {"--help", "--sort app --help"}) {
    const auto told = parse(words(line));
    REQUIRE_FALSE(told);
    for (const wire::Noun& noun : wire::nouns) CHECK(told.error().text.contains("\n  " + std::string(noun.name) + ' '));
  }
  CHECK(refusal_of("kye list shop").contains("did you mean \"key\"?"));
}

TEST_CASE("the table of commands is whole: each noun is known, each name is there once, each example is a command") {
  std::set<std::string> names;
  for (const wire::CommandEntry& command : wire::catalogue) {
    INFO(command.name);
    CHECK(names.insert(std::string(command.name)).second);
    CHECK(std::ranges::count(wire::nouns, command.noun(), &wire::Noun::name) == 1);
    std::istringstream examples{std::string(command.examples)};
    std::string example;
    int count = 0;
    while (std::getline(examples, example)) {
      const auto begin = example.find("xionctl ");
      REQUIRE(begin != std::string::npos);
      const std::string line = example.substr(begin + 8, example.find_first_of("|&)", begin + 8) - begin - 8);
      INFO(line);
      CHECK(parse(words(line)));
      ++count;
    }
    CHECK(count > 0);
  }
}
