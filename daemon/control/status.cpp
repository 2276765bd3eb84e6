#include <algorithm>
#include <cmath>

#include "app/codes/rates.h"
#include "control/carrier_view.h"
#include "control/verb.h"

namespace xion::control {
namespace {

/// Two digits behind the point are more than anybody looks at.
double rounded(double rate) { return std::round(rate * 100) / 100; }

void write_rates(JsonWriter& json, const Rates& rates) {
  json.key("rates").begin_object();
  for (const auto& [name, what] : {std::pair("sends", Rates::sends), std::pair("deliveries", Rates::deliveries),
                                   std::pair("verifies", Rates::verifies)}) {
    json.key(name).begin_object();
    json.field("perSecond1m", rounded(rates.per_second(what, Seconds{60})));
    json.field("perSecond5m", rounded(rates.per_second(what, Seconds{300})));
    json.field("sinceStart", rates.total(what)).end_object();
  }
  json.end_object();
}

void write_store(JsonWriter& json, const Command& command) {
  const StoreStatus store = command.services.store.status();
  json.key("store").begin_object().field("writable", store.is_writable).field("trouble", store.trouble);
  json.field("commits", store.commits).field("tasks", store.tasks);
  json.field("waitingTasks", std::uint64_t{command.services.store.waiting()});
  json.field("commitP50Ms", rounded(store.commit_p50_ms)).field("commitP99Ms", rounded(store.commit_p99_ms));
  json.field("engine", store.database ? "postgresql" : "lmdb");
  if (store.database) {
    json.field("server", store.database->server).field("standby", store.database->has_standby);
    if (!store.database->reason.empty()) json.field("reason", store.database->reason);
    json.field("conflicts", store.database->conflicts).field("doubts", store.database->doubts);
    return void(json.end_object());
  }
  json.field("dataBytes", store.data_octets).field("mapBytes", store.map_octets).field("requests", store.requests);
  if (const auto disk = command.facts.disk ? command.facts.disk() : std::nullopt) {
    json.field("diskFreeBytes", disk->free_octets).field("diskTotalBytes", disk->total_octets);
  }
  json.end_object();
}

void write_api(JsonWriter& json, const Command& command) {
  if (!command.facts.api_sockets) return;
  const ApiSockets sockets = command.facts.api_sockets();
  json.key("api").begin_object().key("listening").begin_array();
  for (const std::string& address : sockets.listening) json.value(address);
  json.end_array().field("bySystemd", sockets.is_handed_over);
  if (!sockets.difference.empty())
    json.field("warning", sockets.difference).field("hint", "`xionctl config socket-unit` prints the unit that fits");
  json.end_object();
}

void write_upkeep(JsonWriter& json, const Command& command) {
  if (command.facts.last_backup) {
    const auto age = std::chrono::floor<Seconds>(command.services.loop.wall_now() - *command.facts.last_backup);
    json.key("backup").begin_object().field("at", rfc3339(*command.facts.last_backup));
    json.field("ageSeconds", std::max(age, Seconds{0}).count()).end_object();
  }
  if (!command.facts.descriptors) return;
  const DescriptorUse use = command.facts.descriptors();
  json.key("process").begin_object().field("openFiles", use.open).field("maxFiles", use.limit).end_object();
}

void write_reload(JsonWriter& json, const Command& command) {
  if (!command.facts.last_reload) return;
  const LastReload& reload = *command.facts.last_reload;
  json.key("lastReload").begin_object().field("at", rfc3339(reload.at));
  json.field("outcome", reload.was_taken ? "applied" : "refused");
  if (!reload.was_taken) json.field("reason", reload.reason);
  json.end_object();
}

void status(Command command) {
  const Services& services = command.services;
  JsonWriter json;
  json.begin_object().field("version", command.facts.version);
  if (services.cluster.is_shared()) json.field("node", services.cluster.name());
  json.field("startedAt", rfc3339(command.facts.started_wall));
  json.field("uptimeSeconds", std::chrono::floor<Seconds>(services.loop.now() - command.facts.started_at).count());
  json.field("ready", services.store.status().is_writable && services.carriers->has_bound_carrier());
  json.field("configHash", command.facts.config_hash);
  write_reload(json, command);
  write_upkeep(json, command);
  write_api(json, command);
  json.key("queue").begin_object();
  json.field("size", static_cast<std::uint64_t>(services.carriers->queue_size()))
      .field("limit", services.settings->queue_limit);
  const auto since = services.carriers->waiting_since();
  json.field("oldestSeconds",
             since ? std::chrono::floor<Seconds>(services.loop.wall_now() - *since).count() : std::int64_t{0})
      .end_object();
  write_store(json, command);
  if (command.facts.rates != nullptr) write_rates(json, *command.facts.rates);
  json.key("carriers").begin_array();
  for (const CarrierView& view : services.carriers->view()) write_carrier(json, view, services.cluster);
  json.end_array().end_object();
  command.done(std::move(json).str());
}

}  // namespace

Verbs status_verbs() {
  static constexpr Verb verbs[] = {{"status", status}};
  static_assert(is_every_verb_of("status", verbs));
  return verbs;
}

}  // namespace xion::control
