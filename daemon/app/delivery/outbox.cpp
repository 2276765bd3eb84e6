#include "app/delivery/outbox.h"

#include <utility>

#include "app/delivery/dispatcher.h"
#include "app/delivery/submissions.h"
#include "core/otp/delivery_rules.h"
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

std::vector<WaitingMessage> waiting_messages(Txn& txn, std::size_t limit, Vault& vault) {
  std::vector<WaitingMessage> found;
  for (const OutboxEntry& entry : txn.outbox(limit, Whose::every_node)) {
    auto otp = txn.otp(entry.otp);
    if (!otp) continue;
    auto phone = vault.open(otp->id, otp->phone_sealed);
    found.push_back({entry, std::move(*otp), phone.value_or(Secret())});
  }
  return found;
}

}  // namespace

void read_outbox(Services& services, std::size_t limit,
                 std::move_only_function<void(std::optional<std::vector<WaitingMessage>>)> done) {
  run_task(
      services.store, [limit, &vault = services.store_vault](Txn& txn) { return waiting_messages(txn, limit, vault); },
      [done = std::move(done)](Commit commit, std::vector<WaitingMessage>& waiting) mutable {
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
