#include <algorithm>
#include <span>

#include "cli/carrier_test.h"
#include "cli/completion.h"
#include "cli/local.h"
#include "cli/shown_command.h"

namespace xion::cli {
namespace {

constexpr Column app_columns[] = {
    {"name", "NAME"}, {"plan", "PLAN"}, {"id", "ID"}, {"keys", "KEYS"}, {"createdAt", "CREATED"}};
constexpr Column key_columns[] = {{"id", "ID"},
                                  {"app", "APP"},
                                  {"test", "TEST"},
                                  {"hook", "HOOK"},
                                  {"scopes", "SCOPES"},
                                  {"state", "STATE"},
                                  {"networks", "NETWORKS"},
                                  {"createdAt", "CREATED"},
                                  {"expiresAt", "EXPIRES"}};
constexpr Column carrier_columns[] = {
    {"name", "NAME"},           {"state", "STATE"},     {"binds", "BINDS"},         {"nodes", "NODE"},
    {"inFlight", "IN FLIGHT"},  {"window", "WINDOW"},   {"rate", "RATE"},           {"rateAllowed", "ALLOWED"},
    {"rttP50Ms", "P50 MS"},     {"rttP95Ms", "P95 MS"}, {"throttled", "THROTTLED"}, {"nextRetrySeconds", "RETRY IN"},
    {"lastError", "LAST ERROR"}};
/// `lastError` last: it is what a narrow screen cuts.
constexpr Column status_columns[] = {{"name", "NAME"},           {"state", "STATE"},         {"binds", "BINDS"},
                                     {"inFlight", "IN FLIGHT"},  {"window", "WINDOW"},       {"rttP95Ms", "P95 MS"},
                                     {"throttled", "THROTTLED"}, {"lastError", "LAST ERROR"}};
constexpr Column session_columns[] = {
    {"bind", "BIND"},     {"type", "TYPE"},           {"state", "STATE"},         {"inFlight", "IN FLIGHT"},
    {"window", "WINDOW"}, {"rateAllowed", "ALLOWED"}, {"throttled", "THROTTLED"}, {"lastError", "LAST ERROR"}};
constexpr Column otp_columns[] = {{"requestId", "REQUEST"}, {"createdAt", "CREATED"}, {"app", "APP"},
                                  {"phone", "PHONE"},       {"country", "COUNTRY"},   {"status", "STATUS"},
                                  {"delivery", "DELIVERY"}, {"sends", "SENDS"}};
constexpr Column route_columns[] = {{"name", "NAME"},
                                    {"prefix", "PREFIX"},
                                    {"country", "COUNTRY"},
                                    {"app", "APP"},
                                    {"purpose", "PURPOSE"},
                                    {"carriers", "CARRIERS"},
                                    {"failoverAfterSeconds", "FAILOVER AFTER"}};
constexpr Column option_columns[] = {{"carrier", "CARRIER"}, {"chosen", "CHOSEN"}, {"reason", "REASON"}};
constexpr Column node_columns[] = {{"node", "NODE"},
                                   {"heardMsAgo", "HEARD MS AGO"},
                                   {"version", "VERSION"},
                                   {"clockAheadMs", "CLOCK +MS"},
                                   {"drained", "DRAINED"},
                                   {"queued", "QUEUED"},
                                   {"leases", "HAS"},
                                   {"configHash", "CONFIG"},
                                   {"configDiffers", "DIFFERS"}};
constexpr Column lease_columns[] = {{"lease", "LEASE"}, {"node", "NODE"}, {"epoch", "EPOCH"}};
constexpr Column queue_columns[] = {{"requestId", "REQUEST"}, {"phone", "PHONE"}, {"app", "APP"},
                                    {"ageSeconds", "AGE"},    {"reason", "WHY"},  {"expiresAt", "EXPIRES"}};
constexpr Column receipt_columns[] = {
    {"id", "RECEIPT"},        {"receivedAt", "RECEIVED"},   {"carrier", "CARRIER"}, {"messageId", "MESSAGE ID"},
    {"state", "STATE"},       {"error", "ERROR"},           {"why", "WHY"},         {"phone", "PHONE"},
    {"requestId", "REQUEST"}, {"requestPhone", "ITS PHONE"}};
constexpr Column list_columns[] = {{"subject", "SUBJECT"},  {"value", "VALUE"},   {"app", "APP"},
                                   {"reason", "REASON"},    {"active", "ACTIVE"}, {"createdAt", "CREATED"},
                                   {"expiresAt", "EXPIRES"}};
constexpr Column limit_columns[] = {
    {"app", "APP"},   {"policy", "POLICY"}, {"limit", "LIMIT"},       {"windowSeconds", "WINDOW S"},
    {"used", "USED"}, {"left", "LEFT"},     {"waitSeconds", "WAIT S"}};
constexpr Column traffic_columns[] = {{"kind", "KIND"},
                                      {"subject", "SUBJECT"},
                                      {"unverifiedHour", "UNVERIFIED 1H"},
                                      {"hourlyBudget", "BUDGET 1H"},
                                      {"unverifiedDay", "UNVERIFIED 24H"},
                                      {"dailyBudget", "BUDGET 24H"},
                                      {"verifiedDay", "VERIFIED 24H"},
                                      {"bestVerifiedDay", "BEST DAY"},
                                      {"covered", "COVERED"}};
constexpr Column usage_columns[] = {{"app", "APP"},
                                    {"period", "PERIOD"},
                                    {"plan", "PLAN"},
                                    {"included", "INCLUDED"},
                                    {"used", "USED"},
                                    {"remaining", "REMAINING"},
                                    {"requests", "REQUESTS"},
                                    {"resends", "RESENDS"},
                                    {"verified", "VERIFIED"},
                                    {"delivered", "DELIVERED"},
                                    {"undelivered", "UNDELIVERED"},
                                    {"blocked", "BLOCKED"}};
constexpr Column statement_columns[] = {{"app", "APP"},           {"month", "MONTH"},       {"plan", "PLAN"},
                                        {"item", "ITEM"},         {"country", "COUNTRY"},   {"included", "INCLUDED"},
                                        {"messages", "MESSAGES"}, {"overage", "OVERAGE"},   {"parts", "PARTS"},
                                        {"amount", "AMOUNT"},     {"currency", "CURRENCY"}, {"final", "FINAL"}};
constexpr Column stats_columns[] = {{"app", "APP"},
                                    {"date", "DATE"},
                                    {"hour", "HOUR"},
                                    {"country", "COUNTRY"},
                                    {"route", "ROUTE"},
                                    {"delivery", "DELIVERY"},
                                    {"carrier", "CARRIER"},
                                    {"error", "ERROR"},
                                    {"messages", "MESSAGES"},
                                    {"reason", "REASON"},
                                    {"requests", "REQUESTS"},
                                    {"sent", "SENT"},
                                    {"delivered", "DELIVERED"},
                                    {"deliveryRate", "RATE"},
                                    {"verified", "VERIFIED"},
                                    {"verificationRate", "RATE"},
                                    {"blocked", "BLOCKED"},
                                    {"latencyP95Ms", "P95 MS"}};
constexpr Column trace_columns[] = {{"phone", "PHONE"}, {"until", "UNTIL"}, {"requests", "REQUESTS"}};
constexpr Column template_columns[] = {{"app", "APP"},           {"name", "NAME"},         {"locale", "LOCALE"},
                                       {"encoding", "ENCODING"}, {"segments", "SEGMENTS"}, {"text", "TEXT"}};
constexpr Column preview_columns[] = {{"locale", "LOCALE"},         {"source", "SOURCE"},     {"encoding", "ENCODING"},
                                      {"characters", "CHARACTERS"}, {"segments", "SEGMENTS"}, {"preview", "PREVIEW"}};
constexpr Column finding_columns[] = {{"severity", "SEVERITY"}, {"finding", "FINDING"}};
constexpr Column webhook_columns[] = {{"id", "ID"},
                                      {"app", "APP"},
                                      {"url", "URL"},
                                      {"types", "TYPES"},
                                      {"state", "STATE"},
                                      {"health", "HEALTH"},
                                      {"waiting", "WAITING"},
                                      {"delivered24h", "DELIVERED (24 H)"},
                                      {"failed24h", "FAILED"},
                                      {"lastError", "LAST ERROR"}};
constexpr Column delivery_columns[] = {
    {"id", "ID"},       {"type", "TYPE"},   {"state", "STATE"},     {"attempts", "ATTEMPTS"},
    {"madeAt", "MADE"}, {"nextAt", "NEXT"}, {"httpStatus", "HTTP"}, {"error", "ERROR"}};
constexpr Column pass_columns[] = {
    {"id", "ID"},      {"kind", "KIND"},       {"app", "APP"},           {"role", "ROLE"},
    {"person", "FOR"}, {"address", "ADDRESS"}, {"createdAt", "CREATED"}, {"expiresAt", "EXPIRES"}};
constexpr Column change_columns[] = {
    {"key", "KEY"}, {"before", "BEFORE"}, {"after", "AFTER"}, {"takesEffect", "TAKES EFFECT"}};
constexpr Column audit_columns[] = {
    {"at", "AT"},         {"by", "BY"},       {"command", "COMMAND"},    {"outcome", "OUTCOME"}, {"arguments", "WITH"},
    {"before", "BEFORE"}, {"after", "AFTER"}, {"reason", "REFUSED FOR"}, {"from", "FROM"}};
constexpr Column change_of_figures_columns[] = {
    {"at", "AT"}, {"command", "COMMAND"}, {"name", "OF"}, {"locale", "LANGUAGE"}};
constexpr Column import_columns[] = {
    {"action", "ACTION"}, {"kind", "KIND"}, {"app", "APP"}, {"name", "NAME"}, {"what", "WHAT"}};
constexpr Column trace_line[] = {{"at", ""}, {"bind", ""}, {"direction", ""}, {"command_id", ""}};
constexpr Column event_line[] = {{"at", ""}, {"type", ""}, {"carrier", ""}};
constexpr Column log_line[] = {{"at", ""}, {"level", ""}, {"event", ""}};

/// How each command's answer is shown, or what is done here instead.
constexpr Command every_command[] = {
    {"status", View::record, status_columns},
    {"app add"},
    {"app onboard", View::record, {}, onboard},
    {"app list", View::table, app_columns},
    {"app show", View::record, key_columns},
    {"app set"},
    {"app remove"},
    {"key create"},
    {"key list", View::table, key_columns},
    {"key rotate"},
    {"key revoke"},
    {"carrier list", View::table, carrier_columns},
    {"carrier show", View::record, session_columns},
    {"carrier pause"},
    {"carrier resume"},
    {"carrier drain"},
    {"carrier reconnect"},
    {"carrier trace", View::stream, trace_line},
    {"carrier receipt"},
    {"carrier test", View::record, {}, test_carrier},
    {"route list", View::table, route_columns},
    {"route explain", View::record, option_columns},
    {"otp list", View::table, otp_columns},
    {"otp show"},
    {"otp trace", View::timeline},
    {"otp resend"},
    {"otp cancel"},
    {"queue show", View::record, queue_columns},
    {"queue expire"},
    {"cluster status", View::record, node_columns},
    {"cluster leases", View::table, lease_columns},
    {"cluster drain"},
    {"cluster forget"},
    {"receipt unmatched", View::table, receipt_columns},
    {"receipt match"},
    {"template add", View::record, finding_columns},
    {"template list", View::table, template_columns},
    {"template lint", View::record, finding_columns},
    {"template preview", View::table, preview_columns},
    {"template remove"},
    {"phone erase"},
    {"fraud show", View::record, traffic_columns},
    {"fraud simulate"},
    {"usage", View::table, usage_columns},
    {"usage statement", View::table, statement_columns},
    {"limit show", View::record, limit_columns},
    {"limit reset"},
    {"limit budget"},
    {"block add"},
    {"block list", View::table, list_columns},
    {"block remove"},
    {"allow add"},
    {"allow list", View::table, list_columns},
    {"allow remove"},
    {"dashboard invite"},
    {"dashboard wall"},
    {"dashboard sessions", View::table, pass_columns},
    {"dashboard revoke"},
    {"webhook add"},
    {"webhook list", View::table, webhook_columns},
    {"webhook show"},
    {"webhook test"},
    {"webhook deliveries", View::table, delivery_columns},
    {"webhook replay"},
    {"webhook rotate"},
    {"webhook enable"},
    {"webhook remove"},
    {"config check", View::record, {}, check_config},
    {"config socket-unit", View::record, {}, print_socket_unit},
    {"config diff", View::table, change_columns},
    {"config apply", View::table, change_columns},
    {"config show", View::settings},
    {"audit", View::table, audit_columns},
    {"audit changes", View::table, change_of_figures_columns},
    {"stats", View::table, stats_columns},
    {"send", View::story, event_line},
    {"log", View::stream, log_line},
    {"log trace", View::table, trace_columns},
    {"log level"},
    {"doctor", View::record, {}, doctor},
    {"smpp-status", View::record, {}, smpp_status},
    {"lookup", View::record, {}, lookup},
    {"completion", View::record, {}, print_completion},
    {"backup", View::record, {}, make_backup},
    {"restore", View::record, {}, restore},
    {"compact", View::record, {}, compact_store},
    {"store schema", View::record, {}, print_store_schema},
    {"store check", View::record, {}, check_store},
    {"store import", View::record, {}, import_store},
    {"store export", View::record, {}, export_store},
    {"store forget-live", View::record, {}, forget_live},
    {"export", View::record, {}, export_holdings},
    {"import", View::table, import_columns, import_holdings},
    {"init-key", View::record, {}, init_key},
    {"rotate-master-key", View::record, {}, rotate_master_key},
};
static_assert(wire::has_each_once(std::span<const Command>(every_command), &Command::id,
                                  [](const wire::CommandEntry&) { return true; }),
              "each command of the catalogue is shown");
#ifndef __SANITIZE_ADDRESS__  // g++ 12 takes the address of a function for no constant then (GCC bug 71962).
static_assert(std::ranges::all_of(every_command,
                                  [](const Command& command) {
                                    return (command.run_here != nullptr) ==
                                           (command.entry().runs != wire::Runs::daemon);
                                  }),
              "what the catalogue says that xionctl does is done here");
#endif

}  // namespace

std::span<const Command> commands() { return every_command; }

}  // namespace xion::cli
