#include <doctest/doctest.h>

#include <set>
#include <string>

#include "app/owners/dashboard_access.h"
#include "unit/desk.h"
#include "unit/desk_exchange.h"

namespace xion {
namespace {

using SignedIn = std::expected<NewPass, SignInError>;

/// A desk with an app, and somebody who invites and signs in.
struct AccessDesk : Desk {
  AppId shop = 0;

  AccessDesk() {
    directory().add_app("shop", "starter", {}, [this](std::expected<App, Refusal> made) { shop = made.value().id; });
    loop.run(Millis{10});
  }
  DashboardAccess& access() { return *gateway.services().dashboard; }

  std::expected<NewPass, Refusal> invite(DashboardRole role = DashboardRole::viewer, std::string person = "Ani") {
    std::expected<NewPass, Refusal> told = std::unexpected(Refusal{"nothing was told", ""});
    access().invite({shop, role, std::move(person)},
                    [&](std::expected<NewPass, Refusal> made) { told = std::move(made); });
    loop.run(Millis{10});
    return told;
  }
  /// Errors: as told; `store_failed` too where nothing was.
  SignedIn sign_in(const Secret& secret, const std::string& address = "192.0.2.7") {
    SignedIn told = std::unexpected(SignInError::store_failed);
    access().sign_in(secret.reveal(), address, [&](SignedIn made) { told = std::move(made); });
    loop.run(Millis{10});
    return told;
  }
  NewPass enter(DashboardRole role = DashboardRole::viewer, std::string person = "Ani") {
    return sign_in(invite(role, std::move(person)).value().secret).value();
  }

