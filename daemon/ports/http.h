#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xion {

enum class HttpMethod : std::uint8_t { get, head, post, put, patch, del, options, other };

struct HttpAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// The body of an answer that is made piece by piece, no faster than the client takes it. Loop thread only. Destroyed
/// before `end`, it breaks the connection, so that nobody takes a part for the whole.
class HttpBody {
 public:
  virtual ~HttpBody() = default;
  /// Gives one piece, not empty. `taken` comes once there is room for the next; where the client has gone or goes, it
  /// is destroyed instead.
  virtual void write(std::string piece, std::move_only_function<void()> taken) = 0;
  virtual void end() = 0;
  virtual bool is_gone() const = 0;  ///< Nobody waits for more.
};

/// Whether a client's own X-Request-Id can do no harm in a header or a log line.
inline bool is_sane_request_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7F; });
}

/// One request and its one answer. The adapter has already refused what is malformed as HTTP. If it is destroyed
/// unanswered, it answers 500.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual HttpMethod method() const = 0;
  virtual std::string_view path() const = 0;   ///< Undecoded, without the query.
  virtual std::string_view query() const = 0;  ///< Undecoded, without the `?`; empty: none.
  virtual std::optional<std::string_view> header(std::string_view name) const = 0;
  virtual std::string_view body() const = 0;          ///< Followed by at least 64 readable octets (simdjson's padding).
  virtual std::string_view peer_address() const = 0;  ///< "127.0.0.1"; empty for a Unix socket.
  /// Who asks has shown that they may: their connection counts no longer as a stranger's.
  virtual void caller_is_known() {}
  /// Once, now or later, on the loop thread. Safe where the client has gone.
  virtual void reply(HttpAnswer answer) = 0;
  /// The same with a body that follows in pieces; that of `head` is not looked at.
  virtual std::unique_ptr<HttpBody> reply_in_pieces(HttpAnswer head) = 0;
};
using HttpHandler = std::function<void(std::unique_ptr<HttpExchange>)>;

}  // namespace xion
