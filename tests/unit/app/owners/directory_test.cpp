#include <doctest/doctest.h>

#include "app/owners/network.h"
#include "unit/desk.h"

namespace xion {
namespace {

/// Asks the directory and waits for the commit.
template <typename T, typename Ask>
std::expected<T, Refusal> after_commit(Desk& desk, Ask ask) {
  std::expected<T, Refusal> told = std::unexpected(Refusal{"nothing was told", ""});
  ask([&](std::expected<T, Refusal> answer) { told = std::move(answer); });
  desk.loop.run(Millis{10});
  return told;
}

std::expected<App, Refusal> add(Desk& desk, std::string name, std::string plan = "starter",
                                std::map<std::string, std::string> set = {}) {
  return after_commit<App>(desk,
                           [&](AdminDone<App> done) { desk.directory().add_app(name, plan, set, std::move(done)); });
}
std::expected<App, Refusal> set(Desk& desk, std::string name, std::map<std::string, std::string> overrides) {
  return after_commit<App>(desk,
                           [&](AdminDone<App> done) { desk.directory().set_app(name, overrides, std::move(done)); });
}
std::expected<NewKey, Refusal> create(Desk& desk, KeyWish wish, const KeyAsker& by = the_operator) {
  return after_commit<NewKey>(desk,
                              [&](AdminDone<NewKey> done) { desk.directory().create_key(wish, by, std::move(done)); });
}
std::expected<RotatedKey, Refusal> rotate(Desk& desk, const std::string& id, const KeyAsker& by = the_operator,
                                          Seconds grace = Seconds{60}) {
  return after_commit<RotatedKey>(
      desk, [&](AdminDone<RotatedKey> done) { desk.directory().rotate_key(id, grace, by, std::move(done)); });
}
std::expected<ApiKey, Refusal> revoke(Desk& desk, const std::string& id, const KeyAsker& by = the_operator) {
  return after_commit<ApiKey>(desk,
                              [&](AdminDone<ApiKey> done) { desk.directory().revoke_key(id, by, std::move(done)); });
}
auto authenticate(Desk& desk, const std::string& authorization, std::string_view peer = "192.0.2.7") {
  return desk.directory().authenticate(authorization, peer, desk.loop.wall_now());
}
KeyWish wish_for(std::string app) {
  KeyWish wish;
  wish.app = std::move(app);
  return wish;
}

}  // namespace

TEST_CASE("a key opens its app, with one pair of matching quotes round it or none") {
  Desk desk;
  const auto app = add(desk, "shop");
  REQUIRE(app);
  const auto made = create(desk, wish_for("shop"));
  REQUIRE(made);
  const std::string key = made->text.reveal();
  CHECK(key.starts_with("xk_live_"));
  CHECK(key.size() == 48);
  CHECK(made->key.id.starts_with("key_"));
  CHECK(made->key.id.size() == 14);

  for (const std::string& authorization :
       {"Bearer " + key, "bearer  " + key, "Bearer \"" + key + "\"", "Bearer '" + key + "' "}) {
    CAPTURE(authorization.size());
    const auto caller = authenticate(desk, authorization);
    REQUIRE(caller);
    CHECK(caller->app->app.name == "shop");
    CHECK(caller->key_id == made->key.id);
    CHECK_FALSE(caller->is_test);
    CHECK(caller->may(Scope::otp_send));
    CHECK_FALSE(caller->may(Scope::pii_read));
  }
}

TEST_CASE("what is no key of ours is told apart from no key at all") {
  Desk desk;
  const std::string key = desk.key(wish_for("shop"));
  const auto error_of = [&](const std::string& authorization) {
    const auto caller = authenticate(desk, authorization);
    REQUIRE_FALSE(caller);
    return caller.error();
  };
  CHECK(error_of("") == AuthError::missing_api_key);
  CHECK(error_of("Bearer") == AuthError::missing_api_key);
  CHECK(error_of("Bearer ''") == AuthError::missing_api_key);
  CHECK(error_of("Basic eDp5") == AuthError::missing_api_key);
  CHECK(error_of("Bearer \"" + key) == AuthError::invalid_api_key);
  CHECK(error_of("Bearer " + key + "x") == AuthError::invalid_api_key);
  CHECK(error_of("Bearer xk_live_" + std::string(40, '0')) == AuthError::invalid_api_key);
  std::string other_mode = key;
  other_mode.replace(0, 8, "xk_test_");
  CHECK(error_of("Bearer " + other_mode) == AuthError::invalid_api_key);
}

TEST_CASE("a key that expired and a key that was revoked are told apart") {
  Desk desk;
  REQUIRE(add(desk, "shop"));
  KeyWish wish = wish_for("shop");
  wish.expires_in = Seconds{60};
  const auto expiring = create(desk, wish);
  const auto revoked = create(desk, wish_for("shop"));
  REQUIRE(expiring);
  REQUIRE(revoked);
  CHECK(authenticate(desk, "Bearer " + expiring->text.reveal()));

  CHECK(revoke(desk, revoked->key.id));
  desk.loop.run(Millis{60'000});
  CHECK(authenticate(desk, "Bearer " + expiring->text.reveal()).error() == AuthError::expired_api_key);
  CHECK(authenticate(desk, "Bearer " + revoked->text.reveal()).error() == AuthError::revoked_api_key);
}

TEST_CASE("who asks decides which keys there will be, however they come about") {
  Desk desk;
  const auto shop = add(desk, "shop"), other = add(desk, "other");
  REQUIRE((shop && other));
  const KeyAsker owner{.owner_of = shop->id, .key = {}};
  KeyWish narrow = wish_for("shop"), wide = wish_for("shop"), foreign = wish_for("other");
  wide.scopes = default_scopes | static_cast<std::uint8_t>(Scope::pii_read);
  const auto own = create(desk, narrow, owner);
  const auto of_operator = create(desk, wide);
  const auto of_other = create(desk, foreign);
  REQUIRE((own && of_operator && of_other));

  const auto made = create(desk, wide, owner);
  REQUIRE_FALSE(made);
  CHECK(made.error().is_forbidden);
  const auto replaced = rotate(desk, of_operator->key.id, owner);
  REQUIRE_FALSE(replaced);
  CHECK(replaced.error().is_forbidden);
  CHECK(authenticate(desk, "Bearer " + of_operator->text.reveal()));
  CHECK(rotate(desk, of_operator->key.id));

  CHECK_FALSE(create(desk, foreign, owner));
  CHECK_FALSE(rotate(desk, of_other->key.id, owner));
  CHECK_FALSE(revoke(desk, of_other->key.id, owner));
  CHECK(authenticate(desk, "Bearer " + of_other->text.reveal()));

  CHECK(rotate(desk, own->key.id, owner));
  CHECK(revoke(desk, of_operator->key.id, owner));  // To end a key opens nothing.
}

TEST_CASE("an app has a hundred keys that work, and others have theirs") {
  Desk desk;
  REQUIRE((add(desk, "shop") && add(desk, "other")));
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < keys_of_an_app; ++i) {
    const auto made = create(desk, wish_for("shop"));
    REQUIRE(made);
    ids.push_back(made->key.id);
  }
  CHECK_FALSE(create(desk, wish_for("shop")));
  CHECK_FALSE(rotate(desk, ids[0]));  // The old one would work beside the new one.
  CHECK(rotate(desk, ids[0], the_operator, Seconds{0}));
  CHECK(create(desk, wish_for("other")));
  CHECK(revoke(desk, ids[1]));
  CHECK(create(desk, wish_for("shop")));
}

TEST_CASE("a key that is refused is named where it is one of ours") {
  Desk desk;
  REQUIRE(add(desk, "shop"));
  const auto made = create(desk, wish_for("shop"));
  REQUIRE(made);
  CHECK(revoke(desk, made->key.id));
  CHECK(authenticate(desk, "Bearer " + made->text.reveal()).error().key_id == made->key.id);
  CHECK(authenticate(desk, "Bearer xk_live_" + std::string(40, '0')).error().key_id.empty());
}

TEST_CASE("a key with networks works from them alone, and not over a Unix socket, which has none") {
  Desk desk;
  REQUIRE(add(desk, "shop"));
  KeyWish wish = wish_for("shop");
  wish.networks = {"192.0.2.0/24", "2001:db8::/32"};
  const auto made = create(desk, wish);
  REQUIRE(made);
  const std::string authorization = "Bearer " + made->text.reveal();
  CHECK(authenticate(desk, authorization, "192.0.2.255"));
  CHECK(authenticate(desk, authorization, "::ffff:192.0.2.1"));
  CHECK(authenticate(desk, authorization, "2001:db8:1::1"));
  CHECK(authenticate(desk, authorization, "").error() == AuthError::client_not_allowed);
  CHECK(authenticate(desk, authorization, "192.0.3.1").error() == AuthError::client_not_allowed);
  CHECK(authenticate(desk, authorization, "2001:db9::1").error() == AuthError::client_not_allowed);

  wish.networks = {"192.0.2.1/24"};
  CHECK_FALSE(create(desk, wish));
  wish.networks = {"shop.example.net"};
  CHECK_FALSE(create(desk, wish));
}

TEST_CASE("an app's name is plain and its own") {
  Desk desk;
  CHECK(add(desk, "shop"));
  const auto again = add(desk, "shop");
  REQUIRE_FALSE(again);
  CHECK(again.error().detail == "there is an app shop already");
  for (const char* name : {"", "Shop", "-shop", "my shop", "sh\xC3\xB6p"}) {
    CAPTURE(name);
    CHECK_FALSE(add(desk, name));
  }
}

TEST_CASE("a plan that does not exist is refused with the one that was meant") {
  Desk desk;
  const auto refused = add(desk, "shop", "grwth");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hint == "did you mean growth?");
  CHECK(desk.directory().apps().empty());
}

TEST_CASE("overrides are checked before they are kept, and an empty value takes one back") {
  Desk desk;
  CHECK_FALSE(add(desk, "shop", "starter", {{"ttl_seconds", "soon"}}));
  CHECK_FALSE(add(desk, "shop", "starter", {{"ttl_secnds", "120"}}));
  REQUIRE(add(desk, "shop", "starter", {{"ttl_seconds", "120"}}));
  CHECK(desk.directory().app_named("shop")->policy.otp.ttl == Seconds{120});
  CHECK(set(desk, "shop", {{"ttl_seconds", ""}, {"plan", "growth"}}));
  CHECK(desk.directory().app_named("shop")->policy.otp.ttl == Seconds{300});
  CHECK(desk.directory().app_named("shop")->policy.plan.requests_per_second == 20);

  const auto refused = set(desk, "shap", {{"ttl_seconds", "60"}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hint == "did you mean shop?");
}

TEST_CASE("an entry that a call holds stays as it was when the app changes") {
  Desk desk;
  const std::string key = desk.key(wish_for("shop"));
  const auto caller = authenticate(desk, "Bearer " + key);
  REQUIRE(caller);
  CHECK(set(desk, "shop", {{"ttl_seconds", "60"}}));
  CHECK(caller->app->policy.otp.ttl == Seconds{300});
  CHECK(authenticate(desk, "Bearer " + key)->app->policy.otp.ttl == Seconds{60});
}

TEST_CASE("a change of an app does not refill its bucket") {
  Desk desk;
  REQUIRE(add(desk, "shop"));
  auto entry = desk.directory().app_named("shop");
  while (entry->requests.take(desk.loop.now())) {
  }
  desk.directory().configure(desk.settings);
  CHECK_FALSE(desk.directory().app_named("shop")->requests.take(desk.loop.now()));
}

TEST_CASE("removing an app revokes its keys") {
  Desk desk;
  const std::string key = desk.key(wish_for("shop"));
  CHECK(after_commit<App>(desk, [&](AdminDone<App> done) { desk.directory().remove_app("shop", std::move(done)); }));
  CHECK(authenticate(desk, "Bearer " + key).error() == AuthError::revoked_api_key);
  CHECK_FALSE(create(desk, wish_for("shop")));
}

TEST_CASE("apps and keys are there again after a restart, and no key is on the disk") {
  Desk desk;
  const std::string key = desk.key(wish_for("shop"));
  Directory reborn(*desk.store, desk.loop, desk.entropy, desk.loop_vault, desk.settings);
  bool is_loaded = false;
  reborn.load([&](bool loaded) { is_loaded = loaded; });
  desk.loop.run(Millis{10});
  REQUIRE(is_loaded);
  CHECK(reborn.authenticate("Bearer " + key, "", desk.loop.wall_now()));
  CHECK(desk.disk.octets().find(key.substr(8)) == std::string::npos);
}

TEST_CASE("what the store could not keep does not count") {
  Desk desk;
  REQUIRE(add(desk, "shop"));
  desk.disk.commit_fails = [] { return true; };
  CHECK_FALSE(create(desk, wish_for("shop")));
  CHECK(desk.directory().keys().empty());
  CHECK_FALSE(add(desk, "other"));
  CHECK_FALSE(desk.directory().app_named("other"));
}

TEST_CASE("a network is an address and the bits that count, with nothing set behind them") {
  CHECK(parse_network("10.0.0.0/8")->contains(*parse_ip_address("10.255.1.2")));
  CHECK_FALSE(parse_network("10.0.0.0/9")->contains(*parse_ip_address("10.128.0.0")));
  CHECK(parse_network("0.0.0.0/0")->contains(*parse_ip_address("203.0.113.1")));
  CHECK_FALSE(parse_network("0.0.0.0/0")->contains(*parse_ip_address("2001:db8::1")));
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/8", "10.0.0/8", "fe80::/129", "a/b"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_network(text));
  }
  CHECK(to_string(*parse_ip_address("2001:DB8:0:0::1")) == "2001:db8::1");
  CHECK(to_string(*parse_ip_address("::ffff:203.0.113.7")) == "203.0.113.7");
}

}  // namespace xion
