// A body or a query becomes the arguments of a command: the catalogue says which there are, and of what type.
#include <fmt/format.h>

#include <algorithm>
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

}  // namespace

std::expected<Object, Problem> body_object(Call& call) {
  if (call.body().empty()) return Object{};
  if (auto read = call.parts->json.object(call.body()); !read) return std::unexpected(std::move(read.error()));
  constexpr wire::JsonLimits limits{.depth = JsonReader::max_depth, .values = 1'024};
  auto value = wire::parse_json(call.body(), limits);
  if (!value || value->object() == nullptr)
    return std::unexpected(Problem(ErrorCode::malformed_json, "Expected a JSON object of at most 1024 values"));
  auto object = std::get<Object>(std::move(value->data));
  std::erase_if(object, [](const auto& member) { return member.second.is_null(); });
  return object;
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
