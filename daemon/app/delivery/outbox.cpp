#include "app/delivery/outbox.h"

#include <utility>

#include "app/delivery/dispatcher.h"
#include "app/delivery/submissions.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr std::size_t expired_at_once = 10'000;

std::vector<OtpId> give_up_waiting(Txn& txn, std::optional<OtpId> only, WallTime now) {
  std::vector<OtpId> expired;
  for (const OutboxEntry& entry : txn.outbox(expired_at_once, Whose::every_node)) {
    if (only && entry.otp != *only) continue;
    auto otp = txn.otp(entry.otp);
    if (!otp || !otp_rules::give_up(*otp, entry.message, MessageState::expired, now)) continue;
    txn.put(*otp);
    count_delivery(txn, *otp, entry.message, MessageState::queued, now);
    expired.push_back(entry.otp);
  }
  return expired;
}

}  // namespace

void read_outbox(Services& services, std::size_t limit,
                 std::move_only_function<void(std::optional<std::vector<OutboxEntry>>)> done) {
  run_task(
      services.store, [limit](Txn& txn) { return txn.outbox(limit, Whose::every_node); },
      [done = std::move(done)](Commit commit, std::vector<OutboxEntry>& waiting) mutable {
        if (commit == Commit::failed) return done(std::nullopt);
        done(std::move(waiting));
      });
}

void expire_outbox(Services& services, std::optional<OtpId> only,
                   std::move_only_function<void(std::optional<std::vector<OtpId>>)> done) {
  run_task(
      services.store, [only, now = services.loop.wall_now()](Txn& txn) { return give_up_waiting(txn, only, now); },
      [&services, done = std::move(done)](Commit commit, std::vector<OtpId>& expired) mutable {
        if (commit == Commit::failed) return done(std::nullopt);
        for (const OtpId& id : expired) services.dispatcher->withdraw(id);
        done(std::move(expired));
      });
}

}  // namespace xion
