#include "core/owners/app.h"

#include <doctest/doctest.h>

#include <random>

using namespace xion;

namespace {

App app() { return {7, "shop", "growth", wall_time(1'770'897'600'000), {{"attempts", "3"}, {"ttl_seconds", "120"}}}; }

ApiKey key() {
  ApiKey key;
  key.id = "key_0123456789";
  key.app = 7;
  key.hash.fill(0xAB);
  key.test = true;
  key.scopes = 3;
  key.networks = {"192.0.2.0/24", "2001:db8::/32"};
  key.created_at = wall_time(1'770'897'600'000);
  key.revoked_at = wall_time(1'770'897'700'000);
  return key;
}

}  // namespace

TEST_CASE("an app is read back as it was written") {
  const auto back = app_from_record(to_record(app()));
  REQUIRE(back);
  CHECK(back->id == 7);
  CHECK(back->name == "shop");
  CHECK(back->plan == "growth");
  CHECK(back->created_at == app().created_at);
  CHECK(back->overrides == app().overrides);
}

TEST_CASE("an API key is read back as it was written") {
  const auto back = api_key_from_record(to_record(key()));
  REQUIRE(back);
  CHECK(back->id == key().id);
  CHECK(back->app == 7);
  CHECK(back->hash == key().hash);
  CHECK(back->test);
  CHECK(back->scopes == 3);
  CHECK(back->networks == key().networks);
  CHECK(back->created_at == key().created_at);
  CHECK_FALSE(back->expires_at);
  CHECK(back->revoked_at == key().revoked_at);
}

TEST_CASE("a record that was cut, stretched or is of a newer format reads as nothing") {
  for (const std::string& record : {to_record(app()), to_record(key())}) {
    for (std::size_t length = 0; length < record.size(); ++length) {
      CHECK_FALSE(app_from_record(record.substr(0, length)));
      CHECK_FALSE(api_key_from_record(record.substr(0, length)));
    }
    CHECK_FALSE(app_from_record(record + "x"));
    CHECK_FALSE(api_key_from_record(record + "x"));
    CHECK_FALSE(app_from_record("\x02" + record.substr(1)));
    CHECK_FALSE(api_key_from_record("\x02" + record.substr(1)));
  }
}

TEST_CASE("random octets are read without harm, and what they happen to tell can be kept") {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string octets(1, '\1');
    for (auto length = random() % 80; length > 0; --length) octets.push_back(static_cast<char>(random()));
    if (const auto app = app_from_record(octets)) CHECK(app_from_record(to_record(*app)));
    if (const auto key = api_key_from_record(octets)) CHECK(api_key_from_record(to_record(*key)));
  }
}

TEST_CASE("every scope has a name that is read back") {
  for (const auto scope : {Scope::otp_send, Scope::otp_verify, Scope::otp_read, Scope::stats_read, Scope::pii_read}) {
    CHECK(parse_scope(to_string(scope)) == scope);
  }
  CHECK_FALSE(parse_scope("otp:write"));
  CHECK(scope_names(default_scopes) ==
        std::vector<std::string_view>{"otp:send", "otp:verify", "otp:read", "stats:read"});
  CHECK(scope_names(0).empty());
}
