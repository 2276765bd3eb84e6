#include "wire/value.h"

#include <simdjson.h>

#include <algorithm>
#include <vector>

namespace xion::wire {
namespace {

/// Whether a name comes twice: by pairs where there are few, as mostly, else in order.
bool has_repeated_name(const Value::Object& members) {
  constexpr std::size_t few = 16;
  if (members.size() <= few) {
    for (auto one = members.begin(); one != members.end(); ++one) {
      if (std::any_of(members.begin(), one, [&](const auto& before) { return before.first == one->first; }))
        return true;
    }
    return false;
  }
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const auto& [name, value] : members) names.push_back(name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

/// One text, as far as its limits go.
class Reading {
 public:
  explicit Reading(const JsonLimits& limits) : depth_left_(limits.depth), values_left_(limits.values) {}

  bool read(const simdjson::dom::element& element, Value& out) {
    using simdjson::dom::element_type;
    switch (element.type()) {
      case element_type::ARRAY: return read_nested([&] { return read_array(element, out); });
      case element_type::OBJECT: return read_nested([&] { return read_object(element, out); });
      case element_type::STRING: out.data = std::string(std::string_view(element)); return true;
      case element_type::BOOL: out.data = bool(element); return true;
      case element_type::INT64: out.data = std::int64_t(element); return true;
      case element_type::UINT64: out.data = static_cast<double>(std::uint64_t(element)); return true;
      case element_type::DOUBLE: out.data = double(element); return true;
      case element_type::NULL_VALUE: out.data = nullptr; return true;
    }
    return false;
  }

 private:
  template <typename Read>
  bool read_nested(Read read_it) {
    if (depth_left_ == 0) return false;
    --depth_left_;
    const bool is_read = read_it();
    ++depth_left_;
    return is_read;
  }

  bool read_array(const simdjson::dom::array& array, Value& out) {
    Value::Array values;
    for (const auto element : array) {
      if (values_left_-- == 0 || !read(element, values.emplace_back())) return false;
    }
    out.data = std::move(values);
    return true;
  }

  bool read_object(const simdjson::dom::object& object, Value& out) {
    Value::Object members;
    for (const auto member : object) {
      if (values_left_-- == 0) return false;
      if (!read(member.value, members.emplace_back(std::string(member.key), Value{}).second)) return false;
    }
    if (has_repeated_name(members)) return false;
    out.data = std::move(members);
    return true;
  }

  std::size_t depth_left_;
  std::size_t values_left_;
};

}  // namespace

const Value* Value::find(std::string_view name) const {
  if (const auto* members = object()) {
    for (const auto& [key, value] : *members) {
      if (key == name) return &value;
    }
  }
  return nullptr;
}

std::optional<Value> parse_json(std::string_view json, const JsonLimits& limits) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(simdjson::padded_string(json)).get(element) != simdjson::SUCCESS) return std::nullopt;
  Value value;
  if (!Reading(limits).read(element, value)) return std::nullopt;
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
