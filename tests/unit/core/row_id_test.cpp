#include "core/row_id.h"

#include <doctest/doctest.h>

using namespace xion;

namespace {

constexpr WallTime row_noon{Millis{1'770'897'600'000}};

}  // namespace

TEST_CASE("row ids of a node rise, tell their node, and begin with the time where that is possible") {
  for (const NodeId node : {NodeId{0}, NodeId{1}, NodeId{63}}) {
    RowId last = 0;
    for (int i = 0; i < 3'000; ++i) {
      const RowId next = next_row_id(last, row_noon, node);
      REQUIRE(next > last);
      REQUIRE(node_of(next) == node);
      REQUIRE(made_at(next) == row_noon + Millis{i / 1024});
      last = next;
    }
    CHECK(made_at(next_row_id(last, row_noon + Seconds{1}, node)) == row_noon + Seconds{1});
    // A clock that is set back makes no row before another.
    CHECK(next_row_id(last, row_noon - Seconds{1}, node) > last);
  }
}

TEST_CASE("a row id is after one that was made when all sixteen bits counted") {
  const RowId old = first_row_at(row_noon) + 0xFFF3;
  const RowId next = next_row_id(old, row_noon, only_node);
  CHECK(next > old);
  CHECK(node_of(next) == only_node);
  CHECK(made_at(next) == row_noon + Millis{1});
}
