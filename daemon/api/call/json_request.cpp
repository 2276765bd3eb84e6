#include "api/call/json_request.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "api/call/field_names.h"
#include "base/assert.h"
#include "base/json_fault.h"

namespace xion {
namespace {

/// As much of a name as an answer tells back: a client may have sent 64 KiB of it.
std::string_view told_name(std::string_view name) { return name.substr(0, 64); }

Problem malformed(std::string_view why) { return {ErrorCode::malformed_json, why}; }

/// The parser says that something is wrong, not where: that is looked for only now.
Problem malformed_at(const JsonFault& fault) {
  Problem problem = malformed(
      fmt::format("The body is not JSON at line {}, column {}: expected {}", fault.line, fault.column, fault.expected));
  problem.with("line", std::uint64_t{fault.line}).with("column", std::uint64_t{fault.column});
  return problem;
}

Problem parse_problem(simdjson::error_code error, std::string_view body) {
  if (error == simdjson::CAPACITY) {
    return {ErrorCode::body_too_large, fmt::format("The body may have {} octets at most", JsonReader::max_octets)};
  }
  if (error == simdjson::DEPTH_ERROR) {
    return malformed(fmt::format("The body is nested more than {} levels deep", JsonReader::max_depth));
  }
  if (error == simdjson::EMPTY) return malformed("The body is empty; expected a JSON object");
  if (const auto fault = json_fault(body)) return malformed_at(*fault);
  return malformed("The body has a number that is too large");
}

/// A number without a fraction is a whole one, however it is written.
void read_double(double value, JsonMember& member) {
  constexpr double largest = 9'007'199'254'740'992;  // Beyond 2^53 not every whole number has a double of its own.
  member.type = JsonType::number;
  if (!(std::abs(value) <= largest) || std::trunc(value) != value) return;
  member.type = JsonType::integer;
  member.integer = static_cast<std::int64_t>(value);
}

/// An object of strings; nothing where it is another kind of object. Repeated names are another kind too; a null is
/// absent.
bool read_pairs(simdjson::dom::object object, JsonMember& member) {
  for (const auto [name, value] : object) {
    if (value.is_null()) continue;
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS || member.pairs.size() == JsonReader::max_pairs) return false;
    const auto is_same = [&](const auto& pair) { return pair.first == name; };
    if (std::ranges::any_of(member.pairs, is_same)) return false;
    member.pairs.emplace_back(name, text);
  }
  return true;
}

void read_value(simdjson::dom::element value, JsonMember& member) {
  switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      member.type = JsonType::text;
      member.text = value.get_string().value_unsafe();
      return;
    case simdjson::dom::element_type::INT64:
      member.type = JsonType::integer;
      member.integer = value.get_int64().value_unsafe();
      return;
    case simdjson::dom::element_type::BOOL:
      member.type = JsonType::truth;
      member.truth = value.get_bool().value_unsafe();
      return;
    case simdjson::dom::element_type::OBJECT:
      member.type = read_pairs(value.get_object().value_unsafe(), member) ? JsonType::text_map : JsonType::object;
      return;
    case simdjson::dom::element_type::ARRAY: member.type = JsonType::array; return;
    case simdjson::dom::element_type::UINT64: member.type = JsonType::number; return;
    case simdjson::dom::element_type::DOUBLE: return read_double(value.get_double().value_unsafe(), member);
    case simdjson::dom::element_type::NULL_VALUE: member.type = JsonType::null; return;
  }
}

}  // namespace

struct JsonReader::Parser {
  simdjson::dom::parser dom{max_octets};
};

JsonReader::JsonReader() : parser_(std::make_unique<Parser>()) {
  XION_ASSERT(parser_->dom.allocate(max_octets, max_depth) == simdjson::SUCCESS);
}
JsonReader::~JsonReader() = default;

std::expected<std::span<const JsonMember>, Problem> JsonReader::object(std::string_view body) {
  simdjson::dom::element root;
  const auto error = parser_->dom.parse(body.data(), body.size(), false).get(root);
  if (error != simdjson::SUCCESS) return std::unexpected(parse_problem(error, body));
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS)
    return std::unexpected(malformed("The body is not an object; expected {…}"));

  members_.clear();
  for (const auto [name, value] : object) {
    if (std::ranges::any_of(members_, [&](const JsonMember& member) { return member.name == name; })) {
      Problem problem = malformed(fmt::format("`{}` is given twice", told_name(name)));
      problem.with("field", told_name(name));
      return std::unexpected(std::move(problem));
    }
    if (members_.size() == max_members) return std::unexpected(malformed("The body has too many members"));
    read_value(value, members_.emplace_back(JsonMember{.name = name}));
  }
  return members_;
}

struct JsonTexts::Root {
  simdjson::dom::element element;
};

std::optional<std::string_view> JsonTexts::at(std::string_view pointer) const {
  std::string_view text;
  return root_->element.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::optional(text) : std::nullopt;
}

std::expected<JsonTexts, Problem> JsonReader::texts(std::string_view body) {
  auto root = std::make_shared<JsonTexts::Root>();
  const auto error = parser_->dom.parse(body.data(), body.size(), false).get(root->element);
  if (error != simdjson::SUCCESS) return std::unexpected(parse_problem(error, body));
  if (!root->element.is_object()) return std::unexpected(malformed("The body is not an object; expected {…}"));
  return JsonTexts(std::move(root));
}

Problem unknown_field(std::string_view name, std::span<const std::string_view> known) {
  name = told_name(name);
  const auto suggestion = meant_field(name, known);
  Problem problem(ErrorCode::unknown_field,
                  suggestion ? fmt::format("`{}` is not known; did you mean `{}`?", name, *suggestion)
                             : fmt::format("`{}` is not known to this call", name));
  problem.with("field", name);
  if (suggestion) problem.with("suggestion", *suggestion);
  return problem;
}

}  // namespace xion