  std::shared_ptr<DashboardSession> session(const std::string& cookies) {
    return access().session(DeskExchange({.path = "/v1/stats", .body = {}, .headers = {{"Cookie", cookies}}}, nullptr),
                            settings);
  }
  bool is_in(const NewPass& pass) { return session("xionid_session=" + pass.secret.reveal()) != nullptr; }
  std::optional<std::size_t> revoke(std::function<bool(const DashboardPass&)> which) {
    std::optional<std::size_t> ended;
    access().revoke(std::move(which), [&](std::optional<std::size_t> told) { ended = told; });
    loop.run(Millis{10});
    return ended;
  }
  /// Errors: as told.
  std::expected<DashboardPass, Refusal> enrol(const NewPass& session, const NewPasskey& passkey) {
    std::expected<DashboardPass, Refusal> told = std::unexpected(Refusal{"nothing was told", ""});
    access().enrol(session.pass, passkey, [&](std::expected<DashboardPass, Refusal> made) { told = std::move(made); });
    loop.run(Millis{10});
    return told;
  }
  /// As `sign_in`.
  SignedIn enter_by(const DashboardPass& passkey, std::uint32_t sign_count) {
    SignedIn told = std::unexpected(SignInError::store_failed);
    access().enter_by(passkey, sign_count, "192.0.2.9", [&](SignedIn made) { told = std::move(made); });
    loop.run(Millis{10});
    return told;
  }
  bool may_enrol(const NewPass& pass) {
    const auto open = session("xionid_session=" + pass.secret.reveal());
    return open != nullptr && access().may_enrol(*open);
  }
};

/// A passkey whose id is one character, many times.
NewPasskey device(char id, std::uint32_t sign_count = 0) {
  return {
      .credential = std::string(16, id), .public_key = "the key of " + std::string(1, id), .sign_count = sign_count};
}

}  // namespace

TEST_CASE("a link opens one session, with what it was made for, once") {
  AccessDesk desk;
  const auto invited = desk.invite(DashboardRole::owner);
  REQUIRE(invited);
  CHECK(invited->secret.reveal().starts_with("xi_"));
  const auto entered = desk.sign_in(invited->secret);
  REQUIRE(entered);
  CHECK(entered->pass.role == DashboardRole::owner);
  CHECK(entered->pass.app == desk.shop);
  CHECK(entered->pass.person == "Ani");
  CHECK(entered->pass.address == "192.0.2.7");
  CHECK(desk.is_in(*entered));
  CHECK(desk.sign_in(invited->secret).error() == SignInError::unknown_invite);
  // Nor is a session's secret a link, or a link's a session.
  CHECK(desk.sign_in(entered->secret).error() == SignInError::unknown_invite);
  CHECK_FALSE(desk.session("xionid_session=" + desk.invite()->secret.reveal()));
}

TEST_CASE("of two that come at once with one link, one gets in") {
  AccessDesk desk;
  const auto invited = desk.invite();
  std::size_t in = 0, out = 0;
  for (int n = 0; n < 2; ++n) {
    desk.access().sign_in(invited->secret.reveal(), "192.0.2.7", [&](SignedIn made) { ++(made ? in : out); });
  }
  desk.loop.run(Millis{10});
  CHECK(in == 1);
  CHECK(out == 1);
}

TEST_CASE("a link lives for ten minutes, a session that nobody uses for twelve hours") {
  AccessDesk desk;
  const auto late = desk.invite(), in_time = desk.invite();
  desk.loop.run(invite_life - Seconds{1});
  const auto entered = desk.sign_in(in_time->secret);
  REQUIRE(entered);
  desk.loop.run(Seconds{2});
  CHECK(desk.sign_in(late->secret).error() == SignInError::unknown_invite);
  desk.loop.run(SessionLives{}.idle - Seconds{5});
  CHECK(desk.is_in(*entered));
  desk.loop.run(Seconds{5});
  CHECK_FALSE(desk.is_in(*entered));
  CHECK(desk.access().passes().empty());
}

TEST_CASE("a session that is used lives for a week, and what a page asks by itself is no use") {
  AccessDesk desk;
  const NewPass used = desk.enter(), left_open = desk.enter();
  const auto ask = [&](const NewPass& pass, std::map<std::string, std::string> headers) {
    headers.emplace("Cookie", "xionid_session=" + pass.secret.reveal());
    const DeskExchange exchange({.path = "/v1/stats", .body = {}, .headers = std::move(headers)}, nullptr);
    const auto session = desk.access().session(exchange, desk.settings);
    if (!session) return false;
    desk.access().note_use(session, exchange);
    desk.access().note_use(session, exchange);  // Of two at once one is kept.
    desk.loop.run(Millis{10});
    return true;
  };
  std::size_t hours = 0;
  for (; ask(used, {}) && hours < 1'000; hours += 6) {
    CHECK(ask(left_open, {{"X-XionID-Unattended", "true"}}) == (hours < 12));
    desk.loop.run(std::chrono::hours{6});
  }
  CHECK(hours == 7 * 24);
}

TEST_CASE("an end that moved is there after a restart, and who was signed out meanwhile stays out") {
  AccessDesk desk;
  const NewPass kept = desk.enter(), ended = desk.enter();
  desk.loop.run(std::chrono::hours{6});
  for (const NewPass* pass : {&kept, &ended}) {
    const DeskExchange exchange(
        {.path = "/v1/stats", .body = {}, .headers = {{"Cookie", "xionid_session=" + pass->secret.reveal()}}}, nullptr);
    desk.access().note_use(desk.access().session(exchange, desk.settings), exchange);
    // The other way round too: the store hears of the end first.
    if (pass == &kept)
      desk.access().revoke([&](const DashboardPass& other) { return other.id == ended.pass.id; }, [](auto) {});
  }
  desk.loop.run(Millis{10});
  DashboardAccess again(*desk.store, desk.loop, desk.entropy, desk.loop_vault, desk.directory());
  again.load([](bool) {});
  desk.loop.run(Millis{10});
  const auto passes = again.passes();
  REQUIRE(passes.size() == 1);
  CHECK(passes[0].id == kept.pass.id);
  CHECK(passes[0].expires_at > kept.pass.expires_at + std::chrono::hours{5});
}

TEST_CASE("a wall's link is opened again and again, shows as a viewer, and ends everywhere at once") {
  AccessDesk desk;
  std::expected<NewPass, Refusal> hung = std::unexpected(Refusal{"nothing was told", ""});
  desk.access().hang_wall({desk.shop, DashboardRole::owner, "lobby", std::chrono::days{9}},
                          [&](std::expected<NewPass, Refusal> made) { hung = std::move(made); });
  desk.loop.run(Millis{10});
  REQUIRE(hung);
  CHECK(hung->secret.reveal().starts_with("xw_"));
  CHECK(hung->pass.role == DashboardRole::viewer);
  for (int screen = 0; screen < 2; ++screen) {
    const auto entered = desk.sign_in(hung->secret);
    REQUIRE(entered);
    CHECK(entered->pass.id == hung->pass.id);
    CHECK(desk.is_in(*entered));
  }
  CHECK(desk.access().passes().size() == 1);
  desk.loop.run(std::chrono::days{8});  // Unused, and longer than any session lives.
  CHECK(desk.is_in(*hung));
  const NewPass invited = desk.invite().value();
  CHECK(desk.revoke([&](const DashboardPass& other) { return other.id == hung->pass.id; }) == 1);
  CHECK_FALSE(desk.is_in(*hung));
  CHECK(desk.sign_in(hung->secret).error() == SignInError::unknown_invite);
  CHECK(desk.sign_in(invited.secret));
}

TEST_CASE("who is vouched for has a session, where there is room for one") {
  AccessDesk desk;
  SignedIn told = std::unexpected(SignInError::store_failed);
  const auto admit = [&] {
    desk.access().admit({.app = desk.shop, .role = DashboardRole::owner, .person = "ani@example.am"}, "192.0.2.7",
                        [&](SignedIn made) { told = std::move(made); });
    desk.loop.run(Millis{10});
  };
  admit();
  REQUIRE(told);
  CHECK(told->pass.kind == PassKind::session);
  CHECK(told->pass.role == DashboardRole::owner);
  CHECK(told->pass.person == "ani@example.am");
  CHECK(desk.is_in(*told));
  for (int n = 1; n < 200; ++n) admit();
  CHECK(told);
  admit();
  CHECK(told.error() == SignInError::no_room);
  desk.revoke([](const DashboardPass&) { return true; });
  desk.disk.commit_fails = [] { return true; };
  admit();
  CHECK(told.error() == SignInError::store_failed);
}

TEST_CASE("a passkey opens sessions of whose it is, again and again") {
  AccessDesk desk;
  const NewPass entered = desk.enter(DashboardRole::owner);
  CHECK_FALSE(desk.access().has_passkeys());
  const auto made = desk.enrol(entered, device('a', 5));
  REQUIRE(made);
  CHECK(made->id.starts_with("psk_"));
  CHECK(made->expires_at == made->created_at + passkey_life);
  CHECK(desk.access().has_passkeys());
  std::set<std::string> sessions;
  for (std::uint32_t count = 6; count < 8; ++count) {
    desk.loop.run(std::chrono::hours{1});
    const auto known = desk.access().passkey(device('a').credential);
    REQUIRE(known);
    CHECK(known->public_key == device('a').public_key);
    CHECK(known->sign_count == count - 1);
    const auto by_it = desk.enter_by(*known, count);
    REQUIRE(by_it);
    CHECK(desk.is_in(*by_it));
    CHECK(by_it->pass.kind == PassKind::session);
    CHECK(by_it->pass.is_same_person(entered.pass));
    CHECK(by_it->pass.address == "192.0.2.9");
    CHECK(by_it->pass.public_key.empty());
    CHECK(desk.access().passkey(device('a').credential)->expires_at == by_it->pass.created_at + passkey_life);
    sessions.insert(by_it->pass.id);
  }
  CHECK(sessions.size() == 2);
  // Its id is no secret: it is neither a link nor a cookie.
  CHECK(desk.sign_in(Secret(device('a').credential)).error() == SignInError::unknown_invite);
  CHECK_FALSE(desk.session("xionid_session=" + device('a').credential));
  CHECK_FALSE(desk.access().passkey(entered.secret.reveal()));
}

TEST_CASE("a passkey that has signed no more often than before is a copy") {
  AccessDesk desk;
  const NewPass entered = desk.enter();
  const DashboardPass counting = desk.enrol(entered, device('a', 5)).value();
  for (const std::uint32_t count : {5U, 4U, 0U}) CHECK(desk.enter_by(counting, count).error() == SignInError::cloned);
  CHECK(desk.enter_by(counting, 6));
  // The store's count is what counts, not what was known when it was asked.
  CHECK(desk.enter_by(counting, 6).error() == SignInError::cloned);
  const DashboardPass silent = desk.enrol(entered, device('b')).value();
  CHECK(desk.enter_by(silent, 0));
  CHECK(desk.enter_by(silent, 0));
  CHECK(desk.enter_by(silent, 1));
  CHECK(desk.enter_by(silent, 0).error() == SignInError::cloned);
}

TEST_CASE("of two that come at once with one count of a passkey, one gets in") {
  AccessDesk desk;
  const DashboardPass passkey = desk.enrol(desk.enter(), device('a', 5)).value();
  std::size_t in = 0, out = 0;
  for (int n = 0; n < 2; ++n)
    desk.access().enter_by(passkey, 6, "192.0.2.9", [&](SignedIn made) { ++(made ? in : out); });
  desk.loop.run(Millis{10});
  CHECK(in == 1);
  CHECK(out == 1);
}

TEST_CASE("a passkey is made once, is there after a restart, and opens nothing once it is revoked") {
  AccessDesk desk;
  const NewPass entered = desk.enter();
  const DashboardPass passkey = desk.enrol(entered, device('a')).value();
  CHECK_FALSE(desk.enrol(desk.enter(DashboardRole::owner, "Davit"), device('a')));
  DashboardAccess again(*desk.store, desk.loop, desk.entropy, desk.loop_vault, desk.directory());
  again.load([](bool) {});
  desk.loop.run(Millis{10});
  CHECK(again.passkey(device('a').credential) == passkey);
  const auto by_it = desk.enter_by(passkey, 0);
  REQUIRE(by_it);
  CHECK(desk.revoke([&](const DashboardPass& other) { return other.id == passkey.id; }) == 1);
  CHECK_FALSE(desk.access().passkey(device('a').credential));
  CHECK(desk.enter_by(passkey, 0).error() == SignInError::unknown_invite);
  CHECK(desk.is_in(*by_it));
  CHECK(desk.enrol(entered, device('a')));
}

TEST_CASE("who came by an invitation with a name, or by a passkey, may make one for a quarter of an hour") {
  AccessDesk desk;
  const NewPass invited = desk.enter(), nameless = desk.enter(DashboardRole::viewer, "");
  SignedIn vouched = std::unexpected(SignInError::store_failed);
  desk.access().admit({.app = desk.shop, .role = DashboardRole::owner, .person = "ani@example.am"}, "192.0.2.7",
                      [&](SignedIn made) { vouched = std::move(made); });
  desk.loop.run(Millis{10});
  CHECK(desk.may_enrol(invited));
  CHECK_FALSE(desk.may_enrol(nameless));
  CHECK_FALSE(desk.may_enrol(vouched.value()));
  desk.loop.run(std::chrono::minutes{16});
  CHECK_FALSE(desk.may_enrol(invited));
  const auto by_passkey = desk.enter_by(desk.enrol(invited, device('a')).value(), 0);
  CHECK(desk.may_enrol(by_passkey.value()));
}

TEST_CASE("a passkey of an app that is removed is none, and what there is no room for is not kept") {
  AccessDesk desk;
  const NewPass entered = desk.enter();
  const DashboardPass passkey = desk.enrol(entered, device('a')).value();
  desk.disk.commit_fails = [] { return true; };
  CHECK_FALSE(desk.enrol(entered, device('b')));
  CHECK(desk.enter_by(passkey, 0).error() == SignInError::store_failed);
  desk.disk.commit_fails = [] { return false; };
  desk.loop.run(std::chrono::minutes{1});  // Until the store has seen that it can be written.
  CHECK_FALSE(desk.access().passkey(device('b').credential));
  for (int n = 2; n < 200; ++n) REQUIRE(desk.invite());
  CHECK_FALSE(desk.enrol(entered, device('b')));
  CHECK(desk.enter_by(passkey, 0).error() == SignInError::no_room);
  desk.directory().remove_app("shop", [](auto) {});
  desk.loop.run(Millis{10});
  CHECK_FALSE(desk.access().passkey(device('a').credential));
}

TEST_CASE("from one address ten may be tried in a row, then one in six seconds, and a good link works all the same") {
  AccessDesk desk;
  const auto invited = desk.invite();
  const Secret guess("xi_" + std::string(40, '0'));
  for (int n = 0; n < 10; ++n) CHECK(desk.sign_in(guess).error() == SignInError::unknown_invite);
  CHECK(desk.sign_in(guess).error() == SignInError::too_many_tries);
  CHECK(desk.sign_in(guess, "192.0.2.8").error() == SignInError::unknown_invite);
  desk.loop.run(Seconds{6});
  CHECK(desk.sign_in(guess).error() == SignInError::unknown_invite);
  CHECK(desk.sign_in(guess).error() == SignInError::too_many_tries);
  CHECK(desk.sign_in(invited->secret));
}

TEST_CASE("by HTTPS only the cookie of our own HTTPS page counts") {
  AccessDesk desk;
  const std::string secret = desk.enter().secret.reveal();
  CHECK(desk.session("theme=dark; xionid_session=" + secret + "; a=b"));
  CHECK_FALSE(desk.session("xionid_session=" + secret.substr(1)));
  CHECK_FALSE(desk.session("my_xionid_session=" + secret));
  CHECK_FALSE(desk.session("xionid_session"));
  CHECK_FALSE(desk.session("__Host-xionid_session=" + secret));
  desk.settings.dashboard_url = "https://otp.example.net";
  CHECK(desk.session("xionid_session=other; __Host-xionid_session=" + secret));
  CHECK_FALSE(desk.session("xionid_session=" + secret));
}

TEST_CASE("sessions are there after a restart, and their secrets are nowhere on the disk") {
  AccessDesk desk;
  const NewPass entered = desk.enter();
  const auto invited = desk.invite();
  // Rows that were written lately lie in the journal of the commits.
  std::set<std::string> kept;
  desk.disk.begin();
  for (std::size_t i = 0; i < table_count; ++i) {
    desk.disk.scan(static_cast<Table>(i), {}, [&](std::string_view key, std::string_view value) {
      for (const NewPass* pass : {&entered, &*invited}) {
        if (key.contains(pass->pass.id) || value.contains(pass->pass.id)) kept.insert(pass->pass.id);
        CHECK_FALSE(value.contains(pass->secret.reveal()));
      }
      return true;
    });
  }
  desk.disk.abort();
  CHECK(kept.size() == 2);
  DashboardAccess again(*desk.store, desk.loop, desk.entropy, desk.loop_vault, desk.directory());
  bool is_loaded = false;
  again.load([&](bool is_read) { is_loaded = is_read; });
  desk.loop.run(Millis{10});
  CHECK(is_loaded);
  CHECK(again.passes() == desk.access().passes());
  CHECK(again.passes().size() == 2);
}

TEST_CASE("whoever is revoked is out at once, and nobody else") {
  AccessDesk desk;
  const NewPass ani = desk.enter(), ani_too = desk.enter(), davit = desk.enter(DashboardRole::viewer, "Davit");
  const auto held = desk.session("xionid_session=" + ani.secret.reveal());
  CHECK(desk.revoke([&](const DashboardPass& other) { return ani.pass.is_same_person(other); }) == 2);
  CHECK_FALSE(desk.is_in(ani));
  CHECK_FALSE(desk.is_in(ani_too));
  CHECK(desk.is_in(davit));
  CHECK(held->pass.id == ani.pass.id);  // Who is being answered is not cut off in the middle.
  CHECK(desk.revoke([](const DashboardPass&) { return false; }) == 0);
}

TEST_CASE("an app that is removed takes its sessions along") {
  AccessDesk desk;
  const NewPass entered = desk.enter();
  desk.directory().remove_app("shop", [](auto) {});
  desk.loop.run(Millis{10});
  CHECK_FALSE(desk.is_in(entered));
}

TEST_CASE("an app has at most 200 links and sessions, and those that are over make room") {
  AccessDesk desk;
  for (int n = 0; n < 200; ++n) REQUIRE(desk.invite());
  CHECK_FALSE(desk.invite());
  desk.loop.run(invite_life + Seconds{1});
  CHECK(desk.invite());
  CHECK(desk.access().passes().size() == 1);
}

TEST_CASE("what the store could not keep has not happened") {
  AccessDesk desk;
  const auto invited = desk.invite();
  const NewPass entered = desk.enter();
  desk.disk.commit_fails = [] { return true; };
  CHECK_FALSE(desk.invite());
  CHECK(desk.sign_in(invited->secret).error() == SignInError::store_failed);
  CHECK(desk.revoke([](const DashboardPass&) { return true; }) == std::nullopt);
  CHECK(desk.is_in(entered));
  CHECK(desk.access().passes().size() == 2);
}

TEST_CASE("a change is taken from our own page alone") {
  const auto is_own = [](std::map<std::string, std::string> headers) {
    headers.emplace("Host", "otp.example.net");
    return DashboardAccess::is_from_own_page(
        DeskExchange({.path = "/dashboard/api/keys", .body = {}, .headers = std::move(headers)}, nullptr));
  };
  CHECK(is_own({{"X-Requested-With", "XionID"}}));
  CHECK(is_own(
      {{"X-Requested-With", "XionID"}, {"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://otp.example.net"}}));
  CHECK_FALSE(is_own({}));
  CHECK_FALSE(is_own({{"X-Requested-With", "fetch"}}));
  CHECK_FALSE(is_own({{"X-Requested-With", "XionID"}, {"Sec-Fetch-Site", "same-site"}}));
  CHECK_FALSE(is_own({{"X-Requested-With", "XionID"}, {"Origin", "https://evil.example"}}));
  CHECK_FALSE(is_own({{"X-Requested-With", "XionID"}, {"Origin", "null"}}));
  CHECK_FALSE(is_own({{"X-Requested-With", "XionID"}, {"Origin", "https://otp.example.net.evil.example"}}));
}

}  // namespace xion
