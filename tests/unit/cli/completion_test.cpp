#include <doctest/doctest.h>

#include <algorithm>

#include "cli/completion.h"

using namespace xion;
using namespace xion::cli;

namespace {

std::vector<std::string> completed(const std::vector<std::string>& words) {
  std::vector<std::string> texts;
  const auto ask_list = [](const std::string& socket, std::string_view command) -> wire::Value::Array {
    if (socket == "/none") return {};
    const auto json = command == "carrier list"
                          ? R"([{"name":"primary","state":"bound"},{"name":"backup","state":"down"}])"
                      : command == "app list" ? R"([{"name":"shop"}])"
                      : command == "key list" ? R"([{"id":"key_1"}])"
                                              : "[]";
    return *wire::parse_json(json)->array();
  };
  for (const Candidate& candidate : candidates(words, ask_list)) texts.push_back(candidate.text);
  return texts;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("completion offers nouns, then verbs, then names that the daemon knows") {
  CHECK(completed({"carr"}) == Texts{"carrier"});
  CHECK(completed({"carrier", "pa"}) == Texts{"pause"});
  CHECK(completed({"carrier", "pause", ""}) == Texts{"primary", "backup"});
  CHECK(completed({"carrier", "pause", "b"}) == Texts{"backup"});
  CHECK(completed({"key", "create", ""}) == Texts{"shop"});
  CHECK(completed({"key", "revoke", ""}) == Texts{"key_1"});
  CHECK(completed({"carrier", "pause", "primary", ""}).empty());
}

TEST_CASE("completion offers options and what stands behind them") {
  CHECK(completed({"app", "add", "shop", "--pl"}) == Texts{"--plan"});
  CHECK(completed({"app", "add", "shop", "--plan", "g"}) == Texts{"growth"});
  CHECK(completed({"otp", "list", "--app", ""}) == Texts{"shop"});
  CHECK(completed({"completion", ""}) == Texts{"bash", "zsh", "fish"});
  CHECK(completed({"--js"}) == Texts{"--json"});
}

TEST_CASE("completion knows a noun that is a command by itself, and its letters") {
  CHECK(completed({"log", ""}) == Texts{"trace", "level"});
  CHECK(completed({"log", "--li"}) == Texts{"--lines"});
  CHECK(completed({"log", "-n", "5", "--carrier", "p"}) == Texts{"primary"});
  CHECK(completed({"log", "level", "d"}) == Texts{"debug"});
  CHECK(completed({"stats", "--by", "c"}) == Texts{"country"});
  CHECK(completed({"send", "+37499123056", "--carrier", ""}) == Texts{"primary", "backup"});
}

TEST_CASE("completion asks the daemon that --socket names, and offers nothing where there is none") {
  CHECK(completed({"--socket", "/none", "carrier", "pause", ""}).empty());
  CHECK(completed({"--json", "carrier", "pause", "p"}) == Texts{"primary"});
}

TEST_CASE("completion offers every noun for an empty line") {
  CHECK(completed({""}).size() == std::size(wire::nouns));
  CHECK(completed({}).size() == std::size(wire::nouns));
}
