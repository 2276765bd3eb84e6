#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "cli/render.h"
#include "cli/status_screen.h"

namespace xion::cli {
namespace {

/// Screens as people see them, kept as text to be looked at. XION_WRITE_SCREENS=1 writes them anew after a change.
struct Shown {
  const char* name;
  const char* command;  ///< Null: `status --watch`.
  const char* json;
};

constexpr const char* carriers =
    R"j([{"name":"primary","state":"bound","binds":2,"bindsWanted":2,"inFlight":7,"window":20,"rate":60,)j"
    R"j("rateAllowed":60,"rttP50Ms":41,"rttP95Ms":230,"throttled":0},)j"
    R"j({"name":"backup-armenia","state":"paused","binds":1,"bindsWanted":1,"inFlight":0,"window":10,"rate":30,)j"
    R"j("rateAllowed":15,"rttP50Ms":88,"rttP95Ms":910,"throttled":12,)j"
    R"j("hold":{"kind":"pause","since":"2026-02-12T11:00:00Z","by":"anna (root by sudo)",)j"
    R"j("until":"2026-02-12T13:00:00Z","reason":"their maintenance"}},)j"
    R"j({"name":"third","state":"down","binds":0,"bindsWanted":1,"inFlight":0,"window":10,"rate":30,"rateAllowed":30,)j"
    R"j("throttled":0,"nextRetrySeconds":17,"lastError":"bind refused: ESME_RINVPASWD (wrong password)"}])j";

const std::string status = fmt::format(
    R"j({{"version":"0.1.0","uptimeSeconds":273910,"ready":true,"configHash":"1a2b3c4d5e6f",)j"
    R"j("lastReload":{{"at":"2026-02-12T11:58:00Z","outcome":"refused","reason":"/etc/xionid/xionid.toml:41:12: )j"
    R"j(carrier.window = 0: expected 1–1000"}},"api":{{"listening":["127.0.0.1:8080"],"bySystemd":false}},)j"
    R"j("queue":{{"size":3,"limit":100000,"oldestSeconds":4}},)j"
    R"j("store":{{"writable":true,"requests":1204331,"dataBytes":734003200,"commitP50Ms":1.4,"commitP99Ms":9.8,)j"
    R"j("diskFreeBytes":64424509440}},)j"
    R"j("rates":{{"sends":{{"perSecond1m":12.1,"perSecond5m":11.83,"sinceStart":912341}},)j"
    R"j("deliveries":{{"perSecond1m":11.5,"perSecond5m":11.2,"sinceStart":880112}},)j"
    R"j("verifies":{{"perSecond1m":9.9,"perSecond5m":9.2,"sinceStart":701223}}}},"carriers":{}}})j",
    carriers);

const Shown screens[] = {
    {"status-watch", nullptr, nullptr},
    {"carrier-list", "carrier list", carriers},
    {"otp-list", "otp list",
     R"j([{"requestId":"OTP-06EZ7K3M9QX2T5RB","createdAt":"2026-02-12T12:00:00Z","app":"shop","phone":"+374•••••056",)j"
     R"j("country":"AM","status":"verified","delivery":"delivered","sends":1},)j"
     R"j({"requestId":"OTP-06EZ7K3M9QX2T5RC","createdAt":"2026-02-12T12:00:01Z","app":"a-rather-long-name-of-an-app",)j"
     R"j("phone":"+374•••••057","country":"AM","status":"expired","delivery":"expired","sends":3}])j"},
    {"queue-show", "queue show",
     R"j({"size":1,"limit":100000,"waiting":[{"requestId":"OTP-06EZ7K3M9QX2T5RB","phone":"+374•••••056","app":"shop",)j"
     R"j("send":1,"ageSeconds":42,"expiresAt":"2026-02-12T12:05:00Z",)j"
     R"j("reason":"primary: down: connection refused; backup-armenia: paused by anna: their maintenance"}]})j"},
    {"audit", "audit",
     R"j([{"at":"2026-02-12T12:00:00Z","by":"anna (root by sudo)","command":"app set","arguments":"name=shop )j"
     R"j(set=ttl_seconds=120","outcome":"done","before":"{\"plan\":\"growth\",\"settings\":{}}",)j"
     R"j("after":"{\"plan\":\"growth\",\"settings\":{\"ttl_seconds\":\"120\"}}","from":"pid 4711"}])j"},
};

