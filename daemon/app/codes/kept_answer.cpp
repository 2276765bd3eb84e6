#include "app/codes/kept_answer.h"

#include <algorithm>
#include <utility>

#include "domain/txn.h"
#include "ports/foresee.h"

namespace xion {
namespace {

std::string sealed(const OtpId& as, std::string_view body, Vault& vault) {
  return std::string(as_text(as.octets)) + vault.seal(as, body);
}

/// Nothing where it can't be opened: sealed under a master key that is gone.
std::optional<std::string> opened(std::string_view kept, Vault& vault) {
  if (kept.size() < OtpId::size) return std::nullopt;
  OtpId as;
  std::copy_n(kept.begin(), OtpId::size, as.octets.begin());
  const auto body = vault.open(as, kept.substr(OtpId::size));
  return body ? std::optional(std::string(body->reveal())) : std::nullopt;
}

}  // namespace

void find_answer(Services& services, const IdempotencyUse& use, ReplyTo done) {
  run_task(
      services.store,
      [use, &vault = services.store_vault](Txn& txn) {
        Reply reply{ReplyKind::answer, {}};
        auto kept = txn.answer(use.key);
        if (!kept) return reply;
        if (kept->body_hash != use.body_hash) return Reply{ReplyKind::key_reused, {}};
        auto body = opened(kept->body, vault);
        if (!body) return reply;
        kept->body = std::move(*body);
        return Reply{ReplyKind::replayed, std::move(*kept)};
      },
      [done = std::move(done)](Commit commit, Reply& reply) mutable {
        done(commit == Commit::failed ? Reply{} : std::move(reply));
      },
      [use](Reads& reads) { reads.answers.push_back(use.key); });
}

void keep_answer(Services& services, const IdempotencyUse& use, StoredAnswer answer, ReplyTo done) {
  if (!is_kept_for_replay(answer.http_status)) return done({ReplyKind::answer, std::move(answer)});
  OtpId as;
  services.entropy.fill(as.octets);  // Random, so that nothing else was ever sealed under it.
  run_task(
      services.store,
      [use, as, answer, now = services.loop.wall_now(), &vault = services.store_vault](Txn& txn) {
        StoredAnswer kept = answer;
        kept.body_hash = use.body_hash;
        kept.body = sealed(as, answer.body, vault);
        txn.put_answer(use.key, kept, now);
        return true;
      },
      // What was done is told, whether it could be kept or not.
      [answer, done = std::move(done)](Commit, bool&) mutable { done({ReplyKind::answer, std::move(answer)}); },
      [use](Reads& reads) { reads.answers.push_back(use.key); });
}

}  // namespace xion
