#include "cli/csv.h"

#include <algorithm>
#include <vector>

namespace xion::cli {
namespace {

std::string text_of(const wire::Value* value) {
  if (value == nullptr || value->is_null()) return "";
  if (const auto* text = value->text()) return *text;
  JsonWriter json;
  wire::write_json(json, *value);
  return std::move(json).str();
}

/// A spreadsheet takes what begins like this for a formula and runs it.
bool is_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

std::string quoted(const std::string& text, bool is_free_text) {
  const std::string safe = is_free_text && is_formula(text) ? "'" + text : text;
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
  std::string out = joined(names);
  for (const wire::Value& row : *result.array()) {
    std::vector<std::string> cells;
    for (const std::string& name : names) {
      const wire::Value* value = row.find(name);
      cells.push_back(quoted(text_of(value), value != nullptr && value->text() != nullptr));
    }
    out += joined(cells);
  }
  return out;
}

}  // namespace xion::cli
