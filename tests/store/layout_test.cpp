#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "store/tables.h"

using namespace xion;

/// A line of the page is `| `name` | key | value | …`.
TEST_CASE("the page on the store's layout tells of every table, its key and its value, and of no other") {
  std::ifstream page(XION_SOURCE_DIR "/daemon/store/LAYOUT.md");
  REQUIRE(page);
  std::set<std::string> told;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string name = line.substr(3, line.find('`', 3) - 3);
    CAPTURE(name);
    CHECK(told.insert(name).second);
    const auto* table =
        std::ranges::find(table_facts, name, [](const TableFacts& facts) { return std::string(facts.name); });
    REQUIRE(table != table_facts.end());
    CHECK(line.find(std::string("| ") + table->key + " | ") != std::string::npos);
    CHECK(line.find(std::string("| ") + table->value + " | ") != std::string::npos);
    CHECK(line.find(std::string("| ") + table->looked_up_by + " | ") != std::string::npos);
  }
  CHECK(told.size() == table_count);
}
