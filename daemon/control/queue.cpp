#include <fmt/format.h>

#include <algorithm>

#include "app/delivery/carriers.h"
#include "app/delivery/outbox.h"
#include "app/owners/directory.h"
#include "control/verb.h"
#include "core/phone.h"

namespace xion::control {
namespace {

std::size_t limit_of(const Command& command) {
  return static_cast<std::size_t>(std::clamp<std::int64_t>(command.request.number("limit").value_or(20), 1, 1000));
}

/// What each carrier of its route says now: the code that decides also explains.
std::string why_waiting(const Command& command, const WaitingMessage& each, const std::string& app) {
  const RouteExplanation decision = command.services.carriers->explain({.e164 = each.phone.reveal(),
                                                                        .country = each.otp.country,
                                                                        .app = app,
                                                                        .purpose = each.otp.purpose,
                                                                        .group = each.otp.route,
                                                                        .tried = {}});
  if (decision.route == nullptr) return "no route matches";
  std::string why;
  for (const RouteOption& option : decision.options)
    why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", option.carrier, option.reason);
  return why;
}

void write_waiting(JsonWriter& json, const Command& command, const WaitingMessage& each) {
  const WallTime now = command.services.loop.wall_now();
  const auto app = command.services.directory.app(each.otp.app);
  const std::string name = app ? app->app.name : std::string();
  const Message& message = each.otp.messages[each.entry.message];
  json.begin_object().field("requestId", to_string(each.entry.otp));
  json.field("phone", mask_phone(each.phone.reveal(), each.otp.calling_prefix)).field("app", name);
  json.field("send", std::uint32_t{each.entry.message} + 1);
  json.field("ageSeconds", std::max(Seconds{0}, std::chrono::floor<Seconds>(now - message.queued_at)).count());
  json.field("expiresAt", rfc3339(each.entry.expires_at))
      .field("reason", why_waiting(command, each, name))
      .end_object();
}

void queue_show(Command command) {
  Services& services = command.services;
  const std::size_t limit = limit_of(command);
  read_outbox(services, limit, [command = std::move(command)](const std::optional<std::vector<WaitingMessage>>& found) {
    if (!found) return command.refuse("the store can't be read", "see `xionctl status`");
    JsonWriter json;
    json.begin_object().field("size", static_cast<std::uint64_t>(command.services.carriers->queue_size()));
    json.field("limit", command.services.settings->queue_limit).key("waiting").begin_array();
    for (const WaitingMessage& each : *found) write_waiting(json, command, each);
    json.end_array().end_object();
    command.done(std::move(json).str());
  });
}

/// Gives up what waits for a carrier: of one request, or all of it.
void queue_expire(Command command) {
  std::optional<OtpId> only;
  if (const auto text = command.request.text("id")) {
    only = parse_otp_id(*text);
    if (!only) return command.misuse("expected a request id such as OTP-06EZ7K3M9QX2T5RB");
  } else if (!command.request.flag("all")) {
    return command.misuse("expected a request's id, or --all");
  }
  Services& services = command.services;
  expire_outbox(services, only, [command = std::move(command), only](const std::optional<std::vector<OtpId>>& expired) {
    if (!expired) return command.refuse("the store could not keep it; nothing was changed", "see `xionctl status`");
    if (only && expired->empty()) return command.refuse("nothing of this request waits for a carrier");
    JsonWriter json;
    json.begin_object().field("expired", static_cast<std::uint64_t>(expired->size())).end_object();
    command.done(std::move(json).str());
  });
}

}  // namespace

Verbs queue_verbs() {
  static constexpr Verb verbs[] = {{"queue show", queue_show}, {"queue expire", queue_expire}};
  static_assert(is_every_verb_of("queue", verbs));
  return verbs;
}

}  // namespace xion::control
