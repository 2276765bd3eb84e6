#include <doctest/doctest.h>

#include "core/owners/dashboard_pass.h"

using namespace xion;

namespace {

DashboardPass sample_pass() {
  DashboardPass pass;
  pass.id = "ses_0123456789";
  pass.kind = PassKind::session;
  pass.role = DashboardRole::owner;
  pass.app = 70'000;
  pass.person = "Անի";
  pass.address = "2001:db8::7";
  pass.hash[0] = 1;
  pass.hash.back() = 255;
  pass.created_at = wall_time(1'770'897'600'123);
  pass.expires_at = pass.created_at + SessionLives{}.idle;
  return pass;
}

}  // namespace

TEST_CASE("a pass is read back from its record, whatever it holds") {
  const DashboardPass pass = sample_pass();
  CHECK(dashboard_pass_from_record(to_record(pass)) == pass);
  CHECK(dashboard_pass_from_record(to_record(DashboardPass{})) == DashboardPass{});
}

TEST_CASE("a wall's link is read back as one, and the release before takes it for a session") {
  DashboardPass wall = sample_pass();
  wall.id = "wal_0123456789";
  wall.kind = PassKind::wall;
  const std::string record = to_record(wall);
  CHECK(dashboard_pass_from_record(record) == wall);
  CHECK(record[1 + 1 + wall.id.size()] == static_cast<char>(PassKind::session));
}

TEST_CASE("a passkey is read back with its key, and the release before takes it for nothing") {
  DashboardPass passkey = sample_pass();
  passkey.id = "psk_0123456789";
  passkey.kind = PassKind::passkey;
  passkey.public_key = std::string("0Y\0\xff", 4);
  passkey.sign_count = 0xFFFF'FFFF;
  const std::string record = to_record(passkey);
  CHECK(dashboard_pass_from_record(record) == passkey);
  CHECK_FALSE(dashboard_pass_from_record(record.substr(0, record.size() - 1)));
  passkey.kind = PassKind::session;  // As that one would write it.
  CHECK(record.size() > to_record(passkey).size());
}

TEST_CASE("a passkey counts upwards, or not at all") {
  CHECK(may_be_the_same(0, 0));
  CHECK(may_be_the_same(0, 1));
  CHECK(may_be_the_same(7, 8));
  CHECK_FALSE(may_be_the_same(7, 7));
  CHECK_FALSE(may_be_the_same(7, 6));
  CHECK_FALSE(may_be_the_same(7, 0));
}

TEST_CASE("a session's end moves with its use, in steps, and never beyond its last") {
  const SessionLives lives{.idle = std::chrono::hours{12}, .most = std::chrono::days{1}};
  DashboardPass pass = sample_pass();
  const auto after = [&](Seconds time) { return longer_life(pass, lives, pass.created_at + time); };
  CHECK_FALSE(after(Seconds{0}));
  CHECK_FALSE(after(std::chrono::minutes{59}));
  CHECK(after(std::chrono::hours{1}) == pass.created_at + std::chrono::hours{13});
  CHECK_FALSE(after(std::chrono::hours{12}));  // Over.
  pass.expires_at = pass.created_at + std::chrono::hours{20};
  CHECK(after(std::chrono::hours{19}) == pass.created_at + std::chrono::hours{24});
  pass.expires_at = pass.created_at + std::chrono::hours{24};
  CHECK_FALSE(after(std::chrono::hours{23}));
  // What was made when sessions lived longer is not cut short by being used.
  pass.expires_at = pass.created_at + std::chrono::hours{30};
  CHECK_FALSE(after(std::chrono::hours{23}));
  for (const auto kind : {PassKind::invite, PassKind::wall, PassKind::passkey}) {
    pass = sample_pass();
    pass.kind = kind;
    CHECK_FALSE(after(std::chrono::hours{6}));
  }
}

TEST_CASE("no part of a pass's record is a pass, nor one with more behind it") {
  const std::string record = to_record(sample_pass());
  for (std::size_t octets = 0; octets < record.size(); ++octets) {
    CAPTURE(octets);
    CHECK_FALSE(dashboard_pass_from_record(record.substr(0, octets)));
  }
  CHECK_FALSE(dashboard_pass_from_record(record + '\0'));
}

TEST_CASE("a pass of a kind, a role or a format that is not known opens nothing") {
  const std::string record = to_record(sample_pass());
  const std::size_t kind_at = 1 + 1 + sample_pass().id.size();
  for (const auto& [at, value] : {std::pair{std::size_t{0}, '\2'}, {kind_at, '\2'}, {kind_at + 1, '\3'}}) {
    CAPTURE(at);
    std::string changed = record;
    changed[at] = value;
    CHECK_FALSE(dashboard_pass_from_record(changed));
  }
}

TEST_CASE("a role is what its name says, and there is no other") {
  for (const auto role : {DashboardRole::viewer, DashboardRole::owner, DashboardRole::operator_})
    CHECK(parse_dashboard_role(to_string(role)) == role);
  for (const auto* name : {"", "king", "Owner", "viewer "}) CHECK_FALSE(parse_dashboard_role(name));
  CHECK(DashboardRole::viewer < DashboardRole::owner);
  CHECK(DashboardRole::owner < DashboardRole::operator_);
}

TEST_CASE("sessions are one person's where app, role and name are the same") {
  DashboardPass other = sample_pass();
  other.id = "ses_9876543210";
  other.address = "";
  CHECK(sample_pass().is_same_person(other));
  other.role = DashboardRole::viewer;
  CHECK_FALSE(sample_pass().is_same_person(other));
  other = sample_pass();
  other.app = 2;
  CHECK_FALSE(sample_pass().is_same_person(other));
  other = sample_pass();
  other.person = "Davit";
  CHECK_FALSE(sample_pass().is_same_person(other));

  // Two who were invited without a name are two.
  DashboardPass nameless = sample_pass();
  nameless.person.clear();
  other = nameless;
  CHECK(nameless.is_same_person(other));
  other.id = "ses_9876543210";
  CHECK_FALSE(nameless.is_same_person(other));
}
