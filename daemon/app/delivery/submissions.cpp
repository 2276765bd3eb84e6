#include "app/delivery/submissions.h"

#include <algorithm>
#include <utility>

#include "app/delivery/dispatcher.h"
#include "app/delivery/receipt_match.h"
#include "core/otp/delivery_rules.h"
#include "core/otp/disposition.h"
#include "core/otp/otp_rules.h"
#include "core/otp/refusals.h"
#include "core/otp/waited.h"
#include "domain/txn.h"
#include "smpp/command.h"
#include "smpp/message_id.h"

namespace xion {
namespace {

/// How long the store is left alone after it failed.
constexpr Millis retry_pause{1'000};

DispositionAt disposition_under(const CarrierOverrides& overrides) {
  return [&overrides](std::string_view carrier, std::uint32_t command_status) {
    const auto own = overrides.find(carrier);
    return own == overrides.end() ? disposition_of(command_status) : disposition_of(command_status, own->second);
  };
}

/// Whether an earlier message may have reached the phone: then the number is one, whatever carriers say now.
bool may_be_at_the_phone(const Otp& otp) {
  return std::ranges::any_of(otp.messages, [](const Message& message) {
    return std::ranges::any_of(message.submissions,
                               [](const Submission& submission) { return submission.state != MessageState::rejected; });
  });
}

/// A message that its carriers refused for good is over; a number that is none ends the request too.
void end_if_refused_for_good(Otp& otp, std::size_t message, const CarrierOverrides& overrides, WallTime now) {
  if (otp_rules::sendable_message(otp, now) != message) return;
  const RefusalVerdict verdict = judge_refusals(otp.messages[message], disposition_under(overrides));
  if (verdict == RefusalVerdict::go_on) return;
  otp.messages[message].state = MessageState::rejected;
  otp.messages[message].ended_at = now;
  if (verdict != RefusalVerdict::invalid_number || may_be_at_the_phone(otp)) return;
  otp.status = OtpStatus::failed;
  otp.reason = "invalid_number";
  otp.ended_at = now;
}

/// Whether a submission that was not taken says "not by this carrier": it refused the message. What was throttled, or
/// never left us, may go there again.
bool is_refusal(const Submission& submission, const CarrierOverrides& overrides) {
  if (submission.command_status == smpp::status::ok) return false;
  const Disposition disposition = disposition_under(overrides)(submission.carrier, submission.command_status);
  return disposition != Disposition::slow_down && disposition != Disposition::queue_full &&
         disposition != Disposition::session_broken;
}

struct NamedMessage {
  std::string_view carrier;
  std::string_view smsc_message_id;
  ReceiptHabits habits;
};

/// As which the receipts of a message name it, in one base or another.
std::vector<std::string> receipt_ids_of(const NamedMessage& named) {
  std::vector<std::string> ids;
  for (const BaseToTry& base : bases_to_try(named.habits.id_base, std::nullopt)) {
    auto id = smpp::receipt_id_of(named.smsc_message_id, base.base);
    if (id) ids.push_back(std::move(*id));
  }
  return ids;
}

/// Takes the receipts that came before the response which has just named their message. One that names a phone of
/// another spelling stays, and one that may be about a later message: their own response may be under way, and the
/// sweeper asks again.
void join_parked(Txn& txn, Otp& otp, const NamedMessage& named, Vault& vault, WallTime now) {
  const auto bases = bases_to_try(named.habits.id_base, std::nullopt);
  for (const std::string& id : receipt_ids_of(named)) {
    for (StoredReceipt& parked : txn.parked(named.carrier, id)) {
      const auto fit = [&](std::string_view e164) { return phone_fit(parked.phones, e164, vault); };
      const auto match = match_receipt(txn, parked, vault, bases, fit);
      if (!match || match->is_by_id_alone || match->ref.otp != otp.id) continue;
      if (may_be_of_lost_answer(txn, *match, parked)) continue;
      otp_rules::receipt(otp, match->ref, parked.state, parked.error, now, named.habits.for_long);
      txn.take_receipt(parked.row);
    }
  }
}

}  // namespace

std::optional<DispatchItem> routing_of(const Otp& otp, std::size_t message, Vault& vault,
                                       const CarrierOverrides& overrides) {
  auto phone = vault.open(otp.id, otp.phone_sealed);
  if (!phone) return std::nullopt;
  DispatchItem item;
  item.otp = otp.id;
  item.message = static_cast<std::uint8_t>(message);
  item.app = otp.app;
  item.e164 = phone->reveal();
  item.country = otp.country;
  item.purpose = otp.purpose;
  item.group = otp.route;
  item.expires_at = otp.expires_at;
  item.queued_at = otp.messages[message].queued_at;
  for (const Submission& submission : otp.messages[message].submissions) {
    item.submitted_at = submission.at;
    if (otp_rules::may_have_arrived(submission)) item.doubtful.push_back(submission.carrier);
    if (submission.state != MessageState::rejected) continue;
    (is_refusal(submission, overrides) ? item.tried : item.returned).push_back(submission.carrier);
  }
  // What was throttled, or never left us, is as fresh as it was.
  item.is_retry = !item.tried.empty() || !item.doubtful.empty();
  return item;
}

std::optional<DispatchItem> dispatch_item(const Otp& otp, Vault& vault, const CarrierOverrides& overrides,
                                          WallTime now) {
  const auto message = otp_rules::sendable_message(otp, now);
  return message ? routing_of(otp, *message, vault, overrides) : std::nullopt;
}

void count_delivery(Txn& txn, const Otp& otp, std::size_t message, MessageState before, WallTime now) {
  const MessageState after = otp.messages[message].state;
  if (after == before) return;
  const Day day = day_of(now);
  if (after == MessageState::delivered) txn.count(otp.app, day, Counter::delivered);
  if (after == MessageState::undelivered || after == MessageState::expired || after == MessageState::rejected) {
    txn.count(otp.app, day, Counter::undelivered);
  }
}

Submissions::Submissions(const Ports& ports, Dispatcher& dispatcher)
    : ports_(ports), dispatcher_(dispatcher), retry_timer_(ports.loop.timer([this] {
        for (auto& work : std::exchange(failed_, {})) work();
      })) {}

void Submissions::try_again(std::move_only_function<void()> work) {
  failed_.push_back(std::move(work));
  retry_timer_->start(retry_pause);
}

void Submissions::once_kept(std::move_only_function<void()> then) {
  if (under_way_.empty()) return then();
  waiting_.emplace(last_change_, std::move(then));
}

void Submissions::kept(std::uint64_t change) {
  under_way_.erase(change);
  const std::uint64_t first_open = under_way_.empty() ? last_change_ + 1 : *under_way_.begin();
  while (!waiting_.empty() && waiting_.begin()->first < first_open) waiting_.extract(waiting_.begin()).mapped()();
}

/// The change, and what is to be sent because of it.
void Submissions::run(std::shared_ptr<const Work> work) {
  const std::uint64_t number = *under_way_.insert(++last_change_).first;
  run_task(
      ports_.store,
      [work, &vault = ports_.store_vault, overrides = dispatcher_.facts().status_overrides,
       now = ports_.loop.wall_now()](Txn& txn) {
        auto otp = txn.otp(work->id);
        if (!otp || !work->change(*otp, txn, now)) return std::optional<DispatchItem>();
        txn.put(*otp);
        return dispatch_item(*otp, vault, *overrides, now);
      },
      [this, work, number](Commit commit, std::optional<DispatchItem>& item) {
        if (commit != Commit::durable) {
          try_again([this, work] { run(work); });
        } else if (item) {
          dispatcher_.enqueue(std::move(*item));
        }
        kept(number);
      },
      [work](Reads& reads) {
        reads.otps.push_back(work->id);
        if (work->foresee) work->foresee(reads);
      },
      work->haste);
}

void Submissions::accepted(const SubmissionRef& ref, std::string carrier, std::string smsc_message_id) {
  const ReceiptHabits habits = habits_of(*dispatcher_.facts().receipt_habits, carrier);
  auto foresee = [carrier, smsc_message_id, habits](Reads& reads) {
    for (std::string& id : receipt_ids_of({carrier, smsc_message_id, habits}))
      reads.submissions.push_back({carrier, std::move(id)});
  };
  auto join = [ref, habits, carrier = std::move(carrier), smsc_message_id = std::move(smsc_message_id),
               &vault = ports_.store_vault](Otp& otp, Txn& txn, WallTime now) {
    const MessageState before = otp.messages[ref.message].state;
    otp_rules::accepted(otp, ref, smsc_message_id, now, habits.for_long);
    if (!smsc_message_id.empty() && txn.has_parked()) {
      txn.put(otp);  // So that its id is found.
      join_parked(txn, otp, {carrier, smsc_message_id, habits}, vault, now);
    }
    count_delivery(txn, otp, ref.message, before, now);
    return true;
  };
  run(std::make_shared<const Work>(Work{ref.otp, std::move(join), Haste::rides, std::move(foresee)}));
}

void Submissions::refused(const SubmissionRef& ref, std::uint32_t command_status, bool try_elsewhere) {
  change(ref.otp, [ref, command_status, try_elsewhere, overrides = dispatcher_.facts().status_overrides](
                      Otp& otp, Txn& txn, WallTime now) {
    const MessageState before = otp.messages[ref.message].state;
    otp_rules::refused(otp, ref, command_status, try_elsewhere, now);
    end_if_refused_for_good(otp, ref.message, *overrides, now);
    count_delivery(txn, otp, ref.message, before, now);
    return true;
  });
}

void Submissions::outcome_unknown(const SubmissionRef& ref, Unanswered why) {
  run_task(
      ports_.store,
      [ref, &vault = ports_.store_vault, overrides = dispatcher_.facts().status_overrides,
       now = ports_.loop.wall_now()](Txn& txn) {
        auto otp = txn.otp(ref.otp);
        if (!otp) return std::optional<DispatchItem>();
        otp_rules::outcome_unknown(*otp, ref, now);
        txn.put(*otp);
        return routing_of(*otp, ref.message, vault, *overrides);
      },
      [this, ref, why](Commit commit, std::optional<DispatchItem>& item) {
        if (commit != Commit::durable) return try_again([this, ref, why] { outcome_unknown(ref, why); });
        if (item) dispatcher_.watch_unknown(ref, *item, why);
      },
      [ref](Reads& reads) { reads.otps.push_back(ref.otp); });
}

void Submissions::resend_unknown(const SubmissionRef& ref) {
  change(ref.otp, [ref](Otp& otp, Txn&, WallTime now) {
    // At most one duplicate for each message, whatever goes wrong: the user should not get a third SMS from one click.
    for (const Submission& submission : otp.messages[ref.message].submissions) {
      if (submission.possible_duplicate) return false;
    }
    return otp_rules::resend_unknown(otp, ref, now);
  });
}

void Submissions::died_waiting(const OtpId& id, std::string why) {
  change(id, [why = std::move(why)](Otp& otp, Txn& txn, WallTime now) {
    const bool is_expired_now = otp_rules::expire(otp, now);
    if (is_expired_now && !otp.test) txn.count(otp.app, day_of(now), Counter::expired);
    if (otp.status != OtpStatus::expired || otp.policy_events.size() >= policy_events_max) return is_expired_now;
    otp.policy_events.push_back({std::min(now, otp.expires_at), false, 0, std::string(waited_reason) + why});
    return true;
  });
}

void Submissions::give_up(const OtpId& id, std::uint8_t message) {
  change(id, [message](Otp& otp, Txn& txn, WallTime now) {
    const MessageState before = otp.messages[message].state;
    if (!otp_rules::give_up(otp, message, MessageState::rejected, now)) return false;
    count_delivery(txn, otp, message, before, now);
    return true;
  });
}

}  // namespace xion
