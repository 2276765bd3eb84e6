#include "api/call/openapi.h"
#include "api/call/verbs.h"

/// The calls that need no key.
namespace xion::verbs {

void errors(CallPtr call) { call->answer(success(200, error_catalogue_json())); }

void openapi_as_json(CallPtr call) { call->answer_document(openapi_json(), "application/json"); }
void openapi_as_yaml(CallPtr call) { call->answer_document(openapi_yaml(), "application/yaml"); }

void health(CallPtr call) { call->answer(success(200, R"({"ok":true,"status":"up"})")); }

void readiness(CallPtr call) {
  const StoreStatus store = call->services().store.status();
  if (!store.is_writable) {
    Problem problem(ErrorCode::store_unavailable, store.trouble.empty() ? "The store can't be written" : store.trouble);
    problem.with("missing", "store").retry_after(Seconds{5});
    return call->refuse(std::move(problem));
  }
  if (call->services().carriers->is_all_paused()) {
    Problem problem(ErrorCode::no_route_available, "Every carrier is paused or drained by an operator");
    problem.with("missing", "carrier").retry_after(Seconds{5});
    return call->refuse(std::move(problem));
  }
  if (!call->services().carriers->has_bound_carrier()) {
    Problem problem(ErrorCode::no_route_available, "No carrier is bound");
    problem.with("missing", "carrier").retry_after(Seconds{5});
    return call->refuse(std::move(problem));
  }
  call->answer(success(200, R"({"ok":true,"status":"ready"})"));
}

}  // namespace xion::verbs
