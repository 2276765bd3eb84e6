#include "app/codes/look_up.h"

#include <utility>

#include "domain/txn.h"

namespace xion {

std::string_view Lookup::refusal() const {
  if (is_on_block_list) return "phone_blocked";
  switch (rights) {
    case RightsVerdict::country_not_allowed: return "country_not_allowed";
    case RightsVerdict::number_type_not_allowed: return "number_type_not_allowed";
    case RightsVerdict::allowed:
    case RightsVerdict::monitored: break;
  }
  return {};
}

void look_up(Services& services, const Caller& caller, const Phone& phone,
             std::move_only_function<void(std::optional<Lookup>)> done) {
  const AppId app = caller.app->app.id;
  const Fingerprint name = services.loop_vault.phone_fingerprint(phone.e164);
  run_task(
      services.store,
      [app, name, phone, now = services.loop.wall_now()](Txn& txn) {
        const ListedNumber number{name, phone.e164, phone.country};
        const auto block = txn.listed(ListKind::block, app, number, now);
        return block && is_blocked(block, txn.listed(ListKind::allow, app, number, now));
      },
      [&services, app = caller.app, phone, done = std::move(done)](Commit commit, bool& is_on_block_list) mutable {
        if (commit == Commit::failed) return done(std::nullopt);
        const SendRights& rights = app->policy.rights;
        RouteExplanation decision = services.carriers->explain({.e164 = phone.e164,
                                                                .country = phone.country,
                                                                .app = app->app.name,
                                                                .purpose = "default",
                                                                .group = rights.route,
                                                                .tried = {}});
        const std::string_view prefix = decision.route != nullptr ? decision.route->prefix : std::string_view{};
        done(Lookup{.rights = check_rights(rights, phone, prefix),
                    .is_on_block_list = is_on_block_list,
                    .decision = std::move(decision)});
      });
}

}  // namespace xion
