#include <doctest/doctest.h>

#include "core/limits/limits.h"

using namespace xion;

namespace {

Settings settings() {
  Settings settings;
  settings.plans["starter"] = {"starter", 1'000, 5};
  settings.plans["growth"] = {"growth", 3'000, 20};
  return settings;
}

bool may_set(std::string_view key, std::string_view value) { return !check_override(key, value); }

}  // namespace

TEST_CASE("without overrides the configuration and the plan hold") {
  const AppPolicy policy = policy_of(settings(), "growth", {});
  CHECK(policy.otp == OtpSettings{});
  CHECK(policy.limits == LimitSettings{});
  CHECK(policy.plan == Plan{"growth", 3'000, 20});
  CHECK_FALSE(policy.text_name);
}

TEST_CASE("an override changes its own key and nothing else") {
  const AppPolicy policy =
      policy_of(settings(), "starter", {{"code_length", "8"}, {"sends_per_phone", "3/1h, 6/1d"}, {"resend", "rotate"}});
  OtpSettings otp;
  otp.code_length = 8;
  otp.resend_rotates = true;
  CHECK(policy.otp == otp);
  LimitSettings limits;
  limits.sends_per_phone = {{3, Seconds{3600}}, {6, Seconds{86'400}}};
  CHECK(policy.limits == limits);
}

TEST_CASE("every key can be set, and is laid over the configuration") {
  const std::map<std::string, std::string> all{
      {"ttl_seconds", "120"},
      {"ttl_max_seconds", "900"},
      {"code_length", "4"},
      {"attempts", "3"},
      {"resend", "rotate"},
      {"sends_per_phone", "1/1m"},
      {"sends_per_user_ip", "2/1m"},
      {"phones_per_user_ip", "3/1m"},
      {"failed_verifies_per_user_ip", "4/1m"},
      {"locks_per_phone", "5/1m"},
      {"phone_lock_seconds", "60"},
      {"cooldown_seconds", "5,10"},
      {"requests_per_second", "2.5"},
      {"sms_per_month", "77"},
      {"price_per_month", "49.9"},
      {"spend_per_day", "20"},
      {"spend_per_month", "0.000001"},
      {"text_name", "Shop"},
  };
  for (const auto& [key, value] : all) {
    CAPTURE(key);
    CHECK(may_set(key, value));
  }
  const AppPolicy policy = policy_of(settings(), "starter", all);
  OtpSettings otp;
  otp.ttl = Seconds{120};
  otp.ttl_max = Seconds{900};
  otp.code_length = 4;
  otp.code_length_min = 4;  // Whoever makes shorter codes the rule allows them.
  otp.attempts = 3;
  otp.resend_rotates = true;
  CHECK(policy.otp == otp);
  LimitSettings limits;
  limits.sends_per_phone = {{1, Seconds{60}}};
  limits.sends_per_user_ip = {{2, Seconds{60}}};
  limits.phones_per_user_ip = {3, Seconds{60}};
  limits.failed_verifies_per_user_ip = {4, Seconds{60}};
  limits.locks_per_phone = {5, Seconds{60}};
  limits.phone_lock = Seconds{60};
  limits.cooldown = {Seconds{5}, Seconds{10}};
  CHECK(policy.limits == limits);
  CHECK(policy.plan == Plan{"starter", 77, 2.5, false, 49'900'000, 20'000'000, 1});
  CHECK(policy.text_name == "Shop");
}

TEST_CASE("none, or nothing, switches a limit off") {
  for (const char* off : {"none", "", " none "}) {
    CAPTURE(off);
    const AppPolicy policy = policy_of(settings(), "starter",
                                       {{"sends_per_phone", off},
                                        {"cooldown_seconds", off},
                                        {"phones_per_user_ip", off},
                                        {"requests_per_second", off},
                                        {"sms_per_month", off},
                                        {"phone_lock_seconds", off}});
    CHECK(policy.limits.sends_per_phone.empty());
    CHECK(policy.limits.cooldown.empty());
    CHECK(policy.limits.phones_per_user_ip.count == 0);
    CHECK(policy.limits.phone_lock == Seconds{0});
    CHECK(policy.plan.requests_per_second == 0);
    CHECK(policy.plan.sms_per_month == 0);
  }
}

TEST_CASE("a value that can't be is refused with what would be right") {
  CHECK(check_override("code_length", "11") == "code_length = 11: expected 4–10");
  CHECK(check_override("resend", "both") == "resend = both: expected same or rotate");
  CHECK(check_override("ttl_seconds", "5m") == "ttl_seconds = 5m: expected 30–3600");
  for (const auto& [key, value] : std::map<std::string, std::string>{{"ttl_max_seconds", "3601"},
                                                                     {"attempts", "0"},
                                                                     {"sends_per_phone", "5/10m,"},
                                                                     {"sends_per_user_ip", "5/10m,,10/1d"},
                                                                     {"locks_per_phone", "3/1h,5/1d"},
                                                                     {"cooldown_seconds", "30,x"},
                                                                     {"requests_per_second", "nan"},
                                                                     {"sms_per_month", "-1"},
                                                                     {"text_name", "two\nlines"}}) {
    CAPTURE(key);
    CHECK_FALSE(may_set(key, value));
  }
}

TEST_CASE("a mistyped key is refused with the one that was meant") {
  CHECK(check_override("ttl_second", "60") == "unknown key ttl_second: did you mean ttl_seconds?");
  CHECK(check_override("banana", "60")->find("expected one of ttl_seconds, ") != std::string::npos);
}

TEST_CASE("overrides that don't parse are passed over") {
  const AppPolicy policy =
      policy_of(settings(), "starter", {{"code_length", "99"}, {"resend", "both"}, {"banana", "1"}, {"attempts", "2"}});
  OtpSettings otp;
  otp.attempts = 2;
  CHECK(policy.otp == otp);
}

TEST_CASE("a lifetime set above the ceiling raises it, and a ceiling below the lifetime shortens it") {
  CHECK(policy_of(settings(), "starter", {{"ttl_seconds", "900"}}).otp.ttl_max == Seconds{900});
  CHECK(policy_of(settings(), "starter", {{"ttl_max_seconds", "60"}}).otp.ttl == Seconds{60});
  CHECK(policy_of(settings(), "starter", {{"ttl_seconds", "900"}, {"ttl_max_seconds", "800"}}).otp.ttl == Seconds{800});
}

TEST_CASE("a plan that the configuration lacks keeps its name") {
  CHECK(policy_of(settings(), "gone", {}).plan.name == "gone");
}
