#include <algorithm>

#include "app/delivery/outbox.h"
#include "control/verb.h"

namespace xion::control {
namespace {

std::size_t limit_of(const Command& command) {
  return static_cast<std::size_t>(std::clamp<std::int64_t>(command.request.number("limit").value_or(20), 1, 1000));
}

void queue_show(Command command) {
  Services& services = command.services;
  const std::size_t limit = limit_of(command);
  read_outbox(services, limit, [command = std::move(command)](const std::optional<std::vector<OutboxEntry>>& waiting) {
    if (!waiting) return command.refuse("the store can't be read", "see `xionctl status`");
    JsonWriter json;
    json.begin_object().field("size", static_cast<std::uint64_t>(command.services.carriers->queue_size()));
    json.field("limit", command.services.settings->queue_limit).key("waiting").begin_array();
    for (const OutboxEntry& entry : *waiting) {
      json.begin_object().field("requestId", to_string(entry.otp)).field("send", std::uint32_t{entry.message} + 1);
      json.field("expiresAt", rfc3339(entry.expires_at)).end_object();
    }
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
