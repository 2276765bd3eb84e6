#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "api/call/problem.h"

namespace xion {

enum class JsonType : std::uint8_t {
  null,
  truth,
  integer,
  number,
  text,
  array,
  object,
  text_map,  ///< An object whose values are all strings, with at most `JsonReader::max_pairs` of them.
};

/// One member of a body. Its views hold until the reader reads again.
struct JsonMember {
  std::string_view name;
  JsonType type = JsonType::null;
  bool truth = false;
  std::int64_t integer = 0;
  std::string_view text{};
  std::vector<std::pair<std::string_view, std::string_view>> pairs{};  ///< text_map
};

/// The texts of a body whose shape is somebody else's. Its views hold until the reader reads again.
class JsonTexts {
 public:
  /// What stands at a JSON pointer (RFC 6901); nothing where that is no text.
  std::optional<std::string_view> at(std::string_view pointer) const;

 private:
  friend class JsonReader;
  struct Root;
  explicit JsonTexts(std::shared_ptr<const Root> root) : root_(std::move(root)) {}
  std::shared_ptr<const Root> root_;
};

/// Reads bodies one after another into the same memory.
class JsonReader {
 public:
  static constexpr std::size_t max_octets = 64 * 1024;
  static constexpr std::size_t max_depth = 8;
  static constexpr std::size_t max_members = 64;
  static constexpr std::size_t max_pairs = 32;
  static constexpr std::size_t padding_octets = 64;  ///< Readable behind a body.

  JsonReader();
  ~JsonReader();
  /// The members of the object that `body` is, in their order. At least `padding_octets` behind `body` are readable.
  /// Problems: `malformed_json` (also a repeated name: which one counts differs between readers), `body_too_large`.
  std::expected<std::span<const JsonMember>, Problem> object(std::string_view body);
  /// The same of a body that is looked into at some places alone.
  std::expected<JsonTexts, Problem> texts(std::string_view body);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::vector<JsonMember> members_;
};

/// One row of a call's table: a member that its body may have, and how it gets into the request.
template <typename Request>
struct Field {
  std::string_view name;
  JsonType type;
  std::string_view expected;  ///< Completes "expected …" where the type is wrong or `read` says no.
  bool (*read)(const JsonMember& member, Request& request);
  bool is_required = false;
};

Problem unknown_field(std::string_view name, std::span<const std::string_view> known);

/// Fills `request` from `body` by the table; a member that is null is absent. The problem is that of the first member
/// that is wrong; a mistyped name is told before the required one that is missing for it.
template <typename Request>
std::optional<Problem> read_fields(JsonReader& reader, std::string_view body, std::span<const Field<Request>> fields,
                                   Request& request) {
  const auto members = reader.object(body);
  if (!members) return members.error();
  std::uint64_t seen = 0;
  for (const JsonMember& member : *members) {
    std::size_t at = 0;
    while (at < fields.size() && fields[at].name != member.name) ++at;
    if (at == fields.size()) {
      std::vector<std::string_view> known;
      for (const auto& field : fields) known.push_back(field.name);
      return unknown_field(member.name, known);
    }
    if (member.type == JsonType::null) continue;  // Absent.
    seen |= std::uint64_t{1} << at;
    if (member.type != fields[at].type || !fields[at].read(member, request)) {
      return invalid_field(member.name, fields[at].expected);
    }
  }
  for (std::size_t at = 0; at < fields.size(); ++at) {
    if (fields[at].is_required && (seen >> at & 1) == 0) return missing_field(fields[at].name);
  }
  return std::nullopt;
}

}  // namespace xion
