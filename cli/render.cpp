#include "cli/render.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "base/visible.h"
#include "cli/settings_view.h"

namespace xion::cli {
namespace {

using wire::Value;

bool is_array_of_objects(const Value& value) {
  return value.array() != nullptr && !value.array()->empty() && value.array()->front().object() != nullptr;
}

/// The columns that at least one object has; where none of them occurs, every plain field of the first object.
std::vector<Column> columns_for(const Value::Array& objects, std::span<const Column> wanted) {
  std::vector<Column> columns;
  for (const Column& column : wanted) {
    if (std::ranges::any_of(objects, [&](const Value& o) { return o.find(column.field) != nullptr; }))
      columns.push_back(column);
  }
  const bool is_known =
      std::ranges::any_of(objects.front().object() != nullptr ? *objects.front().object() : Value::Object{},
                          [&](const auto& member) { return !columns.empty() && member.first == columns[0].field; });
  if (is_known || objects.front().object() == nullptr) return columns;
  columns.clear();
  for (const auto& [name, value] : *objects.front().object()) columns.push_back({name, {}});
  return columns;
}

std::string capitals(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string title_of(const Column& column) {
  return column.title.empty() ? capitals(label(column.field)) : std::string(column.title);
}

/// Names that somebody uses again: they are never cut.
bool is_id(std::string_view field) { return field == "id" || field == "requestId" || field.ends_with("Id"); }

/// By field or title, whatever the case.
bool is_called(const Column& column, std::string_view name) {
  return capitals(std::string(column.field)) == capitals(std::string(name)) ||
         title_of(column) == capitals(std::string(name));
}

/// Those columns, and after them every other field that an object has.
std::vector<Column> all_columns(const Value::Array& objects, std::vector<Column> columns) {
  for (const Value& object : objects) {
    if (object.object() == nullptr) continue;
    for (const auto& [name, value] : *object.object()) {
      if (std::ranges::find(columns, name, &Column::field) == columns.end()) columns.push_back({name, {}});
    }
  }
  return columns;
}

const Column* find_column(const std::vector<Column>& columns, std::string_view name) {
  const auto found = std::ranges::find_if(columns, [&](const Column& column) { return is_called(column, name); });
  return found == columns.end() ? nullptr : &*found;
}

std::string_view sorted_by(const Look& look) {
  return std::string_view(look.sort).substr(look.sort.starts_with('-') ? 1 : 0);
}

/// The columns that were asked for, in that order; those that there are not are passed over.
std::vector<Column> chosen(const std::vector<Column>& columns, const std::vector<Column>& all, const Look& look) {
  std::vector<Column> wanted;
  for (const std::string& name : look.columns) {
    if (const Column* column = find_column(all, name)) wanted.push_back(*column);
  }
  return wanted.empty() ? columns : wanted;
}

/// A line that names what was asked for and is no column, with those that there are; nothing where all are. `told` are
/// the command's own: a column of theirs that no object has now is none that was mistyped.
std::string passed_over(const std::vector<Column>& all, std::span<const Column> told, const Look& look) {
  const auto is_known = [&](std::string_view name) {
    return find_column(all, name) != nullptr || find_column({told.begin(), told.end()}, name) != nullptr;
  };
  std::vector<std::string> unknown;
  for (const std::string& name : look.columns) {
    if (!is_known(name)) unknown.push_back(visible(name));
  }
  if (!look.sort.empty() && !is_known(sorted_by(look))) unknown.push_back(visible(sorted_by(look)));
  if (unknown.empty()) return "";
  std::vector<std::string> names;
  for (const Column& column : all) names.push_back(title_of(column));
  return fmt::format("… no column is called {}; there are {}\n", fmt::join(unknown, ", "), fmt::join(names, ", "));
}

bool comes_before(const Value* a, const Value* b) {
  const auto number = [](const Value* value) -> std::optional<double> {
    if (value == nullptr) return std::nullopt;
    if (const auto* whole = value->whole()) return static_cast<double>(*whole);
    return value->real() != nullptr ? std::optional(*value->real()) : std::nullopt;
  };
  const auto first = number(a), second = number(b);
  if (first && second) return *first < *second;
  return cell("", a) < cell("", b);
}

Value::Array sorted(Value::Array objects, const std::vector<Column>& columns, const Look& look) {
  if (look.sort.empty()) return objects;
  const bool is_reversed = look.sort.starts_with('-');
  const Column* by = find_column(columns, sorted_by(look));
  if (by == nullptr) return objects;
  const std::string_view field = by->field;
  std::ranges::stable_sort(objects, [&](const Value& a, const Value& b) {
    return is_reversed ? comes_before(b.find(field), a.find(field)) : comes_before(a.find(field), b.find(field));
  });
  return objects;
}

std::string table(const Value::Array& all, std::span<const Column> wanted, Screen screen, const Look& look) {
  if (all.empty()) return "(none)\n";
  const auto known = columns_for(all, wanted);
  const auto possible = all_columns(all, known);
  const Value::Array objects = sorted(all, possible, look);
  const auto columns = chosen(known, possible, look);
  if (look.is_wide) screen.width = 0;
  Grid grid;
  for (const Column& column : columns) {
    grid.titles.push_back(title_of(column));
    grid.is_whole.push_back(is_id(column.field));
  }
  for (const Value& object : objects) {
    auto& row = grid.rows.emplace_back();
    for (const Column& column : columns) row.push_back(cell(column.field, object.find(column.field)));
  }
  return grid.render(screen) + passed_over(possible, wanted, look);
}

std::string indented(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    if (text[at] != '\n') out.append("  ");
    out.append(text, at, end - at);
    at = end;
  }
  return out;
}

/// Whether an object holds nothing but objects of the same plain members:
/// `{"sends":{"perSecond1m":1,…},"verifies":{…}}`.
bool is_grid(const Value::Object& members) {
  const auto same_names = [&](const Value::Object& one) {
    return std::ranges::equal(
        one, *members.front().second.object(), {}, [](const auto& m) { return m.first; },
        [](const auto& m) { return m.first; });
  };
  return members.size() > 1 && std::ranges::all_of(members, [&](const auto& member) {
           const Value::Object* inner = member.second.object();
           return inner != nullptr && !inner->empty() && members.front().second.object() != nullptr &&
                  same_names(*inner) && std::ranges::none_of(*inner, [](const auto& m) {
                    return m.second.object() != nullptr || m.second.array() != nullptr;
                  });
         });
}

/// A line for each member, named by it.
std::string grid(const Value::Object& members, const Screen& screen) {
  Grid grid;
  grid.titles.emplace_back();
  for (const auto& [name, value] : *members.front().second.object()) grid.titles.push_back(capitals(label(name)));
  for (const auto& [name, value] : members) {
    auto& row = grid.rows.emplace_back(std::vector{label(name)});
    for (const auto& [field, inner] : *value.object()) row.push_back(cell(field, &inner));
  }
  return grid.render(screen);
}

/// Plain fields first, a line each; then what has an inside, each under its name.
std::string record(const Value::Object& members, std::span<const Column> columns, Screen screen, const Look& look) {
  std::size_t widest = 0;
  const auto is_plain = [](const Value& value) { return value.object() == nullptr && !is_array_of_objects(value); };
  for (const auto& [name, value] : members) {
    if (is_plain(value)) widest = std::max(widest, columns_of(label(name)));
  }
  std::string out;
  for (const auto& [name, value] : members) {
    if (!is_plain(value)) continue;
    Grid line;
    line.rows.push_back({cell(name, &value)});
    std::string text = line.render({0, screen.colour});
    out += fmt::format("{}{}  {}", label(name), std::string(widest - columns_of(label(name)), ' '), text);
  }
  Screen inner = screen;
  if (inner.width > 2) inner.width -= 2;
  for (const auto& [name, value] : members) {
    if (is_plain(value)) continue;
    const std::string body = value.object() == nullptr  ? table(*value.array(), columns, inner, look)
                             : is_grid(*value.object()) ? grid(*value.object(), inner)
                                                        : record(*value.object(), columns, inner, look);
    out += fmt::format("{}{}\n{}", out.empty() ? "" : "\n", label(name), indented(body));
  }
  return out;
}

/// What an event says besides when, what and where: the detail as it is, the rest as key=value.
std::string remainder(const Value& event) {
  std::string text;
  for (const auto& [name, value] : *event.object()) {
    if (name == "at" || name == "type" || name == "carrier" || value.is_null()) continue;
    const std::string shown = cell(name, &value);
    if (shown == "–") continue;
    if (!text.empty()) text.append("  ");
    if (name != "detail") text.append(visible(name)).append("=");
    text.append(shown);
  }
  return text;
}

std::string timeline(const Value& result, const Screen& screen) {
  Value::Object head;
  for (const auto& [name, value] : *result.object()) {
    if (name != "events") head.emplace_back(name, value);
  }
  std::string out = record(head, {}, screen, {});
  const Value* events = result.find("events");
  if (events == nullptr || events->array() == nullptr || events->array()->empty()) return out;
  Grid grid;
  for (const Value& event : *events->array()) {
    if (event.object() == nullptr) continue;
    const Value* carrier = event.find("carrier");
    grid.rows.push_back({cell("at", event.find("at")), cell("type", event.find("type")),
                         carrier != nullptr ? cell("carrier", carrier) : "", remainder(event)});
  }
  return out + "\n" + grid.render(screen);
}

}  // namespace

std::string render_line(const Command& command, const Value& object) {
  std::string line;
  const auto add = [&](std::string_view text) { line.append(line.empty() ? "" : "  ").append(text); };
  for (const Column& column : command.columns) {
    if (const Value* value = object.find(column.field)) add(cell(column.field, value));
  }
  if (object.object() == nullptr) return line + "\n";
  for (const auto& [name, value] : *object.object()) {
    if (std::ranges::find(command.columns, name, &Column::field) != command.columns.end()) continue;
    add(fmt::format("{}={}", visible(name), cell(name, &value)));
  }
  return line + "\n";
}

std::string render(const Command& command, const Value& result, const Screen& screen, const Look& look) {
  if (const auto* array = result.array()) {
    if (array->empty() || is_array_of_objects(result)) return table(*array, command.columns, screen, look);
    std::string lines;
    for (const Value& element : *array) lines += cell("", &element) + "\n";
    return lines;
  }
  if (const auto* object = result.object()) {
    if (command.view == View::settings) return settings_text(*object);
    return command.view == View::timeline || command.view == View::story
               ? timeline(result, screen)
               : record(*object, command.columns, screen, look);
  }
  return cell("", &result) + "\n";
}

}  // namespace xion::cli
