#include "app/owners/owned.h"

#include <algorithm>
#include <utility>

#include "app/owners/webhook_admin.h"

namespace xion {

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
  }
}

}  // namespace xion
