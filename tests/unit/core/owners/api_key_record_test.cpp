#include <doctest/doctest.h>

#include "core/owners/app.h"
#include "core/owners/key_asker.h"
#include "core/record_formats.h"

using namespace xion;

TEST_CASE("a hook's key is read back as it was written, and a plain one is written as every release reads it") {
  ApiKey key;
  key.id = "key_06ez7k3m9q";
  key.networks = {"192.0.2.0/24"};
  CHECK(to_record(key).front() == 1);
  key.hook = "supabase";
  key.secret_as.octets[3] = 7;
  key.secret_sealed = "sealed";
  const auto read = api_key_from_record(to_record(key));
  REQUIRE(read);
  CHECK(read->id == key.id);
  CHECK(read->networks == key.networks);
  CHECK(read->hook == "supabase");
  CHECK(read->secret_as == key.secret_as);
  CHECK(read->secret_sealed == "sealed");
}

TEST_CASE("a key that manages is read back as it was written, in a format of its own") {
  xion::ApiKey key;
  key.id = "key_0123456789";
  key.app = 7;
  key.scopes = static_cast<xion::Scopes>(xion::default_scopes | xion::admin_scopes);
  key.networks = {"192.0.2.0/24"};
  const auto read = xion::api_key_from_record(to_record(key));
  REQUIRE(read);
  CHECK(read->scopes == key.scopes);
  CHECK(read->networks == key.networks);
  CHECK(to_record(key)[0] == 3);
  key.scopes = xion::default_scopes;
  CHECK(to_record(key)[0] == 1);
}

TEST_CASE("who manages keys gives away what he has, and an owner neither numbers nor managing") {
  using namespace xion;
  const auto of = [](Scope scope) { return static_cast<Scopes>(scope); };
  ApiKey own;
  own.scopes = static_cast<Scopes>(of(Scope::admin_keys) | of(Scope::otp_read) | of(Scope::pii_read));
  own.expires_at = WallTime{Millis{1'000'000}};
  const KeyAsker key{.owner_of = 7, .key = own};
  CHECK(key.may_give(of(Scope::otp_read)));
  CHECK(key.may_give(of(Scope::admin_keys)));
  CHECK_FALSE(key.may_give(of(Scope::pii_read)));
  CHECK_FALSE(key.may_give(of(Scope::otp_send)));
  CHECK_FALSE(key.may_let_live(std::nullopt));
  CHECK_FALSE(key.may_let_live(WallTime{Millis{1'000'001}}));
  CHECK(key.may_let_live(WallTime{Millis{1'000'000}}));
  CHECK_FALSE(key.may_touch(8));
  const KeyAsker owner{.owner_of = 7, .key = {}};
  CHECK(owner.may_give(default_scopes));
  CHECK_FALSE(owner.may_give(of(Scope::pii_read)));
  CHECK_FALSE(owner.may_give(of(Scope::admin_lists)));
  CHECK(owner.may_let_live(std::nullopt));
  CHECK(the_operator.may_give(static_cast<Scopes>(of(Scope::pii_read) | admin_scopes)));
}
