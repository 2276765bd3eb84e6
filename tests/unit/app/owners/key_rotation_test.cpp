#include "app/owners/key_rotation.h"

#include <doctest/doctest.h>

#include "unit/desk.h"
#include "unit/shared_store.h"

using namespace xion;

namespace {

const MasterKey next_master{std::string(master_key_octets, '8')};

/// A desk with one request in its log, whose phone was sealed before anything rotated.
struct RotatedDesk : Desk {
  OtpId id = make_otp_id(loop.wall_now(), std::array<std::uint8_t, 5>{});

  explicit RotatedDesk(Cluster* cluster = nullptr) : Desk(cluster) {
    Otp otp;
    otp.id = id;
    otp.created_at = loop.wall_now();
    otp.expires_at = loop.wall_now() + Seconds{300};
    otp.phone_sealed = store_vault.seal(id, "+37499123056");
    run_task(*store, [otp](Txn& txn) { return txn.insert(otp); }, [](Commit, bool&) {});
    loop.run(Millis{10});
  }

  template <typename Ask>
  auto ask(Ask question) {
    std::invoke_result_t<Ask, Txn&> told{};
    run_task(*store, question, [&](Commit, auto& result) { told = result; });
    loop.run(Millis{10});
    return told;
  }
  std::string sealed() {
    return ask([this](Txn& txn) { return txn.otp(id)->phone_sealed; });
  }
  bool opens(const MasterKey& key) {
    return ask([check = check_value_of(key)](Txn& txn) { return txn.has_key_ring(check); });
  }
  std::string outcome;
  KeyRotation::Done told() {
    return [this](const auto& done) { outcome = done ? "done" : done.error().detail; };
  }
  KeyRotation& rotation() { return *gateway.services().key_rotation; }
  void rotate() {
    rotation().begin(next_master, told());
    loop.run(Millis{10});
    rotation().finish(next_master, told());
    loop.run(Millis{10});
  }
};

}  // namespace

TEST_CASE("a rotation that was not begun is not finished") {
  RotatedDesk desk;
  desk.rotation().finish(next_master, desk.told());
  desk.loop.run(Millis{10});
  CHECK(desk.outcome.starts_with("no rotation to this key has begun"));
  CHECK_FALSE(desk.opens(next_master));
  CHECK(desk.loop_vault.ring().generations.size() == 1);
}

TEST_CASE("between begin and finish both keys open the data, and afterwards the new one alone") {
  RotatedDesk desk;
  desk.rotation().begin(next_master, desk.told());
  desk.loop.run(Millis{10});
  CHECK(desk.outcome == "done");
  CHECK(desk.opens(next_master));
  CHECK(desk.loop_vault.check_value() == check_value_of(desk.master));
  desk.rotation().finish(next_master, desk.told());
  desk.loop.run(Millis{10});
  CHECK(desk.outcome == "done");
  CHECK(desk.loop_vault.check_value() == check_value_of(next_master));
  CHECK(desk.store_vault.check_value() == check_value_of(next_master));
}

TEST_CASE("the key in use can't be rotated to") {
  RotatedDesk desk;
  desk.rotation().begin(desk.master, desk.told());
  CHECK(desk.outcome == "this is the master key in use");
}

TEST_CASE("phones are sealed anew, and after two hours the old keys are gone") {
  RotatedDesk desk;
  const std::string before = desk.sealed();
  desk.rotate();
  desk.loop.run(Millis{1'000});
  const std::string after = desk.sealed();
  CHECK(after != before);
  CHECK(desk.store_vault.open(desk.id, after)->reveal() == "+37499123056");
  CHECK(desk.store_vault.ring().generations.size() == 2);
  desk.loop.run(Millis{2 * 60 * 60'000 + 60'000});
  CHECK(desk.store_vault.ring().generations.size() == 1);
  CHECK(desk.loop_vault.ring().generations.size() == 1);
  CHECK(desk.loop_vault.open(desk.id, desk.sealed())->reveal() == "+37499123056");
  CHECK_FALSE(desk.loop_vault.open(desk.id, before).has_value());
}

namespace {

struct OtherNodes {
  PlayedCluster cluster;
};
/// With another node beside it, that works with some master key.
struct SharedRotation : OtherNodes, RotatedDesk {
  SharedRotation() : RotatedDesk(&cluster) { other_has(master); }
  void other_has(const MasterKey& key) {
    Peer other{1, "other", {}};
    const MasterKey own = loop_vault.master();
    loop_vault.adopt(loop_vault.ring(), key);
    other.report.key_check = rotation().key_check();
    loop_vault.adopt(loop_vault.ring(), own);
    cluster.others = {other};
  }
};

}  // namespace

TEST_CASE("a node takes a new key over before the rotation ends, and goes on with the same keys") {
  RotatedDesk desk;
  desk.rotation().take(next_master, desk.told());
  desk.loop.run(Millis{10});
  CHECK(desk.outcome.starts_with("no rotation to this key has begun"));
  desk.rotation().begin(next_master, desk.told());
  desk.loop.run(Millis{10});
  const std::string before = desk.rotation().key_check();
  for (int n = 0; n < 2; ++n) {
    desk.rotation().take(next_master, desk.told());
    desk.loop.run(Millis{10});
    CHECK(desk.outcome == "done");
    CHECK(desk.store_vault.check_value() == check_value_of(next_master));
    CHECK(desk.store_vault.ring().generations.size() == 1);
    CHECK(desk.rotation().key_check() != before);
  }
  CHECK(desk.opens(next_master));
}

TEST_CASE("a rotation is finished when every other node that lives works with the new key") {
  SharedRotation desk;
  desk.rotate();
  CHECK(desk.outcome == "other works with another master key");
  CHECK(desk.loop_vault.check_value() == check_value_of(desk.master));
  desk.other_has(next_master);
  desk.rotation().finish(next_master, desk.told());
  desk.loop.run(Millis{10});
  CHECK(desk.outcome == "done");
}

TEST_CASE("what another node still needs in the midst of the next rotation is not forgotten") {
  SharedRotation desk;
  desk.other_has(next_master);
  desk.rotate();
  const MasterKey third{std::string(master_key_octets, '9')};
  desk.rotation().begin(third, desk.told());
  desk.loop.run(Millis{10});
  desk.other_has(third);
  desk.loop.run(Millis{3 * 60 * 60'000});
  CHECK(desk.opens(third));
  CHECK(desk.loop_vault.ring().generations.size() == 2);
  desk.rotation().take(third, desk.told());
  desk.loop.run(Millis{60'000});
  CHECK(desk.outcome == "done");
  CHECK(desk.loop_vault.ring().generations.size() == 1);
  CHECK(desk.opens(third));
}
