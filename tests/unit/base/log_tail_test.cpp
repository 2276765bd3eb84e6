#include "base/log_tail.h"

#include <doctest/doctest.h>

namespace xion {

TEST_CASE("the log's tail keeps the latest lines and says how many are gone") {
  LogTail tail(1000);
  for (int i = 0; i < 100; ++i)
    tail.add(log::Level::info, WallTime{Millis{i}}, "line.of.the.log number=" + std::to_string(i));
  CHECK(tail.end() == 100);
  const auto all = tail.read(0, 1000);
  REQUIRE_FALSE(all.lines.empty());
  CHECK(all.missed + all.lines.size() == 100);
  CHECK(all.missed > 50);
  CHECK(all.lines.back().text == "line.of.the.log number=99");
  CHECK(all.next == 100);
  const auto last = tail.read(99, 10);
  CHECK(last.lines.size() == 1);
  CHECK(last.missed == 0);
  CHECK(tail.read(100, 10).lines.empty());
}

TEST_CASE("who looks on gets lines that the log itself leaves out, and a traced line is written whatever its level") {
  std::vector<std::string> written, overheard;
  log::set_sink([&](log::Level, std::string_view line) { written.emplace_back(line); });
  log::set_listener([&](log::Level, std::string_view line) { overheard.emplace_back(line); });
  log::set_level(log::Level::warning);
  log::debug("a.a", "request={}", 1);
  CHECK_FALSE(log::is_enabled(log::Level::info));
  log::set_overheard(log::Level::info);
  log::debug("b.b", "request={}", 2);
  log::info("c.c", "request={}", 3);
  log::error("d.d", "request={}", 4);
  CHECK(written == std::vector<std::string>{"d.d request=4"});
  CHECK(overheard == std::vector<std::string>{"c.c request=3", "d.d request=4"});
  log::set_overheard(std::nullopt);
  log::set_traced({"request=5"});
  log::debug("e.e", "request={}", 5);
  log::debug("f.f", "request={}", 6);
  CHECK(written.back() == "e.e request=5");
  log::set_traced({});
  log::debug("g.g", "request={}", 5);
  CHECK(written.back() == "e.e request=5");
  CHECK(log::level() == log::Level::warning);
  log::set_level(log::Level::info);
  log::set_sink({});
  log::set_listener({});
}

TEST_CASE("levels have names, and only those") {
  for (const auto level : {log::Level::debug, log::Level::info, log::Level::warning, log::Level::error}) {
    CHECK(log::parse_level(log::to_string(level)) == level);
  }
  CHECK_FALSE(log::parse_level("loud"));
}

}  // namespace xion
