#include "event/http_refusal.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "core/problem_json.h"
#include "ports/http.h"

namespace xion {

namespace {

std::string_view title(std::string_view code) {
  if (code == "body_too_large") return "The body is too large";
  if (code == "request_timeout") return "The request took too long to arrive";
  if (code == "overloaded") return "Too many messages are waiting";
  if (code == "internal") return "Something went wrong here";
  return "The request is not well-formed HTTP";
}

}  // namespace

/// evhttp finds what `HttpScan` let through wrong.
HttpRefusal instead_of_page(int status) {
  if (status == 413) return {413, "body_too_large", "The body is too large."};
  return {400, "malformed_request", "The request is malformed."};
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

std::string ConnectionQuota::policy_header() const {
  return fmt::format("\"connections\";q={};w=1;qu=\"concurrent-requests\"", limit);
}
std::string ConnectionQuota::state_header() const { return fmt::format("\"connections\";r={};t=1", left); }

std::string refusal_text(const HttpRefusal& refusal, std::string_view request_id, const ConnectionQuota& quota,
                         const RefusalForm& form) {
  const std::string body = problem_json(refusal);
  std::string guards;
  for (const GuardHeader& guard : guard_headers) {
    if (!guard.is_for_https || form.is_https) guards += fmt::format("{}: {}\r\n", guard.name, guard.value);
  }
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Request-Id: {}\r\n"
      "RateLimit-Policy: {}\r\nRateLimit: {}\r\n{}{}Connection: close\r\n\r\n{}",
      refusal.status, reason_phrase(refusal.status), problem_content_type, body.size(), request_id,
      quota.policy_header(), quota.state_header(), refusal.status == 503 ? "Retry-After: 1\r\n" : "", guards,
      form.without_body ? std::string_view{} : body);
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
