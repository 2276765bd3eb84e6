#include "base/log.h"
#include "control/verb.h"

namespace xion::control {
namespace {

void compact(Command command) {
  if (!command.facts.compact_store) return command.refuse("the store is a PostgreSQL database, which vacuums itself");
  const std::uint64_t octets = command.services.store.status().data_octets;
  command.line(
      wire::encode(wire::Answer::line(JsonWriter().begin_object().field("dataBytes", octets).end_object().str(), 0)));
  log::info("store.compact.began", "data_octets={}", octets);
  command.facts.compact_store([command](const std::expected<StoreCompacted, std::string>& compacted) {
    if (!compacted) {
      log::warning("store.compact.failed", "reason=\"{}\"", compacted.error());
      const bool is_writable = command.services.store.status().is_writable;
      return command.refuse(compacted.error(), is_writable ? "the data file is as it was" : "see `xionctl status`");
    }
    log::info("store.compacted", "before_octets={} after_octets={} took_ms={} paused_ms={:.1f}",
              compacted->octets_before, compacted->octets_after, compacted->took.count(), compacted->paused_ms);
    JsonWriter json;
    json.begin_object().field("beforeBytes", compacted->octets_before).field("afterBytes", compacted->octets_after);
    json.field("caughtUpBytes", compacted->octets_caught_up).field("tookMs", compacted->took.count());
    json.field("pausedMs", compacted->paused_ms).end_object();
    command.done(std::move(json).str());
  });
}

}  // namespace

Verbs compact_verbs() {
  static constexpr Verb verbs[] = {{"compact", compact}};
  static_assert(is_every_verb_of("compact", verbs));
  return verbs;
}

}  // namespace xion::control
