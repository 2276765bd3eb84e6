#include <fmt/format.h>

#include "api/call/verbs.h"
#include "app/codes/read_otp.h"

namespace xion::verbs {
namespace {

constexpr std::string_view unknown_id = "No request of this app has this id";

/// A cancel takes no fields: nothing, or an empty object.
struct CancelBody {};

StoredAnswer canceled(const Otp& otp) {
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "canceled").field("requestId", to_string(otp.id));
  if (otp.ended_at) json.field("canceledAt", rfc3339(*otp.ended_at));
  json.end_object();
  return success(200, std::move(json).str());
}

StoredAnswer render_canceled(const CancelOutcome& outcome) {
  switch (outcome.result) {
    case CancelResult::canceled: return canceled(outcome.otp);
    case CancelResult::not_found: return Problem(ErrorCode::not_found, unknown_id).answer();
    case CancelResult::code_used: return Problem(ErrorCode::code_used, "The request is verified already").answer();
    case CancelResult::code_expired:
      return Problem(ErrorCode::code_expired, "The request has expired already").answer();
    case CancelResult::code_canceled:
      return Problem(ErrorCode::code_canceled, "The request is canceled already").answer();
    case CancelResult::code_locked:
      return locked_problem("The request is locked by wrong codes, so there is nothing to cancel",
                            outcome.send_available_at, outcome.now, outcome.otp.expires_at)
          .answer();
    case CancelResult::not_live:
      return Problem(ErrorCode::no_active_code, "The request has no code that could be canceled").answer();
  }
  return Problem(ErrorCode::internal, "").answer();
}

}  // namespace

void cancel(CallPtr call) {
  const auto id = parse_otp_id(call->resource);
  if (!id) return call->refuse(ErrorCode::not_found, unknown_id);
  CancelBody nothing;
  if (!call->body().empty()) {
    if (auto problem = read_fields<CancelBody>(call->parts->json, call->body(), {}, nothing)) {
      return call->refuse(std::move(*problem));
    }
  }
  Services& services = call->services();
  const World whose = call->caller.world();
  const auto idempotency = call->idempotency;
  cancel_otp(services, whose, *id, idempotency, render_canceled, reply_to(std::move(call)));
}

}  // namespace xion::verbs
