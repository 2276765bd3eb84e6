#include "metrics/exposition.h"

#include <algorithm>

#include "app/codes/send_otp.h"
#include "app/codes/verify_otp.h"
#include "app/delivery/carriers.h"
#include "app/delivery/smsc_link.h"
#include "app/measures.h"
#include "app/owners/webhooks.h"
#include "metrics/families.h"
#include "metrics/process.h"

namespace xion {
namespace {

using metrics::Families;
using Views = std::vector<CarrierView>;

constexpr std::string_view carrier_states[] = {"down", "connecting", "binding", "bound", "paused", "draining"};
constexpr std::string_view bind_states[] = {"down", "connecting", "binding", "bound"};

/// What a receipt ends a message with.
constexpr MessageState final_states[] = {MessageState::delivered, MessageState::undelivered, MessageState::expired,
                                         MessageState::rejected, MessageState::unknown};

/// The names of an enumeration from its value `first` on: the last one is behind what has no name.
template <typename Value>
void each_name(int first, const auto& tell) {
  for (int value = first; value < 256; ++value) {
    const std::string_view name = to_string(static_cast<Value>(value));
    if (name.empty()) return;
    tell(name);
  }
}

/// What has counted nothing yet is there all the same: a rate that falls to nothing is seen from the start.
Measures with_zeros(Measures measures, const Views& views, const Settings& settings) {
  for (const CarrierView& view : views) measures.receipts.try_emplace(view.name);
  for (const RouteSettings& route : settings.routes) measures.died_unsent.try_emplace(route.name, 0);
  measures.sends.try_emplace("sent", 0);
  each_name<SendVerdict>(1, [&](std::string_view name) { measures.sends.try_emplace(name, 0); });
  each_name<VerifyResult>(0, [&](std::string_view name) { measures.verifies.try_emplace(name, 0); });
  return measures;
}

void tell_routes(Families& families, const Views& views, const Settings& settings) {
  families.gauges("xionid_route_up", "1 while a carrier of the route is bound and takes messages");
  for (const RouteSettings& route : settings.routes) {
    const bool is_up = std::ranges::any_of(views, [&](const CarrierView& view) {
      return view.state == "bound" &&
             std::ranges::find(route.carriers, view.name, &RouteCarrier::name) != route.carriers.end();
    });
    families.value(is_up ? 1.0 : 0.0, {{"route", route.name}});
  }
}

void tell_queue(Families& families, const Services& services, const Measures& measures) {
  families.gauges("xionid_queue_messages", "Messages that wait for a carrier")
      .value(std::uint64_t{services.carriers->queue_size()});
  families.gauges("xionid_queue_limit_messages", "Messages that may wait before sends are turned away")
      .value(std::uint64_t{services.settings->queue_limit});
  const auto since = services.carriers->waiting_since();
  families.gauges("xionid_queue_oldest_seconds", "How long the oldest of them has waited; 0: none waits")
      .value(since ? in_seconds(std::max(Millis{0}, services.loop.wall_now() - *since)) : 0.0);
  families.counters("xionid_messages_handed_over_total", "Messages handed to another node that has a bind")
      .value(measures.handed_over);
  families.counters("xionid_messages_died_unsent_total", "Messages whose code expired before a carrier took them");
  for (const auto& [route, count] : measures.died_unsent) families.value(count, {{"route", route}});
}

/// One value for each bind of each carrier.
template <typename Tell>
void each_bind(const Views& views, Tell tell) {
  for (const CarrierView& view : views) {
    for (const BindView& bind : view.each_bind) tell(view, bind, std::to_string(bind.number));
  }
}

template <typename Value>
void bind_family(Families& families, const Views& views, Value value) {
  each_bind(views, [&](const CarrierView& view, const BindView& bind, const std::string& number) {
    families.value(value(bind), {{"carrier", view.name}, {"bind", number}});
  });
}

void tell_carriers(Families& families, const Views& views) {
  families.gauges("xionid_carrier_state", "1 for the state that a carrier is in, 0 for the others");
  for (const CarrierView& view : views) {
    for (const auto state : carrier_states)
      families.value(view.state == state ? 1.0 : 0.0, {{"carrier", view.name}, {"state", state}});
  }
  families.gauges("xionid_carrier_binds", "Binds that are bound");
  for (const CarrierView& view : views) families.value(std::uint64_t{view.binds}, {{"carrier", view.name}});
  families.gauges("xionid_carrier_binds_configured", "Binds that the configuration wants");
  for (const CarrierView& view : views) families.value(std::uint64_t{view.binds_wanted}, {{"carrier", view.name}});
  families.counters("xionid_carrier_reconnects_total", "Connections made again after a loss");
  for (const CarrierView& view : views) families.value(view.reconnects, {{"carrier", view.name}});
}

void tell_binds(Families& families, const Views& views) {
  families.gauges("xionid_bind_state", "1 for the state that a bind is in, 0 for the others");
  each_bind(views, [&](const CarrierView& view, const BindView& bind, const std::string& number) {
    for (const auto state : bind_states) {
      families.value(bind.state == state ? 1.0 : 0.0,
                     {{"carrier", view.name}, {"bind", number}, {"type", bind.type}, {"state", state}});
    }
  });
  families.gauges("xionid_bind_window", "Unanswered submits allowed");
  bind_family(families, views, [](const BindView& bind) { return std::uint64_t{bind.window}; });
  families.gauges("xionid_bind_window_in_use", "Submits without an answer yet");
  bind_family(families, views, [](const BindView& bind) { return std::uint64_t{bind.in_flight}; });
  families.gauges("xionid_bind_rate_allowed", "PDUs a second allowed now, after throttling; 0: no limit");
  bind_family(families, views, [](const BindView& bind) { return bind.rate_allowed; });
  families.counters("xionid_submits_total", "submit_sm written");
  bind_family(families, views, [](const BindView& bind) { return bind.counters->submitted; });
  families.counters("xionid_submit_throttles_total",
                    "submit_sm answered with throttling, or that the carrier's queue is full");
  bind_family(families, views, [](const BindView& bind) { return bind.counters->throttled; });
  families.counters("xionid_full_queues_total", "submit_sm answered that the queue is full, which was the phone's own");
  bind_family(families, views, [](const BindView& bind) { return bind.counters->queue_full; });
  families.counters("xionid_submits_unanswered_total",
                    "submit_sm whose outcome is unknown: timed out, or the connection was lost");
  bind_family(families, views, [](const BindView& bind) { return bind.counters->lost; });
  families.counters("xionid_deliver_sm_total", "deliver_sm and data_sm received");
  bind_family(families, views, [](const BindView& bind) { return bind.counters->receipts; });
  families.counters("xionid_submit_responses_total", "submit_sm_resp by command_status");
  each_bind(views, [&](const CarrierView& view, const BindView& bind, const std::string& number) {
    for (const auto& [status, count] : bind.counters->statuses) {
      families.value(count, {{"carrier", view.name}, {"bind", number}, {"status", smpp::status_name(status)}});
    }
    if (bind.counters->other_statuses > 0) {
      families.value(bind.counters->other_statuses, {{"carrier", view.name}, {"bind", number}, {"status", "other"}});
    }
  });
  families.counters("xionid_unknown_commands_total", "Requests of a carrier that no specification names, or not to us");
  bind_family(families, views, [](const BindView& bind) { return bind.amiss.unknown_commands; });
  families.counters("xionid_malformed_pdus_total", "PDUs of a carrier that could not be read");
  bind_family(families, views, [](const BindView& bind) { return bind.amiss.malformed_pdus; });
  families.counters("xionid_ids_too_long_total", "submit_sm_resp whose message_id is above 65 octets, and is not kept");
  bind_family(families, views, [](const BindView& bind) { return bind.amiss.ids_too_long; });
  families.histograms("xionid_submit_round_trip_seconds", "From submit_sm to its response");
  bind_family(families, views, [](const BindView& bind) { return bind.counters->round_trips; });
  families.histograms("xionid_accept_to_wire_seconds",
                      "From the acceptance of a message by the API to its first submit_sm");
  for (const CarrierView& view : views) {
    Histogram all(long_times);
    for (const BindView& bind : view.each_bind) all.add(bind.counters->accept_to_wire);
    families.value(all, {{"carrier", view.name}});
  }
}

void tell_receipts(Families& families, const Measures& measures) {
  families.counters("xionid_receipts_total", "Receipts by the final state that they told of a message");
  for (const auto& [carrier, receipts] : measures.receipts) {
    for (const MessageState state : final_states) {
      const auto found = receipts.by_state.find(state);
      families.value(found == receipts.by_state.end() ? 0 : found->second,
                     {{"carrier", carrier}, {"state", to_string(state)}});
    }
  }
  families.counters("xionid_receipts_repeated_total", "Receipts that told nothing new");
  for (const auto& [carrier, receipts] : measures.receipts) families.value(receipts.repeated, {{"carrier", carrier}});
  families.counters("xionid_receipts_unheard_of_total",
                    "Receipts of a state that SMPP doesn't know, taken as not final");
  for (const auto& [carrier, receipts] : measures.receipts) families.value(receipts.unheard_of, {{"carrier", carrier}});
  families.counters("xionid_carrier_requests_ended_total",
                    "Requests that ended, by whether their code was verified; by the carrier of the newest message");
  for (const auto& [carrier, receipts] : measures.receipts) {
    families.value(receipts.verified, {{"carrier", carrier}, {"result", "verified"}});
    families.value(receipts.not_verified, {{"carrier", carrier}, {"result", "not_verified"}});
  }
  families.histograms("xionid_accept_to_delivered_seconds",
                      "From the acceptance of a message by the API to its receipt of delivery");
  for (const auto& [carrier, receipts] : measures.receipts)
    families.value(receipts.accept_to_delivered, {{"carrier", carrier}});
  families
      .counters("xionid_receipts_early_total",
                "Receipts that came before the response that names their message, or never match")
      .value(measures.receipts_parked);
  families.counters("xionid_receipts_unmatched_total", "Receipts that belong to no message")
      .value(measures.receipts_unmatched);
}

void tell_webhooks(Families& families, const WebhookMeasures& measures) {
  families.counters("xionid_webhook_events_total", "Events for webhooks by what became of a try");
  families.value(measures.delivered, {{"result", "delivered"}});
  families.value(measures.failed, {{"result", "failed"}});
  families.value(measures.dropped, {{"result", "dropped"}});
  families.gauges("xionid_webhook_events_waiting", "Events that wait for webhooks").value(measures.waiting);
  families.gauges("xionid_webhooks_silent", "Webhooks where nobody answers").value(measures.silent);
}

void tell_requests(Families& families, const Measures& measures) {
  families.counters("xionid_sends_total", "Send calls by what became of them, test keys left out");
  for (const auto& [result, count] : measures.sends) families.value(count, {{"result", result}});
  families.counters("xionid_verifies_total", "Verify calls by what became of them, test keys left out");
  for (const auto& [result, count] : measures.verifies) families.value(count, {{"result", result}});
  families.counters("xionid_limits_hit_total", "Calls refused by a limit");
  for (const auto& [limit, count] : measures.limits_hit) families.value(count, {{"limit", limit}});
  families.counters("xionid_refused_keys_total", "Calls refused for their key, by why");
  for (const auto& [reason, count] : measures.refused_keys) families.value(count, {{"reason", reason}});
  families.counters("xionid_http_requests_total", "API calls by route and HTTP status");
  for (const auto& [call, count] : measures.calls) {
    families.value(count, {{"route", call.first}, {"status", std::to_string(call.second)}});
  }
  families.histograms("xionid_http_request_seconds", "From a call's arrival to its answer").value(measures.call_times);
}

void tell_cluster(Families& families, const ClusterView& view) {
  families.gauges("xionid_cluster_nodes", "Nodes that live on the database").value(std::uint64_t{view.nodes.size()});
  const auto is_ours = [&](const LeaseView& lease) {
    return view.may_hold && !view.nodes.empty() && lease.holder == view.nodes.front().name;
  };
  families.gauges("xionid_cluster_leases_held", "Binds and roles that are this node's")
      .value(static_cast<std::uint64_t>(std::ranges::count_if(view.leases, is_ours)));
  const auto is_of_a_bind = [](const LeaseView& lease) { return lease.name != housekeeper_lease; };
  const auto is_nobodys = [](const LeaseView& lease) { return lease.holder.empty(); };
  families.gauges("xionid_cluster_housekeeper", "1 while some node is the housekeeper")
      .value(std::ranges::any_of(view.leases,
                                 [&](const LeaseView& lease) { return !is_of_a_bind(lease) && !is_nobodys(lease); })
                 ? 1.0
                 : 0.0);
  families.gauges("xionid_cluster_binds_unheld", "Binds that this node wishes for and nobody has")
      .value(static_cast<std::uint64_t>(std::ranges::count_if(
          view.leases, [&](const LeaseView& lease) { return is_of_a_bind(lease) && is_nobodys(lease); })));
  if (view.nodes.empty() || !view.nodes.front().is_self) return;
  const NodeReport& own = view.nodes.front().report;
  families.gauges("xionid_cluster_config_differs", "Nodes whose configuration is another than this one's")
      .value(static_cast<std::uint64_t>(std::ranges::count_if(
          view.nodes, [&](const NodeView& node) { return node.report.config_hash != own.config_hash; })));
  if (own.clock_skew)
    families.gauges("xionid_cluster_clock_skew_seconds", "This machine's clock, ahead of the database's")
        .value(in_seconds(*own.clock_skew));
}

void tell_database(Families& families, const DatabaseStatus& database) {
  families.gauges("xionid_database_standby", "1 while the database's commits wait for a standby")
      .value(database.has_standby ? 1.0 : 0.0);
  families.counters("xionid_database_fetches_total", "Round trips to the database that only read")
      .value(database.fetches);
  families.counters("xionid_database_read_again_total", "Tasks that ran again for rows they had not asked for")
      .value(database.read_again);
  families.counters("xionid_database_conflicts_total", "Commits begun again for what others had changed")
      .value(database.conflicts);
  families.counters("xionid_database_doubts_total", "Commits whose answer from the database got lost")
      .value(database.doubts);
}

void tell_store(Families& families, const Store& store, std::optional<std::uint64_t> disk_free_octets) {
  const StoreStatus status = store.status();
  families.gauges("xionid_store_writable", "1 while the store takes commits").value(status.is_writable ? 1.0 : 0.0);
  families.counters("xionid_store_commits_total", "Commits").value(status.commits);
  families.counters("xionid_store_tasks_total", "Tasks that were committed").value(status.tasks);
  families.gauges("xionid_store_waiting_tasks", "Tasks not committed yet").value(std::uint64_t{store.waiting()});
  if (status.database) {
    tell_database(families, *status.database);
  } else {
    families.gauges("xionid_store_data_bytes", "Octets of the data file in use").value(status.data_octets);
    families.gauges("xionid_store_map_bytes", "Octets that the data file may grow to before its map does")
        .value(status.map_octets);
    if (disk_free_octets)
      families.gauges("xionid_store_disk_free_bytes", "Octets free on the disk of the data file")
          .value(*disk_free_octets);
    families.gauges("xionid_store_requests", "OTP requests kept").value(status.requests);
  }
  families.histograms("xionid_store_commit_seconds", "Time of a commit, its fsync included").value(status.commit_times);
  families.histograms("xionid_store_batch_tasks", "Tasks in one commit").value(status.batch_tasks);
}

}  // namespace

std::string metrics_text(const Services& services, const ProcessFacts& process) {
  const Views views = services.carriers->view();
  Families families;
  metrics::tell_process(families, process);
  tell_carriers(families, views);
  tell_binds(families, views);
  tell_routes(families, views, *services.settings);
  const Measures measures = with_zeros(services.measures, views, *services.settings);
  tell_receipts(families, measures);
  tell_requests(families, measures);
  if (services.webhooks != nullptr) tell_webhooks(families, services.webhooks->measures());
  tell_queue(families, services, measures);
  tell_store(families, services.store, process.disk_free_octets);
  if (const auto view = services.cluster.view()) tell_cluster(families, *view);
  return std::move(families).text();
}

}  // namespace xion
