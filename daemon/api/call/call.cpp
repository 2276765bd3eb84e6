#include "api/call/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "api/call/camara_errors.h"
#include "api/call/request_headers.h"
#include "base/log.h"
#include "core/accepts_gzip.h"
#include "core/problem_json.h"
#include "gzip/gzip.h"

namespace xion {
namespace {

std::string make_request_id(Entropy& entropy) {
  std::array<std::uint8_t, 10> random{};
  entropy.fill(random);
  return crockford32(random);
}

std::string_view method_name(HttpMethod method) {
  switch (method) {
    case HttpMethod::get: return "GET";
    case HttpMethod::head: return "HEAD";
    case HttpMethod::post: return "POST";
    case HttpMethod::put: return "PUT";
    case HttpMethod::patch: return "PATCH";
    case HttpMethod::del: return "DELETE";
    case HttpMethod::options: return "OPTIONS";
    case HttpMethod::other: return "_OTHER";
  }
  return "_OTHER";
}

void add_lines(HttpAnswer& http, std::string_view lines) {
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const auto line = lines.substr(0, end);
    if (const auto colon = line.find(": "); line.starts_with("Content-Type: ")) {
      http.content_type = line.substr(colon + 2);
    } else if (colon != std::string_view::npos) {
      http.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    if (end == std::string_view::npos) return;
    lines.remove_prefix(end + 1);
  }
}

}  // namespace

std::size_t ApiParts::DigestHash::operator()(const Digest& digest) const {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);  // A keyed hash already: any part of it is as good as another.
  return hash;
}

Call::Call(std::shared_ptr<ApiParts> parts_of_api, std::unique_ptr<HttpExchange> exchange_to_answer)
    : parts(std::move(parts_of_api)), exchange(std::move(exchange_to_answer)) {
  began = services().loop.now();
  const auto own = exchange->header("X-Request-Id");
  request_id = own && is_sane_request_id(*own) ? std::string(*own) : make_request_id(services().entropy);
}

Call::~Call() { release_key(); }

void Call::release_key() {
  if (idempotency) parts->running.erase(idempotency->key);
  idempotency.reset();
}

void Call::answer(StoredAnswer stored, bool is_replay) {
  release_key();
  HttpAnswer http;
  const bool is_theirs = is_camara(pattern);
  if (is_theirs && stored.http_status >= 400) stored = as_camara_error(std::move(stored), parts->json);
  http.status = stored.http_status;
  if (http.status >= 400 && !is_theirs) http.content_type = problem_content_type;
  http.body = std::move(stored.body);
  http.headers.reserve(7);
  add_lines(http, stored.headers);
  if (is_replay) http.headers.emplace_back("Idempotency-Replayed", "true");
  add_common(http);
  pack(http);
  exchange->reply(std::move(http));
}

void Call::answer_document(std::string_view text, std::string_view content_type) {
  HttpAnswer http;
  http.content_type = content_type;
  http.headers.emplace_back("Vary", "Accept-Encoding");
  if (accepts_gzip(exchange->header("Accept-Encoding").value_or(""))) {
    std::string& zipped = parts->zipped[text.data()];
    if (zipped.empty()) zipped = gzip(text);
    http.headers.emplace_back("Content-Encoding", "gzip");
    http.body = zipped;
  } else {
    http.body = text;
  }
  add_common(http);
  exchange->reply(std::move(http));
}

/// As gzip from a size on that is worth it, for whoever asks, where it packs.
void Call::pack(HttpAnswer& http) const {
  constexpr std::size_t worth_packing_octets = 1024;
  if (http.body.size() < worth_packing_octets) return;
  http.headers.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_gzip(exchange->header("Accept-Encoding").value_or(""))) return;
  auto packed = gzip_if_it_packs(http.body);
  if (!packed) return;
  http.body = std::move(*packed);
  http.headers.emplace_back("Content-Encoding", "gzip");
}

std::unique_ptr<HttpBody> Call::answer_in_pieces(std::string_view content_type, std::string_view file_name) {
  HttpAnswer http;
  http.content_type = content_type;
  http.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}\"", file_name));
  add_common(http);
  return exchange->reply_in_pieces(std::move(http));
}

