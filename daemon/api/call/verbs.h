#pragma once
#include "api/call/call.h"

/// What the routes lead to, one file a verb. Each answers its call, now or after a commit.
namespace xion::verbs {

void send(CallPtr call);
void verify(CallPtr call);
void read(CallPtr call);
void list(CallPtr call);
void export_csv(CallPtr call);
void export_ndjson(CallPtr call);
void export_usage_csv(CallPtr call);
void alerts(CallPtr call);
void usage(CallPtr call);
void usage_daily(CallPtr call);
void stats(CallPtr call);
void stats_daily(CallPtr call);
void stats_hourly(CallPtr call);
void stats_countries(CallPtr call);
void stats_routes(CallPtr call);
void stats_carriers(CallPtr call);
void stats_carrier_countries(CallPtr call);
void stats_errors(CallPtr call);
void cancel(CallPtr call);
void outcome(CallPtr call);
void lookup(CallPtr call);
void erase(CallPtr call);
void notice(CallPtr call);
void hook(CallPtr call);
void send_code(CallPtr call);
void validate_code(CallPtr call);
/// Every call below /v1/admin/.
void admin(CallPtr call);
void errors(CallPtr call);
void openapi_as_json(CallPtr call);
void openapi_as_yaml(CallPtr call);
void health(CallPtr call);
void readiness(CallPtr call);

}  // namespace xion::verbs
