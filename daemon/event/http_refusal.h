#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace xion {

/// An answer that the adapter gives by itself.
struct HttpRefusal {
  int status = 400;
  std::string_view code = "malformed_request";  ///< Of the error catalogue.
  std::string detail;                           ///< A sentence.
};

/// What stands for the HTML page of that status that evhttp would send.
HttpRefusal instead_of_page(int status);

/// How many more connections a listener takes: the limit that holds for everybody, and so for answers to nobody known.
struct ConnectionQuota {
  std::size_t limit = 0;
  std::size_t left = 0;
  /// `RateLimit-Policy` and `RateLimit`. A place that is free is free at once: the window is the second after which an
  /// `overloaded` client may come again. Source: draft-ietf-httpapi-ratelimit-headers, `qu` "concurrent-requests".
  std::string policy_header() const;
  std::string state_header() const;
};

/// What every answer carries, whoever made it: nothing is taken for what it is not, no other site's page takes it in,
/// and a browser that came by HTTPS comes by HTTPS for a year. Sources: Fetch §3.6; RFC 6797 §6.1.
struct GuardHeader {
  std::string_view name, value;
  bool is_for_https = false;
};
inline constexpr GuardHeader guard_headers[] = {{"X-Content-Type-Options", "nosniff"},
                                                {"Cross-Origin-Resource-Policy", "same-origin"},
                                                {"Strict-Transport-Security", "max-age=31536000", true}};

/// How a refusal is written.
struct RefusalForm {
  bool without_body = false;
  bool is_https = false;
};
/// The whole answer, head and body. The connection closes behind it.
std::string refusal_text(const HttpRefusal& refusal, std::string_view request_id, const ConnectionQuota& quota,
                         const RefusalForm& form);
/// Its body alone, application/problem+json.
std::string problem_json(const HttpRefusal& refusal);
/// X-Request-Id of an answer that the API never saw.
std::string fresh_request_id();
std::string_view reason_phrase(int status);

}  // namespace xion
