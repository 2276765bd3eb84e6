#include "base/csv.h"

#include <doctest/doctest.h>

namespace xion {

TEST_CASE("a line of values is quoted only where it must be") {
  std::string csv;
  CsvLine(csv).add("plain").add("").add("a,b").add("say \"hi\"").add("two\nlines");
  CHECK(csv == "plain,,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n");
}

TEST_CASE("what a spreadsheet would run is shown to be text") {
  CHECK(csv_harmless("=1+1") == "'=1+1");
  CHECK(csv_harmless("@x") == "'@x");
  CHECK(csv_harmless("order-1") == "order-1");
  CHECK(csv_harmless("").empty());
}

}  // namespace xion
