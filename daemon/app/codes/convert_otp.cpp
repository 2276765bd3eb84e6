#include "app/codes/convert_otp.h"

#include <utility>

#include "app/codes/idempotent.h"
#include "domain/txn.h"
#include "ports/foresee.h"

namespace xion {
namespace {

ConvertOutcome decide_convert(Txn& txn, const World& whose, const OtpId& id, WallTime now) {
  auto otp = txn.otp(id);
  if (!otp || !whose.has(*otp)) return {};
  if (otp->status == OtpStatus::verified) return {ConvertResult::code_used, std::move(*otp)};
  if (!otp->converted_at) {
    otp->converted_at = now;
    txn.put(*otp);
    if (!otp->test) txn.note_verified(*otp);
  }
  return {ConvertResult::converted, std::move(*otp)};
}

}  // namespace

void convert_otp(Services& services, const World& whose, OtpId id, std::optional<IdempotencyUse> idempotency,
                 Render<ConvertOutcome> render, ReplyTo reply) {
  run_task(
      services.store,
      [whose, id, idempotency, render = std::move(render), now = services.loop.wall_now()](Txn& txn) {
        return answer_once<ConvertOutcome>(txn, idempotency, now, render,
                                           [&] { return decide_convert(txn, whose, id, now); });
      },
      [reply = std::move(reply)](Commit commit, Answered<ConvertOutcome>& answered) mutable {
        reply(commit == Commit::durable ? std::move(answered.reply) : Reply{});
      },
      [id, idempotency](Reads& reads) {
        if (idempotency) reads.answers.push_back(idempotency->key);
        reads.otps.push_back(id);
      });
}

}  // namespace xion
