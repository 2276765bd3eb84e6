#include "api/call/verbs.h"
#include "api/otp/search_query.h"
#include "app/codes/describe_otp.h"

namespace xion::verbs {
namespace {

void answer_page(Call& call, OtpPage page) {
  const WallTime now = call.services().loop.wall_now();
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok").key("items").begin_array();
  for (const OtpView& view : page.found) {
    json.begin_object();
    describe_otp(json, view,
                 {.routes = call.services().settings->routes,
                  .app_name = call.caller.app->app.name,
                  .shows_phone = call.caller.may(Scope::pii_read),
                  .now = now});
    json.end_object();
  }
  json.end_array().key("nextCursor");
  if (page.next)
    json.value(cursor_of(*page.next));
  else
    json.null();
  json.end_object();
  call.answer(success(200, std::move(json).str()));
}

}  // namespace

void list(CallPtr call) {
  auto search = read_search(*call, {.usual = 20, .most = 100});
  if (!search) return call->refuse(std::move(search.error()));
  Services& services = call->services();
  search_otps(services, std::move(*search), [call = std::move(call)](OtpPage page, bool is_read) {
    if (!is_read) return call->refuse(ErrorCode::store_unavailable, "The store can't be read; try again");
    answer_page(*call, std::move(page));
  });
}

}  // namespace xion::verbs
