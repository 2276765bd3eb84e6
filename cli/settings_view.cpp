#include "cli/settings_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"

namespace xion::cli {
namespace {

using wire::Value;

std::string json_of(const Value& value) {
  JsonWriter out;
  write_json(out, value);
  return std::move(out).str();
}

/// TOML's strings, numbers and arrays of them are written as JSON's; an object is an inline table.
std::string toml(const Value& value) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (const auto* array = value.array()) {
    for (const Value& element : *array) add(toml(element));
    return "[" + text + "]";
  }
  if (const auto* members = value.object()) {
    for (const auto& [name, member] : *members) {
      if (!member.is_null()) add(fmt::format("{} = {}", name, toml(member)));
    }
    return text.empty() ? "{}" : "{ " + text + " }";
  }
  return json_of(value);
}

bool is_object(const Value& value) { return value.object() != nullptr; }
bool is_array_of_tables(const Value& value) {
  return value.array() != nullptr && std::ranges::all_of(*value.array(), is_object);
}
bool is_table_of_tables(const Value& value) {
  const auto is_table = [](const auto& member) { return is_object(member.second); };
  return is_object(value) && !value.object()->empty() && std::ranges::all_of(*value.object(), is_table);
}

/// Null stands for a key that is not there.
std::string table(const std::string& header, const Value& value) {
  std::string text = fmt::format("\n{}\n", header);
  for (const auto& [name, member] : *value.object()) {
    if (!member.is_null()) text += fmt::format("{} = {}\n", name, toml(member));
  }
  return text;
}

}  // namespace

std::string settings_text(const Value::Object& settings) {
  std::string comments, tables;
  for (const auto& [name, value] : settings) {
    if (is_table_of_tables(value)) {
      for (const auto& [inner, part] : *value.object()) tables += table(fmt::format("[{}.{}]", name, inner), part);
    } else if (is_object(value)) {
      if (!value.object()->empty()) tables += table(fmt::format("[{}]", name), value);
    } else if (is_array_of_tables(value)) {
      for (const Value& part : *value.array()) tables += table(fmt::format("[[{}]]", name), part);
    } else {
      comments += fmt::format("# {}: {}\n", name, value.text() != nullptr ? *value.text() : json_of(value));
    }
  }
  if (comments.empty() && !tables.empty()) return tables.substr(1);
  return comments + tables;
}

}  // namespace xion::cli
