#include "control/carrier_json.h"
#include "control/verbs.h"

namespace xion::control {

void status(Command command) {
  const Services& services = command.services;
  const StoreStatus store = services.store.status();
  JsonWriter json;
  json.begin_object().field("version", command.facts.version);
  json.field("uptimeSeconds", std::chrono::floor<Seconds>(services.loop.now() - command.facts.started_at).count());
  json.key("store").begin_object().field("writable", store.is_writable).field("trouble", store.trouble);
  json.field("commits", store.commits).field("tasks", store.tasks);
  json.field("commitP50Ms", store.commit_p50_ms).field("commitP99Ms", store.commit_p99_ms);
  json.field("dataBytes", store.data_octets)
      .field("mapBytes", store.map_octets)
      .field("requests", store.requests)
      .end_object();
  json.key("carriers").begin_array();
  for (const CarrierView& view : services.carriers->view()) write_carrier(json, view);
  json.end_array().key("queue").begin_object();
  json.field("size", static_cast<std::uint64_t>(services.carriers->queue_size()))
      .field("limit", services.settings->queue_limit);
  json.end_object().field("configHash", command.facts.config_hash).end_object();
  command.done(std::move(json).str());
}

}  // namespace xion::control
