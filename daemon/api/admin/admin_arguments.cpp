// A body or a query becomes the arguments of a command: the catalogue says which there are, and of what type.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "api/admin/admin_rows.h"
#include "api/call/query.h"

namespace xion::admin {
namespace {

using wire::Argument;
using wire::ArgumentType;
using Object = wire::Value::Object;

/// What the API calls otherwise than the command line does.
struct Renamed {
  std::string_view argument;
  std::string_view field;
};
constexpr Renamed renamed[] = {
    {"scope", "scopes"}, {"network", "networks"},         {"type", "types"},
    {"tlv", "tlvs"},     {"expires", "expiresInSeconds"}, {"keep", "keepSeconds"},
    {"set", "values"},
};
/// Durations, which the command line writes with their unit.
constexpr std::string_view durations[] = {"expires", "keep"};
/// What shows whole numbers, or speaks for all apps.
constexpr std::string_view of_operators[] = {"reveal", "operator", "app"};

std::string_view field_of(const Argument& argument) {
  const auto* const row = std::ranges::find(renamed, argument.wire_name(), &Renamed::argument);
  return row == std::end(renamed) ? argument.wire_name() : row->field;
}
bool is_duration(const Argument& argument) {
  return std::ranges::find(durations, argument.wire_name()) != std::end(durations);
}

std::vector<const Argument*> arguments_of(const Row& row) {
  std::vector<const Argument*> all;
  for (const Argument& argument : row.command->arguments) {
    const bool is_set = argument.wire_name() == row.id_is || argument.side == wire::Side::xionctl ||
                        argument.is_privileged ||
                        std::ranges::find(of_operators, argument.wire_name()) != std::end(of_operators) ||
                        (row.takes_app == TakesApp::as_name && argument.wire_name() == "name");
    if (!is_set) all.push_back(&argument);
  }
  return all;
}

std::string_view expected(const Argument& argument) {
  if (is_duration(argument)) return "a whole number of seconds";
  switch (argument.type) {
    case ArgumentType::text: return "text";
    case ArgumentType::flag: return "true or false";
    case ArgumentType::number: return "a whole number";
    case ArgumentType::texts: return "an array of texts";
    case ArgumentType::pairs: return "an object of texts";
  }
  return "";
}

/// 120.0 is 120.
std::optional<std::int64_t> whole(const wire::Value& value) {
  constexpr double most = 1e15;
  if (const auto* number = value.whole()) return *number;
  const auto* real = value.real();
  if (real == nullptr || std::trunc(*real) != *real || std::abs(*real) > most) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

bool are_texts(const wire::Value& value) {
  const auto is_text = [](const wire::Value& one) { return one.text() != nullptr; };
  return value.array() != nullptr && std::ranges::all_of(*value.array(), is_text);
}
bool are_pairs(const wire::Value& value) {
  return value.object() != nullptr &&
         std::ranges::all_of(*value.object(), [](const auto& one) { return one.second.text() != nullptr; });
}

/// The value as the command takes it; nothing where it has another type.
std::optional<wire::Value> converted(const Argument& argument, wire::Value value) {
  if (is_duration(argument)) {
    const auto seconds = whole(value);
    if (!seconds || *seconds < 0) return std::nullopt;
    return wire::Value{*seconds == 0 ? std::string("0") : fmt::format("{}s", *seconds)};
  }
  switch (argument.type) {
    case ArgumentType::text: return value.text() != nullptr ? std::optional(std::move(value)) : std::nullopt;
    case ArgumentType::flag: return value.truth() != nullptr ? std::optional(std::move(value)) : std::nullopt;
    case ArgumentType::texts: return are_texts(value) ? std::optional(std::move(value)) : std::nullopt;
    case ArgumentType::pairs: return are_pairs(value) ? std::optional(std::move(value)) : std::nullopt;
    case ArgumentType::number: break;
  }
  const auto number = whole(value);
  return number ? std::optional(wire::Value{*number}) : std::nullopt;
}

Problem unknown(std::string_view name, const std::vector<const Argument*>& arguments) {
  std::vector<std::string_view> known;
  for (const Argument* argument : arguments) known.push_back(field_of(*argument));
  return unknown_field(name, known);
}

/// What a query says, as a body would.
std::expected<Object, Problem> query_object(Call& call, const std::vector<const Argument*>& arguments) {
  auto parameters = parse_query(call.exchange->query());
  if (!parameters) return std::unexpected(std::move(parameters.error()));
  Object object;
  for (auto& [name, value] : *parameters) {
    const auto argument = std::ranges::find_if(arguments, [&](const Argument* a) { return field_of(*a) == name; });
    const bool is_number = argument != arguments.end() && (*argument)->type == ArgumentType::number;
    const auto number = is_number ? parse_whole(value, std::uint64_t{1} << 53) : std::nullopt;
    if (number)
      object.emplace_back(name, wire::Value{static_cast<std::int64_t>(*number)});
    else
      object.emplace_back(name, wire::Value{std::move(value)});
  }
  return object;
}

/// Members that are null are absent, at any depth.
void drop_nulls(wire::Value& value) {
  if (auto* members = std::get_if<Object>(&value.data)) {
    std::erase_if(*members, [](const auto& member) { return member.second.is_null(); });
    for (auto& [name, member] : *members) drop_nulls(member);
  } else if (auto* each = std::get_if<wire::Value::Array>(&value.data)) {
    for (wire::Value& one : *each) drop_nulls(one);
  }
}

constexpr std::string_view methods(HttpMethod method) {
  return method == HttpMethod::get ? "GET" : method == HttpMethod::post ? "POST" : "DELETE";
}

/// `` `xionctl key list` `` and what follows it within the quotes; the call that it is, or nothing.
std::optional<std::string> call_of(std::string_view quoted) {
  quoted.remove_prefix(std::string_view("xionctl ").size());
  const std::size_t second = quoted.find(' ');
  const std::size_t end = second == std::string_view::npos ? second : quoted.find(' ', second + 1);
  const Row* const row = row_of(quoted.substr(0, end));
  if (row == nullptr) return std::nullopt;
  return fmt::format("{} {}", methods(row->route.method), row->route.pattern);
}

/// Whether `text` has `word`, and not as a part of another.
bool has_word(std::string_view text, std::string_view word) {
  const auto goes_on = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !goes_on(text[at - 1])) && (end == text.size() || !goes_on(text[end]))) return true;
  }
  return false;
}

