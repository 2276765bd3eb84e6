#include "base/log.h"

#include <doctest/doctest.h>

#include <vector>

#include "base/secret.h"

using namespace xion;

namespace {

/// Collects lines while it lives.
struct Lines {
  Lines() {
    log::set_sink([this](log::Level, std::string_view line) { seen.emplace_back(line); });
  }
  ~Lines() {
    log::set_sink({});
    log::set_level(log::Level::info);
  }
  std::vector<std::string> seen;
};

}  // namespace

TEST_CASE("a line is the event's name and its pairs") {
  Lines lines;
  log::info("smsc.link.closed", "smsc={} reason={}", "a", "unanswered");
  CHECK(lines.seen == std::vector<std::string>{"smsc.link.closed smsc=a reason=unanswered"});
}

TEST_CASE("no value makes a line, or a field, of its own") {
  Lines lines;
  const std::string forged = "a b\nsmsc.link.bound smsc=\"x\"";
  log::info("smsc.link.closed", "smsc={} reason=\"{}\" lost={} rate={:.0f} ok={}", forged, forged, 3, 2.5, true);
  log::warning("x.y", "{} list={}", forged, fmt::join(std::vector{"a", "b c"}, ","));
  log::info("daemon.stopped", "");
  CHECK(lines.seen == std::vector<std::string>{R"(smsc.link.closed smsc="a b\nsmsc.link.bound smsc=\"x\"" )"
                                               R"(reason="a b\nsmsc.link.bound smsc=\"x\"" lost=3 rate=2 ok=true)",
                                               R"(x.y "a b\nsmsc.link.bound smsc=\"x\"" list="a,b c")",
                                               "daemon.stopped"});
}

TEST_CASE("a value of any length leaves a line of bounded length") {
  Lines lines;
  log::info("x.y", "a={} b=\"{}\"", std::string(100'000, '\n'), std::string(100'000, 'x'));
  REQUIRE(lines.seen.size() == 1);
  CHECK(lines.seen[0].size() < 1100);
}

TEST_CASE("a line below the level is not written") {
  Lines lines;
  log::debug("pdu", "n={}", 1);
  log::set_level(log::Level::warning);
  log::info("more", "n={}", 2);
  log::error("trouble", "n={}", 3);
  CHECK(lines.seen == std::vector<std::string>{"trouble n=3"});
}

TEST_CASE("a secret in a log line prints redacted") {
  Lines lines;
  log::error("otp.sent", "code={} phone={:>12}", Secret("123456"), Secret("+37499123056"));
  REQUIRE(lines.seen.size() == 1);
  CHECK(lines.seen[0] == "otp.sent code=[redacted] phone=\"  [redacted]\"");
}

TEST_CASE("a secret still gives its text to who asks for it by name") { CHECK(Secret("123456").reveal() == "123456"); }
