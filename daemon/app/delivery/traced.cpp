#include "app/delivery/traced.h"

#include <optional>
#include <string>

#include "smpp/command.h"

// Terms: OpenTelemetry's semantic conventions for HTTP, messaging and databases; what they have no word for begins with
// "xionid." or "smpp.".
namespace xion::traced {
namespace {

constexpr std::string_view request_key = "xionid.request.id";

std::optional<tracing::Context> context_of(const OtpId& id) {
  return tracing::is_on() ? tracing::followed(id.octets) : std::nullopt;
}

void describe_message(tracing::Span& span, const OtpId& id, std::string_view carrier, std::string operation,
                      std::string type) {
  span.set("messaging.system", "smpp");
  span.set("messaging.operation.name", std::move(operation));
  span.set("messaging.operation.type", std::move(type));
  span.set("messaging.destination.name", std::string(carrier));
  span.set(request_key, to_string(id));
}

/// Which request a delivery tells of, by its payload; nothing: of none.
std::optional<OtpId> request_in(std::string_view payload) {
  constexpr std::string_view member = R"("requestId":")";
  const auto at = payload.find(member);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = payload.substr(at + member.size());
  return parse_otp_id(rest.substr(0, rest.find('"')));
}

/// "example.com" of "https://user@example.com:8443/hooks".
std::string host_in(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto user = url.find('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
  return std::string(url.starts_with('[') ? url.substr(0, url.find(']') + 1) : url.substr(0, url.find(':')));
}

}  // namespace

void made(const tracing::SpanPtr& call, const OtpId& id) {
  if (!call) return;
  call->span.set(request_key, to_string(id));
  tracing::follow(id.octets, call->span.context);
}

void met(const tracing::SpanPtr& call, const OtpId& id) {
  if (!call) return;
  call->span.set(request_key, to_string(id));
  if (const auto maker = context_of(id)) call->span.links.push_back(*maker);
}

tracing::SpanPtr commit_begins() {
  auto kept = tracing::begin_under(tracing::current(), "commit", tracing::Kind::internal);
  if (kept) kept->span.set("db.operation.name", "commit");
  return kept;
}

void commit_ends(tracing::SpanPtr& kept, bool is_durable) {
  if (!kept) return;
  if (!is_durable) kept->span.set("error.type", kept->span.failure = "store_unavailable");
  tracing::end(kept);
}

void submit_begins(const OtpId& id, std::string_view carrier) {
  const auto context = context_of(id);
  if (!context) return;
  auto span = tracing::begin_under(*context, "submit_sm", tracing::Kind::producer);
  describe_message(span->span, id, carrier, "submit_sm", "send");
  tracing::hold(id.octets, std::move(span));
}

void submit_ends(const OtpId& id, std::uint32_t status, std::string_view smsc_message_id) {
  const auto active = tracing::is_on() ? tracing::release(id.octets) : nullptr;
  if (!active) return;
  active->span.set("smpp.command_status", std::int64_t{status});
  if (!smsc_message_id.empty()) active->span.set("messaging.message.id", std::string(smsc_message_id));
  if (status == smpp::status::ok) return;
  active->span.failure = smpp::status_name(status);
  active->span.set("error.type", active->span.failure);
}

void submit_is_lost(const OtpId& id, std::string_view why) {
  const auto active = tracing::is_on() ? tracing::release(id.octets) : nullptr;
  if (!active) return;
  active->span.failure = why;
  active->span.set("error.type", std::string(why));
}

void receipt_kept(const OtpId& id, std::string_view carrier, std::string_view smsc_message_id, MessageState state,
                  WallTime came_at) {
  const auto context = context_of(id);
  if (!context) return;
  const auto active = tracing::begin_under(*context, "deliver_sm", tracing::Kind::consumer);
  active->span.began_ns = unix_millis(came_at) * 1'000'000;
  describe_message(active->span, id, carrier, "deliver_sm", "process");
  active->span.set("messaging.message.id", std::string(smsc_message_id));
  active->span.set("xionid.delivery.status", std::string(to_string(state)));
}

tracing::SpanPtr webhook_call(const WebhookDelivery& delivery, std::string_view url) {
  if (!tracing::is_on()) return nullptr;
  const auto id = request_in(delivery.payload);
  const auto context = id ? context_of(*id) : std::nullopt;
  if (!context) return nullptr;
  auto active = tracing::begin_under(*context, "POST", tracing::Kind::client);
  active->span.set("http.request.method", "POST");
  active->span.set("server.address", host_in(url));
  active->span.set("xionid.webhook.id", delivery.webhook);
  active->span.set("xionid.event.type", delivery.type);
  active->span.set(request_key, to_string(*id));
  return active;
}

void webhook_answered(const tracing::SpanPtr& call, const PostOutcome& outcome) {
  if (!call) return;
  if (outcome.http_status != 0) call->span.set("http.response.status_code", std::int64_t{outcome.http_status});
  if (outcome.http_status >= 200 && outcome.http_status < 300) return;
  call->span.failure = outcome.http_status != 0 ? std::to_string(outcome.http_status) : "no_answer";
  call->span.set("error.type", call->span.failure);
}

}  // namespace xion::traced