/// Whether a text that was given stands in what is said.
bool is_quoted(const wire::Value* value, std::string_view said) {
  constexpr std::size_t telling = 2;  // A letter alone stands anywhere.
  const auto stands = [&](const std::string& text) { return text.size() >= telling && has_word(said, text); };
  if (value == nullptr) return false;
  if (const auto* text = value->text()) return stands(*text);
  const auto is_one = [&](const wire::Value& one) { return one.text() != nullptr && stands(*one.text()); };
  return value->array() != nullptr && std::ranges::any_of(*value->array(), is_one);
}

}  // namespace

std::string in_terms_of_api(std::string_view text, const Row& row) {
  std::string said;
  for (std::size_t at = 0; at < text.size();) {
    const bool is_command = text.substr(at).starts_with("`xionctl ");
    const std::size_t end = is_command ? text.find('`', at + 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
      said += text[at++];
      continue;
    }
    const auto call = call_of(text.substr(at + 1, end - at - 1));
    if (!call) return {};
    said += *call;
    at = end + 1;
  }
  for (const Argument& argument : row.command->arguments) {
    if (!argument.name.starts_with("--")) continue;
    for (std::size_t at = said.find(argument.name); at != std::string::npos; at = said.find(argument.name, at + 1)) {
      const std::size_t after = at + argument.name.size();
      if (after < said.size() && (std::isalnum(static_cast<unsigned char>(said[after])) != 0 || said[after] == '-'))
        continue;
      said.replace(at, argument.name.size(), fmt::format("`{}`", field_of(argument)));
    }
  }
  return said;
}

std::string_view field_at_odds(const Row& row, const wire::Value& args, std::string_view detail,
                               std::string_view hint) {
  const auto arguments = arguments_of(row);
  for (const std::string_view said : {detail, hint}) {
    for (const Argument* argument : arguments)
      if (argument->name.starts_with("--") && has_word(said, argument->name)) return field_of(*argument);
  }
  for (const Argument* argument : arguments)
    if (is_quoted(args.find(argument->wire_name()), detail)) return field_of(*argument);
  // Where a body has to have one member and it has no other, that is it.
  const auto is_given = [&](const Argument* argument) { return args.find(argument->wire_name()) != nullptr; };
  if (std::ranges::count_if(arguments, is_given) != 1) return {};
  return field_of(**std::ranges::find_if(arguments, is_given));
}

std::expected<Object, Problem> body_object(Call& call) {
  if (call.body().empty()) return Object{};
  if (auto read = call.parts->json.object(call.body()); !read) return std::unexpected(std::move(read.error()));
  constexpr wire::JsonLimits limits{.depth = JsonReader::max_depth, .values = 1'024};
  auto value = wire::parse_json(call.body(), limits);
  if (!value || value->object() == nullptr)
    return std::unexpected(Problem(ErrorCode::malformed_json, "Expected a JSON object of at most 1024 values"));
  drop_nulls(*value);
  return std::get<Object>(std::move(value->data));
}

std::optional<Problem> read_arguments(Call& call, const Row& row, Object& args) {
  if (row.read != nullptr) return row.read(call, args);
  const auto arguments = arguments_of(row);
  auto given = row.route.method == HttpMethod::post ? body_object(call) : query_object(call, arguments);
  if (!given) return std::move(given.error());
  for (auto& [name, value] : *given) {
    const auto argument =
        std::ranges::find_if(arguments, [&, &wanted = name](const Argument* a) { return field_of(*a) == wanted; });
    if (argument == arguments.end()) return unknown(name, arguments);
    auto taken = converted(**argument, std::move(value));
    if (!taken) return invalid_field(name, expected(**argument));
    args.emplace_back(std::string((*argument)->wire_name()), std::move(*taken));
  }
  for (const Argument* argument : arguments) {
    const auto is_it = [&](const auto& member) { return member.first == argument->wire_name(); };
    if (argument->is_required && std::ranges::none_of(args, is_it)) return missing_field(field_of(*argument));
  }
  return std::nullopt;
}

}  // namespace xion::admin
