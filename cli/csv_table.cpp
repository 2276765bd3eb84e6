#include "cli/csv_table.h"

#include <algorithm>
#include <vector>

#include "base/csv.h"

namespace xion::cli {
namespace {

std::string text_of(const wire::Value* value) {
  if (value == nullptr || value->is_null()) return "";
  if (const auto* text = value->text()) return *text;
  JsonWriter json;
  wire::write_json(json, *value);
  return std::move(json).str();
}

std::string quoted(std::string_view text) {
  const std::string safe = csv_harmless(text);
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string out = "\"";
  for (const char c : safe) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

std::string joined(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i > 0 ? "," : "") + cells[i];
  return line + "\n";
}

}  // namespace

std::string csv(const wire::Value& result) {
  std::vector<std::string> names;
  if (result.array() == nullptr) return "";
  for (const wire::Value& row : *result.array()) {
    if (row.object() == nullptr) continue;
    for (const auto& [name, value] : *row.object()) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  if (names.empty()) return "";
  std::vector<std::string> titles;
  for (const std::string& name : names) titles.push_back(quoted(name));
  std::string out = joined(titles);
  for (const wire::Value& row : *result.array()) {
    std::vector<std::string> cells;
    for (const std::string& name : names) cells.push_back(quoted(text_of(row.find(name))));
    out += joined(cells);
  }
  return out;
}

}  // namespace xion::cli
