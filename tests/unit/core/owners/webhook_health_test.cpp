#include "core/owners/webhook_health.h"

#include <doctest/doctest.h>

#include <string>

using namespace xion;
using namespace std::chrono_literals;

namespace {

constexpr WallTime health_began{Millis{1'770'897'600'000}};  // 2026-02-12T12:00:00Z

}  // namespace

TEST_CASE("a webhook's health is told of 24 hours, the current one included, and what is older is forgotten") {
  WebhookHealth health;
  for (int hour = 0; hour < 30; ++hour) health.at(health_began + std::chrono::hours{hour}).delivered += 10;
  CHECK(health.hours.size() == 24);
  CHECK(health.lately(health_began + 29h).delivered == 240);
  CHECK(health.lately(health_began + 40h).delivered == 130);
  CHECK(health.lately(health_began + 100h).delivered == 0);
}

TEST_CASE("a webhook's health is read back as it was written, and what is not one reads as nothing") {
  WebhookHealth health;
  health.at(health_began) = {5, 4, 3, 2};
  health.at(health_began + 1h).failed = 7;
  health.delivered_at = health_began;
  health.failed_at = health_began + 1h;
  health.last_status = 503;
  health.last_error = "answered 503";
  const std::string record = to_record(health);
  CHECK(webhook_health_from_record(record) == health);
  CHECK_FALSE(webhook_health_from_record({}).has_value());
  CHECK_FALSE(webhook_health_from_record(record.substr(0, record.size() - 1)).has_value());
  CHECK_FALSE(webhook_health_from_record(record + "x").has_value());
  CHECK_FALSE(webhook_health_from_record("\x7f" + record.substr(1)).has_value());
}
