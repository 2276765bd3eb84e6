#include "app/codes/read_otp.h"

#include <algorithm>
#include <utility>

#include "app/codes/idempotent.h"
#include "app/codes/send_waits.h"
#include "app/delivery/dispatcher.h"
#include "app/owners/directory.h"
#include "core/otp/otp_rules.h"
#include "domain/txn.h"
#include "ports/foresee.h"

namespace xion {
namespace {

constexpr std::size_t scan_limit = 100'000;  ///< Requests looked at for one list.
constexpr std::size_t scan_step = 512;

OtpView view_of(Otp otp, Vault& vault) {
  auto phone = vault.open(otp.id, otp.phone_sealed);
  return {std::move(otp), phone.value_or(Secret())};
}

bool went_by(const Otp& otp, std::string_view carrier) {
  return std::ranges::any_of(otp.messages, [&](const Message& message) {
    return std::ranges::find(message.submissions, carrier, &Submission::carrier) != message.submissions.end();
  });
}

bool has_reason(const Otp& otp, std::string_view reason) {
  return otp.reason.starts_with(reason) || std::ranges::any_of(otp.policy_events, [&](const PolicyEvent& event) {
           return describe(event).starts_with(reason);
         });
}

bool matches(Otp& otp, const OtpQuery& query, WallTime now) {
  if (query.app && otp.app != *query.app) return false;
  if (!query.carrier.empty() && !went_by(otp, query.carrier)) return false;
  if (!query.reason.empty() && !has_reason(otp, query.reason)) return false;
  if (!query.status) return true;
  Otp as_shown = otp;
  otp_rules::expire(as_shown, now);
  return as_shown.status == *query.status;
}

std::vector<OtpView> matching(Txn& txn, const OtpQuery& query, Vault& vault, WallTime now) {
  std::vector<OtpView> found;
  const OtpId oldest = query.since ? first_otp_id_at(*query.since) : OtpId{};
  OtpFilter filter{.app = query.app,
                   .is_test = {},
                   .phone = {},
                   .reference = {},
                   .name = {},
                   .status = {},
                   .delivery = {},
                   .country = {}};
  if (query.phone) filter.phone = vault.phone_fingerprint(*query.phone);
  auto before = query.before;
  for (std::size_t seen = 0; seen < scan_limit && found.size() < query.limit;) {
    // What is looked for beyond what the store knows of is rare: then a page of it needs many of the store's.
    const bool is_narrow = query.status || !query.carrier.empty() || !query.reason.empty();
    auto page = txn.find(filter, before, is_narrow ? scan_step : std::min(query.limit - found.size(), scan_step));
    seen += std::max<std::size_t>(page.otps.size(), 1);
    for (Otp& otp : page.otps) {
      if (otp.id < oldest) return found;
      if (found.size() == query.limit || !matches(otp, query, now)) continue;
      if (filter.phone && otp.phone != *filter.phone) continue;
      found.push_back(view_of(std::move(otp), vault));
    }
    if (!page.rest) break;
    before = page.rest;
  }
  return found;
}

CancelOutcome decide_cancel(Txn& txn, const std::optional<World>& whose, const OtpId& id, const LimitSettings& limits,
                            WallTime now) {
  auto otp = txn.otp(id);
  if (!otp || (whose && !whose->has(*otp))) return {};
  const OtpStatus before = otp->status;
  const bool was_live = otp_rules::cancel(*otp, now);
  if (otp->status != before) {
    txn.put(*otp);
    txn.count(world_of(*otp).counted_as(), day_of(now), was_live ? Counter::canceled : Counter::expired);
  }
  CancelOutcome outcome{CancelResult::canceled, std::move(*otp), now, now};
  if (was_live) return outcome;
  switch (outcome.otp.status) {
    case OtpStatus::verified: outcome.result = CancelResult::code_used; break;
    case OtpStatus::expired: outcome.result = CancelResult::code_expired; break;
    case OtpStatus::canceled: outcome.result = CancelResult::code_canceled; break;
    case OtpStatus::locked: outcome.result = CancelResult::code_locked; break;
    case OtpStatus::pending:
    case OtpStatus::blocked:
    case OtpStatus::failed: outcome.result = CancelResult::not_live; break;
  }
  if (outcome.result == CancelResult::code_locked)
    outcome.send_available_at = next_send_at(txn, limits, outcome.otp, now);
  return outcome;
}

/// Limits are told to the app that asks; an operator who cancels is told of none.
LimitSettings limits_of_app(const Services& services, const std::optional<World>& whose) {
  const auto entry = whose ? services.directory.app(whose->app) : nullptr;
  return entry ? entry->policy.limits : LimitSettings{};
}

}  // namespace

void read_otp(Services& services, std::optional<World> whose, OtpId id,
              std::move_only_function<void(std::optional<OtpView>, bool)> done) {
  run_task(
      services.store,
      [whose, id, &vault = services.store_vault](Txn& txn) -> std::optional<OtpView> {
        auto otp = txn.otp(id);
        if (!otp || (whose && !whose->has(*otp))) return std::nullopt;
        return view_of(std::move(*otp), vault);
      },
      [done = std::move(done)](Commit commit, std::optional<OtpView>& view) mutable {
        done(std::move(view), commit == Commit::durable);
      },
      [id](Reads& reads) { reads.shown.push_back(id); });
}

void list_otps(Services& services, OtpQuery query, std::move_only_function<void(std::vector<OtpView>, bool)> done) {
  run_task(
      services.store,
      [query = std::move(query), &vault = services.store_vault, now = services.loop.wall_now()](Txn& txn) {
        return matching(txn, query, vault, now);
      },
      [done = std::move(done)](Commit commit, std::vector<OtpView>& found) mutable {
        done(std::move(found), commit == Commit::durable);
      });
}

void cancel_otp(Services& services, std::optional<World> whose, OtpId id, std::optional<IdempotencyUse> idempotency,
                Render<CancelOutcome> render, ReplyTo reply) {
  run_task(
      services.store,
      [whose, id, idempotency, limits = limits_of_app(services, whose), render = std::move(render),
       now = services.loop.wall_now()](Txn& txn) {
        return answer_once<CancelOutcome>(txn, idempotency, now, render,
                                          [&] { return decide_cancel(txn, whose, id, limits, now); });
      },
      [&services, reply = std::move(reply)](Commit commit, Answered<CancelOutcome>& answered) mutable {
        if (commit == Commit::durable && answered.outcome.result == CancelResult::canceled) {
          services.dispatcher->withdraw(answered.outcome.otp.id);
        }
        reply(commit == Commit::durable ? std::move(answered.reply) : Reply{});
      },
      [id, idempotency](Reads& reads) {
        if (idempotency) reads.answers.push_back(idempotency->key);
        reads.otps.push_back(id);
      });
}

}  // namespace xion
