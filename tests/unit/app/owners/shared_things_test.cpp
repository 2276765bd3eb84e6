// What other nodes of a shared store do and change, as the parts of a gateway see it.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/otp/marks.h"
#include "domain/txn.h"
#include "unit/desk.h"
#include "unit/shared_store.h"

namespace xion {
namespace {

/// Before the desk, which lives no longer.
struct Others {
  PlayedCluster cluster;
};
/// A gateway that shares its store, and a hand in that store which it knows nothing of.
struct SharedDesk : Others, Desk {
  SharedDesk() : Desk(&cluster) {}
  template <typename Work>
  void elsewhere(Work work) {
    run_task(*store, [work](Txn& txn) { return work(txn), true; }, [](Commit, bool&) {});
    loop.run(Millis{10});
  }
  void changed(ThingKind kind, std::string key = {}) {
    cluster.say_changed(kind, std::move(key));
    loop.run(Millis{10});
  }
  template <typename Ask>
  auto ask(Ask question) {
    std::invoke_result_t<Ask, Txn&> told{};
    run_task(*store, question, [&](Commit, auto& result) { told = result; });
    loop.run(Millis{10});
    return told;
  }
  Otp expired_request(std::uint8_t number) {
    Otp otp;
    otp.id = make_otp_id(loop.wall_now(), std::array<std::uint8_t, 5>{number});
    otp.app = 1;
    otp.created_at = loop.wall_now();
    otp.expires_at = loop.wall_now() + Seconds{1};
    return otp;
  }
};

App app_named(AppId id, std::string name) {
  App app;
  app.id = id;
  app.name = std::move(name);
  app.plan = "custom";
  return app;
}

}  // namespace

TEST_CASE("an app that another node added, changed or removed is known") {
  SharedDesk desk;
  desk.elsewhere([](Txn& txn) { txn.put(app_named(7, "shop")); });
  CHECK(desk.directory().app(7) == nullptr);
  desk.changed(ThingKind::app);
  REQUIRE(desk.directory().app(7) != nullptr);
  desk.elsewhere([](Txn& txn) { txn.put(app_named(7, "store")); });
  desk.changed(ThingKind::app);
  CHECK(desk.directory().app_named("store") != nullptr);
  desk.elsewhere([](Txn& txn) { txn.remove_app(7); });
  desk.changed(ThingKind::app);
  CHECK(desk.directory().app(7) == nullptr);
}

TEST_CASE("a node that was drained at another one stands aside until that is undone") {
  SharedDesk desk;
  CHECK_FALSE(desk.cluster.is_aside);
  for (const char* node : {"elsewhere", "here"})
    desk.elsewhere([node](Txn& txn) { txn.put(NodeDrain{.node = node, .since = {}, .by = "anna"}); });
  desk.changed(ThingKind::mark, std::string(node_drain_prefix) + "here");
  CHECK(desk.cluster.is_aside);
  desk.elsewhere([](Txn& txn) { txn.remove_node_drain("here"); });
  desk.changed(ThingKind::mark, std::string(node_drain_prefix) + "here");
  CHECK_FALSE(desk.cluster.is_aside);
}

TEST_CASE("of an app's rate a node has the part that is asked for there") {
  SharedDesk desk;
  desk.elsewhere([](Txn& txn) { txn.put(app_named(7, "shop")); });
  desk.changed(ThingKind::app);
  const auto share = [&] {
    desk.loop.run(Seconds{1});
    return desk.directory().app(7)->share;
  };
  const auto call = [&](int times) {
    for (int i = 0; i < times; ++i) desk.directory().app(7)->demand.note(desk.loop.now());
  };
  CHECK(share() == 1);
  call(10);
  CHECK(desk.cluster.report().demands.size() == 1);
  CHECK(share() == 1);
  Peer other = PlayedCluster::peer_with("primary", 1);
  other.report.demands = {{7, desk.cluster.report().demands.at(0).calls_per_second}};
  desk.cluster.others = {other};
  CHECK(share() < 0.6);
  desk.loop.run(Seconds{60});
  CHECK(share() == doctest::Approx(0.125));
  const auto entry = desk.directory().app(7);
  CHECK(entry->requests.rate() == doctest::Approx(entry->policy.plan.requests_per_second / 8));
  desk.cluster.others[0].report.demands.clear();
  CHECK(share() == 1);
  desk.cluster.others[0].report.has_all_demands = false;
  CHECK(share() == doctest::Approx(0.5));
  CHECK(desk.directory().app(7)->requests.rate() == doctest::Approx(entry->policy.plan.requests_per_second / 2));
}

TEST_CASE("a key that another node revoked opens nothing") {
  SharedDesk desk;
  const std::string text = desk.key({.app = "shop", .expires_in = {}, .networks = {}});
  const std::string header = "Bearer " + text;
  REQUIRE(desk.directory().authenticate(header, "", desk.loop.wall_now()).has_value());
  desk.elsewhere([at = desk.loop.wall_now()](Txn& txn) {
    for (ApiKey& key : txn.api_keys()) {
      key.revoked_at = at;
      txn.put(key);
    }
  });
  desk.changed(ThingKind::api_key);
  CHECK(desk.directory().authenticate(header, "", desk.loop.wall_now()).error() == AuthError::revoked_api_key);
}

TEST_CASE("templates and passes of the dashboard are those of the store") {
  SharedDesk desk;
  MessageTemplate text;
  text.app = 1;
  text.name = "login";
  text.text = "{code}";
  desk.elsewhere([&](Txn& txn) { txn.put(text); });
  desk.changed(ThingKind::message_template);
  CHECK(desk.gateway.services().templates->has(1, "login"));
  desk.elsewhere([&](Txn& txn) { txn.remove(text); });
  desk.changed(ThingKind::message_template);
  CHECK_FALSE(desk.gateway.services().templates->has(1, "login"));

  DashboardPass pass;
  pass.id = "ses_1";
  pass.expires_at = desk.loop.wall_now() + Seconds{60};
  desk.elsewhere([&](Txn& txn) { txn.put(pass); });
  desk.changed(ThingKind::dashboard_pass);
  CHECK(desk.gateway.services().dashboard->passes().size() == 1);
  desk.elsewhere([](Txn& txn) { txn.remove_dashboard_pass("ses_1"); });
  desk.changed(ThingKind::dashboard_pass);
  CHECK(desk.gateway.services().dashboard->passes().empty());
}

TEST_CASE("what an operator said of a carrier at another node holds here, and ends here") {
  SharedDesk desk;
  CarrierHold hold;
  hold.carrier = "primary";
  desk.elsewhere([&](Txn& txn) { txn.put(hold); });
  desk.changed(ThingKind::mark, "hold primary");
  CHECK(desk.gateway.services().carriers->is_all_paused());
  desk.elsewhere([](Txn& txn) { txn.remove_carrier_hold("primary"); });
  desk.changed(ThingKind::mark, "hold primary");
  CHECK_FALSE(desk.gateway.services().carriers->is_all_paused());
}

TEST_CASE("a ring of keys that another node put is taken over by both threads") {
  SharedDesk desk;
  KeyRing ring = desk.loop_vault.ring();
  KeyGeneration fresh;
  fresh.from = desk.loop.wall_now() + Seconds{30};
  ring.generations.push_back(fresh);
  desk.elsewhere(
      [wrapped = desk.loop_vault.wrap(ring, desk.master, desk.entropy)](Txn& txn) { txn.keep_key_ring(wrapped); });
  CHECK(desk.loop_vault.ring().generations.size() == 1);
  desk.changed(ThingKind::mark, "key_ring x");
  CHECK(desk.loop_vault.ring().generations.size() == 2);
  CHECK(desk.store_vault.ring().generations.size() == 2);
}

TEST_CASE("only the housekeeper expires requests") {
  SharedDesk desk;
  desk.cluster.revoke("role:housekeeper");
  const Otp otp = desk.expired_request(1);
  desk.elsewhere([&](Txn& txn) { txn.insert(otp); });
  const auto status = [&] { return desk.ask([&](Txn& txn) { return txn.otp(otp.id)->status; }); };
  desk.loop.run(Seconds{10});
  CHECK(status() == OtpStatus::pending);
  desk.cluster.grant("role:housekeeper");
  desk.loop.run(Seconds{3});
  CHECK(status() == OtpStatus::expired);
}

TEST_CASE("only the housekeeper seals phones anew and forgets old keys") {
  SharedDesk desk;
  desk.cluster.revoke("role:housekeeper");
  const MasterKey next{std::string(master_key_octets, '8')};
  KeyRotation& rotation = *desk.gateway.services().key_rotation;
  rotation.begin(next, [](auto) {});
  desk.loop.run(Millis{10});
  rotation.finish(next, [](auto) {});
  desk.loop.run(std::chrono::hours{3});
  CHECK(desk.loop_vault.ring().generations.size() == 2);
  desk.cluster.grant("role:housekeeper");
  desk.loop.run(std::chrono::hours{3});
  CHECK(desk.loop_vault.ring().generations.size() == 1);
}

TEST_CASE("a role that is recalled is given back, and one that leaves holds none") {
  SharedDesk desk;
  CHECK(desk.cluster.is_held("role:housekeeper"));
  desk.cluster.recall("role:housekeeper");
  CHECK_FALSE(desk.cluster.is_held("role:housekeeper"));
  desk.cluster.grant("role:housekeeper");
  desk.gateway.stop([] {});
  CHECK(desk.cluster.has_left());
  CHECK_FALSE(desk.cluster.is_held("role:housekeeper"));
}

TEST_CASE("a gateway is ready while any node has a carrier, and tells others of its own") {
  SharedDesk desk;
  CHECK_FALSE(desk.gateway.services().carriers->has_bound_carrier());
  desk.cluster.others = {PlayedCluster::peer_with("primary", 1)};
  CHECK(desk.gateway.services().carriers->has_bound_carrier());
  desk.cluster.others = {PlayedCluster::peer_with("primary", 0), PlayedCluster::peer_with("unknown here", 1)};
  CHECK_FALSE(desk.gateway.services().carriers->has_bound_carrier());
  REQUIRE(desk.cluster.report().carriers.size() == 1);
  CHECK(desk.cluster.report().carriers.front().name == "primary");
  CHECK(desk.cluster.report().carriers.front().binds == 0);
}

TEST_CASE("a route that is down is told by the housekeeper, and by who takes the role while it is") {
  SharedDesk desk;
  std::vector<std::string> told;
  desk.gateway.services().notices->listen([&](const Notice& notice) { told.emplace_back(notice.type); });
  desk.cluster.others = {PlayedCluster::peer_with("primary", 1)};
  desk.loop.run(Seconds{20});
  CHECK(told.empty());

  desk.cluster.revoke("role:housekeeper");
  desk.cluster.others.clear();
  desk.loop.run(Seconds{20});
  CHECK(told.empty());
  desk.cluster.grant("role:housekeeper");
  desk.loop.run(Seconds{5});
  CHECK(told == std::vector<std::string>{"route.down"});
  desk.cluster.others = {PlayedCluster::peer_with("primary", 1)};
  desk.loop.run(Seconds{5});
  CHECK(told == std::vector<std::string>{"route.down", "route.up"});
}

TEST_CASE("a notice with a subject is told by one node of all that come to it") {
  SharedDesk desk;
  std::vector<std::string> told;
  Notices& notices = *desk.gateway.services().notices;
  notices.listen([&](const Notice& notice) { told.emplace_back(notice.subject); });
  desk.cluster.done_elsewhere.insert("fraud.alert 1 AM");
  notices.tell({"fraud.alert", 1, desk.loop.wall_now(), "{}", "AM"});
  notices.tell({"fraud.alert", 1, desk.loop.wall_now(), "{}", "GE"});
  notices.tell({"fraud.alert", 1, desk.loop.wall_now(), "{}", "GE"});
  CHECK(told == std::vector<std::string>{"GE"});
}

}  // namespace xion
