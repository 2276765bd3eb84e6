#include "event/http_refusal.h"

#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <fmt/format.h>
#include <strings.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "core/problem_json.h"
#include "ports/http.h"

namespace xion {

namespace {

/// Source: RFC 9110 §5.6.2.
bool is_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.contains(c);
  });
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The headers that say where a request ends and whom it is for.
struct Framing {
  int hosts = 0, lengths = 0, encodings = 0;
  std::string_view length, encoding;
  bool has_bad_name = false;
};

Framing framing_of(const evhttp_request& request) {
  Framing framing;
  for (const evkeyval* header = request.input_headers->tqh_first; header != nullptr; header = header->next.tqe_next) {
    if (!is_token(header->key)) framing.has_bad_name = true;
    switch (header->key[0] | 0x20) {
      case 'h':
        if (strcasecmp(header->key, "Host") == 0) ++framing.hosts;
        break;
      case 'c':
        if (strcasecmp(header->key, "Content-Length") == 0) {
          ++framing.lengths;
          framing.length = header->value;
        }
        break;
      case 't':
        if (strcasecmp(header->key, "Transfer-Encoding") == 0) {
          ++framing.encodings;
          framing.encoding = header->value;
        }
        break;
    }
  }
  return framing;
}

/// evhttp never reads a body behind these methods: it would take the body for the next request.
bool may_have_body(unsigned method) {
  constexpr unsigned with_body =
      EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS;
  return (method & with_body) != 0;
}

HttpRefusal malformed(std::string detail) { return {400, "malformed_request", std::move(detail)}; }

std::string_view title(std::string_view code) {
  if (code == "body_too_large") return "The body is too large";
  if (code == "request_timeout") return "The request took too long to arrive";
  if (code == "overloaded") return "Too many messages are waiting";
  if (code == "internal") return "Something went wrong here";
  return "The request is not well-formed HTTP";
}

}  // namespace

unsigned method_flag(const evhttp_request& request) {
  unsigned flag = 0;
  std::memcpy(&flag, &request.type, sizeof flag);
  return flag;
}

std::optional<HttpRefusal> why_refuse(const evhttp_request& request) {
  if (request.major != 1 || request.minor < 0) return malformed("The version must be HTTP/1.1 or HTTP/1.0.");
  const std::string_view target = request.uri;
  if (!target.starts_with('/')) return malformed("The request target must be a path, as in GET /v1/otp HTTP/1.1.");
  if (target.contains('#')) return malformed("The request target has a fragment (#), which never leaves a client.");
  const Framing framing = framing_of(request);
  if (framing.has_bad_name)
    return malformed("A header name has a character that is not allowed there, such as a space before the colon.");
  if (framing.hosts > 1) return malformed("There is more than one Host header.");
  if (framing.hosts == 0 && request.minor >= 1) return malformed("The Host header is missing.");
  if (framing.lengths > 1) return malformed("There is more than one Content-Length header.");
  if (framing.encodings > 1) return malformed("There is more than one Transfer-Encoding header.");
  if (framing.lengths == 1 && framing.encodings == 1)
    return malformed("Content-Length and Transfer-Encoding exclude each other.");
  if (framing.lengths == 1 && !is_number(framing.length)) return malformed("Content-Length is not a number.");
  if (framing.encodings == 1 && strcasecmp(framing.encoding.data(), "chunked") != 0) {
    return malformed("The only Transfer-Encoding understood is chunked.");
  }
  const bool has_body = framing.encodings == 1 || (framing.lengths == 1 && framing.length != "0");
  if (has_body && !may_have_body(method_flag(request))) return malformed("A request of this method can't have a body.");
  return std::nullopt;
}

HttpRefusal instead_of_page(int status, std::size_t header_limit_octets, std::size_t body_limit_octets) {
  if (status == 413) {
    return {413, "body_too_large",
            fmt::format("The body has more than {} octets, or its chunks are malformed.", body_limit_octets)};
  }
  if (status == 417) return malformed("The only Expect understood is 100-continue.");
  if (status == 501) return malformed("CONNECT is for proxies.");
  return malformed(
      fmt::format("The request line or a header is malformed, Content-Length contradicts Transfer-Encoding or "
                  "itself, or the head has more than {} octets.",
                  header_limit_octets));
}

std::string problem_json(const HttpRefusal& refusal) {
  JsonWriter json = begin_problem(refusal.code, title(refusal.code), refusal.detail);
  if (refusal.status == 503) json.field("retryAfterSeconds", 1);
  json.end_object();
  return std::move(json).str();
}

std::string fresh_request_id() {
  std::array<std::uint8_t, 10> random{};
  // Were there no entropy, the id would be a dull one: it names an answer, it guards nothing.
  if (getrandom(random.data(), random.size(), GRND_NONBLOCK) < 0) random.fill(0);
  return crockford32(random);
}

std::string request_id_of(const evhttp_request& request) {
  const char* own = evhttp_find_header(request.input_headers, "X-Request-Id");
  return own != nullptr && is_sane_request_id(own) ? std::string(own) : fresh_request_id();
}

std::string_view find_request_id(std::string_view head) {
  constexpr std::string_view name = "X-Request-Id:";
  head = head.substr(0, head.find("\r\n\r\n"));
  for (auto line = head.find('\n'); line != head.npos; line = head.find('\n')) {
    head.remove_prefix(line + 1);
    if (head.size() < name.size() || strncasecmp(head.data(), name.data(), name.size()) != 0) continue;
    const auto end = head.find_first_of("\r\n");
    if (end == head.npos) return {};  // Cut off in the middle.
    auto value = head.substr(name.size(), end - name.size());
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
    return is_sane_request_id(value) ? value : std::string_view{};
  }
  return {};
}

std::string ConnectionQuota::policy_header() const {
  return fmt::format("\"connections\";q={};w=1;qu=\"concurrent-requests\"", limit);
}
std::string ConnectionQuota::state_header() const { return fmt::format("\"connections\";r={};t=1", left); }

std::string refusal_text(const HttpRefusal& refusal, std::string_view request_id, const ConnectionQuota& quota,
                         bool without_body) {
  const std::string body = problem_json(refusal);
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Request-Id: {}\r\n"
      "RateLimit-Policy: {}\r\nRateLimit: {}\r\n{}Connection: close\r\n\r\n{}",
      refusal.status, reason_phrase(refusal.status), problem_content_type, body.size(), request_id,
      quota.policy_header(), quota.state_header(), refusal.status == 503 ? "Retry-After: 1\r\n" : "",
      without_body ? std::string_view{} : body);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

}  // namespace xion
