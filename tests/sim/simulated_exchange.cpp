#include "sim/simulated_exchange.h"

#include <utility>

#include "base/assert.h"

namespace xion::sim {
namespace {

/// The JSON reader looks so far beyond the end.
constexpr std::size_t padding = 64;

}  // namespace

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::send: return "send";
    case Verb::verify: return "verify";
    case Verb::cancel: return "cancel";
    case Verb::read: return "read";
  }
  return "";
}

std::optional<std::string_view> header_of(const HttpAnswer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string> member_of(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  const auto at = json.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  json.remove_prefix(at + key.size());
  if (json.starts_with('"')) return std::string(json.substr(1, json.find('"', 1) - 1));
  return std::string(json.substr(0, json.find_first_of(",}]")));
}

SimExchange::SimExchange(Ask ask, std::shared_ptr<const bool> process_lives,
                         std::move_only_function<void(const Ask&, Told)> tell)
    : ask_(std::move(ask)),
      authorization_("Bearer " + ask_.api_key),
      process_lives_(std::move(process_lives)),
      tell_(std::move(tell)) {
  ask_.body.reserve(ask_.body.size() + padding);
}

SimExchange::~SimExchange() {
  if (is_answered_) return;
  tell_(ask_, *process_lives_ ? Told(HttpAnswer{.status = 500, .headers = {}, .body = "{}"}) : std::nullopt);
}

std::optional<std::string_view> SimExchange::header(std::string_view name) const {
  if (name == "Authorization") return authorization_;
  if (name == "Content-Type") return "application/json";
  if (name == "Idempotency-Key" && !ask_.idempotency_key.empty()) return ask_.idempotency_key;
  return std::nullopt;
}

void SimExchange::reply(HttpAnswer answer) {
  XION_ASSERT(!std::exchange(is_answered_, true));
  tell_(ask_, std::move(answer));
}

/// No verb of the simulation's clients is answered in pieces.
std::unique_ptr<HttpBody> SimExchange::reply_in_pieces(HttpAnswer) {
  XION_ASSERT(false);
  return nullptr;
}

}  // namespace xion::sim
