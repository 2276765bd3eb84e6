// Statements stay inside what other engines of PostgreSQL's protocol take, too: Citus, YugabyteDB, CockroachDB.
#include <doctest/doctest.h>

#include <regex>
#include <string>
#include <vector>

#include "postgres/pg_statements.h"

namespace xion {
namespace {

std::vector<std::string> all_statements() {
  std::vector<std::string> texts{
      pg::holder_statement().text, pg::join_statement().text,  pg::first_join_statement().text,
      pg::end_statement().text,    pg::fence_statement().text, pg::resolve_statement().text,
      pg::probe_statement()};
  for (std::size_t at = 0; at < row_tables; ++at) {
    const auto table = static_cast<RowTable>(at);
    for (int verb = 0; verb <= static_cast<int>(pg::Verb::erase_unseen); ++verb)
      texts.push_back(pg::statement(table, static_cast<pg::Verb>(verb)).text);
    for (std::uint8_t by = 0; by <= pg::sorts_of(table); ++by)
      for (const char* to : {"", "z"})
        for (const bool is_backwards : {false, true})
          texts.push_back(pg::range_statement({table, by, "a", to, is_backwards}).text);
  }
  return texts;
}

std::size_t matches(const std::string& text, const char* pattern) {
  const std::regex wanted(pattern, std::regex::icase);
  return static_cast<std::size_t>(
      std::distance(std::sregex_iterator(text.begin(), text.end(), wanted), std::sregex_iterator()));
}

}  // namespace

TEST_CASE(
    "a statement changes one table at most, and asks the server for no lock, clock, sequence or name of its own") {
  const auto texts = all_statements();
  CHECK(texts.size() > 200);
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(matches(text, R"(\b(INSERT INTO|DELETE FROM|UPDATE (?!SET))\b)") <= 1);
    CHECK(matches(text, R"(\bSKIP LOCKED\b|\bFOR (NO KEY )?(UPDATE|SHARE|KEY SHARE)\b|\bNOWAIT\b|\bLOCK\b)") == 0);
    CHECK(matches(text, R"(\bLISTEN\b|\bNOTIFY\b|\bADVISORY|\bCALL\b|\bDO \$)") == 0);
    CHECK(matches(text, R"(\bnow\(|\bclock_timestamp\b|\bCURRENT_|\bnextval\b|\bserial\b|\bDEFAULT\b)") == 0);
    CHECK(matches(text, R"(\bctid\b|\bxmin\b|\bpg_[a-z]|\bMERGE\b|\bLATERAL\b|\bTRUNCATE\b)") == 0);
    CHECK(matches(text, R"(\b(?!(?:unnest|count|any|v)\()[a-z_0-9]+\()") == 0);  // Functions.
  }
}

TEST_CASE("one statement asks for the server's clock, and for nothing else") {
  CHECK(pg::clock_statement().text == "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8");
}

TEST_CASE("the schema is tables and their indexes, and can be asked for again") {
  for (const std::string& text : pg::schema_statements("xionid")) {
    CAPTURE(text);
    CHECK(matches(text, R"(^CREATE (SCHEMA|TABLE|INDEX) IF NOT EXISTS )") == 1);
    CHECK(matches(text, R"(\bEXTENSION\b|\bFUNCTION\b|\bTRIGGER\b|\bSERIAL\b|\bREFERENCES\b|\bGENERATED\b)") == 0);
  }
}

}  // namespace xion
