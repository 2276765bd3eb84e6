#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/value.h"

/// What `xionctl` and the daemon say to each other on the control socket: one JSON line each way.
///   → {"command":"key create","args":{"app":"shop","scope":["otp:send"],"test":true}}
///   ← {"ok":true,"result":{…}}  or  {"ok":false,"code":"refused","detail":"…","hint":"…"}
/// A command that goes on, as a trace does, is answered by lines until either side leaves:
///   ← {"ok":true,"more":true}  at once: it has begun
/// A long array comes in parts, each a line of that form, the last of them without "more".
///   ← {"ok":true,"more":true,"missed":3,"result":{…}}  "missed": lines left out before this one, as the client read
///   too slowly
namespace xion::wire {

/// Longest request line, newline included. Octets.
inline constexpr std::size_t request_limit_octets = 64 * 1024;

/// One command, by its noun and verb, and its arguments by name.
struct Request {
  std::string command;  ///< "app add"; "status"
  Value args{Value::Object{}};
  std::string by{};  ///< Whom sudo runs xionctl for; empty: nobody else. Its word is taken of root alone.

  /// The argument of that name and type. Nothing, false or empty where it was not given, or is of another type.
  std::optional<std::string_view> text(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::map<std::string, std::string> pairs(std::string_view name) const;
};

enum class Refusal : std::uint8_t {
  refused,  ///< Understood, and not done: exit code 1.
  usage,    ///< Not understood, such as an unknown command or a malformed argument: exit code 2.
};

struct Answer {
  bool ok = true;
  bool more = false;         ///< A line of a stream: others follow.
  std::uint64_t missed = 0;  ///< Lines of the stream that were left out before this one.
  std::string result =
      "{}";  ///< JSON text: an object, or an array of objects. Only where `ok`; empty where a stream begins.
  Refusal code = Refusal::refused;
  std::string detail;         ///< A sentence: what was wrong.
  std::string hint;           ///< A sentence: what to do about it. May be empty.
  bool is_forbidden = false;  ///< Refused for who asked. The socket tells no more than that it is refused.

  static Answer done(std::string result_json);
  static Answer line(std::string result_json, std::uint64_t missed);
  static Answer refused(std::string detail, std::string hint = {});
  static Answer misused(std::string detail, std::string hint = {});
};

/// Both end with the newline.
std::string encode(const Request& request);
std::string encode(const Answer& answer);

/// Reads one line, with or without its newline. The error is a sentence for the other side.
std::expected<Request, std::string> decode_request(std::string_view line);
std::expected<Answer, std::string> decode_answer(std::string_view line);

}  // namespace xion::wire
