#include "core/owners/app_keys.h"

#include <doctest/doctest.h>

#include <string>

#include "core/limits/limits.h"
#include "core/owners/app_policy.h"

using namespace xion;

namespace {

template <typename Owner>
void is_whole(const AppKeys<Owner>& keys) {
  for (const AppKey<Owner>& key : keys) {
    INFO(key.name);
    CHECK_FALSE(key.meaning.empty());
    CHECK_FALSE(expected_of(key.kind).empty());
    Owner owner;
    JsonWriter json;
    write_setting(json, key.kind, owner);
    CHECK_FALSE(json.str().empty());
    CHECK(json.str() != "null");
    CHECK_FALSE(read_setting(key.kind, "no such value", owner));
  }
}

}  // namespace

TEST_CASE("every key that an app may override says what it takes, shows itself and refuses nonsense") {
  is_whole(otp_app_keys());
  is_whole(limit_app_keys());
  is_whole(guard_app_keys());
  is_whole(plan_app_keys());
}

TEST_CASE("an app's policy is shown with every key that it may set, as it holds") {
  const AppPolicy policy =
      policy_of({}, "starter",
                {{"code_length", "8"}, {"locks_per_phone", "none"}, {"fraud_daily_floor", "7"}, {"senders", "Acme"}});
  JsonWriter json;
  write_policy(json, policy);
  CHECK(json.str().find(R"("code_length":8)") != std::string::npos);
  CHECK(json.str().find(R"("sends_per_phone":["5/10m","10/1d"])") != std::string::npos);
  CHECK(json.str().find(R"("locks_per_phone":"none")") != std::string::npos);
  CHECK(json.str().find(R"("fraud":"auto")") != std::string::npos);
  CHECK(json.str().find(R"("fraud_daily_floor":7)") != std::string::npos);
  CHECK(json.str().find(R"("senders":["Acme"])") != std::string::npos);
  CHECK(json.str().find(R"("text_name":null)") != std::string::npos);
}
