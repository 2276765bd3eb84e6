#include "control/commands.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "app/codes/send_otp.h"
#include "base/log.h"
#include "base/log_tail.h"
#include "unit/desk.h"
#include "wire/wire.h"

namespace xion {
namespace {

const ControlPeer root{};

/// The control socket on a desk.
struct ControlDesk : Desk {
  DaemonFacts facts{
      .version = "0.1.0", .started_at = loop.now(), .started_wall = loop.wall_now(), .config_hash = "abc123"};
  Control control{gateway.services(), facts};

  std::string line(const std::string& request, const ControlPeer& peer = root) {
    std::string told;
    control.handle(peer, request, [&](std::string answer) { told += answer; });
    loop.run(Millis{10});
    return told;
  }
  wire::Answer ask(const std::string& command, const std::string& args = "{}") {
    const auto answer = wire::decode_answer(line(R"({"command":")" + command + R"(","args":)" + args + "}"));
    REQUIRE(answer);
    return *answer;
  }
  wire::Value result(const std::string& command, const std::string& args = "{}") {
    const wire::Answer answer = ask(command, args);
    CAPTURE(command);
    CAPTURE(answer.detail);
    REQUIRE(answer.ok);
    return wire::parse_json(answer.result).value_or(wire::Value{});
  }
  std::map<bool, std::string> keys;  ///< By whether it is a test key.

  /// A send of the app, from a test key or a live one; its request id.
  std::string send(const char* phone, bool is_test = false) {
    std::string& sender = keys[is_test];
    if (sender.empty())
      sender = key({.app = "shop", .scopes = default_scopes, .is_test = is_test, .expires_in = {}, .networks = {}});
    const std::string authorization = "Bearer " + sender;
    SendRequest request;
    request.phone = *parse_phone(phone);
    std::string id;
    send_otp(
        gateway.services(), *directory().authenticate(authorization, "", loop.wall_now()), std::move(request),
        std::nullopt,
        [&](const SendOutcome& outcome) {
          id = to_string(outcome.otp.id);
          return StoredAnswer{};
        },
        [](Reply&&) {});
    loop.run(Millis{10});
    return id;
  }
};

std::string text_of(const wire::Value& value, std::string_view name) {
  const auto* member = value.find(name);
  return member != nullptr && member->text() != nullptr ? *member->text() : std::string();
}

}  // namespace

TEST_CASE("an app is added, changed, listed and removed by the shapes that scripts rely on") {
  ControlDesk desk;
  CHECK(desk.ask("app add", R"({"name":"shop","plan":"growth","set":{"ttl_seconds":"120"}})").result ==
        R"({"id":1,"name":"shop","plan":"growth"})");
  CHECK(desk.ask("app set", R"({"name":"shop","set":{"plan":"starter"}})").result ==
        R"({"id":1,"name":"shop","plan":"starter"})");
  const wire::Value shown = desk.result("app show", R"({"name":"shop"})");
  CHECK(*shown.find("policy")->find("ttl_seconds")->whole() == 120);
  CHECK(text_of(*shown.find("overrides"), "ttl_seconds") == "120");
  CHECK(desk.result("app list").array()->size() == 1);
  CHECK(desk.ask("app remove", R"({"name":"shop"})").ok);
  CHECK(desk.result("app list").array()->empty());
}

TEST_CASE("a key is shown once, with its app and scopes") {
  ControlDesk desk;
  desk.ask("app add", R"({"name":"shop"})");
  const wire::Value made = desk.result(
      "key create",
      R"({"app":"shop","scope":["otp:send","pii:read"],"test":true,"expires":"90d","network":["192.0.2.0/24"]})");
  CHECK(text_of(made, "key").starts_with("xk_test_"));
  CHECK(text_of(made, "app") == "shop");
  CHECK(text_of(made, "expiresAt") == "2026-05-13T12:00:00Z");
  REQUIRE(made.find("scopes")->array()->size() == 2);
  const wire::Value defaults = desk.result("key create", R"({"app":"shop"})");
  CHECK(defaults.find("scopes")->array()->size() == 4);

  const std::string listed = desk.ask("key list", R"({"app":"shop"})").result;
  CHECK(listed.find(text_of(made, "key")) == std::string::npos);
  CHECK(listed.find("192.0.2.0/24") != std::string::npos);
  CHECK(desk.result("app show", R"({"name":"shop"})").find("keys")->array()->size() == 2);
  const wire::Value revoked = desk.result("key revoke", R"({"id":")" + text_of(made, "id") + "\"}");
  CHECK(text_of(revoked, "state") == "revoked");
  CHECK_FALSE(desk.ask("key create", R"({"app":"shop","scope":["otp:sent"]})").ok);
  CHECK(desk.ask("key create", R"({"app":"shop","expires":"soon"})").code == wire::Refusal::usage);
  CHECK_FALSE(desk.ask("key revoke", R"({"id":"key_nonsense"})").ok);
}

