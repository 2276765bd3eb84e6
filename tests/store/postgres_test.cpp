// What only a real PostgreSQL shows: plans, and a server that dies.
#include <doctest/doctest.h>
#include <signal.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engines.h"
#include "postgres/pg_rows.h"
#include "postgres/pg_session.h"
#include "postgres/pg_statements.h"
#include "postgres/store_loop.h"
#include "postgres_server.h"
#include "shared/shared_engine.h"

namespace xion {
namespace {

using pg::Verb;

/// Values of the right types, as SQL has them.
std::string sample_values(Verb verb) {
  switch (verb) {
    case Verb::fetch:
    case Verb::erase_unseen: return "('{}')";
    case Verb::count: return "";
    case Verb::erase: return "('{}', '{}', 0)";
    case Verb::replace: return "('{}', '{}', '{}', '{}', '{}', 0, 0)";
    case Verb::insert:
    case Verb::put_unseen: return "('{}', '{}', '{}', '{}', 0)";
  }
  return "";
}

/// How the server would do it.
std::string plan_of(pg::Session& session, const pg::Statement& statement, const std::string& values) {
  REQUIRE(session.run("PREPARE " + statement.name + " AS " + statement.text) == "");
  session.add({"explain_" + statement.name, "EXPLAIN EXECUTE " + statement.name + values}, {});
  const auto outcome = session.send(false);
  REQUIRE_MESSAGE(!outcome.failure, (outcome.failure ? outcome.failure->text : ""));
  std::string plan;
  const pg::Result& result = outcome.results.at(0);
  for (std::size_t row = 0; row < result.rows(); ++row) plan.append(result.octets(row, 0)).append("\n");
  return plan;
}

std::unique_ptr<pg::Session> open_session(PostgresServer& server, const std::string& schema) {
  std::string why;
  auto session = pg::Session::open({.conninfo = server.conninfo(), .password = {}, .schema = schema}, why);
  REQUIRE_MESSAGE(session != nullptr, why);
  for (const std::string& text : pg::schema_statements(schema)) REQUIRE(session->run(text) == "");
  return session;
}

}  // namespace

TEST_CASE("whoever asks a server that stands still waits for so long, and for no answer after that") {
  PostgresServer* server = PostgresServer::instance();
  if (server == nullptr) return;
  std::string why;
  const pg::Session::Target target{.conninfo = server->conninfo(),
                                   .password = {},
                                   .schema = server->fresh_schema(),
                                   .patience = Millis{300},
                                   .use = {.timeout = Millis{0}}};
  for (const bool asks : {true, false}) {
    const auto session = pg::Session::open(target, why);
    REQUIRE_MESSAGE(session != nullptr, why);
    CHECK(session->ask("SELECT 'here'") == "here");
    CHECK(session->run("SELECT nobody") ==
          "ERROR:  column \"nobody\" does not exist LINE 1: SELECT nobody                ^");
    const auto process = static_cast<pid_t>(std::stoi(session->ask("SELECT pg_backend_pid()")));
    REQUIRE(::kill(process, SIGSTOP) == 0);
    if (asks)
      CHECK(session->ask("SELECT 'here'").empty());
    else
      CHECK(session->run("SELECT 1") == "no answer came in time");
    REQUIRE(::kill(process, SIGCONT) == 0);
    CHECK(session->run("SELECT 1") == "no answer came in time");  // It is of no use any more.
  }
}

TEST_CASE("every statement finds its rows by an index") {
  PostgresServer* server = PostgresServer::instance();
  if (server == nullptr) return;
  const auto session = open_session(*server, server->fresh_schema());
  for (std::size_t at = 0; at < row_tables; ++at) {
    const auto table = static_cast<RowTable>(at);
    for (const Verb verb :
         {Verb::fetch, Verb::count, Verb::erase, Verb::replace, Verb::insert, Verb::put_unseen, Verb::erase_unseen}) {
      const std::string plan = plan_of(*session, pg::statement(table, verb), sample_values(verb));
      CAPTURE(plan);
      CHECK(plan.find("Seq Scan") == std::string::npos);
    }
    for (std::size_t by = 0; by <= pg::sorts_of(table); ++by) {
      for (const bool is_backwards : {false, true}) {
        for (const char* to : {"", "z"}) {
          const RowRange range{table, static_cast<std::uint8_t>(by), "a", to, is_backwards};
          const char* values = range.to.empty() ? "('a', 9)" : "('a', 'z', 9)";
          const std::string plan = plan_of(*session, pg::range_statement(range), values);
          CAPTURE(plan);
          CHECK(plan.find("Seq Scan") == std::string::npos);
          CHECK(plan.find("Sort") == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("a server that dies under load loses nothing that was told, and what was in doubt is told rightly") {
  PostgresServer* server = PostgresServer::instance();
  if (server == nullptr) return;
  StoreLoop loop;
  PgRows rows(settings_of(*server, server->fresh_schema()),
              [&](std::move_only_function<void()> work) { loop.post(std::move(work)); });
  SharedEngine engine(loop, rows, {.tasks_of_batch = 4, .retry_after = Millis{20}});
  engine.open();
  std::size_t durable = 0, failed = 0;
  const auto load = [&](std::size_t tasks) {
    const std::size_t until = durable + failed + tasks;
    for (std::size_t n = 0; n < tasks; ++n)
      run_task(
          engine, [](Txn& txn) { return txn.count(1, Day{1}, Counter::sends), true; },
          [&](Commit commit, bool) { ++(commit == Commit::durable ? durable : failed); });
    return until;
  };
  std::size_t until = load(40);
  loop.run_until([&] { return durable + failed == until; });
  CHECK(durable == 40);

  until = load(400);
  loop.run_until([&] { return durable >= 100; });
  server->kill();  // While a commit is under way.
  std::thread again([server] { server->start(); });
  loop.run_until([&] { return durable + failed == until; });
  again.join();
  loop.run_until([&] { return engine.status().is_writable; });

  std::optional<std::uint64_t> counted;
  run_task(
      engine, [](Txn& txn) { return txn.counters(1, Day{1})[static_cast<std::size_t>(Counter::sends)]; },
      [&](Commit commit, std::uint64_t& sends) {
        REQUIRE(commit == Commit::durable);
        counted = sends;
      });
  loop.run_until([&] { return counted.has_value(); });
  CHECK(*counted == durable);
}

}  // namespace xion