std::string path_of(const Shown& shown, std::size_t width) {
  return fmt::format(XION_SOURCE_DIR "/tests/fixtures/screens/{}.{}.txt", shown.name, width);
}

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string render_at(const Shown& shown, std::size_t width) {
  const Screen screen{width, false, 24};
  if (shown.command == nullptr) return status_screen(commands().front(), *wire::parse_json(status), screen);
  const auto found = std::ranges::find(commands(), std::string_view(shown.command),
                                       [](const Command& command) { return command.entry().name; });
  REQUIRE(found != commands().end());
  return render(*found, *wire::parse_json(shown.json), screen);
}

}  // namespace

TEST_CASE("screens of 60, 80, 120 and 200 columns are as they were looked at, and fit") {
  for (const Shown& shown : screens) {
    for (const std::size_t width : {60, 80, 120, 200}) {
      CAPTURE(shown.name);
      CAPTURE(width);
      const std::string text = render_at(shown, width);
      if (std::getenv("XION_WRITE_SCREENS") != nullptr) std::ofstream(path_of(shown, width)) << text;
      CHECK(text == text_of(path_of(shown, width)));
      std::size_t lines = 0;
      for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1, ++lines)
        CHECK(columns_of(std::string_view(text).substr(at, text.find('\n', at) - at)) <= width);
      if (shown.command == nullptr) CHECK(lines <= 24);
    }
  }
}

TEST_CASE("the screen that is watched has the carriers' columns and order that are asked for") {
  const auto screen_of = [](const Look& look) {
    return status_screen(commands().front(), *wire::parse_json(status), Screen{80, false, 24}, look);
  };
  const std::string chosen = screen_of({.is_wide = false, .columns = {"NAME", "throttled"}, .sort = "-throttled"});
  CHECK(chosen.contains("\nNAME            THROTTLED\nbackup-armenia         12\n"));
  CHECK_FALSE(chosen.contains("FLIGHT"));
  CHECK(chosen.contains("PER SECOND 1M"));
  CHECK(screen_of({.is_wide = true, .columns = {}, .sort = {}})
            .contains("bind refused: ESME_RINVPASWD (wrong password)\n"));
}

TEST_CASE("ids are whole on every screen, and what is left out is said") {
  for (const std::size_t width : {60, 80}) {
    const std::string text = render_at(screens[2], width);
    CHECK(text.find("OTP-06EZ7K3M9QX2T5RB") != std::string::npos);
    CHECK(text.find("OTP-06EZ7K3M9QX2T5RC") != std::string::npos);
  }
  CHECK(render_at(screens[2], 60).find("not shown for want of width") != std::string::npos);
}

TEST_CASE("columns are chosen by title or field, and rows sorted either way") {
  const auto found = std::ranges::find(commands(), std::string_view("otp list"),
                                       [](const Command& command) { return command.entry().name; });
  const auto list = *wire::parse_json(screens[2].json);
  CHECK(render(*found, list, {}, {.is_wide = false, .columns = {"sends", "REQUEST"}, .sort = "-SENDS"}) ==
        "SENDS  REQUEST\n    3  OTP-06EZ7K3M9QX2T5RC\n    1  OTP-06EZ7K3M9QX2T5RB\n");
  CHECK(render(*found, list, {}, {.is_wide = false, .columns = {"app"}, .sort = "app"}) ==
        "APP\na-rather-long-name-of-an-app\nshop\n");
}

TEST_CASE("a column that there is not is said, with those that there are, and nothing is sorted by it") {
  const auto found = std::ranges::find(commands(), std::string_view("otp list"),
                                       [](const Command& command) { return command.entry().name; });
  const auto list = *wire::parse_json(screens[2].json);
  const std::string text = render(*found, list, {}, {.is_wide = false, .columns = {"id", "app"}, .sort = "-sent"});
  CHECK(
      text.starts_with("APP\nshop\na-rather-long-name-of-an-app\n… no column is called id, sent; there are REQUEST, "));
  // A column of the command's own that no row has now is not mistyped.
  const auto bare = *wire::parse_json(R"([{"requestId":"OTP-06EZ7K3M9QX2T5RB","app":"shop"}])");
  CHECK(render(*found, bare, {}, {.is_wide = false, .columns = {"app", "country"}, .sort = "sends"}) == "APP\nshop\n");
}

}  // namespace xion::cli
