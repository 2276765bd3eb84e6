#include "app/owners/owned.h"

#include <algorithm>
#include <utility>

#include "app/owners/dashboard_access.h"
#include "app/owners/webhook_admin.h"
#include "core/ids.h"
#include "domain/txn.h"

namespace xion {
namespace {

void find_owner_of_request(Services& services, const std::string& id, std::function<void(std::optional<AppId>)> done) {
  const auto parsed = parse_otp_id(id);
  if (!parsed) return done(std::nullopt);
  run_task(
      services.store,
      [otp_id = *parsed](Txn& txn) {
        const auto otp = txn.otp(otp_id);
        return otp ? std::optional(otp->app) : std::nullopt;
      },
      [done = std::move(done)](Commit commit, std::optional<AppId>& owner) {
        done(commit == Commit::failed ? std::nullopt : owner);
      });
}

}  // namespace

std::optional<OwnedKind> kind_of_id(std::string_view id) {
  struct Beginning {
    std::string_view text;
    OwnedKind kind;
  };
  constexpr Beginning beginnings[] = {{"key_", OwnedKind::key},      {"wh_", OwnedKind::webhook},
                                      {"msg_", OwnedKind::delivery}, {"OTP-", OwnedKind::request},
                                      {"inv_", OwnedKind::pass},     {"ses_", OwnedKind::pass},
                                      {"wal_", OwnedKind::pass},     {"psk_", OwnedKind::pass}};
  for (const Beginning& one : beginnings) {
    if (id.starts_with(one.text)) return one.kind;
  }
  return std::nullopt;
}

void find_owner(Services& services, OwnedKind kind, const std::string& id,
                std::function<void(std::optional<AppId>)> done) {
  using Owner = std::optional<AppId>;
  switch (kind) {
    case OwnedKind::key: {
      const auto keys = services.directory.keys();
      const auto found = std::ranges::find(keys, id, &ApiKey::id);
      return done(found == keys.end() ? Owner{} : Owner{found->app});
    }
    case OwnedKind::webhook:
      return find_webhooks(services, id, [done = std::move(done)](const auto& found) {
        done(found && !found->empty() ? Owner{found->front().webhook.app} : Owner{});
      });
    case OwnedKind::delivery:
      return find_delivery(services, id,
                           [done = std::move(done)](const auto& found) { done(found ? Owner{found->app} : Owner{}); });
    case OwnedKind::request: return find_owner_of_request(services, id, std::move(done));
    case OwnedKind::pass: {
      const auto& passes = services.dashboard->passes();
      const auto found = std::ranges::find(passes, id, &DashboardPass::id);
      return done(found == passes.end() || found->app == 0 ? Owner{} : Owner{found->app});
    }
  }
}

}  // namespace xion
