#pragma once
#include "app/codes/answered.h"
#include "app/services.h"

namespace xion {

/// An answer to what no task of ours decides, kept for its Idempotency-Key all the same: sealed, since it may show a
/// secret. It is kept after its effect, so that a crash between them forgets it; two at once are told apart by the
/// edge. Nothing is kept for the key: `done` gets `ReplyKind::answer`, with nothing in it.
void find_answer(Services& services, const IdempotencyUse& use, ReplyTo done);
void keep_answer(Services& services, const IdempotencyUse& use, StoredAnswer answer, ReplyTo done);

}  // namespace xion
