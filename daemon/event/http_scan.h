#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/http_refusal.h"

namespace xion {

struct HttpScanLimits {
  std::size_t head_octets = 16 * 1024;  ///< Request line and header fields, their line ends included.
  std::size_t body_octets = 64 * 1024;
  std::size_t fields = 100;
  std::size_t chunks = 1'024;
};

/// Reads a connection's octets before evhttp does, one request at a time, and says what is wrong with them: framing
/// that somebody in front of us might read in another way, fields that must come once, a head or body without end. What
/// it lets through ends for evhttp at the same octet. One pass, and no memory but for a line that is cut. Sources: RFC
/// 9112 §2.2, §3, §5, §6, §7.1; RFC 9110 §5.5, §5.6.2, §9.3, §10.1.1.
class HttpScan {
 public:
  explicit HttpScan(const HttpScanLimits& limits) : limits_(limits) {}

  /// Takes octets up to the end of the request; how many those were. Nothing is taken once it is over.
  std::size_t take(std::string_view octets);
  /// Whole, or refused.
  bool is_over() const { return state_ >= State::whole; }
  bool is_whole() const { return state_ == State::whole; }
  /// Why it is refused; null: it is not.
  const HttpRefusal* refusal() const { return refusal_ ? &*refusal_ : nullptr; }
  bool is_head() const { return is_head_; }
  /// The client's own X-Request-Id, as far as it was seen; empty: none that is good.
  const std::string& request_id() const { return request_id_; }
  /// Octets of the request so far.
  std::size_t taken() const { return taken_; }
  void begin_next();

 private:
  enum class State : std::uint8_t { request_line, fields, body, chunk_size, chunk, chunk_end, trailer, whole, refused };
  /// How often the fields came that say where a request ends, whom it is for and who asks.
  struct Seen {
    bool host = false, length = false, encoding = false, authorization = false;
  };

  void take_of_body(std::string_view& octets);
  void take_line(std::string_view& octets);
  void check_cut_line();
  void on_line(std::string_view line);
  void on_request_line(std::string_view line);
  void on_field(std::string_view line);
  void on_known_field(std::string_view name, std::string_view value);
  void once(bool& seen, std::string_view name);
  void on_length(std::string_view value);
  void on_head_end();
  void on_chunk_size(std::string_view line);
  void refuse(HttpRefusal refusal);
  void refuse(std::string detail) { refuse({400, "malformed_request", std::move(detail)}); }
  void refuse_large_body();

  const HttpScanLimits& limits_;
  State state_ = State::request_line;
  bool is_head_ = false;
  bool may_have_body_ = false;
  int minor_version_ = 0;
  Seen seen_;
  std::size_t taken_ = 0;
  std::size_t fields_ = 0;
  std::size_t chunks_ = 0;
  std::uint64_t left_ = 0;  ///< Octets of the body, or of the chunk, that are still to come.
  std::uint64_t body_ = 0;  ///< Octets of all chunks so far.
  std::string cut_;         ///< The beginning of a line whose end has not come.
  std::string request_id_;
  std::optional<HttpRefusal> refusal_;
};

/// Whether a request of this method may bring a body. evhttp never reads one behind the others: it would take it for
/// the next request.
bool method_may_have_body(std::string_view method);
/// The path and query of a target, whatever its form: all of `/v1/otp?limit=1`, and what follows the authority in
/// `http://host/v1/otp`. Source: RFC 9112 §3.2.
std::string_view path_of_target(std::string_view target);

}  // namespace xion
