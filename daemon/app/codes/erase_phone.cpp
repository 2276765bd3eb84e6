#include "app/codes/erase_phone.h"

#include <memory>
#include <utility>

#include "app/delivery/dispatcher.h"
#include "app/owners/directory.h"
#include "core/otp/otp_rules.h"
#include "core/otp/world.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// Requests in one commit, so that no client waits long behind it.
constexpr std::size_t requests_of_step = 200;

struct Erasing {
  Erasure where;
  OtpFilter filter;
  std::optional<OtpId> before;
  std::uint64_t erased = 0;
  std::move_only_function<void(std::optional<std::uint64_t>)> done;
};

struct Step {
  std::uint64_t erased = 0;
  std::vector<OtpId> canceled;
  std::optional<OtpId> rest;
};

void forget_person(Otp& otp) {
  otp.phone = {};
  otp.phone_sealed.clear();
  otp.user_ip.reset();
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
    if (otp_rules::cancel(otp, now)) {
      txn.put(otp);
      txn.count(world_of(otp).counted_as(), day_of(now), Counter::canceled);
      step.canceled.push_back(otp.id);
    }
    forget_person(otp);
    txn.put_without_person(otp);
    ++step.erased;
  }
  return step;
}

void erase_next(Services& services, std::shared_ptr<Erasing> erasing) {
  run_task(
      services.store, [erasing, now = services.loop.wall_now()](Txn& txn) { return erase_some(txn, *erasing, now); },
      [&services, erasing](Commit commit, Step& step) mutable {
        if (commit != Commit::durable) return erasing->done(std::nullopt);
        for (const OtpId& id : step.canceled) services.dispatcher->withdraw(id);
        erasing->erased += step.erased;
        erasing->before = step.rest;
        if (!step.rest) return erasing->done(erasing->erased);
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
  erasing->done = std::move(done);
  erase_next(services, std::move(erasing));
}

}  // namespace xion
