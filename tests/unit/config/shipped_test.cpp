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
  for (const auto* name : {"master.key", "api.crt", "api.key", "carrier-ca.pem", "client.crt", "client.key"})
    folder.write(name, "x");
  const auto loaded = folder.load(uncommented(shipped()));
  for (const auto& line : folder.complaints(loaded)) FAIL_CHECK(line);
  CHECK(loaded.settings.carriers.size() == 2);
  CHECK(loaded.settings.routes.size() == 2);
}

TEST_CASE("every key has its place in the shipped configuration") {
  const std::string text = shipped();
  for (const auto& key : every_key()) {
    INFO(key);
    CHECK(text.find(last_part(key) + " = ") != std::string::npos);
  }
}

TEST_CASE("every key has its entry in the manual") {
  const std::string manual = text_of(XION_SOURCE_DIR "/man/xionid.toml.5");
  for (const auto& key : every_key()) {
    INFO(key);
    CHECK(manual.find(".It Ic " + last_part(key)) != std::string::npos);
  }
}
