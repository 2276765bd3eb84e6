#include <doctest/doctest.h>

#include "scratch_folder.h"

using namespace xion;
using test::ScratchFolder;

namespace {

/// The store of a file with that [store] table.
Loaded loaded_with(const ScratchFolder& folder, const std::string& keys) { return folder.load("[store]\n" + keys); }

std::string only_complaint(const ScratchFolder& folder, const Loaded& loaded) {
  const auto all = folder.complaints(loaded);
  for (const auto& line : all)
    if (line.contains("store.")) return line;
  return {};
}

}  // namespace

TEST_CASE("without [store] requests are kept in a data file of this machine") {
  const ScratchFolder folder;
  CHECK(folder.load("").settings.store == StoreSettings{});
}

TEST_CASE("[store] names a database, and its password is in a file") {
  const ScratchFolder folder;
  folder.write("store.password", "open sesame\n");
  const auto loaded = loaded_with(folder,
                                  "engine = \"postgresql\"\n"
                                  "url = \"postgresql://xionid@db1.example.net,db2/xionid?sslmode=verify-full\"\n"
                                  "password_file = \"store.password\"\nschema = \"otp\"\ncreate = true\n"
                                  "durability = \"engine\"\n");
  CHECK(loaded.is_usable());
  CHECK(only_complaint(folder, loaded).empty());
  const StoreSettings& store = loaded.settings.store;
  CHECK(store.engine == StoreEngine::postgresql);
  CHECK(store.password == Secret("open sesame"));
  CHECK(store.schema == "otp");
  CHECK(store.create);
  CHECK(store.durability == Durability::engine);
  CHECK(!settings_json(loaded.settings).contains("sesame"));
}

TEST_CASE("a database needs an address") {
  const ScratchFolder folder;
  const auto loaded = loaded_with(folder, "engine = \"postgresql\"\n");
  CHECK(!loaded.is_usable());
  CHECK(only_complaint(folder, loaded).contains("store.url is missing"));
}

TEST_CASE("a password in the URL is refused and not shown") {
  const ScratchFolder folder;
  for (const auto* url : {"postgresql://xionid:sesame@db1/xionid", "postgresql://db1/xionid?password=sesame"}) {
    CAPTURE(url);
    const auto loaded = loaded_with(folder, std::string("engine = \"postgresql\"\nurl = \"") + url + "\"\n");
    CHECK(!loaded.is_usable());
    const std::string complaint = only_complaint(folder, loaded);
    CHECK(complaint.contains("password_file"));
    CHECK(!complaint.contains("sesame"));
  }
}

TEST_CASE("over a network somebody has to check whose server it is") {
  const ScratchFolder folder;
  const auto complaint_of = [&](const std::string& url) {
    return only_complaint(folder, loaded_with(folder, "engine = \"postgresql\"\nurl = \"" + url + "\"\n"));
  };
  CHECK(complaint_of("postgresql://xionid@db1.example.net/xionid").contains("whose server it is"));
  CHECK(complaint_of("postgresql://localhost,db2/xionid?sslmode=require").contains("whose server it is"));
  CHECK(complaint_of("postgresql://127.0.0.1:5433/xionid").empty());
  CHECK(complaint_of("postgresql:///xionid?host=/run/postgresql").empty());
  CHECK(complaint_of("postgresql://xionid@%2Frun%2Fpostgresql/xionid").empty());
}

TEST_CASE("what is no URL of a database, and what is no schema, is said") {
  const ScratchFolder folder;
  CHECK(only_complaint(folder, loaded_with(folder, "url = \"postgres://db1/xionid\"\n")).contains("postgresql://db1"));
  CHECK(only_complaint(folder, loaded_with(folder, "schema = \"x; drop\"\n")).contains("small letters"));
  CHECK(only_complaint(folder, loaded_with(folder, "engine = \"postgres\"\n")).contains("\"postgresql\""));
}
