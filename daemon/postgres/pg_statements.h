#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/rows.h"

/// Every statement that is sent, as a table: they are made of the tables' one shape. Plain enough for what speaks
/// PostgreSQL's protocol elsewhere, too: one modified table a statement, no functions of the server but `unnest` and
/// `count`, no clock, no sequence, no lock by name.
namespace xion::pg {

/// What is done with a table. Columns of arrays are in the order of the statement's parameters.
enum class Verb : std::uint8_t {
  fetch,         ///< keys
  count,         ///< (nothing)
  erase,         ///< keys, stamps, how many
  replace,       ///< keys, stamps, records, sort1, sort2, how many, new stamp
  insert,        ///< keys, records, sort1, sort2, stamp
  put_unseen,    ///< keys, records, sort1, sort2, stamp
  erase_unseen,  ///< keys
};

struct Statement {
  std::string name;  ///< Under which a session keeps it.
  std::string text;
};
Statement statement(RowTable table, Verb verb);
/// Parameters: from, to (where the range has an end), limit.
Statement range_statement(const RowRange& range);

/// Parameters: node. What is known of it: incarnation, sequence, whose process it is. No row: nobody was it yet.
Statement holder_statement();
/// Parameters: node, incarnation and sequence as they were read, whose process it is from now on. No row: it is no
/// longer as it was read.
Statement join_statement();
/// Parameters: node, whose process it is. Fails where somebody was that node.
Statement first_join_statement();
/// Parameters: node, incarnation. From then on that life is over; divides by zero where it was.
Statement end_statement();
/// Parameters: node, incarnation, sequence. Divides by zero where the life is over.
Statement fence_statement();
/// Parameters: node, incarnation. No row: the life is over.
Statement resolve_statement();

/// Milliseconds since 1970, by the server's clock.
Statement clock_statement();
/// Fails where the tables are not there.
std::string probe_statement();

/// Makes what is not there. Only adds.
std::vector<std::string> schema_statements(const std::string& schema);
/// What a session is for.
struct SessionUse {
  const char* name = "xiond";  ///< As the server shows it.
  bool is_read_only = false;
  /// Of a statement. 0: none, as where something is written: where it strikes while a COMMIT waits for a standby, that
  /// wait is given up and success told.
  Millis timeout{0};
};
inline constexpr SessionUse session_that_writes{};
inline constexpr SessionUse session_that_reads{.name = "xiond-reads", .is_read_only = true, .timeout = Millis{10'000}};

/// Of a session, before anything else.
std::vector<std::string> session_statements(const std::string& schema, const SessionUse& use);

/// How many orders a table has besides its key.
std::size_t sorts_of(RowTable table);

}  // namespace xion::pg
