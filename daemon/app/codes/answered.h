#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "ports/stored.h"

namespace xion {

/// A request's Idempotency-Key, hashed with the API key's id, and the hash of its body.
struct IdempotencyUse {
  Digest key{};
  Digest body_hash{};
};

/// What a use case gives back to the edge that asked.
enum class ReplyKind : std::uint8_t {
  answer,        ///< `answer` is new and durable.
  replayed,      ///< `answer` was kept for this Idempotency-Key.
  key_reused,    ///< The key was used for another body.
  store_failed,  ///< Nothing was kept and nothing charged.
};
struct Reply {
  ReplyKind kind = ReplyKind::store_failed;
  StoredAnswer answer;
};
using ReplyTo = std::move_only_function<void(Reply&&)>;

/// Whether an answer is kept for its Idempotency-Key. "Try again later" (402, 409, 423, 429, 503) is not: it charged
/// nothing, and a client that tries again wants a new decision, not the old refusal.
inline bool is_kept_for_replay(int http_status) {
  return http_status != 402 && http_status != 409 && http_status != 423 && http_status != 429 && http_status != 503;
}

/// Turns an outcome into the answer that is kept for replay. Runs inside the transaction, on the store thread: pure.
template <typename Outcome>
using Render = std::function<StoredAnswer(const Outcome&)>;

}  // namespace xion
