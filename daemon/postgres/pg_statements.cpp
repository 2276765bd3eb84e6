#include "postgres/pg_statements.h"

#include <fmt/format.h>

namespace xion::pg {
namespace {

constexpr std::string_view columns = "key, stamp, record, sort1, sort2";

std::string_view name_of(Verb verb) {
  switch (verb) {
    case Verb::fetch: return "fetch";
    case Verb::count: return "count";
    case Verb::erase: return "erase";
    case Verb::replace: return "replace";
    case Verb::insert: return "insert";
    case Verb::put_unseen: return "put_unseen";
    case Verb::erase_unseen: return "erase_unseen";
  }
  return "";
}

/// Fails the transaction where fewer rows were touched than there were wanted, without a question in between.
std::string all_of(std::string_view change, std::string_view how_many) {
  return fmt::format(
      "WITH touched AS ({} RETURNING 1) SELECT 1 / (CASE WHEN count(*) = {} THEN 1 ELSE 0 END) FROM touched", change,
      how_many);
}

/// Its orders end with what no two rows share, so that the key needn't decide.
bool has_whole_orders(RowTable table) {
  return table == RowTable::otps || table == RowTable::outbox || table == RowTable::answers ||
         table == RowTable::waiting;
}

std::string text_of(std::string_view table, Verb verb) {
  switch (verb) {
    case Verb::fetch: return fmt::format("SELECT {} FROM {} WHERE key = ANY($1::bytea[])", columns, table);
    case Verb::count: return fmt::format("SELECT count(*) FROM {}", table);
    case Verb::erase:
      return all_of(fmt::format("DELETE FROM {0} USING unnest($1::bytea[], $2::int8[]) AS v(key, stamp) "
                                "WHERE {0}.key = v.key AND {0}.stamp = v.stamp",
                                table),
                    "$3::int8");
    case Verb::replace:
      return all_of(fmt::format("UPDATE {0} SET stamp = $7::int8, record = v.record, sort1 = v.sort1, sort2 = v.sort2 "
                                "FROM unnest($1::bytea[], $2::int8[], $3::bytea[], $4::bytea[], $5::bytea[]) "
                                "AS v(key, stamp, record, sort1, sort2) WHERE {0}.key = v.key AND {0}.stamp = v.stamp",
                                table),
                    "$6::int8");
    case Verb::insert:
    case Verb::put_unseen: {
      std::string text = fmt::format(
          "INSERT INTO {} ({}) SELECT v.key, $5::int8, v.record, v.sort1, v.sort2 "
          "FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[]) AS v(key, record, sort1, sort2)",
          table, columns);
      if (verb == Verb::put_unseen)
        text +=
            " ON CONFLICT (key) DO UPDATE SET stamp = excluded.stamp, record = excluded.record, "
            "sort1 = excluded.sort1, sort2 = excluded.sort2";
      return text;
    }
    case Verb::erase_unseen: return fmt::format("DELETE FROM {} WHERE key = ANY($1::bytea[])", table);
  }
  return {};
}

}  // namespace

std::size_t sorts_of(RowTable table) {
  switch (table) {
    case RowTable::things:
    case RowTable::otps: return 2;
    case RowTable::phones:
    case RowTable::outbox:
    case RowTable::carrier_ids:
    case RowTable::events:
    case RowTable::answers:
    case RowTable::waiting:
    case RowTable::sums:
    case RowTable::traffic:
    case RowTable::notices: return 1;
    default: return 0;
  }
}

Statement statement(RowTable table, Verb verb) {
  const std::string_view name = to_string(table);
  return {fmt::format("{}_{}", name, name_of(verb)), text_of(name, verb)};
}

/// A range without an end is another statement: a bound that may be left out is none for who plans it.
Statement range_statement(const RowRange& range) {
  const std::string_view table = to_string(range.table);
  const std::string by = range.by == RowRange::by_key ? "key" : fmt::format("sort{}", range.by);
  const bool has_end = !range.to.empty();
  const std::string_view direction = range.is_backwards ? " DESC" : "";
  const bool is_whole = range.by == RowRange::by_key || has_whole_orders(range.table);
  const std::string order =
      is_whole ? fmt::format("{}{}", by, direction) : fmt::format("{0}{1}, key{1}", by, direction);
  return {fmt::format("{}_by_{}{}{}", table, by, has_end ? "" : "_to_end", range.is_backwards ? "_back" : ""),
          fmt::format("SELECT {} FROM {} WHERE {} >= $1::bytea{} ORDER BY {} LIMIT ${}::int8", columns, table, by,
                      has_end ? fmt::format(" AND {} < $2::bytea", by) : std::string(), order, has_end ? 3 : 2)};
}

Statement holder_statement() {
  return {"holder", "SELECT incarnation, sequence, holder FROM nodes WHERE node = $1::int8"};
}
Statement join_statement() {
  return {"join",
          "UPDATE nodes SET incarnation = incarnation + 1, sequence = 0, holder = $4::bytea "
          "WHERE node = $1::int8 AND incarnation = $2::int8 AND sequence = $3::int8 RETURNING incarnation"};
}
Statement first_join_statement() {
  return {"first_join",
          "INSERT INTO nodes (node, incarnation, sequence, holder) VALUES ($1::int8, 1, 0, $2::bytea) "
          "RETURNING incarnation"};
}
Statement end_statement() {
  return {"end", all_of("UPDATE nodes SET incarnation = incarnation + 1, sequence = 0, holder = ''::bytea "
                        "WHERE node = $1::int8 AND incarnation = $2::int8",
                        "1")};
}
Statement fence_statement() {
  return {"fence", all_of("UPDATE nodes SET sequence = $3::int8 WHERE node = $1::int8 AND incarnation = $2::int8 "
                          "AND sequence = $3::int8 - 1",
                          "1")};
}
Statement resolve_statement() {
  return {"resolve",
          "UPDATE nodes SET sequence = sequence WHERE node = $1::int8 AND incarnation = $2::int8 RETURNING sequence"};
}

Statement clock_statement() { return {"clock", "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8"}; }

/// The newest table.
std::string probe_statement() { return "SELECT key, stamp, record FROM notices LIMIT 0"; }

/// What retention and a request's life leave of rows is cleaned up when it is a fiftieth of a table: with ninety days
/// of them, that is twice a day and not every eighteen days.
std::vector<std::string> schema_statements(const std::string& schema) {
  std::vector<std::string> texts{fmt::format("CREATE SCHEMA IF NOT EXISTS {}", schema),
                                 fmt::format("CREATE TABLE IF NOT EXISTS {}.nodes (node int8 PRIMARY KEY, incarnation "
                                             "int8 NOT NULL, sequence int8 NOT NULL, holder bytea NOT NULL) "
                                             "WITH (fillfactor = 10)",
                                             schema)};
  for (std::size_t at = 0; at < row_tables; ++at) {
    const auto table = static_cast<RowTable>(at);
    const std::string_view name = to_string(table);
    texts.push_back(
        fmt::format("CREATE TABLE IF NOT EXISTS {}.{} (key bytea PRIMARY KEY, stamp int8 NOT NULL, "
                    "record bytea NOT NULL, sort1 bytea, sort2 bytea) WITH (fillfactor = 70, "
                    "autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05)",
                    schema, name));
    for (std::size_t sort = 1; sort <= sorts_of(table); ++sort)
      texts.push_back(fmt::format("CREATE INDEX IF NOT EXISTS {1}_by_sort{2} ON {0}.{1} (sort{2}{3})", schema, name,
                                  sort, has_whole_orders(table) ? "" : ", key"));
  }
  return texts;
}

std::vector<std::string> session_statements(const std::string& schema, const SessionUse& use) {
  std::vector<std::string> statements{fmt::format("SET search_path = {}", schema),
                                      "SET synchronous_commit = on",
                                      "SET plan_cache_mode = force_generic_plan",
                                      "SET enable_seqscan = off",
                                      "SET enable_hashjoin = off",
                                      "SET enable_mergejoin = off",
                                      "SET jit = off",
                                      "SET lock_timeout = '3500ms'",
                                      "SET idle_in_transaction_session_timeout = '3500ms'",
                                      fmt::format("SET statement_timeout = {}", use.timeout.count())};
  if (use.is_read_only) statements.emplace_back("SET default_transaction_read_only = on");
  return statements;
}

}  // namespace xion::pg
