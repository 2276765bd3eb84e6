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

/// The whole answer, head and body. The connection closes behind it.
std::string refusal_text(const HttpRefusal& refusal, bool without_body);
/// Its body alone, application/problem+json.
std::string problem_json(const HttpRefusal& refusal);
/// X-Request-Id of an answer that the API never saw.
std::string fresh_request_id();
std::string_view reason_phrase(int status);

}  // namespace xion
