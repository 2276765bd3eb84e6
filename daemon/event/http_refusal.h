#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct evhttp_request;

namespace xion {

/// An answer that the adapter gives by itself.
struct HttpRefusal {
  int status = 400;
  std::string_view code = "malformed_request";  ///< Of the error catalogue.
  std::string detail;                           ///< A sentence.
};

/// The EVHTTP_REQ_ flag of a request's method. One that evhttp does not know has a flag outside its own enumeration,
/// which C++ must not even load.
unsigned method_flag(const evhttp_request& request);

/// Why a request that evhttp took is not passed on: framing that a proxy might read in another way, no Host, a target
/// that is no path. Nothing: it is fine. Sources: RFC 9112 §3.2, §5.1, §6.1, §6.3; RFC 9110 §9.3.
std::optional<HttpRefusal> why_refuse(const evhttp_request& request);

/// What stands for the HTML page of that status that evhttp would send.
HttpRefusal instead_of_page(int status, std::size_t header_limit_octets, std::size_t body_limit_octets);

/// How many more connections a listener takes: the limit that holds for everybody, and so for answers to nobody known.
struct ConnectionQuota {
  std::size_t limit = 0;
  std::size_t left = 0;
  /// `RateLimit-Policy` and `RateLimit`. A place that is free is free at once: the window is the second after which an
  /// `overloaded` client may come again. Source: draft-ietf-httpapi-ratelimit-headers, `qu` "concurrent-requests".
  std::string policy_header() const;
  std::string state_header() const;
};

/// The whole answer, head and body. The connection closes behind it.
std::string refusal_text(const HttpRefusal& refusal, std::string_view request_id, const ConnectionQuota& quota,
                         bool without_body);
/// Its body alone, application/problem+json.
std::string problem_json(const HttpRefusal& refusal);
/// X-Request-Id of an answer that the API never saw: the client's own where that can do no harm, else one of ours.
std::string request_id_of(const evhttp_request& request);
std::string fresh_request_id();
/// The same header in the first octets of a request, before anybody has parsed them; empty: none is seen.
std::string_view find_request_id(std::string_view head);
std::string_view reason_phrase(int status);

}  // namespace xion
