#include "api/call/openapi.h"
#include "api/call/verbs.h"

/// The calls that need no key.
namespace xion::verbs {

void errors(CallPtr call) { call->answer(success(200, error_catalogue_json())); }

namespace {

/// A whole document, as it is in the binary.
void answer_document(CallPtr call, std::string_view text, std::string_view content_type) {
  StoredAnswer answer = success(200, std::string(text));
  answer.headers = "Content-Type: ";
  answer.headers.append(content_type).append("\n");
  call->answer(std::move(answer));
}

}  // namespace

void openapi_as_json(CallPtr call) { answer_document(std::move(call), openapi_json(), "application/json"); }
void openapi_as_yaml(CallPtr call) { answer_document(std::move(call), openapi_yaml(), "application/yaml"); }

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
