#include "wire/value.h"

#include <simdjson.h>

namespace xion::wire {
namespace {

constexpr int depth_limit = 16;

bool read(const simdjson::dom::element& element, Value& out, int depth);

bool read_array(const simdjson::dom::array& array, Value& out, int depth) {
  Value::Array values;
  for (const auto element : array) {
    if (!read(element, values.emplace_back(), depth - 1)) return false;
  }
  out.data = std::move(values);
  return true;
}

bool read_object(const simdjson::dom::object& object, Value& out, int depth) {
  Value members{Value::Object{}};
  for (const auto member : object) {
    if (members.find(member.key) != nullptr) return false;
    auto& added = std::get<Value::Object>(members.data).emplace_back(std::string(member.key), Value{});
    if (!read(member.value, added.second, depth - 1)) return false;
  }
  out = std::move(members);
  return true;
}

bool read(const simdjson::dom::element& element, Value& out, int depth) {
  using simdjson::dom::element_type;
  if (depth == 0) return false;
  switch (element.type()) {
    case element_type::ARRAY: return read_array(element, out, depth);
    case element_type::OBJECT: return read_object(element, out, depth);
    case element_type::STRING: out.data = std::string(std::string_view(element)); return true;
    case element_type::BOOL: out.data = bool(element); return true;
    case element_type::INT64: out.data = std::int64_t(element); return true;
    case element_type::UINT64: out.data = static_cast<double>(std::uint64_t(element)); return true;
    case element_type::DOUBLE: out.data = double(element); return true;
    case element_type::NULL_VALUE: out.data = nullptr; return true;
  }
  return false;
}

}  // namespace

const Value* Value::find(std::string_view name) const {
  if (const auto* members = object()) {
    for (const auto& [key, value] : *members) {
      if (key == name) return &value;
    }
  }
  return nullptr;
}

std::optional<Value> parse_json(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(simdjson::padded_string(json)).get(element) != simdjson::SUCCESS) return std::nullopt;
  Value value;
  if (!read(element, value, depth_limit)) return std::nullopt;
  return value;
}

void write_json(JsonWriter& out, const Value& value) {
  if (const auto* text = value.text()) {
    out.value(*text);
  } else if (const auto* truth = value.truth()) {
    out.value(*truth);
  } else if (const auto* whole = value.whole()) {
    out.value(*whole);
  } else if (const auto* real = value.real()) {
    out.value(*real);
  } else if (const auto* array = value.array()) {
    out.begin_array();
    for (const auto& element : *array) write_json(out, element);
    out.end_array();
  } else if (const auto* object = value.object()) {
    out.begin_object();
    for (const auto& [name, member] : *object) {
      out.key(name);
      write_json(out, member);
    }
    out.end_object();
  } else {
    out.null();
  }
}

}  // namespace xion::wire
