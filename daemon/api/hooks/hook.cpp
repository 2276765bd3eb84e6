#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/call/field_rules.h"
#include "api/call/phone_field.h"
#include "api/call/query.h"
#include "api/call/verbs.h"
#include "api/hooks/adapter.h"
#include "api/otp/answer_send.h"
#include "api/otp/send_fields.h"

namespace xion::verbs {
namespace {

bool read_ttl(const std::string& value, SendRequest& request) {
  constexpr std::uint64_t seconds_max = 3'600;
  const auto seconds = parse_whole(value, seconds_max);
  if (seconds) request.ttl = Seconds{static_cast<std::int64_t>(*seconds)};
  return seconds.has_value();
}

/// What whoever enters the adapter's address at the auth server may say of every message.
constexpr Parameter<SendRequest> parameters[] = {
    {"key", "the id of a key", [](const std::string&, SendRequest&) { return true; }},
    {"template", "the name of a template",
     [](const std::string& value, SendRequest& request) {
       request.text_template = value;
       return !value.empty();
     }},
    {"locale", "a BCP 47 language tag, such as \"en\"",
     [](const std::string& value, SendRequest& request) {
       request.locale = value;
       return field_rules::is_language_tag(value);
     }},
    {"ttlSeconds", "a whole number of seconds, such as 300", read_ttl},
};

/// What a call tells beside phone and code is of use where it has the form that we know, and else is left out: the auth
/// server can't be taught another.
void take_signals(const HookMessage& message, SendRequest& request) {
  if (!message.user_ip.empty()) read_user_ip(message.user_ip, request.user_ip);
  if (field_rules::is_short_text(message.user_id, 128)) request.user_id = message.user_id;
  if (request.locale.empty() && field_rules::is_language_tag(message.locale)) request.locale = message.locale;
}

void refuse_unknown(Call& call) {
  std::vector<std::string_view> names;
  for (const Adapter& each : adapters()) names.push_back(each.name);
  call.refuse(ErrorCode::not_found, fmt::format("No such adapter; there are {}", fmt::join(names, ", ")));
}

}  // namespace

/// Each call of an auth server brings a code of its own, which is the one that counts from then on. The same code once
/// more within the cooldown is a repeat, which is told of what was sent.
void hook(CallPtr call) {
  const Adapter* adapter = adapter_named(call->resource);
  if (adapter == nullptr) return refuse_unknown(*call);
  SendBody body;
  if (auto problem = read_query<SendRequest>(call->exchange->query(), parameters, body.request))
    return call->refuse(std::move(*problem));
  auto message = read_hook_message(*adapter, call->parts->json, call->body());
  if (!message) return call->refuse(std::move(message.error()));
  body.phone = std::move(message->phone);
  take_signals(*message, body.request);
  body.request.code = Secret(std::move(message->code));
  body.request.purpose = adapter->name;
  body.request.rotate = body.request.returns_pending = true;
  auto request = check_send_body(body, call->parts->phones);
  if (!request) return call->refuse(std::move(request.error()));
  send_and_answer(std::move(call), std::move(*request), [](const SendOutcome& outcome, const AskedOfSend& asked) {
    // The code is the auth server's, and no fault of its caller.
    if (outcome.verdict == SendVerdict::invalid_field && outcome.field == "code") {
      Problem problem(ErrorCode::invalid_field,
                      "This app sends codes of ours; an operator lets it send an auth server's by `own_codes`");
      problem.with("field", outcome.field);
      return std::move(problem).answer();
    }
    StoredAnswer answer = answer_to_send(outcome, asked);
    constexpr std::uint16_t ok = 200, accepted = 202;
    if (answer.http_status == accepted) answer.http_status = ok;  // Auth0 takes no other for a success.
    return answer;
  });
}

}  // namespace xion::verbs
