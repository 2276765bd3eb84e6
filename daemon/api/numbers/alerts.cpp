#include "api/call/query.h"
#include "api/call/verbs.h"
#include "app/owners/alert_watch.h"

namespace xion::verbs {
namespace {

struct NoFilter {};

}  // namespace

/// What an app's owner is warned of now. Test keys warn of nothing.
void alerts(CallPtr call) {
  NoFilter nothing;
  if (auto problem = read_query<NoFilter>(call->exchange->query(), {}, nothing))
    return call->refuse(std::move(*problem));
  const bool is_test = call->caller.is_test;
  Store& store = call->services().store;
  const AppId app = call->caller.app->app.id;
  read_alerts(store, app, [call = std::move(call), is_test](const std::optional<std::vector<Alert>>& open) {
    if (!open) return call->refuse(ErrorCode::store_unavailable, "The store can't be read; try again");
    JsonWriter json;
    json.begin_object().field("ok", true).field("status", "ok").key("items").begin_array();
    for (const Alert& alert : *open) {
      if (!is_test) json.raw(alert.data);
    }
    json.end_array().end_object();
    call->answer(success(200, std::move(json).str()));
  });
}

}  // namespace xion::verbs
