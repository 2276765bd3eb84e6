#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xion {

/// Writes one JSON text, compact, escaping as RFC 8259 asks. The caller keeps objects and arrays balanced.
/// Octets that are not UTF-8 are written as U+FFFD, so that what leaves is always valid JSON.
class JsonWriter {
 public:
  JsonWriter() { out_.reserve(usual_octets); }
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool truth);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(std::uint32_t number) { return value(static_cast<std::uint64_t>(number)); }
  JsonWriter& value(double number);
  JsonWriter& null();
  /// Puts JSON text that is already written, such as a stored answer.
  JsonWriter& raw(std::string_view json);
  template <typename T>
  JsonWriter& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  const std::string& str() const& { return out_; }
  std::string str() && { return std::move(out_); }

 private:
  /// Most texts are no longer, and so are taken from the allocator once.
  static constexpr std::size_t usual_octets = 447;

  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  void quote(std::string_view text);
  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace xion
