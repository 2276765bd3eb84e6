// The store in a PostgreSQL database as a daemon has it: threads, a life, whose it is.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "engines.h"
#include "postgres/pg_store.h"
#include "postgres_server.h"

namespace xion {
namespace {

Digest key_of(std::uint8_t octet) {
  Digest digest{};
  digest.fill(octet);
  return digest;
}

/// A daemon's store in a schema of the test's server.
struct Host {
  explicit Host(std::string of_schema) : schema(std::move(of_schema)) {}
  PostBox box;
  const std::string schema;
  bool is_taken_over = false;

  std::expected<std::unique_ptr<PgStore>, PgOpenError> open(Digest check_value, Millis takes_after = Millis{0}) {
    PgRows::Settings rows = settings_of(*PostgresServer::instance(), schema);
    rows.takes_after = takes_after;
    return PgStore::open({.rows = rows, .check_value = check_value, .taken_over = [this] { is_taken_over = true; }},
                         box.post(), [](std::move_only_function<void()> work) { work(); });
  }
  std::unique_ptr<PgStore> open_or_fail(Digest check_value) {
    auto store = open(check_value);
    REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().text));
    return std::move(*store);
  }
  Commit count_one(PgStore& store) {
    std::optional<Commit> outcome;
    run_task(
        store, [](Txn& txn) { return txn.count(1, Day{1}, Counter::sends), true; },
        [&outcome](Commit commit, bool) { outcome = commit; });
    REQUIRE(box.run_until([&] { return outcome.has_value(); }));
    return *outcome;
  }
};

}  // namespace

TEST_CASE("a store in a database is of the master key that it was made with") {
  PostgresServer* server = PostgresServer::instance();
  if (server == nullptr) return;
  Host host(server->fresh_schema());
  CHECK(host.count_one(*host.open_or_fail(key_of(1))) == Commit::durable);
  const auto other = host.open(key_of(2));
  REQUIRE(!other.has_value());
  CHECK(other.error().text.contains("the master key is not the one"));
  CHECK(host.open(key_of(1)).has_value());
}

TEST_CASE("the key ring of a rotation opens the store, and is told when it does") {
  PostgresServer* server = PostgresServer::instance();
  if (server == nullptr) return;
  Host host(server->fresh_schema());
  {
    const auto store = host.open_or_fail(key_of(1));
    CHECK(!store->key_ring());
    std::optional<Commit> outcome;
    run_task(
        *store, [](Txn& txn) { return txn.put_key_ring({key_of(2), "wrapped"}), true; },
        [&outcome](Commit commit, bool) { outcome = commit; });
    REQUIRE(host.box.run_until([&] { return outcome.has_value(); }));
  }
  CHECK(host.open_or_fail(key_of(2))->key_ring() == "wrapped");
}

TEST_CASE("a process that lives keeps its node, and one that ended in order leaves it at once") {
  PostgresServer* server = PostgresServer::instance();
  if (server == nullptr) return;
  Host first(server->fresh_schema()), second(first.schema);
  auto store = first.open_or_fail(key_of(1));
  const auto refused = second.open(key_of(1), Millis{5'000});
  REQUIRE(!refused.has_value());
  CHECK(refused.error().text.contains("another xiond writes to this store"));
  CHECK(first.count_one(*store) == Commit::durable);
  store.reset();
  const auto began = std::chrono::steady_clock::now();
  CHECK(second.open(key_of(1), Millis{60'000}).has_value());
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{30});
}

TEST_CASE("who was taken for dead writes nothing more, and is told") {
  PostgresServer* server = PostgresServer::instance();
  if (server == nullptr) return;
  Host first(server->fresh_schema()), second(first.schema);
  const auto old = first.open_or_fail(key_of(1));
  const auto now = second.open_or_fail(key_of(1));
  CHECK(second.count_one(*now) == Commit::durable);
  CHECK(first.count_one(*old) == Commit::failed);
  REQUIRE(first.box.run_until([&] { return first.is_taken_over; }));
  CHECK(!old->status().is_writable);
  CHECK(old->status().trouble.contains("taken over"));
  CHECK(second.count_one(*now) == Commit::durable);
}

TEST_CASE("a store whose database goes says so though nobody asks anything of it, and goes on when it is back") {
  PostgresServer* server = PostgresServer::instance();
  if (server == nullptr) return;
  Host host(server->fresh_schema());
  const auto store = host.open_or_fail(key_of(1));
  CHECK(store->status().is_writable);
  REQUIRE(store->status().database.has_value());
  server->kill();
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{2};
  const auto await = [&](bool is_writable) {
    while (store->status().is_writable != is_writable) {
      REQUIRE(std::chrono::steady_clock::now() < until);
      std::this_thread::sleep_for(Millis{20});
    }
  };
  await(false);
  CHECK(host.count_one(*store) == Commit::failed);
  CHECK(!store->status().database->reason.empty());
  server->start();
  await(true);
  CHECK(host.count_one(*store) == Commit::durable);
  CHECK(store->status().database->reason.empty());
}

TEST_CASE("where no database answers a start says why") {
  PostBox box;
  const auto store = PgStore::open(
      {.rows = {.target = {.conninfo = "postgresql://127.0.0.1:1/nowhere", .password = {}, .schema = "xionid"}},
       .patience = Millis{2'000}},
      box.post(), [](std::move_only_function<void()> work) { work(); });
  REQUIRE(!store.has_value());
  CHECK(store.error().text.contains("refused"));
}

}  // namespace xion
