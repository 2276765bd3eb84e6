#include "core/owners/audit_event.h"

#include <doctest/doctest.h>

#include "core/carrier_hold.h"

using namespace xion;

TEST_CASE("an audit event comes back from its record as it went in, and long texts are cut between characters") {
  AuditEvent event{.at = wall_time(1'770'000'000'123),
                   .who = {.uid = 1000, .name = "anna", .sudo_user = "", .person = "", .from = "pid 1"},
                   .command = "app set",
                   .arguments = "name=shop",
                   .before = "{}",
                   .after = "{\"plan\":\"growth\"}",
                   .outcome = AuditOutcome::refused,
                   .reason = "no"};
  CHECK(audit_event_from_record(to_record(event)) == event);
  event.after = std::string(audit_text_limit_octets - 1, 'x') + "é";
  const auto cut = audit_event_from_record(to_record(event));
  REQUIRE(cut);
  CHECK(cut->after == std::string(audit_text_limit_octets - 1, 'x'));
  CHECK_FALSE(audit_event_from_record("\x02"));
  CHECK_FALSE(audit_event_from_record(to_record(event) + "x"));
}

TEST_CASE("who it was is told as people say it") {
  CHECK(describe(Actor{.uid = 0, .name = "root", .sudo_user = "anna", .person = {}, .from = {}}) ==
        "anna (root by sudo)");
  CHECK(describe(Actor{.uid = 0, .name = "root", .sudo_user = {}, .person = {}, .from = {}}) == "root");
  CHECK(describe(Actor{.uid = 1007, .name = {}, .sudo_user = {}, .person = {}, .from = {}}) == "uid 1007");
  CHECK(describe(Actor{.uid = 7, .name = "x", .sudo_user = {}, .person = "ani@shop", .from = {}}) ==
        "ani@shop (dashboard)");
}

TEST_CASE("an event is about an app that its arguments begin with, and not about an earlier app of that name") {
  const App shop{.id = 1, .name = "shop", .plan = "starter", .created_at = wall_time(1'000), .overrides = {}};
  const auto is_of_shop = [&](std::string command, std::string arguments, std::int64_t at = 2'000) {
    AuditEvent event;
    event.at = wall_time(at);
    event.command = std::move(command);
    event.arguments = std::move(arguments);
    return is_about(event, shop);
  };
  CHECK(is_of_shop("key create", "app=shop scope=otp:send"));
  CHECK(is_of_shop("app set", "name=shop set=ttl_seconds=120"));
  CHECK_FALSE(is_of_shop("app set", "name=shop set=ttl_seconds=120", 999));
  // In the millisecond in which the app was made: what is done to it is its own, its making is not.
  CHECK(is_of_shop("app set", "name=shop set=ttl_seconds=120", 1'000));
  CHECK_FALSE(is_of_shop("app add", "name=shop", 1'000));
  CHECK_FALSE(is_of_shop("key create", "app=shopping"));
  CHECK_FALSE(is_of_shop("template add", "app=other text=x app=shop"));
  CHECK_FALSE(is_of_shop("carrier pause", "name=shop"));
  CHECK_FALSE(is_of_shop("config apply", ""));
}

TEST_CASE("an owner is told of people, and not of the users of the daemon's machine") {
  CHECK(describe_to_owner(Actor{.uid = 0, .name = "root", .sudo_user = "anna", .person = {}, .from = {}}) ==
        "operator");
  CHECK(describe_to_owner(Actor{.uid = 7, .name = "x", .sudo_user = {}, .person = "ani@shop", .from = {}}) ==
        "ani@shop (dashboard)");
}

TEST_CASE("a carrier's hold comes back from its record as it went in, and is told in words") {
  const CarrierHold hold{.carrier = "primary",
                         .kind = CarrierHold::Kind::drain,
                         .since = wall_time(1'770'000'000'000),
                         .until = wall_time(1'770'000'060'000),
                         .by = "anna",
                         .reason = "moves"};
  CHECK(carrier_hold_from_record("primary", to_record(hold)) == hold);
  CHECK(describe(hold) == "drained by anna until 2026-02-02T02:41:00Z: moves");
  CHECK_FALSE(carrier_hold_from_record("primary", "\x07"));
}
