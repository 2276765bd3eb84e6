#include "api/call/verbs.h"
#include "app/codes/convert_otp.h"

namespace xion::verbs {
namespace {

constexpr std::string_view no_such_request = "No request of this app has this id";

struct OutcomeBody {
  bool is_converted = false;
};
constexpr Field<OutcomeBody> outcome_fields[] = {
    {"outcome", JsonType::text, "the string \"converted\"",
     [](const JsonMember& m, OutcomeBody& b) { return b.is_converted = m.text == "converted"; }, true},
};

StoredAnswer render_conversion(const ConvertOutcome& outcome, WallTime now) {
  switch (outcome.result) {
    case ConvertResult::not_found: return Problem(ErrorCode::not_found, no_such_request).answer();
    case ConvertResult::code_used:
      return Problem(ErrorCode::code_used, "The request is verified already; that counts as it is").answer();
    case ConvertResult::converted: break;
  }
  Otp otp = outcome.otp;
  otp_rules::expire(otp, now);
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", to_string(otp.status)).field("requestId", to_string(otp.id));
  json.field("outcome", "converted").field("convertedAt", rfc3339(otp.converted_at.value_or(now))).end_object();
  return success(200, std::move(json).str());
}

}  // namespace

void outcome(CallPtr call) {
  const auto id = parse_otp_id(call->resource);
  if (!id) return call->refuse(ErrorCode::not_found, no_such_request);
  OutcomeBody body;
  if (auto problem = read_fields<OutcomeBody>(call->parts->json, call->body(), outcome_fields, body)) {
    return call->refuse(std::move(*problem));
  }
  Services& services = call->services();
  const World whose = call->caller.world();
  const auto idempotency = call->idempotency;
  convert_otp(
      services, whose, *id, idempotency,
      [now = services.loop.wall_now()](const ConvertOutcome& told) { return render_conversion(told, now); },
      reply_to(std::move(call)));
}

}  // namespace xion::verbs