TEST_CASE("a command that is not understood is told apart from one that is refused") {
  ControlDesk desk;
  const wire::Answer unknown = desk.ask("app ad");
  CHECK(unknown.code == wire::Refusal::usage);
  CHECK(unknown.hint == "did you mean app add?");
  CHECK(desk.ask("app add").code == wire::Refusal::usage);
  CHECK(desk.ask("app add", R"({"name":1})").detail == "app add: name: expected a string");
  CHECK(desk.ask("app add", R"({"name":"x","plna":"growth"})").hint == "did you mean plan?");
  const wire::Answer refused = desk.ask("app show", R"({"name":"shop"})");
  CHECK_FALSE(refused.ok);
  CHECK(refused.code == wire::Refusal::refused);
  CHECK(desk.line("nonsense").find("\"usage\"") != std::string::npos);
}

TEST_CASE("the latest lines of the log are shown, filtered, and nothing is there to follow without them") {
  LogTail tail;
  tail.add(log::Level::info, WallTime{}, "app.added app=shop plan=growth");
  tail.add(log::Level::warning, WallTime{}, "smsc.link.closed smsc=primary bind=1 reason=\"reset by peer\" lost=0");
  ControlDesk desk;
  CHECK(desk.ask("log").detail == "this daemon keeps no log in memory");
  desk.facts.log_tail = &tail;
  Control control{desk.gateway.services(), desk.facts};
  const auto lines = [&](const std::string& args) {
    std::string told;
    control.handle(root, R"({"command":"log","args":)" + args + "}", [&](std::string answer) { told += answer; });
    desk.loop.run(Millis{10});
    return wire::parse_json(wire::decode_answer(told)->result)->array()->size();
  };
  CHECK(lines(R"({"lines":10})") == 2);
  CHECK(lines(R"({"lines":1})") == 1);
  CHECK(lines(R"({"lines":10,"level":"warning"})") == 1);
  CHECK(lines(R"({"lines":10,"event":"smsc"})") == 1);
  CHECK(lines(R"({"lines":10,"carrier":"backup"})") == 0);
}

TEST_CASE("a long list comes in parts, each when the one before was taken") {
  ControlDesk desk;
  desk.key({.app = "shop", .scopes = default_scopes, .is_test = true, .expires_in = {}, .networks = {}});
  for (int i = 0; i < 1100; ++i) desk.send(("+3749912" + std::to_string(1000 + i)).c_str(), true);
  std::vector<std::string> parts;
  int full = 3;  // So often the client reads too slowly.
  desk.control.handle(root, R"({"command":"otp list","args":{"limit":5000}})",
                      {[&](std::string last) { parts.push_back(std::move(last)); },
                       [&](std::string part) {
                         if (full-- > 0) return ControlSent::missed;
                         parts.push_back(std::move(part));
                         return ControlSent::taken;
                       }});
  desk.loop.run(Millis{2000});
  REQUIRE(parts.size() == 3);
  std::size_t rows = 0;
  for (const std::string& part : parts) rows += wire::parse_json(wire::decode_answer(part)->result)->array()->size();
  CHECK(rows == 1100);
  CHECK(wire::decode_answer(parts[0])->more);
  CHECK_FALSE(wire::decode_answer(parts[2])->more);
}

TEST_CASE("a phone is traced for a while, and then no more") {
  ControlDesk desk;
  const wire::Value traced = desk.result("log trace", R"({"phone":"+37499123056","for":"10m"})");
  REQUIRE(traced.array()->size() == 1);
  CHECK(text_of(traced.array()->front(), "phone").ends_with("056"));
  CHECK(text_of(traced.array()->front(), "phone").find("99123") == std::string::npos);
  CHECK(log::is_enabled(log::Level::debug));
  std::vector<std::string> written;
  log::set_sink([&](log::Level, std::string_view line) { written.emplace_back(line); });
  const std::string id = desk.send("+37499123056");
  const std::string other = desk.send("+37499123057");
  log::set_sink({});
  const auto is_there = [&](const std::string& text) {
    return std::ranges::any_of(written, [&](const std::string& line) { return line.find(text) != std::string::npos; });
  };
  CHECK(is_there("otp.sent request=" + id));
  CHECK_FALSE(is_there(other));
  CHECK(*desk.result("log trace").array()->front().find("requests")->whole() == 1);
  desk.loop.run(std::chrono::minutes{11});
  CHECK(desk.result("log trace").array()->empty());
  CHECK_FALSE(log::is_enabled(log::Level::debug));
  CHECK(desk.ask("log trace", R"({"phone":"+37499123056","off":true})").detail == "this phone is not traced");
  CHECK(desk.ask("log trace", R"({"phone":"+37499123056","for":"2d"})").code == wire::Refusal::usage);
}

