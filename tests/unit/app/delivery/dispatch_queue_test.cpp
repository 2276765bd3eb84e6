#include "app/delivery/dispatch_queue.h"

#include <doctest/doctest.h>

namespace xion {
namespace {

RouteSettings route_by(std::vector<std::string> names) {
  RouteSettings route;
  for (std::string& name : names) route.carriers.push_back({std::move(name), 0});
  return route;
}

DispatchItem item_of(std::uint8_t number) {
  DispatchItem item;
  item.otp = make_otp_id(WallTime{Millis{1'000}}, std::array<std::uint8_t, 5>{number});
  return item;
}

}  // namespace

TEST_CASE("a message waits for the carriers of its own route, and for no other") {
  const RouteSettings dead = route_by({"dead"}), well = route_by({"well", "spare"});
  DispatchQueue queue;
  CHECK_FALSE(queue.waits_for("dead", 32));
  queue.push(&dead, item_of(1));
  CHECK(queue.waits_for("dead", 32));
  CHECK_FALSE(queue.waits_for("well", 32));
  queue.push(&well, item_of(2));
  CHECK(queue.waits_for("spare", 32));
  queue.drain();
  CHECK_FALSE(queue.waits_for("spare", 32));
}

TEST_CASE("a message that a carrier refused does not wait for it any more") {
  const RouteSettings route = route_by({"primary", "backup"});
  DispatchQueue queue;
  DispatchItem item = item_of(1);
  item.tried = {"backup"};
  queue.push(&route, item);
  CHECK(queue.waits_for("primary", 32));
  CHECK_FALSE(queue.waits_for("backup", 32));
}

TEST_CASE("what no route leads to waits for no carrier") {
  DispatchQueue queue;
  queue.push(nullptr, item_of(1));
  CHECK_FALSE(queue.waits_for("primary", 32));
}

}  // namespace xion
