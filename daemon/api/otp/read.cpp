#include "api/call/verbs.h"
#include "app/codes/describe_otp.h"
#include "app/codes/read_otp.h"

namespace xion::verbs {

void read(CallPtr call) {
  static constexpr std::string_view unknown_id = "No request of this app has this id";
  const auto id = parse_otp_id(call->resource);
  if (!id) return call->refuse(ErrorCode::not_found, unknown_id);
  Services& services = call->services();
  const World whose = call->caller.world();
  read_otp(services, whose, *id, [call = std::move(call)](std::optional<OtpView> view, bool is_read) {
    if (!is_read) return call->refuse(ErrorCode::store_unavailable, "The store can't be read; try again");
    if (!view) return call->refuse(ErrorCode::not_found, unknown_id);
    const Describing describing{.routes = call->services().settings->routes,
                                .app_name = call->caller.app->app.name,
                                .shows_phone = call->caller.may(Scope::pii_read),
                                .now = call->services().loop.wall_now()};
    JsonWriter json;
    json.begin_object().field("ok", true);
    describe_otp(json, *view, describing);
    describe_events(json, std::move(view->otp), describing);
    json.end_object();
    call->answer(success(200, std::move(json).str()));
  });
}

}  // namespace xion::verbs
