#include "api/call/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "core/problem_json.h"

namespace xion {
namespace {

/// In a scope of its own: some codes are names of functions, too.
struct Catalogue {
  using enum ErrorCode;
  static constexpr CatalogueEntry entries[] = {
      {malformed_request, "malformed_request", 400, "The request is not well-formed HTTP"},
      {malformed_json, "malformed_json", 400, "The body is not a JSON object that can be read"},
      {missing_field, "missing_field", 400, "A required field is missing"},
      {unknown_field, "unknown_field", 400, "A field is not known to this call"},
      {invalid_field, "invalid_field", 400, "A field has the wrong type or form"},
      {missing_api_key, "missing_api_key", 401, "No API key was given"},
      {invalid_api_key, "invalid_api_key", 401, "The API key is not known"},
      {expired_api_key, "expired_api_key", 401, "The API key has expired"},
      {revoked_api_key, "revoked_api_key", 401, "The API key was revoked"},
      {plan_limit_reached, "plan_limit_reached", 402, "The plan's messages of this month are used up"},
      {spend_cap_reached, "spend_cap_reached", 402, "The app's messages may cost no more for now"},
      {insufficient_scope, "insufficient_scope", 403, "The API key lacks the scope for this call"},
      {client_not_allowed, "client_not_allowed", 403, "The API key may not be used from this network"},
      {country_not_allowed, "country_not_allowed", 403, "Messages to this country are not allowed"},
      {number_type_not_allowed, "number_type_not_allowed", 403, "Messages to this type of number are not allowed"},
      {phone_blocked, "phone_blocked", 403, "This phone number is blocked"},
      {fraud_suspected, "fraud_suspected", 403, "This request looks like fraud"},
      {not_found, "not_found", 404, "There is nothing here"},
      {no_active_code, "no_active_code", 404, "No code is active for this phone and purpose"},
      {method_not_allowed, "method_not_allowed", 405, "This path does not take this method"},
      {request_timeout, "request_timeout", 408, "The request took too long to arrive"},
      {idempotency_in_progress, "idempotency_in_progress", 409, "A request with this Idempotency-Key is still running"},
      {code_expired, "code_expired", 410, "The code has expired"},
      {code_used, "code_used", 410, "The code was used already"},
      {code_canceled, "code_canceled", 410, "The code was canceled"},
      {body_too_large, "body_too_large", 413, "The body is too large"},
      {unsupported_media_type, "unsupported_media_type", 415, "The body must be application/json"},
      {invalid_phone, "invalid_phone", 422, "The phone number can't exist"},
      {invalid_ttl, "invalid_ttl", 422, "The time to live is out of range"},
      {invalid_code, "invalid_code", 422, "The code is wrong"},
      {unsupported_channel, "unsupported_channel", 422, "The channel is not supported"},
      {template_error, "template_error", 422, "The template can't be used"},
      {too_many_segments, "too_many_segments", 422, "The text needs too many SMS segments"},
      {idempotency_key_reused, "idempotency_key_reused", 422, "The Idempotency-Key was used for another body"},
      {live_request_differs, "live_request_differs", 422,
       "The live request has other values, which its code can't change"},
      {command_refused, "command_refused", 422, "This can't be done as things are"},
      {code_locked, "code_locked", 423, "Too many wrong codes: the request is locked"},
      {phone_locked, "phone_locked", 423, "Too many wrong codes: the phone number is locked"},
      {rate_limited, "rate_limited", 429, "Too many requests"},
      {cooldown_active, "cooldown_active", 429, "The last message was sent a moment ago"},
      {internal, "internal", 500, "Something went wrong here"},
      {no_route_available, "no_route_available", 503, "No carrier can take the message now"},
      {overloaded, "overloaded", 503, "Too many messages are waiting"},
      {store_unavailable, "store_unavailable", 503, "Nothing can be stored now"},
  };
};
constexpr std::span<const CatalogueEntry> catalogue = Catalogue::entries;

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    if (static_cast<std::size_t>(catalogue[i].code) != i) return false;
  }
  return catalogue.size() == static_cast<std::size_t>(ErrorCode::store_unavailable) + 1;
}
static_assert(is_in_order(), "the catalogue is indexed by its codes");

/// RFC 9110 §10.2.3 makes Retry-After optional; the contract promises it on these.
bool needs_retry_after(std::uint16_t http_status) {
  return http_status == 423 || http_status == 429 || http_status == 503;
}

}  // namespace

std::span<const CatalogueEntry> error_catalogue() { return catalogue; }

Problem phone_is_locked(Seconds wait, bool needs_operator) {
  Problem problem(ErrorCode::phone_locked,
                  needs_operator ? "Too many wrong codes in a row were tried for this phone; only the operator can "
                                   "unlock it"
                                 : "Too many wrong codes were tried for this phone; nothing is sent to it or "
                                   "verified for a while");
  problem.with("needsOperator", needs_operator).retry_after(wait);
  return problem;
}
const CatalogueEntry& catalogue_entry(ErrorCode code) { return catalogue[static_cast<std::size_t>(code)]; }

Problem::Problem(ErrorCode code, std::string_view detail)
    : code_(code), json_(begin_problem(catalogue_entry(code).name, catalogue_entry(code).title, detail)) {}

Problem& Problem::retry_after(Seconds wait) {
  const auto seconds = std::max<std::int64_t>(1, wait.count());
  has_retry_after_ = true;
  fmt::format_to(std::back_inserter(headers_), "Retry-After: {}\n", seconds);
  return with("retryAfterSeconds", seconds);
}

Problem& Problem::header(std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(headers_), "{}: {}\n", name, value);
  return *this;
}

StoredAnswer Problem::answer() && {
  const std::uint16_t http_status = catalogue_entry(code_).http_status;
  if (needs_retry_after(http_status) && !has_retry_after_) retry_after(Seconds{1});
  json_.end_object();
  return {.http_status = http_status, .headers = std::move(headers_), .body = std::move(json_).str()};
}

Problem missing_field(std::string_view field) {
  Problem problem(ErrorCode::missing_field, fmt::format("`{}` is required", field));
  problem.with("field", field);
  return problem;
}

Problem invalid_field(std::string_view field, std::string_view expected) {
  Problem problem(ErrorCode::invalid_field, fmt::format("`{}`: expected {}", field, expected));
  problem.with("field", field);
  return problem;
}

Problem locked_problem(std::string_view detail, WallTime send_at, WallTime now, WallTime retry_at) {
  const auto wait = std::chrono::ceil<Seconds>(send_at - now);
  const auto when = wait > Seconds{0} ? fmt::format("in {} s", wait.count()) : std::string("now");
  Problem problem(ErrorCode::code_locked, fmt::format("{}: a new send helps, {}", detail, when));
  problem.with("remedy", "send").with("sendAvailableAt", rfc3339(std::chrono::ceil<Seconds>(send_at)));
  problem.retry_after(std::chrono::ceil<Seconds>(std::max(send_at, retry_at) - now));
  return problem;
}

StoredAnswer success(std::uint16_t http_status, std::string body, std::string_view location) {
  StoredAnswer answer{.http_status = http_status, .headers = {}, .body = std::move(body)};
  if (!location.empty()) answer.headers = fmt::format("Location: {}\n", location);
  return answer;
}

std::string error_catalogue_json() {
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok").key("errors").begin_array();
  for (const CatalogueEntry& entry : catalogue) {
    json.begin_object().field("code", entry.name).field("http", std::uint32_t{entry.http_status});
    json.field("title", entry.title).end_object();
  }
  json.end_array().end_object();
  return std::move(json).str();
}

}  // namespace xion
