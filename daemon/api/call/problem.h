#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/time.h"
#include "ports/stored.h"

namespace xion {

/// The error catalogue: what `code` of a problem can be. Stable: clients switch on the names.
enum class ErrorCode : std::uint8_t {
  malformed_request,  ///< Of the HTTP adapter, which answers before a router is asked.
  malformed_json,
  missing_field,
  unknown_field,
  invalid_field,
  missing_api_key,
  invalid_api_key,
  expired_api_key,
  revoked_api_key,
  plan_limit_reached,
  spend_cap_reached,
  insufficient_scope,
  client_not_allowed,
  country_not_allowed,
  number_type_not_allowed,
  phone_blocked,
  fraud_suspected,
  not_found,
  no_active_code,
  method_not_allowed,
  request_timeout,  ///< Of the HTTP adapter.
  idempotency_in_progress,
  code_expired,
  code_used,
  code_canceled,
  body_too_large,
  unsupported_media_type,
  invalid_phone,
  invalid_ttl,
  invalid_code,
  unsupported_channel,
  template_error,
  too_many_segments,
  idempotency_key_reused,
  live_request_differs,
  command_refused,
  code_locked,
  phone_locked,
  rate_limited,
  cooldown_active,
  internal,
  no_route_available,
  overloaded,
  store_unavailable
};

struct CatalogueEntry {
  ErrorCode code;
  std::string_view name;
  std::uint16_t http_status;
  std::string_view title;  ///< The same for every occurrence. Source: RFC 9457 §3.1.4.
};
/// In the order of the enumeration, so that a code is its own index.
std::span<const CatalogueEntry> error_catalogue();
const CatalogueEntry& catalogue_entry(ErrorCode code);

/// One refusal as `application/problem+json`, built member by member. There is no numeric `status` member: in our
/// successes `status` is a string.
class Problem {
 public:
  Problem(ErrorCode code, std::string_view detail);

  template <typename T>
  Problem& with(std::string_view name, const T& value) {
    json_.field(name, value);
    return *this;
  }
  /// `Retry-After` and `retryAfterSeconds`; at least a second, so that no client spins.
  Problem& retry_after(Seconds wait);
  Problem& header(std::string_view name, std::string_view value);
  /// For members that are arrays.
  JsonWriter& json() { return json_; }
  ErrorCode code() const { return code_; }

  StoredAnswer answer() &&;

 private:
  ErrorCode code_;
  bool has_retry_after_ = false;
  std::string headers_;
  JsonWriter json_;
};

/// A phone that wrong codes have locked: what helps, and when.
Problem phone_is_locked(Seconds wait, bool needs_operator);

/// Refusals of one member of a body. `expected` completes the sentence "expected …".
Problem missing_field(std::string_view field);
Problem invalid_field(std::string_view field, std::string_view expected);

/// `code_locked`, and what helps: a new send, which the phone may have at `send_at`. Before `retry_at` the same call is
/// of no use either.
Problem locked_problem(std::string_view detail, WallTime send_at, WallTime now, WallTime retry_at = {});

/// A success: `body` is a whole JSON object.
StoredAnswer success(std::uint16_t http_status, std::string body, std::string_view location = {});
/// The body of `GET /v1/errors`.
std::string error_catalogue_json();

}  // namespace xion
