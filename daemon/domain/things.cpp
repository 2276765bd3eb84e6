#include "domain/things.h"

#include "base/bytes.h"

namespace xion {

std::string shown_number(std::string_view key) { return std::to_string(from_big_endian<AppId>(key)); }
std::string shown_text(std::string_view key) { return std::string(key); }
std::string shown_octets(std::string_view key) { return hex(as_octets(key)); }

std::string_view to_string(ThingKind kind) {
  switch (kind) {
    case ThingKind::app: return "apps";
    case ThingKind::api_key: return "keys";
    case ThingKind::message_template: return "templates";
    case ThingKind::list_entry: return "lists";
    case ThingKind::webhook: return "webhooks";
    case ThingKind::webhook_health: return "webhook_health";
    case ThingKind::dashboard_pass: return "dashboard";
    case ThingKind::mark: return "meta";
    case ThingKind::guesses: return "guesses";
  }
  return "meta";
}

}  // namespace xion
