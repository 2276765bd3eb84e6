#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "scratch_folder.h"

using namespace xion;
using test::ScratchFolder;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}
std::string shipped() { return text_of(XION_SOURCE_DIR "/conf/xionid.toml"); }

/// The last word of "plans.NAME.sms_per_month".
std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

/// `#key = value` and `#[[table]]` without the `#`. Prose has a space behind it, and stays a comment.
std::string uncommented(const std::string& text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ' && line[1] != '#') line.erase(0, 1);
    out += line + '\n';
  }
  return out;
}

}  // namespace

TEST_CASE("the shipped configuration loads without an error and says what the defaults are") {
  const ScratchFolder folder;
  const auto loaded = folder.load(shipped());
  CHECK(folder.complaints(loaded).empty());
  CHECK(loaded.is_usable());
  const auto empty = folder.load("");
  CHECK(settings_json(loaded.settings) == settings_json(empty.settings));
}

TEST_CASE("the shipped configuration still loads with every example uncommented") {
  const ScratchFolder folder;
  folder.write("primary.password", "secret");
  folder.write("backup.password", "secret");
  folder.write("store.password", "secret");
  for (const auto* name : {"master.key", "api.crt", "api.key", "carrier-ca.pem", "client.crt", "client.key"})
    folder.write(name, "x");
  const auto loaded = folder.load(uncommented(shipped()));
  for (const auto& line : folder.complaints(loaded)) FAIL_CHECK(line);
  CHECK(loaded.settings.carriers.size() == 2);
  CHECK(loaded.settings.routes.size() == 2);
}

TEST_CASE("every key has its place in the shipped configuration") {
  const std::string text = shipped();
  for (const auto& [key, waits_for_start, name_of_app] : every_key()) {
    INFO(key);
    CHECK(text.find(last_part(key) + " = ") != std::string::npos);
  }
}

TEST_CASE("every key has its entry in the manual") {
  const std::string manual = text_of(XION_SOURCE_DIR "/man/xionid.toml.5");
  for (const auto& [key, waits_for_start, name_of_app] : every_key()) {
    INFO(key);
    CHECK(manual.find(".It Ic " + last_part(key)) != std::string::npos);
  }
}

TEST_CASE("every key is shown, but for those that are secrets") {
  const ScratchFolder folder;
  folder.write("primary.password", "hunter2");
  folder.write("backup.password", "hunter2");
  for (const auto* name : {"master.key", "api.crt", "api.key", "carrier-ca.pem", "client.crt", "client.key"})
    folder.write(name, "x");
  const std::string shown = settings_json(folder.load(uncommented(shipped())).settings);
  for (const auto& [key, waits_for_start, name_of_app] : every_key()) {
    INFO(key);
    const bool is_secret = key == "carrier.password" || last_part(key) == "password_file" || key == "include";
    CHECK((shown.find("\"" + last_part(key) + "\":") != std::string::npos) == !is_secret);
  }
  CHECK(shown.find("hunter2") == std::string::npos);
}

TEST_CASE("the manual names every key that waits for the next start, and no other") {
  const std::string manual = text_of(XION_SOURCE_DIR "/man/xionid.toml.5");
  const std::size_t begin = manual.find("wait for the next start");
  REQUIRE(begin != std::string::npos);
  const std::string list = manual.substr(begin, manual.find(".Pp", begin) - begin);
  for (const auto& [key, waits_for_start, name_of_app] : every_key()) {
    INFO(key);
    CHECK((list.find(".Li " + key + "\n") != std::string::npos || list.find(".Li " + key + " ") != std::string::npos) ==
          waits_for_start);
  }
}

TEST_CASE("the manual names every setting that an app may have its own of") {
  const std::string manual = text_of(XION_SOURCE_DIR "/man/xionctl.1") + text_of(XION_SOURCE_DIR "/man/xionid.toml.5");
  std::size_t found = 0;
  for (const auto& [key, waits_for_start, name_of_app] : every_key()) {
    if (name_of_app.empty()) continue;
    INFO(key);
    CHECK(manual.find(name_of_app) != std::string::npos);
    ++found;
  }
  CHECK(found > 20);
}
