#include <doctest/doctest.h>

#include "cli/csv_table.h"

using namespace xion;
using namespace xion::cli;

namespace {
std::string csv_of(std::string_view json) { return csv(*wire::parse_json(json)); }
}  // namespace

TEST_CASE("comma-separated values have every name that occurs, and quote what needs it") {
  CHECK(csv_of(R"([{"app":"shop","sent":3},{"app":"a,b","rate":0.5,"note":"say \"hi\""},{"app":null,"sent":-2}])") ==
        "app,sent,rate,note\nshop,3,,\n\"a,b\",,0.5,\"say \"\"hi\"\"\"\n,-2,,\n");
  CHECK(csv_of("[]").empty());
}

TEST_CASE("a text that a spreadsheet would run as a formula is made one it shows") {
  CHECK(csv_of(R"([{"app":"=1+1"},{"app":"-x"}])") == "app\n'=1+1\n'-x\n");
}
