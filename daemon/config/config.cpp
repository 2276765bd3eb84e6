#include "config/config.h"

#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "base/trim.h"
#include "config/forms.h"
#include "config/profiles.h"
#include "config/sections.h"
#include "config/syntax_hint.h"

namespace xion {
namespace config {
namespace {

namespace fs = std::filesystem;

std::map<std::string, Plan> plans_of_the_product() {
  std::map<std::string, Plan> plans;
  for (const Plan& plan : {Plan{"starter", 1000, 5}, Plan{"growth", 3000, 20}, Plan{"custom", 0, 0}}) {
    plans.emplace(plan.name, plan);
  }
  return plans;
}

/// The text before the first newline: toml++ explains at length, and one line is what a terminal wants.
std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

/// A table or a key that stands in the file a second time.
std::string hint_for_second(std::string_view text, std::uint32_t line) {
  for (; line > 1 && text.find('\n') != std::string_view::npos; --line) text.remove_prefix(text.find('\n') + 1);
  text = trimmed(text.substr(0, text.find('\n')));
  for (const std::string_view section : {"carrier", "route"}) {
    if (text.starts_with(fmt::format("[{}]", section)))
      return fmt::format("write [[{}]] with two brackets, each time", section);
  }
  return text.starts_with('[') ? "a table stands in a file once: put both parts together"
                               : "a key stands in a table once: remove one of them";
}

std::optional<toml::table> parse_file(const std::string& file, Draft& draft) {
  const auto text = file_text(file);
  if (!text) {
    draft.error({file, 0, 0}, fmt::format("cannot be read: {}", std::strerror(errno)));
    return std::nullopt;
  }
  try {
    return toml::parse(*text, file);
  } catch (const toml::parse_error& trouble) {
    const auto begin = trouble.source().begin;
    const std::string why = first_line(trouble.description());
    if (why.find("redefine") != std::string::npos) {
      draft.error({file, begin.line, begin.column}, why, hint_for_second(*text, begin.line));
    } else {
      SyntaxSlip slip = syntax_slip(*text, begin.line, begin.column);
      draft.error({file, slip.line, slip.column}, why, std::move(slip.hint));
    }
    return std::nullopt;
  }
}

/// Files that a pattern names, sorted. `folder` is the one of the main file, as the user named it.
std::vector<std::string> matches_of(const fs::path& folder, const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (::glob((folder / pattern).c_str(), 0, nullptr, &found) == 0)
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return files;
}

/// The files that `include` names. A pattern may match nothing; a plain name must be there.
std::vector<std::string> included_files(const toml::table& root, Reading& reading) {
  std::vector<std::string> files;
  const auto* node = root.get("include");
  if (node == nullptr) return files;
  const fs::path folder = fs::path(reading.file).parent_path();
  const auto take = [&](const Place& place) {
    const auto* pattern = place.node.as_string();
    if (pattern == nullptr) return wrong_type(place, "text, a path or pattern");
    auto matches = matches_of(folder, pattern->get());
    if (matches.empty() && pattern->get().find_first_of("*?[") == std::string::npos) {
      return place.error("no such file", fmt::format("looked for {}", reading.resolve(pattern->get())));
    }
    files.insert(files.end(), matches.begin(), matches.end());
  };
  const Place whole{*node, "include", reading};
  if (const auto* array = node->as_array()) {
    for (const auto& element : *array) take(whole.inside(element));
  } else {
    take(whole);
  }
  return files;
}

/// The default name of the key file is resolved like one that was written down.
void resolve_default_master_key(Draft& draft, const Reading& main_file) {
  if (draft.set_at.contains("daemon.master_key_file")) return;
  draft.settings.master_key_file = secret_file(main_file, draft.settings.master_key_file);
}

bool read_all(const std::string& path, Draft& draft) {
  Reading main_file{draft, path, fs::absolute(path).parent_path()};
  const auto root = parse_file(path, draft);
  if (!root) return false;
  struct Included {
    Reading reading;
    toml::table root;
  };
  std::vector<Included> included;
  const std::size_t before = draft.mark();
  const auto files = included_files(*root, main_file);
  draft.has_unread_file = draft.mark() != before;
  for (const auto& file : files) {
    auto table = parse_file(file, draft);
    if (table)
      included.push_back({{draft, file, fs::absolute(file).parent_path()}, std::move(*table)});
    else
      draft.has_unread_file = true;
  }
  // A carrier may stand before the profile that it names.
  read_shipped_profiles(draft);
  read_profiles(*root, main_file);
  for (auto& each : included) read_profiles(each.root, each.reading);
  read_sections(*root, true, main_file);
  for (auto& each : included) read_sections(each.root, false, each.reading);
  resolve_default_master_key(draft, main_file);
  check_whole(draft);
  return true;
}

}  // namespace
}  // namespace config

namespace {

void sort_findings(std::vector<Finding>& findings, const std::string& main_file) {
  std::ranges::stable_sort(findings, {}, [&](const Finding& finding) {
    return std::make_tuple(finding.file != main_file, finding.file, finding.line, finding.column);
  });
}

}  // namespace

bool Loaded::is_usable() const {
  return std::ranges::none_of(findings, [](const Finding& finding) { return finding.is_error; });
}

Finding Loaded::finding_at(std::string_view key, std::string_view complaint, std::string hint, bool is_error) const {
  const auto found = values.find(key);
  if (found == values.end())
    return {path, 0, 0, fmt::format("{} (default): {}", key, complaint), std::move(hint), is_error};
  const SetValue& value = found->second;
  // Carriers are told apart by their place; messages name the key as the file writes it.
  std::string name(key);
  if (const std::size_t end = name.rfind(".tls."); name.starts_with("carrier.") && end != std::string::npos)
    name = "carrier" + name.substr(end);
  else if (name.starts_with("carrier."))
    name = "carrier" + name.substr(name.rfind('.'));
  return {value.file,      value.line, value.column, fmt::format("{} = {}: {}", name, value.shown, complaint),
          std::move(hint), is_error};
}

void Loaded::add(std::vector<Finding> more) {
  findings.insert(findings.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  sort_findings(findings, path);
}

Loaded load_config(const std::string& path) {
  config::Draft draft;
  draft.settings.config_path = path;
  draft.settings.plans = config::plans_of_the_product();
  const bool was_read = config::read_all(path, draft);
  sort_findings(draft.findings, path);
  draft.settings.config_path = std::filesystem::absolute(path).string();
  return {std::move(draft.settings), std::move(draft.findings), was_read, std::move(draft.values), path};
}

}  // namespace xion
