#include <doctest/doctest.h>

#include "scratch_folder.h"

using namespace xion;
using test::carrier_named;
using test::ScratchFolder;

TEST_CASE("where a value stands is known afterwards, of a carrier by its name, and of a default that it is one") {
  const ScratchFolder folder;
  folder.write("ca.pem", "x");
  const auto loaded = folder.load("[daemon]\ndata_dir = \"d\"\n" + carrier_named("a") + "tls = { ca = \"ca.pem\" }\n");
  CHECK(loaded.is_set("daemon.data_dir"));
  CHECK_FALSE(loaded.is_set("daemon.log"));
  const auto line = [&](const char* key) {
    return folder.without_folder(format_finding(loaded.finding_at(key, "wrong", "", true), false));
  };
  CHECK(line("daemon.data_dir") == "xionid.toml:2:12: daemon.data_dir = \"d\": wrong");
  CHECK(line("carrier.a.tls.ca") == "xionid.toml:8:14: carrier.tls.ca = \"ca.pem\": wrong");
  CHECK(line("daemon.log") == "xionid.toml: daemon.log (default): wrong");
}
