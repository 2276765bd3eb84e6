#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "api/admin/admin.h"
#include "api/call/json_request.h"
#include "api/call/phone_cache.h"
#include "api/call/problem.h"
#include "api/call/refused_keys.h"
#include "app/codes/answered.h"
#include "app/owners/directory.h"
#include "app/services.h"
#include "base/tracing.h"
#include "ports/http.h"

namespace xion {

/// What the verbs share. Loop thread only.
struct ApiParts {
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const;
  };
  explicit ApiParts(Services& services_of_daemon, RunCommand run = {})
      : services(services_of_daemon), run_command(std::move(run)) {}
  Services& services;
  RunCommand run_command;  ///< Empty: nobody manages anything by HTTP.
  JsonReader json;
  PhoneCache phones;
  RefusedKeys refused_keys;
  std::unordered_set<Digest, DigestHash> running;       ///< Idempotency-Keys whose request has no answer yet.
  std::unordered_map<const char*, std::string> zipped;  ///< Of texts that never change: compressed once.
};

/// One call from its first line to its one answer.
struct Call {
  Call(std::shared_ptr<ApiParts> parts_of_api, std::unique_ptr<HttpExchange> exchange_to_answer);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();

  std::shared_ptr<ApiParts> parts;  ///< Shared, since an answer may come from a commit that outlives the Api.
  std::unique_ptr<HttpExchange> exchange;
  std::string request_id;                     ///< X-Request-Id: the client's own, or one of ours.
  MonoTime began{};                           ///< When it arrived.
  std::string_view pattern = "-";             ///< Of the route; what a log may show of the path.
  std::string resource;                       ///< What `{id}` of the pattern stood for.
  Caller caller;                              ///< `app` is null where the call needs no key, or has none that is good.
  std::optional<IdempotencyUse> idempotency;  ///< Set only while its key is in `running`.
  std::string signed_id;                      ///< Of a signed call: what only a repeat of it has as well.
  std::optional<std::string> unpacked;        ///< The body, where it came as gzip.
  tracing::SpanPtr span;                      ///< Null: it is not traced.

  Services& services() const { return parts->services; }
  /// What was sent, unpacked; followed by at least 64 readable octets. Holds until the call has been answered.
  std::string_view body() const { return unpacked ? std::string_view(*unpacked) : exchange->body(); }
  /// Answers, with everything that every answer carries. The call is over then.
  void answer(StoredAnswer stored, bool is_replay = false);
  /// Answers 200 with a text that is part of the program.
  void answer_document(std::string_view text, std::string_view content_type);
  /// Answers 200 with a file whose content follows. The exchange is over then; who fills the body keeps the call.
  std::unique_ptr<HttpBody> answer_in_pieces(std::string_view content_type, std::string_view file_name);
  void refuse(Problem problem) { answer(std::move(problem).answer()); }
  void refuse(ErrorCode code, std::string_view detail) { refuse(Problem(code, detail)); }

 private:
  void release_key();
  void add_common(HttpAnswer& http);
  void pack(HttpAnswer& http) const;
  void add_rate_limit(HttpAnswer& http) const;
  void end_span(int http_status);
};
using CallPtr = std::unique_ptr<Call>;

/// Gives a use case's reply to the caller, and ends the call.
ReplyTo reply_to(CallPtr call);

/// `violatedPolicies` and the wait of a 429.
void tell_violations(Problem& problem, const std::vector<Violation>& violations, Seconds retry_after);

}  // namespace xion
