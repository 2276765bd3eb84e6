#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "ports/http.h"

namespace xion::sim {

enum class Verb : std::uint8_t { send, verify, cancel, read };
std::string_view to_string(Verb verb);

/// One call of a customer's backend, with what its body says, so that nobody needs to read it again.
struct Ask {
  std::uint64_t number = 0;
  std::string app;
  std::string api_key;
  Verb verb = Verb::send;
  std::string path;
  std::string body;
  std::string idempotency_key;  ///< Empty: none.
  std::string phone;            ///< Of whom it is, whether the body names it or not.
  std::string request_id;       ///< verify, cancel, read; empty: none.
  std::string code;             ///< verify
  std::string user_ip;          ///< send, verify; empty: none.
  bool rotates = false;         ///< send
  bool is_foreign = false;      ///< Asks for a request of another app.
  WallTime arrived{};           ///< By the clock of the node that was asked.
};

/// An answer as it crosses the process's edge; nothing: the connection broke.
using Told = std::optional<HttpAnswer>;

std::optional<std::string_view> header_of(const HttpAnswer& answer, std::string_view name);
/// A member of a compact JSON object, strings without their quotes; nothing where it has none. The first of that name.
std::optional<std::string> member_of(std::string_view json, std::string_view name);

/// One request at the process. Destroyed unanswered by a living process it answers 500, as evhttp's adapter does.
class SimExchange final : public HttpExchange {
 public:
  SimExchange(Ask ask, std::shared_ptr<const bool> process_lives, std::move_only_function<void(const Ask&, Told)> tell);
  ~SimExchange() override;
  HttpMethod method() const override { return ask_.verb == Verb::read ? HttpMethod::get : HttpMethod::post; }
  std::string_view path() const override { return ask_.path; }
  std::string_view query() const override { return {}; }
  std::optional<std::string_view> header(std::string_view name) const override;
  std::string_view body() const override { return ask_.body; }
  std::string_view peer_address() const override { return "192.0.2.10"; }
  void reply(HttpAnswer answer) override;
  std::unique_ptr<HttpBody> reply_in_pieces(HttpAnswer head) override;

 private:
  Ask ask_;
  std::string authorization_;
  std::shared_ptr<const bool> process_lives_;
  std::move_only_function<void(const Ask&, Told)> tell_;
  bool is_answered_ = false;
};

}  // namespace xion::sim
