#include "control/log_filter.h"

#include <doctest/doctest.h>

#include "wire/value.h"

namespace xion::control {
namespace {

bool is_shown(const LogFilter& filter, log::Level level, std::string_view text) {
  const LogLine line{.level = level, .at = {}, .text = std::string(text)};
  return may_match(filter, line) && matches(filter, parse_log_line(text));
}

}  // namespace

TEST_CASE("a line of the log is its event, what it says by name, and the rest") {
  const auto fields = parse_log_line(R"(smsc.link.closed smsc=a reason="reset by peer" lost=3 and=more and=again 7)");
  CHECK(fields.event == "smsc.link.closed");
  CHECK(fields.find("smsc") == "a");
  CHECK(fields.find("reason") == "reset by peer");
  CHECK(fields.find("lost") == "3");
  CHECK(fields.detail == "and=again 7");
  CHECK(parse_log_line("x.y s= s= a").detail == "s= a");  // A name comes once, also where it says nothing.
  CHECK(parse_log_line("").event.empty());
  CHECK(parse_log_line("daemon.ready").named.empty());
}

TEST_CASE("a value is read back as it was before it was written, and hides no field") {
  const auto fields = parse_log_line(R"(x.y a="b \"c\" request=OTP-1\n\u{202e}\xff\\" request=OTP-2)");
  CHECK(fields.find("a") == "b \"c\" request=OTP-1\n\u202e\xff\\");
  CHECK(fields.find("request") == "OTP-2");
}

TEST_CASE("a line is one JSON object whatever stands in it, with its own names kept apart from the log's") {
  const LogLine line{
      .level = log::Level::warning, .at = WallTime{Millis{0}}, .text = "x.y at=now level=9 q=\"a\x01 b\" \xff{}"};
  const auto value = wire::parse_json(log_json(line, parse_log_line(line.text)));
  REQUIRE(value);
  CHECK(*value->find("at")->text() == "1970-01-01T00:00:00.000Z");
  CHECK(*value->find("level")->text() == "warning");
  CHECK(value->find("detail")->text()->starts_with("at=now level=9 "));
}

TEST_CASE("lines are chosen by level, event, request, carrier and phone") {
  using enum log::Level;
  const std::string line = "submit.accepted smsc=primary request=OTP-1 smsc_message_id=7";
  CHECK(is_shown({}, debug, line));
  CHECK_FALSE(
      is_shown({.level = info, .event = {}, .request = {}, .carrier = {}, .phone = {}, .requests = {}}, debug, line));
  LogFilter filter;
  filter.event = "submit";
  CHECK(is_shown(filter, debug, line));
  CHECK_FALSE(is_shown(filter, debug, "submitted.not request=OTP-1"));
  filter.event = "submit.accepted";
  CHECK(is_shown(filter, debug, line));
  filter.request = "OTP-2";
  CHECK_FALSE(is_shown(filter, debug, line));
  filter.request = "OTP-1";
  filter.carrier = "backup";
  CHECK_FALSE(is_shown(filter, debug, line));
  filter.carrier = "primary";
  CHECK(is_shown(filter, debug, line));
  filter.phone = "+374•••••056";
  CHECK_FALSE(is_shown(filter, debug, line));
  filter.requests.insert("OTP-1");
  CHECK(is_shown(filter, debug, line));
}

TEST_CASE("of a phone's refused sends, which have no id, the masked number tells") {
  LogFilter filter;
  filter.phone = "+374•••••056";
  CHECK(is_shown(filter, log::Level::debug,
                 "otp.refused request=none app=shop phone=+374•••••056 reason=cooldown_active"));
  CHECK_FALSE(
      is_shown(filter, log::Level::debug, "otp.sent request=OTP-9 phone=+374•••••056"));  // Another's of that mask.
  CHECK(is_shown(filter, log::Level::debug, "smsc.pdu smsc=a bind=1 sent traced=+374•••••056"));
}

}  // namespace xion::control
