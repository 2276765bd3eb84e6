#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/codes/answered.h"
#include "app/owners/directory.h"
#include "app/owners/notices.h"
#include "app/services.h"
#include "core/limits/limits.h"
#include "core/otp/bound_code.h"
#include "core/phone.h"

namespace xion {

/// What somebody asks to be sent: every field has its right form, and `admit_send` says whether it may be sent.
struct SendRequest {
  Phone phone;
  std::optional<Seconds> ttl;
  std::optional<std::uint8_t> code_length;
  std::string purpose = "default";
  std::string locale, text_template, text_pattern, app_hash, web_origin, sender, route, reference, user_id,
      callback_url;
  std::vector<smpp::Tlv> text_tlvs;  ///< Of the template that `text_pattern` is of.
  std::vector<std::pair<std::string, std::string>> variables, metadata;
  Secret code;                                                  ///< The caller's own; empty: ours.
  Bind bind;                                                    ///< Sorted.
  std::vector<std::pair<std::string, std::string>> limit_keys;  ///< Names that the app has rules for, and values.
  std::optional<std::string> user_ip;
  std::optional<bool> rotate;           ///< `resend`: true for "rotate".
  std::optional<bool> returns_pending;  ///< `onPending`: true for "return".
  bool is_notice = false;               ///< It tells something, and has no code.
  bool brings_text = false;             ///< `text_pattern` is the request's own, of no template.
  std::string carrier;  ///< By this one first, whatever the route prefers: an operator's test. Empty: by the route.
};

enum class SendVerdict : std::uint8_t {
  sent,
  cooldown_active,
  rate_limited,
  phone_locked,
  plan_limit_reached,
  spend_cap_reached,
  no_route_available,
  overloaded,
  country_not_allowed,
  number_type_not_allowed,
  phone_blocked,
  fraud_suspected,
  live_request_differs,
  returned,  ///< Within the cooldown, and the live request is wanted instead of a refusal: nothing was sent.
  // Of `admit_send`: the request is at fault, nothing else is looked at.
  invalid_ttl,
  invalid_field,
  template_error,
  too_many_segments
};
/// The code of the error catalogue; empty for `sent`.
std::string_view to_string(SendVerdict verdict);
/// Whether the request itself is at fault: it counts for nothing.
constexpr bool is_inadmissible(SendVerdict verdict) { return verdict >= SendVerdict::invalid_ttl; }

struct SendOutcome {
  SendVerdict verdict = SendVerdict::sent;
  Otp otp;  ///< sent: the request as it is kept. cooldown_active: the live request.
  bool is_resend = false;
  WallTime now{};
  WallTime resend_available_at{};
  std::string route;                  ///< Name of the route that it will take.
  std::vector<Violation> violations;  ///< cooldown_active, rate_limited
  std::vector<std::string> fields;    ///< live_request_differs
  Seconds retry_after{0};             ///< cooldown_active, rate_limited, phone_locked, overloaded
  bool needs_operator = false;        ///< phone_locked: no wait helps.
  std::string plan;                   ///< plan_limit_reached …
  std::uint64_t included = 0, used = 0;
  WallTime resets_at{};     ///< plan_limit_reached, spend_cap_reached …
  std::string_view period;  ///< … "day" or "month".
  std::string currency;
  Micros cap = 0, spent = 0;  ///< `spent`: what is on its way included.
  Micros quote = 0;           ///< The most that this message could cost.
  std::string field;          ///< Inadmissible: of the API's body; empty: none alone.
  std::string detail;         ///< Inadmissible: a sentence; invalid_field: what completes "expected …".
  std::string suggestion;     ///< template_error: the name that was meant; empty: none.
  std::uint64_t segments = 0, segments_max = 0;  ///< too_many_segments
  std::vector<Notice> notices;                   ///< What others are to hear of it, once it is durable.
};

/// Decides and keeps one send, then tells the dispatcher. `reply` is called once, on the loop thread, after the commit.
/// With test keys nothing is sent, counted or limited.
void send_otp(Services& services, const Caller& caller, SendRequest request, std::optional<IdempotencyUse> idempotency,
              Render<SendOutcome> render, ReplyTo reply);

}  // namespace xion
