#include "shared/join_gate.h"

#include <doctest/doctest.h>

#include "core/record_formats.h"
#include "shared/member_rows.h"
#include "shared/row_keys.h"

namespace xion {
namespace {

constexpr Millis lease{5'000};

StoredRow beat_of(NodeId node, std::string name, RowStamp stamp, FormatLine reads) {
  BeatRow beat{.incarnation = 1, .number = stamp, .name = std::move(name)};
  beat.report.version = "1.1.0";
  beat.formats_read = std::move(reads);
  return {row_keys::beat(node).key, RowContent{to_row(beat)}, stamp};
}

FormatLine later() {
  FormatLine line = formats_written();
  ++line.front();
  return line;
}

}  // namespace

TEST_CASE("who writes what a living node doesn't read may not join, once it is known to live") {
  ReleaseGate gate("b", lease);
  const MonoTime start{};
  const auto first = gate.look({beat_of(1, "a", 7, formats_read())}, later(), start);
  CHECK_FALSE(first.may_join);
  CHECK(first.why_not.empty());
  const auto second = gate.look({beat_of(1, "a", 8, formats_read())}, later(), start + Millis{1'000});
  CHECK_FALSE(second.may_join);
  CHECK(second.why_not ==
        "node a (1.1.0) lives and this release writes otp records of format 2, of which it reads 1: upgrade that node "
        "to the release before this one first");
}

TEST_CASE("a beat that does not change for a lease keeps nobody out") {
  ReleaseGate gate("b", lease);
  const MonoTime start{};
  CHECK_FALSE(gate.look({beat_of(1, "a", 7, formats_read())}, later(), start).may_join);
  CHECK_FALSE(gate.look({beat_of(1, "a", 7, formats_read())}, later(), start + lease - Millis{1}).may_join);
  CHECK(gate.look({beat_of(1, "a", 7, formats_read())}, later(), start + lease).may_join);
}

TEST_CASE("nodes that read what is written keep nobody out, nor does the node's own last life") {
  ReleaseGate gate("b", lease);
  const MonoTime now{};
  CHECK(gate.look({}, later(), now).may_join);
  CHECK(gate.look({beat_of(1, "a", 7, formats_read())}, formats_written(), now).may_join);
  CHECK(gate.look({beat_of(1, "a", 7, later())}, later(), now).may_join);
  CHECK(gate.look({beat_of(1, "a", 7, {})}, later(), now).may_join);
  CHECK(gate.look({beat_of(2, "b", 7, formats_read())}, later(), now).may_join);
}

TEST_CASE("what a beat tells of formats is in its row, and an older one tells nothing") {
  BeatRow beat{.incarnation = 1, .number = 2, .name = "a"};
  beat.formats_read = formats_read();
  const std::string row = to_row(beat);
  CHECK(beat_from(row)->formats_read == formats_read());
  CHECK(beat_from(row.substr(0, row.size() - 1 - beat.formats_read.size()))->formats_read.empty());
}

}  // namespace xion
