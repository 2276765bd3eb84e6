#include "config/other_gateways.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "scratch_folder.h"

using namespace xion;
using test::carrier_named;
using test::ScratchFolder;
using Lines = std::vector<std::string>;

namespace {

std::vector<std::string> parts(std::string_view text, std::string_view by) {
  std::vector<std::string> found;
  for (;;) {
    const std::size_t at = text.find(by);
    found.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return found;
    text.remove_prefix(at + by.size());
  }
}

struct Row {
  std::vector<std::string> theirs;
  std::string here;
};

/// The manual's table.
std::vector<Row> rows_of_the_manual() {
  std::ifstream file(XION_SOURCE_DIR "/man/xionid.toml.5");
  std::vector<Row> rows;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == ".Sh COMING FROM KANNEL OR JASMIN") is_inside = true;
    if (line == ".El") is_inside = false;
    if (!is_inside || !line.starts_with(".It ") || line.starts_with(".It Em")) continue;
    const auto cells = parts(std::string_view(line).substr(4), " Ta ");
    REQUIRE(cells.size() == 3);
    Row row{{}, cells[2]};
    for (const std::string& cell : {cells[0], cells[1]})
      for (const std::string& name : parts(cell, ", "))
        if (!name.starts_with('\\') && !name.starts_with('-')) row.theirs.push_back(name);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

TEST_CASE("a key that other gateways have is told by its name here") {
  const ScratchFolder folder;
  CHECK(folder.complaints(folder.load(carrier_named("a") + "host = \"10.0.0.1\"\n")) ==
        Lines{"xionid.toml:6:1: carrier.host: unknown key\n  hint: here it is address = \"host:port\""});
  CHECK(config::called_here("smsc-username") == "here it is system_id");
  CHECK(config::called_here("smsc_username") == "here it is system_id");
  CHECK(config::called_here("frobnicate").empty());
}

TEST_CASE("whatever the manual's table of other gateways names has a hint") {
  const auto rows = rows_of_the_manual();
  REQUIRE(rows.size() > 25);
  for (const Row& row : rows) {
    if (row.here.starts_with("none") || row.here == "always" || row.here == "as above") continue;
    for (std::string name : row.theirs) {
      CAPTURE(name);
      const std::string hint = config::called_here(name);
      std::ranges::replace(name, '-', '_');
      const bool is_the_same = row.here.find(name) != std::string::npos;
      CHECK((is_the_same || !hint.empty()));
    }
  }
}