TEST_CASE("a stranger's commands are refused, whatever they say") {
  ControlDesk desk;
  const std::string told = desk.line(R"({"command":"status"})", {.uid = 4'000'000'001, .gid = 4'000'000'001, .pid = 1});
  CHECK(told.find(R"("ok":false)") != std::string::npos);
  CHECK(told.find("may not") != std::string::npos);
}

TEST_CASE("the carrier commands tell the carrier's state, and name the one that was meant") {
  ControlDesk desk;
  const wire::Value list = desk.result("carrier list");
  REQUIRE(list.array()->size() == 1);
  CHECK(text_of(list.array()->front(), "name") == "primary");
  CHECK(text_of(desk.result("carrier pause", R"({"name":"primary"})"), "state") == "paused");
  CHECK(text_of(desk.result("carrier resume", R"({"name":"primary"})"), "state") != "paused");
  CHECK(desk.ask("carrier pause", R"({"name":"primry"})").hint == "did you mean primary?");
}

TEST_CASE("status is one object with the store, the carriers and the queue") {
  ControlDesk desk;
  desk.loop.run(Millis{2500});
  const wire::Value status = desk.result("status");
  CHECK(text_of(status, "version") == "0.1.0");
  CHECK(text_of(status, "configHash") == "abc123");
  CHECK(*status.find("uptimeSeconds")->whole() == 2);
  CHECK(*status.find("store")->find("writable")->truth());
  CHECK(status.find("carriers")->array()->size() == 1);
  CHECK(*status.find("queue")->find("size")->whole() == 0);
}

TEST_CASE("a trace is found by request id or by phone, and shows the number only when asked") {
  ControlDesk desk;
  const std::string id = desk.send("+37499123056");
  const wire::Value trace = desk.result("otp trace", R"({"id":")" + id + "\"}");
  CHECK(text_of(trace, "requestId") == id);
  CHECK(text_of(trace, "status") == "pending");
  CHECK(text_of(trace.find("events")->array()->front(), "type") == "created");
  CHECK(text_of(trace, "phone").find("99123") == std::string::npos);
  CHECK(text_of(desk.result("otp trace", R"({"id":"+374 99 123056","reveal":true})"), "phone") == "+37499123056");
  CHECK(desk.ask("otp trace", R"({"id":"nonsense"})").code == wire::Refusal::usage);
  CHECK_FALSE(desk.ask("otp trace", R"({"id":"OTP-0000000000000000"})").ok);
  CHECK(desk.result("otp list", R"({"app":"shop","limit":5})").array()->size() == 1);
  CHECK(*desk.result("queue show").find("waiting")->array()->front().find("send")->whole() == 1);

  CHECK(text_of(desk.result("otp cancel", R"({"id":")" + id + "\"}"), "status") == "canceled");
  CHECK(desk.ask("otp cancel", R"({"id":")" + id + "\"}").detail == "it is canceled already");
  CHECK(desk.result("receipt unmatched").array()->empty());
}

TEST_CASE("a pending code is sent once more within the phone's limits, and what has ended is not") {
  ControlDesk desk;
  const std::string id = desk.send("+37499123056");
  const std::string ask = R"({"id":")" + id + "\"}";
  CHECK(desk.ask("otp resend", ask).detail.starts_with("the send was refused: cooldown_active, for "));
  desk.loop.run(Seconds{31});
  const wire::Value again = desk.result("otp resend", ask);
  CHECK(text_of(again, "requestId") == id);
  CHECK(*again.find("sends")->whole() == 2);
  CHECK(desk.ask("otp resend", R"({"id":"nonsense"})").code == wire::Refusal::usage);
  CHECK_FALSE(desk.ask("otp resend", R"({"id":"OTP-0000000000000000"})").ok);
  desk.result("otp cancel", ask);
  CHECK(desk.ask("otp resend", ask).detail == "it has no code that could be sent again");
}

TEST_CASE("a route is explained by the code that decides") {
  ControlDesk desk;
  const wire::Value explained = desk.result("route explain", R"({"phone":"+37499123056"})");
  CHECK(text_of(explained, "route") == "primary");
  CHECK(text_of(explained, "country") == "AM");
  CHECK(text_of(explained, "chosen") == "");
  CHECK(text_of(explained.find("options")->array()->front(), "carrier") == "primary");
  CHECK(text_of(explained, "phone").find("99123") == std::string::npos);
  CHECK_FALSE(desk.ask("route explain", R"({"phone":"12"})").ok);
  CHECK(desk.result("route list").array()->size() == 1);
}

TEST_CASE("the configuration is shown as whoever holds it writes it, behind its file and its hash") {
  ControlDesk desk;
  desk.facts.write_settings = [](JsonWriter& json) { json.field("held", true); };
  CHECK(desk.ask("config show").result == R"({"config":"","configHash":"abc123","held":true})");
}

}  // namespace xion