/// What every answer of the API carries. (An answer without RateLimit headers gets the listener's own.)
void Call::add_common(HttpAnswer& http) {
  http.headers.emplace_back("Cache-Control", "no-store");
  if (caller.app) add_rate_limit(http);
  services().measures.answered(pattern, http.status, services().loop.now() - began);
  // The operators' own name for a call. Source: CAMARA API Design Guide, x-correlator.
  if (const auto correlator = exchange->header("x-correlator");
      correlator && is_camara(pattern) && is_correlator(*correlator))
    http.headers.emplace_back("x-correlator", *correlator);
  if (span) end_span(http.status);
  log::debug("api.answered", "call={} status={} request={}", pattern, http.status, request_id);
  http.headers.emplace_back("X-Request-Id", std::move(request_id));
}

/// Source: OpenTelemetry, semantic conventions for HTTP servers: a client's mistake is no failure of ours.
void Call::end_span(int http_status) {
  span->span.name = fmt::format("{} {}", method_name(exchange->method()), pattern);
  span->span.set("http.request.method", std::string(method_name(exchange->method())));
  span->span.set("http.route", std::string(pattern));
  span->span.set("http.response.status_code", std::int64_t{http_status});
  if (caller.app) span->span.set("xionid.app", caller.app->app.name);
  if (http_status >= 500) {
    span->span.failure = fmt::format("{}", http_status);
    span->span.set("error.type", span->span.failure);
  }
  tracing::end(span);
}

/// A bucket that holds `burst` and fills in `burst / rate` seconds is, for a client, that quota in that window. An app
/// without a rate is told what the listener tells everybody. Source: draft-ietf-httpapi-ratelimit-headers.
void Call::add_rate_limit(HttpAnswer& http) const {
  const TokenBucket& bucket = caller.requests();
  if (caller.is_session || bucket.rate() <= 0) return;
  const double tokens = bucket.tokens(services().loop.now());
  const auto window = static_cast<std::int64_t>(std::ceil(bucket.burst() / bucket.rate()));
  const auto until_full = static_cast<std::int64_t>(std::ceil((bucket.burst() - tokens) / bucket.rate()));
  http.headers.emplace_back("RateLimit-Policy",
                            fmt::format("\"requests\";q={};w={}", static_cast<std::int64_t>(bucket.burst()), window));
  http.headers.emplace_back("RateLimit",
                            fmt::format("\"requests\";r={};t={}", static_cast<std::int64_t>(tokens), until_full));
}

void answer_starting(HttpExchange& exchange) {
  StoredAnswer refusal = Problem(ErrorCode::store_unavailable, "The daemon is starting; try again").answer();
  HttpAnswer http{.status = refusal.http_status,
                  .content_type = std::string(problem_content_type),
                  .headers = {{"Cache-Control", "no-store"}},
                  .body = std::move(refusal.body)};
  add_lines(http, refusal.headers);
  exchange.reply(std::move(http));
}

namespace {

/// Says why, as far as it is known: mostly a disk is full.
void refuse_unstored(Call& call) {
  const StoreStatus store = call.services().store.status();
  const std::string why = store.is_writable ? "" : fmt::format(": the store is {}", store.trouble);
  Problem problem(ErrorCode::store_unavailable, fmt::format("Nothing was stored, sent or charged{}; try again", why));
  problem.retry_after(Seconds{5});
  call.refuse(std::move(problem));
}

}  // namespace

ReplyTo reply_to(CallPtr call) {
  return [call = std::move(call)](Reply&& reply) {
    switch (reply.kind) {
      case ReplyKind::answer: return call->answer(std::move(reply.answer));
      case ReplyKind::replayed: return call->answer(std::move(reply.answer), true);
      case ReplyKind::key_reused:
        return call->refuse(ErrorCode::idempotency_key_reused,
                            "This Idempotency-Key was used with another body in the last 24 hours; take a new key");
      case ReplyKind::store_failed: return refuse_unstored(*call);
    }
  };
}

void tell_violations(Problem& problem, const std::vector<Violation>& violations, Seconds retry_after) {
  problem.json().key("violatedPolicies").begin_array();
  for (const Violation& violation : violations) {
    problem.json().begin_object().field("policy", violation.policy).field("limit", violation.limit);
    problem.json().field("windowSeconds", std::int64_t{violation.window.count()});
    problem.json().field("retryAfterSeconds", std::int64_t{violation.retry_after.count()}).end_object();
  }
  problem.json().end_array();
  problem.retry_after(retry_after);
}

}  // namespace xion
