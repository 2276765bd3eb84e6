#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json_writer.h"

namespace xion::wire {

/// A JSON value, members in the order in which they came.
struct Value {
  using Array = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data = nullptr;

  const std::string* text() const { return std::get_if<std::string>(&data); }
  const bool* truth() const { return std::get_if<bool>(&data); }
  const std::int64_t* whole() const { return std::get_if<std::int64_t>(&data); }
  const double* real() const { return std::get_if<double>(&data); }
  const Array* array() const { return std::get_if<Array>(&data); }
  const Object* object() const { return std::get_if<Object>(&data); }
  bool is_null() const { return data.index() == 0; }
  /// A member of an object; null where there is none, or where this is no object.
  const Value* find(std::string_view name) const;
};

/// How much of a text is taken, for those who read what strangers send.
struct JsonLimits {
  std::size_t depth = 16;                                        ///< Objects and arrays in each other.
  std::size_t values = std::numeric_limits<std::size_t>::max();  ///< Members and elements, all together.
};

/// Reads one JSON text, in time that grows as its length does. Nothing where it is malformed, holds one name twice in
/// an object, or more than the limits. Whole numbers above 2^63 become doubles.
std::optional<Value> parse_json(std::string_view json, const JsonLimits& limits = {});
void write_json(JsonWriter& out, const Value& value);

}  // namespace xion::wire
