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
  for (const std::string text :
       {"＝1+1", "＋1+1", "－a", "＠x", "\tx", "\rx", "\n=1", "+1+1", "-2+cmd|' /C calc'!A0", "+374x"})
    CHECK(csv_harmless(text) == "'" + text);
  for (const std::string text : {"+374•••••056", "+37499123056", "-2.5", "3"}) CHECK(csv_harmless(text) == text);
  std::string csv;
  CsvLine(csv).add("=HYPERLINK(\"http://x\")");
  CHECK(csv == "\"'=HYPERLINK(\"\"http://x\"\")\"\r\n");
}

}  // namespace xion
