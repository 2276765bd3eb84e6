#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "api/admin/admin.h"
#include "app/services.h"
#include "core/owners/app.h"
#include "ports/http.h"

namespace xion {

struct ApiParts;

/// The HTTP API: finds the call that a request names, checks who asks, and lets its verb answer. Loop thread only.
class Api {
 public:
  /// Without `run_command` nobody manages anything by HTTP.
  explicit Api(Services& services, RunCommand run_command = {});
  ~Api();
  /// The customers' listeners.
  void handle(std::unique_ptr<HttpExchange> exchange);
  /// The operator's listener: /healthz and /readyz, no keys.
  void handle_operator(std::unique_ptr<HttpExchange> exchange);

 private:
  std::shared_ptr<ApiParts> parts_;
};

/// One call of the API, and the right that it needs.
struct ApiCall {
  HttpMethod method;
  std::string_view pattern;    ///< `{id}` stands for one part of the path.
  std::optional<Scope> scope;  ///< Nothing: anybody may make it.
};
/// What the customers' listeners serve: the router's own table.
std::vector<ApiCall> api_calls();

/// Until the store has been read nobody can be known: whoever asks is told to come back in a second.
void answer_starting(HttpExchange& exchange);

}  // namespace xion
