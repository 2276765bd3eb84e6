#include <fmt/format.h>

#include "app/codes/erase_phone.h"
#include "app/owners/directory.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "control/verb.h"
#include "core/phone.h"

namespace xion::control {
namespace {

void phone_erase(Command command) {
  const auto phone = parse_phone(command.required("phone"));
  if (!phone) return command.misuse("expected a phone number", std::string(describe(phone.error())));
  std::optional<AppId> app;
  if (const auto name = command.request.text("app")) {
    const auto entry = command.services.directory.app_named(*name);
    if (!entry) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    app = entry->app.id;
  }
  Services& services = command.services;
  const std::string masked = mask_phone(phone->e164, phone->country_code);
  erase_phone(services, {.app = app, .of_test_keys = {}}, phone->e164,
              [command = std::move(command), masked](std::optional<std::uint64_t> requests) {
                if (!requests)
                  return command.refuse("the store could not keep it; not all was erased", "see `xionctl status`");
                log::info("phone.erased", "phone={} requests={}", masked, *requests);
                JsonWriter json;
                json.begin_object().field("phone", masked).field("requests", *requests).end_object();
                command.done(std::move(json).str());
              });
}

}  // namespace

Verbs phone_verbs() {
  static constexpr Verb verbs[] = {{"phone erase", phone_erase}};
  static_assert(is_every_verb_of("phone", verbs));
  return verbs;
}

}  // namespace xion::control
