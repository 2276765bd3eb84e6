#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "wire/catalogue.h"

using namespace xion;
namespace fs = std::filesystem;

namespace {

const fs::path source_dir = XION_SOURCE_DIR;

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

bool is_noun(std::string_view word) {
  return std::ranges::find(wire::nouns, word, &wire::Noun::name) != std::end(wire::nouns);
}
bool is_command(std::string_view name) {
  return std::ranges::find(wire::catalogue, name, &wire::CommandEntry::name) != wire::catalogue.end();
}
bool has_verbs(std::string_view noun) {
  return std::ranges::any_of(wire::catalogue,
                             [&](const auto& entry) { return entry.noun() == noun && !entry.verb().empty(); });
}

/// What xionctl(1) gives as the head of a command's entry: `.It Cm key list Op Ar APP`, or lines from `.It Xo` to
/// `.Xc`.
std::vector<std::vector<std::string>> heads_of_the_manual() {
  std::vector<std::vector<std::string>> heads;
  std::istringstream manual(text_of(source_dir / "man/xionctl.1"));
  bool is_open = false;
  for (std::string line; std::getline(manual, line);) {
    if (line == ".It Xo") {
      heads.emplace_back();
      is_open = true;
    } else if (line == ".Xc") {
      is_open = false;
    } else if (is_open || line.starts_with(".It Cm ")) {
      auto words = words_of(line);
      words.erase(words.begin(), words.begin() + (is_open ? 0 : 1));
      if (words.front().starts_with(".")) words.front().erase(0, 1);
      if (!is_open) heads.emplace_back();
      heads.back().insert(heads.back().end(), words.begin(), words.end());
    }
  }
  return heads;
}

/// The words behind the head's `Cm`, up to the next macro.
std::string name_of(const std::vector<std::string>& head) {
  std::string name;
  for (std::size_t i = 1; i < head.size() && head[i][0] >= 'a' && head[i][0] <= 'z'; ++i)
    name += (name.empty() ? "" : " ") + head[i];
  return name;
}

/// "--app" for `Fl -app`, "-n" for `Fl n`.
std::set<std::string> options_of(const std::vector<std::string>& head) {
  std::set<std::string> options;
  for (std::size_t i = 0; i + 1 < head.size(); ++i) {
    if (head[i] == "Fl") options.insert("-" + head[i + 1]);
    if (head[i] == "Fl" && i + 3 < head.size() && head[i + 2] == "|" && head[i + 3].starts_with("-"))
      options.insert("-" + head[i + 3]);
  }
  return options;
}

}  // namespace

TEST_CASE("every command has its entry in the manual, with every option that it takes and no other") {
  std::map<std::string, std::set<std::string>> entries;
  for (const auto& head : heads_of_the_manual()) {
    const std::string name = name_of(head);
    if (!is_command(name)) continue;
    INFO(name);
    CHECK(entries.emplace(name, options_of(head)).second);
  }
  for (const wire::CommandEntry& command : wire::catalogue) {
    INFO(command.name);
    const auto entry = entries.find(std::string(command.name));
    REQUIRE(entry != entries.end());
    for (const wire::Argument& argument : command.arguments) {
      if (!argument.is_option()) continue;
      INFO(argument.name);
      CHECK(entry->second.erase(std::string(argument.name)) + entry->second.erase(std::string(argument.letter)) > 0);
    }
    for (const std::string& option : entry->second) FAIL_CHECK(option);
  }
}

TEST_CASE("the manual has no entry of a command that is not there") {
  for (const auto& head : heads_of_the_manual()) {
    const std::string name = name_of(head);
    const std::string first = name.substr(0, name.find(' '));
    const bool is_of_a_noun = is_noun(first) && name != first;
    INFO(name);
    CHECK((!is_of_a_noun || is_command(name)));
  }
}

TEST_CASE("every command that a hint, a comment or a page names is one") {
  std::size_t found = 0;
  for (const char* folder : {"daemon", "cli", "man", "conf", "systemd"}) {
    for (const auto& file : fs::recursive_directory_iterator(source_dir / folder)) {
      if (!file.is_regular_file()) continue;
      const std::string text = text_of(file.path());
      constexpr std::string_view begin = "`xionctl ";
      for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
        const std::size_t from = at + begin.size();
        auto words = words_of(text.substr(from, text.find_first_of("`\n\"", from) - from));
        std::erase_if(words, [](const std::string& word) { return word.starts_with("--"); });
        if (words.empty() || words[0].starts_with("_")) continue;  // The shells' own.
        INFO(file.path().string());
        INFO(text.substr(at, 60));
        CHECK(is_noun(words[0]));
        if (has_verbs(words[0]) && words.size() > 1)
          CHECK((is_command(words[0]) || is_command(words[0] + " " + words[1])));
        ++found;
      }
    }
  }
  CHECK(found > 40);
}
