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
