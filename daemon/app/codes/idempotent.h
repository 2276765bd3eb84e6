#pragma once
#include <optional>
#include <utility>

#include "app/codes/answered.h"
#include "domain/txn.h"

namespace xion {

/// What a transaction made of a request: the reply, and what is to happen after the commit.
template <typename Outcome>
struct Answered {
  Reply reply;
  Outcome outcome;      ///< Value-initialised where an earlier answer was replayed.
  bool is_new = false;  ///< Decided now.
};

/// Inside a transaction: replays the answer that is kept for the key, or decides, renders, and keeps the answer if it
/// is final. One commit holds the effect and the answer, so a retry can never see one without the other.
template <typename Outcome, typename Decide>
Answered<Outcome> answer_once(Txn& txn, const std::optional<IdempotencyUse>& use, WallTime now,
                              const Render<Outcome>& render, Decide decide) {
  Answered<Outcome> answered;
  if (use) {
    if (auto kept = txn.answer(use->key)) {
      answered.reply = {kept->body_hash == use->body_hash ? ReplyKind::replayed : ReplyKind::key_reused,
                        std::move(*kept)};
      return answered;
    }
  }
  answered.is_new = true;
  answered.outcome = decide();
  answered.reply = {ReplyKind::answer, render(answered.outcome)};
  if (use && is_kept_for_replay(answered.reply.answer.http_status)) {
    answered.reply.answer.body_hash = use->body_hash;
    txn.put_answer(use->key, answered.reply.answer, now);
  }
  return answered;
}

}  // namespace xion
