#include "app/sweeper.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "app/delivery/dispatcher.h"
#include "app/delivery/receipt_match.h"
#include "app/measures.h"
#include "base/log.h"
#include "core/otp/delivery_rules.h"
#include "core/otp/otp_rules.h"
#include "core/otp/world.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr Millis sweep_interval{1'000};
constexpr Millis prune_interval{10'000};
/// Receipts wait so long for the response that names their message: carriers send both within a minute, or never.
constexpr Seconds parked_for{120};
/// From the making of a request: the longest validity, and 48 h in which carriers still retry. The store forgets ids
/// as late.
constexpr std::chrono::hours receipt_awaited{49};
/// Rows touched in one commit, so that no client waits long behind housekeeping.
constexpr std::size_t sweep_limit = 500;
constexpr std::size_t prune_limit = 1'000;

/// What one commit of housekeeping did: rows touched, receipts that belong to no message, and who brought what expired.
struct Swept {
  std::size_t touched = 0;
  std::size_t unmatched = 0;
  std::vector<Carriage> unverified;
};

std::size_t expire_due(Txn& txn, WallTime now, std::vector<Carriage>& unverified) {
  const auto due = txn.expiring(now, sweep_limit);
  for (const OtpId& id : due) {
    auto otp = txn.otp(id);
    if (!otp || !otp_rules::expire(*otp, now)) continue;
    txn.put(*otp);
    if (auto carriage = carriage_of(*otp)) unverified.push_back(std::move(*carriage));
    txn.count(world_of(*otp).counted_as(), day_of(now), Counter::expired);
  }
  return due.size();
}

/// A message whose receipt can't come any more is `unknown`. Carriers keep a message for its validity, an hour at most,
/// and the mapping is kept 48 h beyond that. Looks at each request once, in the order of their making.
std::size_t give_up_receipts(Txn& txn, WallTime now) {
  const auto made = txn.made_between(txn.overdue_mark().value_or(OtpId{}), now - receipt_awaited, sweep_limit);
  for (Otp otp : made) {
    bool is_changed = false;
    for (std::size_t i = 0; i < otp.messages.size(); ++i) is_changed |= otp_rules::receipt_overdue(otp, i, now);
    if (is_changed) txn.put(otp);
  }
  if (!made.empty()) txn.set_overdue_mark(made.back().id);
  return made.size();
}

/// A parked receipt whose phone is spelt in a way that no message's is waited for that phone's own response. By now
/// every response is in, and an exact id is the proof.
std::size_t join_by_id(Txn& txn, const CarrierReceiptHabits& carriers, Vault& vault, WallTime now) {
  std::size_t joined = 0;
  if (!txn.has_parked()) return 0;
  for (StoredReceipt& parked : txn.parked_before(now - parked_for, sweep_limit)) {
    const ReceiptHabits habits = habits_of(carriers, parked.carrier);
    const auto fit = [&](std::string_view e164) { return phone_fit(parked.phones, e164, vault); };
    auto match = match_receipt(txn, parked, vault, bases_to_try(habits.id_base, std::nullopt), fit);
    if (!match || may_be_of_lost_answer(txn, *match, parked)) continue;
    apply_receipt(txn, *match, parked, habits.for_long, now);
    txn.take_receipt(parked.row);
    ++joined;
  }
  return joined;
}

}  // namespace

Sweeper::Sweeper(const Ports& ports, const SettingsInForce& settings, const Lease& housekeeper, Dispatcher& dispatcher,
                 Measures& measures)
    : ports_(ports),
      settings_(settings),
      housekeeper_(housekeeper),
      dispatcher_(dispatcher),
      measures_(measures),
      sweep_timer_(ports.loop.timer([this] { sweep(); })),
      prune_timer_(ports.loop.timer([this] { prune(); })) {}

void Sweeper::start() {
  sweep_timer_->start(sweep_interval);
  prune_timer_->start(prune_interval);
}

void Sweeper::sweep() {
  if (!housekeeper_.is_held()) return sweep_timer_->start(sweep_interval);
  run_task(
      ports_.store,
      [now = ports_.loop.wall_now(), carriers = dispatcher_.facts().receipt_habits,
       &vault = ports_.store_vault](Txn& txn) {
        Swept swept;
        join_by_id(txn, *carriers, vault, now);
        swept.unmatched = txn.give_up_parked(now - parked_for, sweep_limit);
        swept.touched = std::max(expire_due(txn, now, swept.unverified) + swept.unmatched, give_up_receipts(txn, now));
        return swept;
      },
      [this](Commit commit, Swept& swept) {
        if (commit == Commit::durable) {
          measures_.receipts_unmatched += swept.unmatched;
          if (swept.unmatched > 0)
            log::info("receipt.unmatched", "receipts={} hint=\"xionctl receipt unmatched\"", swept.unmatched);
          for (const Carriage& carriage : swept.unverified) dispatcher_.note_verification(carriage, false);
        }
        sweep_timer_->start(swept.touched >= sweep_limit ? Millis{1} : sweep_interval);
      });
}

void Sweeper::prune() {
  if (!housekeeper_.is_held()) return prune_timer_->start(prune_interval);
  const WallTime now = ports_.loop.wall_now();
  const WallTime before = now - std::chrono::days{settings_->retention_days};
  run_task(
      ports_.store,
      [now, before](Txn& txn) {
        return std::max(txn.prune(before, now, prune_limit), txn.prune_tests(now, prune_limit));
      },
      [this](Commit, std::size_t& removed) {
        prune_timer_->start(removed >= prune_limit ? Millis{100} : prune_interval);
      });
}

}  // namespace xion
