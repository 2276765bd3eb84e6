#include <fmt/format.h>

#include <algorithm>

#include "app/delivery/smsc_link.h"
#include "base/log.h"
#include "base/suggest.h"
#include "control/carrier_view.h"
#include "control/duration.h"
#include "control/verb.h"

namespace xion::control {

namespace {

/// Of other nodes what they told last, which is a second old.
void write_nodes(JsonWriter& json, const CarrierView& view, const Cluster& cluster) {
  if (!cluster.is_shared()) return;
  std::uint32_t elsewhere = 0;
  json.key("nodes").begin_array();
  if (view.binds > 0) json.value(cluster.name());
  for (const Peer& peer : cluster.peers()) {
    if (peer.has_bound(view.name)) json.value(peer.name);
    for (const CarrierOfNode& carrier : peer.report.carriers)
      if (carrier.name == view.name) elsewhere += carrier.binds;
  }
  json.end_array().field("bindsElsewhere", elsewhere);
}

}  // namespace

void write_carrier(JsonWriter& json, const CarrierView& view, const Cluster& cluster) {
  json.begin_object().field("name", view.name).field("state", view.state);
  json.field("binds", view.binds).field("bindsWanted", view.binds_wanted);
  write_nodes(json, view, cluster);
  json.field("window", view.window).field("inFlight", view.in_flight);
  json.field("rate", view.rate).field("rateAllowed", view.rate_allowed).field("address", view.address);
  if (view.rtt_p50_ms) json.field("rttP50Ms", *view.rtt_p50_ms);
  if (view.rtt_p95_ms) json.field("rttP95Ms", *view.rtt_p95_ms);
  if (view.next_retry_in) json.field("nextRetrySeconds", std::chrono::ceil<Seconds>(*view.next_retry_in).count());
  json.field("receiptId", view.receipt_id);
  if (!view.last_error.empty()) json.field("lastError", view.last_error);
  if (view.hold) {
    json.key("hold").begin_object().field("kind", view.hold->kind == CarrierHold::Kind::pause ? "pause" : "drain");
    json.field("since", rfc3339(view.hold->since)).field("by", view.hold->by);
    if (view.hold->until) json.field("until", rfc3339(*view.hold->until));
    if (!view.hold->reason.empty()) json.field("reason", view.hold->reason);
    json.end_object();
  }
  json.field("submitted", view.submitted).field("accepted", view.accepted).field("refused", view.refused);
  json.field("throttled", view.throttled).field("lost", view.lost).field("receipts", view.receipts);
  json.field("reconnects", view.reconnects).field("breaker", to_string(view.breaker));
  json.key("sessions").begin_array();
  for (const BindView& session : view.each_bind) {
    json.begin_object().field("bind", session.number).field("type", session.type).field("state", session.state);
    json.field("address", session.address).field("inFlight", session.in_flight).field("window", session.window);
    json.field("rateAllowed", session.rate_allowed).field("throttled", session.counters->throttled);
    json.field("queueFull", session.counters->queue_full);
    json.field("lost", session.counters->lost);
    json.field("connects", session.counters->connects).field("strayNacks", session.amiss.nacks_without_sequence);
    json.field("unknownCommands", session.amiss.unknown_commands).field("malformedPdus", session.amiss.malformed_pdus);
    json.field("idsTooLong", session.amiss.ids_too_long);
    if (session.next_retry_in)
      json.field("nextRetrySeconds", std::chrono::ceil<Seconds>(*session.next_retry_in).count());
    json.field("lastError", session.last_error).end_object();
  }
  json.end_array().end_object();
}

void refuse_unknown_carrier(const Command& command) {
  std::vector<std::string_view> names;
  const auto views = command.services.carriers->view();
  for (const CarrierView& view : views) names.push_back(view.name);
  const auto meant = closest(command.required("name"), names);
  command.refuse(fmt::format("there is no carrier {}", command.required("name")),
                 meant ? fmt::format("did you mean {}?", *meant) : "`xionctl carrier list` shows them");
}

namespace {

void tell_carrier(const Command& command) {
  const auto views = command.services.carriers->view();
  const auto view = std::ranges::find(views, command.required("name"), &CarrierView::name);
  if (view == views.end()) return refuse_unknown_carrier(command);
  JsonWriter json;
  write_carrier(json, *view, command.services.cluster);
  command.done(std::move(json).str());
}

void carrier_list(Command command) {
  JsonWriter json;
  json.begin_array();
  for (const CarrierView& view : command.services.carriers->view()) write_carrier(json, view, command.services.cluster);
  json.end_array();
  command.done(std::move(json).str());
}

void carrier_show(Command command) { tell_carrier(command); }

bool is_known(const Command& command) {
  const auto views = command.services.carriers->view();
  return std::ranges::find(views, command.required("name"), &CarrierView::name) != views.end();
}

/// What was wanted is in force; whether it outlives a restart is said where it doesn't.
Carriers::HoldDone tell_held(const Command& command) {
  return [command](bool is_kept) {
    if (!is_kept)
      log::warning("smsc.hold.not_kept", "smsc={} reason=\"the store can't be written\"", command.required("name"));
    tell_carrier(command);
  };
}

void hold(const Command& command, CarrierHold::Kind kind) {
  if (!is_known(command)) return refuse_unknown_carrier(command);
  CarrierHold wanted{.carrier = command.required("name"),
                     .kind = kind,
                     .since = command.services.loop.wall_now(),
                     .until = {},
                     .by = describe(command.who),
                     .reason = std::string(command.request.text("reason").value_or(""))};
  if (wanted.reason.size() > hold_reason_limit_octets)
    return command.misuse(fmt::format("--reason: expected at most {} octets", hold_reason_limit_octets));
  if (const auto text = command.request.text("for")) {
    const auto span = parse_duration(*text);
    if (!span || *span <= Seconds{0}) return command.misuse("--for: expected a time such as 30m or 2h");
    wanted.until = wanted.since + *span;
  }
  command.services.carriers->hold(std::move(wanted), tell_held(command));
}

void carrier_pause(Command command) { hold(command, CarrierHold::Kind::pause); }
void carrier_drain(Command command) { hold(command, CarrierHold::Kind::drain); }

void carrier_resume(Command command) {
  if (!is_known(command)) return refuse_unknown_carrier(command);
  command.services.carriers->release(command.required("name"), tell_held(command));
}

void carrier_reconnect(Command command) {
  if (!command.services.carriers->reconnect(command.required("name"))) return refuse_unknown_carrier(command);
  tell_carrier(command);
}

/// What `xionctl`, which does the rest, has to know: the file that holds the carrier's block, and whether it is bound.
void carrier_test(Command command) {
  const auto views = command.services.carriers->view();
  const auto view = std::ranges::find(views, command.required("name"), &CarrierView::name);
  if (view == views.end()) return refuse_unknown_carrier(command);
  JsonWriter json;
  json.begin_object().field("config", command.services.settings->config_path);
  json.field("state", view->state).field("binds", view->binds).end_object();
  command.done(std::move(json).str());
}

}  // namespace

Verbs carrier_verbs() {
  static constexpr Verb verbs[] = {{"carrier list", carrier_list},   {"carrier show", carrier_show},
                                   {"carrier pause", carrier_pause}, {"carrier resume", carrier_resume},
                                   {"carrier drain", carrier_drain}, {"carrier reconnect", carrier_reconnect},
                                   {"carrier trace", carrier_trace}, {"carrier receipt", carrier_receipt},
                                   {"carrier test", carrier_test}};
  static_assert(is_every_verb_of("carrier", verbs));
  return verbs;
}

}  // namespace xion::control
