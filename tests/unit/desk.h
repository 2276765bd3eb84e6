#pragma once
#include <memory>
#include <string>

#include "app/gateway.h"
#include "crypto/code_vault.h"
#include "sim/seeded.h"
#include "sim/sim_store.h"
#include "sim/virtual_loop.h"

namespace xion {

/// The settings of a small shop: one carrier that never answers, and one route to it.
inline Settings desk_settings() {
  Settings settings;
  settings.plans = {{"starter", {"starter", 1000, 5}}, {"growth", {"growth", 3000, 20}}, {"custom", {"custom", 0, 0}}};
  CarrierSettings carrier;
  carrier.name = "primary";
  carrier.addresses = {"127.0.0.1:2775"};
  carrier.system_id = "xion";
  carrier.password = Secret("pass");
  carrier.sender = "XionID";
  settings.carriers = {carrier};
  RouteSettings route;
  route.name = "primary";
  route.carriers = {{"primary", 0}};
  settings.routes = {route};
  settings.guard.mode = GuardMode::record;  // Most tests verify nothing; those of the guard say what they want.
  return settings;
}

/// A gateway on a desk: the real use cases and the real engine over a disk in memory, in virtual time, without a
/// network.
struct Desk {
  sim::VirtualLoop loop;
  sim::Seeded entropy{1};
  MasterKey master{std::string(master_key_octets, '7')};
  OpenSslVault loop_vault{master};
  OpenSslVault store_vault{master};
  sim::MemoryKv disk;
  Settings settings = desk_settings();
  std::unique_ptr<sim::SimStore> store =
      *sim::SimStore::open(loop, disk, loop_vault.check_value(), [] { return Millis{1}; }, {}, {}, &store_vault);
  OnlyNode only_node;
  Gateway gateway;

  Desk() : Desk(nullptr) {}
  /// On another day.
  explicit Desk(WallTime at) : Desk(nullptr, at) {}
  /// `cluster`: with whom the store is shared; null: with nobody.
  explicit Desk(Cluster* cluster, WallTime at = sim::Agenda::wall_began)
      : loop(at),
        gateway({loop, *store, entropy, loop_vault, store_vault, cluster != nullptr ? *cluster : only_node}, settings) {
    gateway.start([](bool) {});
    loop.run(Millis{10});
  }
  Directory& directory() { return gateway.services().directory; }

  /// Makes an app if there is none of that name, and a key for it; gives the key.
  std::string key(KeyWish wish) {
    std::string text;
    if (!directory().app_named(wish.app)) directory().add_app(wish.app, "custom", {}, [](auto) {});
    directory().create_key(std::move(wish), the_operator, [&](std::expected<NewKey, Refusal> made) {
      if (made) text = made->text.reveal();
    });
    loop.run(Millis{10});
    return text;
  }
};

}  // namespace xion
