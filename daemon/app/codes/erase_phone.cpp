#include "app/codes/erase_phone.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/delivery/dispatcher.h"
#include "app/owners/directory.h"
#include "core/otp/otp_rules.h"
#include "core/otp/world.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// Requests in one commit, so that no client waits long behind it.
constexpr std::size_t requests_of_step = 200;
/// And rows that are looked through for what was told of them.
constexpr std::size_t rows_of_step = 2'000;
/// Where that was told, and is kept. Deliveries that wait come first: one that ends meanwhile is found among the
/// others.
constexpr RowKind told_in[] = {RowKind::answer, RowKind::waiting, RowKind::over};

struct Erasing {
  Erasure where;
  OtpFilter filter;
  std::optional<OtpId> before;
  std::uint64_t erased = 0;
  std::vector<std::string> told;   ///< Ids of the requests, as others were told them.
  std::optional<OtpId> first;      ///< The oldest of them.
  std::size_t told_kind = 0;       ///< Which of `told_in` is being looked through …
  std::optional<RowId> told_from;  ///< … and from where on.
  RowId told_until = 0;            ///< What is told later tells of nobody.
  std::move_only_function<void(std::optional<std::uint64_t>)> done;
};

struct Step {
  std::vector<OtpId> erased_ids;
  std::vector<OtpId> canceled;
  std::optional<OtpId> rest;
};

void forget_person(Otp& otp) {
  otp.phone = {};
  otp.phone_sealed.clear();
  otp.user_ip.reset();
  for (Message& message : otp.messages) {
    message.has_own_address = false;
    message.user_ip.reset();
  }
  otp.number_block = 0;
  otp.reference.clear();
  otp.callback_url.clear();
  otp.user_id.clear();
  otp.metadata.clear();
  otp.variables.clear();
  otp.text_pattern.clear();  // It may be a text of the request's own, which names whom it likes.
}

bool is_there(const Erasure& where, const Otp& otp) {
  const World world = world_of(otp);
  return (!where.app || *where.app == world.app) && (!where.of_test_keys || *where.of_test_keys == world.is_test);
}

Step erase_some(Txn& txn, const Erasing& erasing, WallTime now) {
  Step step;
  auto page = txn.find(erasing.filter, erasing.before, requests_of_step);
  step.rest = page.rest;
  for (Otp& otp : page.otps) {
    if (!is_there(erasing.where, otp) || otp.phone != *erasing.filter.phone) continue;
    const Otp before = otp;
    if (otp_rules::cancel(otp, now)) {
      txn.put_untold(otp);
      txn.count(world_of(otp).counted_as(), day_of(now), Counter::canceled);
      step.canceled.push_back(otp.id);
    }
    forget_person(otp);
    txn.put_without_person(before, otp);
    step.erased_ids.push_back(otp.id);
  }
  return step;
}

/// What was told of the requests, so many rows in one commit.
void erase_told_next(Services& services, std::shared_ptr<Erasing> erasing) {
  if (erasing->told.empty() || erasing->told_kind == std::size(told_in)) return erasing->done(erasing->erased);
  run_task(
      services.store,
      [erasing](Txn& txn) {
        return txn.erase_told(told_in[erasing->told_kind], erasing->told,
                              erasing->told_from.value_or(first_row_at(made_at(*erasing->first))), erasing->told_until,
                              rows_of_step);
      },
      [&services, erasing](Commit commit, std::optional<RowId>& rest) mutable {
        if (commit == Commit::failed) return erasing->done(std::nullopt);
        erasing->told_from = rest;
        if (!rest) ++erasing->told_kind;
        erase_told_next(services, std::move(erasing));
      });
}

void erase_next(Services& services, std::shared_ptr<Erasing> erasing) {
  run_task(
      services.store, [erasing, now = services.loop.wall_now()](Txn& txn) { return erase_some(txn, *erasing, now); },
      [&services, erasing](Commit commit, Step& step) mutable {
        if (commit != Commit::durable) return erasing->done(std::nullopt);
        for (const OtpId& id : step.canceled) services.dispatcher->withdraw(id);
        erasing->erased += step.erased_ids.size();
        for (const OtpId& id : step.erased_ids) {
          erasing->told.push_back(to_string(id));
          erasing->first = std::min(erasing->first.value_or(id), id);
        }
        erasing->before = step.rest;
        if (!step.rest) return erase_told_next(services, std::move(erasing));
        erase_next(services, std::move(erasing));
      });
}

}  // namespace

void erase_phone(Services& services, const Erasure& where, const std::string& e164,
                 std::move_only_function<void(std::optional<std::uint64_t>)> done) {
  auto erasing = std::make_shared<Erasing>();
  erasing->where = where;
  erasing->filter.app = where.app;
  erasing->filter.phone = services.loop_vault.phone_fingerprint(e164);
  erasing->told_until = first_row_at(services.loop.wall_now());
  erasing->done = std::move(done);
  erase_next(services, std::move(erasing));
}

}  // namespace xion
