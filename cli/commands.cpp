#include "cli/command.h"
#include "cli/completion.h"
#include "cli/local.h"

namespace xion::cli {
namespace {

const std::vector<Column> app_columns{{"name", "NAME"}, {"plan", "PLAN"}, {"id", "ID"}, {"keys", "KEYS"}, {"createdAt", "CREATED"}};
const std::vector<Column> key_columns{{"id", "ID"},           {"app", "APP"},           {"test", "TEST"},      {"scopes", "SCOPES"},
                                      {"state", "STATE"},     {"networks", "NETWORKS"}, {"createdAt", "CREATED"},
                                      {"expiresAt", "EXPIRES"}};
const std::vector<Column> carrier_columns{{"name", "NAME"},           {"state", "STATE"},        {"binds", "BINDS"},
                                          {"inFlight", "IN FLIGHT"},  {"window", "WINDOW"},      {"rate", "RATE"},
                                          {"rateAllowed", "ALLOWED"}, {"rttP50Ms", "P50 MS"},     {"rttP95Ms", "P95 MS"},
                                          {"throttled", "THROTTLED"}, {"nextRetrySeconds", "RETRY IN"}, {"lastError", "LAST ERROR"}};
/// `lastError` last: it is what a narrow screen cuts.
const std::vector<Column> status_columns{{"name", "NAME"},          {"state", "STATE"},     {"binds", "BINDS"},
                                         {"inFlight", "IN FLIGHT"}, {"window", "WINDOW"},   {"rttP95Ms", "P95 MS"},
                                         {"throttled", "THROTTLED"}, {"lastError", "LAST ERROR"}};
const std::vector<Column> session_columns{{"bind", "BIND"},         {"type", "TYPE"},     {"state", "STATE"},
                                          {"inFlight", "IN FLIGHT"}, {"window", "WINDOW"}, {"rateAllowed", "ALLOWED"},
                                          {"throttled", "THROTTLED"}, {"lastError", "LAST ERROR"}};
const std::vector<Column> otp_columns{{"requestId", "REQUEST"}, {"createdAt", "CREATED"}, {"app", "APP"},
                                      {"phone", "PHONE"},       {"country", "COUNTRY"},   {"status", "STATUS"},
                                      {"delivery", "DELIVERY"}, {"sends", "SENDS"}};
const std::vector<Column> route_columns{{"name", "NAME"},       {"prefix", "PREFIX"},   {"country", "COUNTRY"},
                                        {"app", "APP"},         {"purpose", "PURPOSE"}, {"carriers", "CARRIERS"},
                                        {"failoverAfterSeconds", "FAILOVER AFTER"}};
const std::vector<Column> option_columns{{"carrier", "CARRIER"}, {"chosen", "CHOSEN"}, {"reason", "REASON"}};
const std::vector<Column> queue_columns{{"requestId", "REQUEST"}, {"send", "SEND"}, {"expiresAt", "EXPIRES"}};
const std::vector<Column> receipt_columns{{"receivedAt", "RECEIVED"}, {"carrier", "CARRIER"}, {"messageId", "MESSAGE ID"},
                                          {"state", "STATE"},         {"error", "ERROR"}};

const std::vector<Column> list_columns{{"subject", "SUBJECT"}, {"value", "VALUE"},     {"app", "APP"},        {"reason", "REASON"},
                                       {"active", "ACTIVE"},   {"createdAt", "CREATED"}, {"expiresAt", "EXPIRES"}};
const std::vector<Column> limit_columns{{"app", "APP"},   {"policy", "POLICY"}, {"limit", "LIMIT"}, {"windowSeconds", "WINDOW S"},
                                        {"used", "USED"}, {"left", "LEFT"},     {"waitSeconds", "WAIT S"}};

const std::vector<Column> traffic_columns{{"kind", "KIND"},
                                          {"subject", "SUBJECT"},
                                          {"unverifiedHour", "UNVERIFIED 1H"},
                                          {"hourlyBudget", "BUDGET 1H"},
                                          {"unverifiedDay", "UNVERIFIED 24H"},
                                          {"dailyBudget", "BUDGET 24H"},
                                          {"verifiedDay", "VERIFIED 24H"},
                                          {"bestVerifiedDay", "BEST DAY"},
                                          {"covered", "COVERED"}};
const std::vector<Column> usage_columns{{"app", "APP"},           {"period", "PERIOD"},       {"plan", "PLAN"},
                                        {"included", "INCLUDED"}, {"used", "USED"},           {"remaining", "REMAINING"},
                                        {"requests", "REQUESTS"}, {"resends", "RESENDS"},     {"verified", "VERIFIED"},
                                        {"delivered", "DELIVERED"}, {"undelivered", "UNDELIVERED"}, {"blocked", "BLOCKED"}};
const std::vector<Column> stats_columns{{"app", "APP"},           {"date", "DATE"},           {"country", "COUNTRY"},
                                        {"route", "ROUTE"},       {"delivery", "DELIVERY"},   {"carrier", "CARRIER"},
                                        {"error", "ERROR"},       {"messages", "MESSAGES"},   {"reason", "REASON"},
                                        {"requests", "REQUESTS"}, {"sent", "SENT"},           {"delivered", "DELIVERED"},
                                        {"deliveryRate", "RATE"}, {"verified", "VERIFIED"},   {"verificationRate", "RATE"},
                                        {"blocked", "BLOCKED"},   {"latencyP95Ms", "P95 MS"}};
const std::vector<Column> trace_columns{{"phone", "PHONE"}, {"until", "UNTIL"}, {"requests", "REQUESTS"}};
const std::vector<Column> template_columns{{"app", "APP"},           {"name", "NAME"},         {"locale", "LOCALE"},
                                           {"encoding", "ENCODING"}, {"segments", "SEGMENTS"}, {"text", "TEXT"}};
const std::vector<Column> preview_columns{{"locale", "LOCALE"},         {"source", "SOURCE"},     {"encoding", "ENCODING"},
                                          {"characters", "CHARACTERS"}, {"segments", "SEGMENTS"}, {"preview", "PREVIEW"}};
const std::vector<Column> finding_columns{{"severity", "SEVERITY"}, {"finding", "FINDING"}};

const Argument app_of_template{"app", "APP", Kind::word, true, "The app's name"};
const Argument name_of_template{"name", "NAME", Kind::word, false, "The template's name (default: default)"};
const Argument locale_of_template{"--locale", "TAG", Kind::word, false, "Its language: en, pt-BR, zh-Hant (default: for all)"};
const Argument text_of_template{"--text", "TEXT", Kind::word, true, "The text: {code}, {app}, {minutes} and variables such as {name}"};
const Argument values_of_template{"--set", "NAME=VALUE", Kind::pairs, false, "Values of variables, for the preview"};
const Argument listed{"subject", "SUBJECT", Kind::word, true, "A phone +374…, a prefix \"+37499*\", a country AM, or \"*\""};
const Argument phone_or_ip{"subject", "PHONE|IP", Kind::word, true, "The phone, +374…, or an end user's address"};
const Argument only_app{"--app", "APP", Kind::word, false, "Of this app alone (default: all apps)"};
const Argument why_listed{"--reason", "TEXT", Kind::word, false, "Why, for whoever reads the list"};
const Argument until_when{"--expires", "TIME", Kind::word, false, "For how long, from now: 12h, 90d (default: for good)"};
const std::vector<Column> webhook_columns{{"id", "ID"},       {"app", "APP"},     {"url", "URL"},
                                          {"types", "TYPES"}, {"state", "STATE"}, {"createdAt", "CREATED"}};
const std::vector<Column> delivery_columns{{"id", "ID"},           {"type", "TYPE"},     {"state", "STATE"}, {"attempts", "ATTEMPTS"},
                                           {"madeAt", "MADE"},     {"nextAt", "NEXT"},   {"httpStatus", "HTTP"}, {"error", "ERROR"}};
const std::vector<Column> pass_columns{{"id", "ID"},         {"kind", "KIND"},         {"app", "APP"},         {"role", "ROLE"},
                                       {"person", "FOR"},    {"address", "ADDRESS"},   {"createdAt", "CREATED"}, {"expiresAt", "EXPIRES"}};
const std::vector<Column> change_columns{{"key", "KEY"}, {"before", "BEFORE"}, {"after", "AFTER"}, {"takesEffect", "TAKES EFFECT"}};

const Argument name_of_app{"name", "NAME", Kind::word, true, "The app's name"};
const Argument name_of_carrier{"name", "NAME", Kind::word, true, "The carrier's name in the configuration"};
const Argument id_of_otp{"id", "ID", Kind::word, true, "The request's id, OTP-…"};
const Argument id_or_phone{"id", "ID|PHONE", Kind::word, true, "The request's id, or a phone for its latest request"};
const Argument id_of_webhook{"id", "ID", Kind::word, true, "The webhook's id, wh_…, as `xionctl webhook list` shows it"};
const Argument reveal{"--reveal", "", Kind::flag, false, "Show the whole phone number"};
const Argument limit{"--limit", "N", Kind::number, false, "At most so many (default: 20)"};
const Argument as_csv{"--csv", "", Kind::flag, false, "As comma-separated values, with a line of names", {}, true};
const Argument with_unreadable{"--with-unreadable", "", Kind::flag, false, "Take it though some records can't be read"};
const Argument settings{"set", "KEY=VALUE", Kind::pairs, true, "Settings of [otp] and [limits], such as ttl_seconds=120"};

const std::vector<Command> table{
    {.noun = "status", .verb = "", .summary = "The daemon on one screen: store, rates, carriers, queue",
     .arguments = {{"--watch", "", Kind::flag, false, "Show it again every two seconds until Ctrl-C", "-w", true}},
     .columns = status_columns,
     .examples = "  xionctl status\n  xionctl status --watch\n  xionctl --json status | jq .queue"},

    {.noun = "app", .verb = "add", .summary = "Make an app",
     .arguments = {name_of_app,
                   {"--plan", "PLAN", Kind::word, false, "starter, growth, custom or one of the configuration's"},
                   {"--set", "KEY=VALUE", Kind::pairs, false, "Settings of [otp] and [limits], such as ttl_seconds=120"}},
     .examples = "  xionctl app add shop\n  xionctl app add shop --plan growth --set ttl_seconds=120 --set code_length=8"},
    {.noun = "app", .verb = "list", .summary = "List the apps", .view = View::table, .columns = app_columns,
     .examples = "  xionctl app list\n  xionctl --json app list | jq -r '.[].name'"},
    {.noun = "app", .verb = "show", .summary = "Show an app, its settings and its keys", .arguments = {name_of_app},
     .columns = key_columns, .examples = "  xionctl app show shop"},
    {.noun = "app", .verb = "set", .summary = "Change an app's settings", .arguments = {name_of_app, settings},
     .examples = "  xionctl app set shop ttl_seconds=120\n  xionctl app set shop sends_per_phone=3/10m,6/1d"},
    {.noun = "app", .verb = "remove", .summary = "Remove an app and revoke its keys", .arguments = {name_of_app},
     .examples = "  xionctl app remove shop"},

    {.noun = "key", .verb = "create", .summary = "Make an API key; it is shown once",
     .arguments = {{"app", "APP", Kind::word, true, "The app's name"},
                   {"--scope", "SCOPE", Kind::words, false,
                    "otp:send, otp:verify, otp:read, stats:read, pii:read (default: all but pii:read)"},
                   {"--test", "", Kind::flag, false, "A test key: never touches a carrier, a quota or a limit"},
                   {"--expires", "TIME", Kind::word, false, "Until when it works, from now: 12h, 90d (default: for good)"},
                   {"--network", "CIDR", Kind::words, false, "Networks that it works from (default: all)"}},
     .examples = "  xionctl key create shop\n  xionctl key create shop --scope otp:read stats:read --expires 90d\n"
                 "  xionctl key create shop --test\n  API_KEY=$(xionctl --json key create shop | jq -r .key)",
     .note = "The key is shown this once. Only its hash is kept."},
    {.noun = "key", .verb = "list", .summary = "List API keys",
     .arguments = {{"app", "APP", Kind::word, false, "Only those of this app"}}, .view = View::table, .columns = key_columns,
     .examples = "  xionctl key list\n  xionctl key list shop"},
    {.noun = "key", .verb = "rotate", .summary = "Make a new key with the same rights; the old one works on for a while",
     .arguments = {{"id", "ID", Kind::word, true, "The old key's id, key_…"},
                   {"--keep", "TIME", Kind::word, false, "For how long the old key works still: 24h, 30m, 0 (default: 24h)"}},
     .examples = "  xionctl key rotate key_06EZ7K3M9Q\n  xionctl key rotate key_06EZ7K3M9Q --keep 7d",
     .note = "The key is shown this once. Give it to its user before the old one ends."},
    {.noun = "key", .verb = "revoke", .summary = "End an API key at once",
     .arguments = {{"id", "ID", Kind::word, true, "The key's id, key_…, as `xionctl key list` shows it"}},
     .examples = "  xionctl key revoke key_06EZ7K3M9Q"},

    {.noun = "carrier", .verb = "list", .summary = "List the carriers and their state", .view = View::table,
     .columns = carrier_columns, .examples = "  xionctl carrier list"},
    {.noun = "carrier", .verb = "show", .summary = "Show all about one carrier", .arguments = {name_of_carrier},
     .columns = session_columns,
     .examples = "  xionctl carrier show primary"},
    {.noun = "carrier", .verb = "pause", .summary = "Send nothing more by a carrier; its binds stay", .arguments = {name_of_carrier},
     .examples = "  xionctl carrier pause primary"},
    {.noun = "carrier", .verb = "resume", .summary = "Use a paused or drained carrier again", .arguments = {name_of_carrier},
     .examples = "  xionctl carrier resume primary"},
    {.noun = "carrier", .verb = "drain", .summary = "Finish what is in flight, unbind, and stay down until resumed",
     .arguments = {name_of_carrier},
     .examples = "  xionctl carrier drain primary\n  xionctl carrier resume primary"},
    {.noun = "carrier", .verb = "reconnect", .summary = "Close a carrier's binds and bind again", .arguments = {name_of_carrier},
     .examples = "  xionctl carrier reconnect primary"},

    {.noun = "carrier", .verb = "trace", .summary = "Show a carrier's PDUs as they go by, until Ctrl-C",
     .arguments = {name_of_carrier, {"--phone", "PHONE", Kind::word, false, "Only those about this number"}, reveal},
     .view = View::stream, .columns = {{"at", ""}, {"bind", ""}, {"direction", ""}, {"command_id", ""}},
     .examples = "  xionctl carrier trace primary\n  xionctl carrier trace primary --phone +37499123456\n"
                 "  xionctl --json carrier trace primary | jq -r .command_status"},

    {.noun = "route", .verb = "list", .summary = "List the routes in the order in which they are tried",
     .view = View::table, .columns = route_columns, .examples = "  xionctl route list"},
    {.noun = "route", .verb = "explain", .summary = "Say which carrier a message would go by now, and why",
     .arguments = {{"phone", "PHONE", Kind::word, true, "The number, +374…"},
                   {"--app", "APP", Kind::word, false, "As if this app sent it"},
                   {"--purpose", "PURPOSE", Kind::word, false, "As if for this purpose"}, reveal},
     .columns = option_columns, .examples = "  xionctl route explain +37499123456\n  xionctl route explain +37499123456 --app shop"},

    {.noun = "otp", .verb = "list", .summary = "List the latest requests",
     .arguments = {{"--app", "APP", Kind::word, false, "Only those of this app"},
                   {"--phone", "PHONE", Kind::word, false, "Only those for this number"}, limit, reveal},
     .view = View::table, .columns = otp_columns,
     .examples = "  xionctl otp list --app shop --limit 100\n  xionctl otp list --phone +37499123456"},
    {.noun = "otp", .verb = "show", .summary = "Show a request as it stands", .arguments = {id_or_phone, reveal},
     .examples = "  xionctl otp show OTP-06EZ7K3M9QX2T"},
    {.noun = "otp", .verb = "trace", .summary = "Show all that happened to a request", .arguments = {id_or_phone, reveal},
     .view = View::timeline, .examples = "  xionctl otp trace OTP-06EZ7K3M9QX2T\n  xionctl otp trace +37499123456"},
    {.noun = "otp", .verb = "cancel", .summary = "Cancel a pending request", .arguments = {id_of_otp},
     .examples = "  xionctl otp cancel OTP-06EZ7K3M9QX2T"},

    {.noun = "queue", .verb = "show", .summary = "Show what waits for a carrier, nearest deadline first", .arguments = {limit},
     .columns = queue_columns, .examples = "  xionctl queue show"},
    {.noun = "queue", .verb = "expire", .summary = "Give up what waits for a carrier",
     .arguments = {{"id", "ID", Kind::word, false, "The request's id, OTP-…"},
                   {"--all", "", Kind::flag, false, "All that waits, at most 10,000 messages at once"}},
     .examples = "  xionctl queue expire OTP-06EZ7K3M9QX2T\n  xionctl queue expire --all"},
    {.noun = "receipt", .verb = "unmatched", .summary = "List delivery reports that belong to no message we know",
     .arguments = {limit}, .view = View::table, .columns = receipt_columns, .examples = "  xionctl receipt unmatched"},

    {.noun = "fraud", .verb = "show", .summary = "Show how an app's unverified traffic stands with its budgets",
     .arguments = {app_of_template,
                   {"subject", "PHONE|IP", Kind::word, false, "Of this phone's country and prefix, or this address (default: all countries)"}},
     .columns = traffic_columns, .examples = "  xionctl fraud show shop\n  xionctl fraud show shop +37499123456"},
    {.noun = "fraud", .verb = "simulate", .summary = "Play an app's log again under other thresholds",
     .arguments = {app_of_template,
                   {"--days", "N", Kind::word, false, "The last so many days (default: 7)"},
                   {"--daily-floor", "N", Kind::word, false, "Instead of the app's fraud_daily_floor"},
                   {"--daily-share", "X", Kind::word, false, "Instead of fraud_daily_share"},
                   {"--hourly-floor", "N", Kind::word, false, "Instead of fraud_hourly_floor"},
                   {"--hourly-share", "X", Kind::word, false, "Instead of fraud_hourly_share"},
                   {"--countries", "N", Kind::word, false, "Instead of fraud_countries_per_user_ip"}},
     .examples = "  xionctl fraud simulate shop\n  xionctl fraud simulate shop --days 30 --hourly-floor 10 --hourly-share 0.3",
     .note = "refusedVerified are the sends that would have been refused although their code was verified."},
    {.noun = "usage", .verb = "", .summary = "Show what apps used of their plans in a month, or on each of its days",
     .arguments = {{"app", "APP", Kind::word, false, "Only of this app"},
                   {"--month", "YYYY-MM", Kind::word, false, "Of this month (default: this one)"},
                   {"--daily", "", Kind::flag, false, "A line a day"}, as_csv},
     .view = View::table, .columns = usage_columns,
     .examples = "  xionctl usage\n  xionctl usage shop --daily\n  xionctl usage --month 2026-02 --csv"},
    {.noun = "stats", .verb = "", .summary = "Show what became of requests: delivered, verified, blocked, how fast",
     .arguments = {{"app", "APP", Kind::word, false, "Only of this app"},
                   {"--days", "N", Kind::number, false, "Of the last so many days, today included (default: 30)"},
                   {"--month", "YYYY-MM", Kind::word, false, "Of this month"},
                   {"--by", "WHAT", Kind::word, false, "A line for each day, country, route, error or blocked (default: app)"}, as_csv},
     .view = View::table, .columns = stats_columns,
     .examples = "  xionctl stats\n  xionctl stats shop --by country --days 7\n  xionctl stats shop --by day --csv\n"
                 "  xionctl stats --by error"},
    {.noun = "template", .verb = "add", .summary = "Make a text of an app, or replace it; says what it costs",
     .arguments = {app_of_template, name_of_template, locale_of_template, text_of_template}, .columns = finding_columns,
     .examples = "  xionctl template add shop --text '{code}-is-your-code'\n"
                 "  xionctl template add shop login --locale hy --text {code}"},
    {.noun = "template", .verb = "list", .summary = "List the texts of an app, or of all",
     .arguments = {{"app", "APP", Kind::word, false, "Only those of this app"}}, .view = View::table, .columns = template_columns,
     .examples = "  xionctl template list shop"},
    {.noun = "template", .verb = "lint", .summary = "Say what is wrong with a text and what it costs, without keeping it",
     .arguments = {app_of_template, text_of_template, values_of_template}, .columns = finding_columns,
     .examples = "  xionctl template lint shop --text '{code}-for-{name}' --set name=Ani"},
    {.noun = "template", .verb = "preview", .summary = "Show a template in each of its languages, or in one",
     .arguments = {app_of_template, name_of_template, locale_of_template,
                   {"--country", "CC", Kind::word, false, "As numbers of this country would get it"}, values_of_template},
     .view = View::table, .columns = preview_columns,
     .examples = "  xionctl template preview shop\n  xionctl template preview shop login --country AM"},
    {.noun = "template", .verb = "remove", .summary = "Remove a text of an app",
     .arguments = {app_of_template, name_of_template, locale_of_template},
     .examples = "  xionctl template remove shop login --locale hy"},
    {.noun = "limit", .verb = "show", .summary = "Show how a phone or an end user's address stands with its limits",
     .arguments = {phone_or_ip, only_app, reveal}, .columns = limit_columns,
     .examples = "  xionctl limit show +37499123456\n  xionctl limit show 203.0.113.7 --app shop"},
    {.noun = "limit", .verb = "reset", .summary = "Let a phone or an address start afresh: limits, cooldown and lock",
     .arguments = {phone_or_ip, only_app, reveal}, .examples = "  xionctl limit reset +37499123456"},
    {.noun = "block", .verb = "add", .summary = "Send nothing to a number, a prefix or a country any more",
     .arguments = {listed, only_app, why_listed, until_when},
     .examples = "  xionctl block add +37499123456 --reason opt-out\n  xionctl block add '+8835*' --app shop --expires 7d"},
    {.noun = "block", .verb = "list", .summary = "List what is blocked", .arguments = {only_app}, .view = View::table,
     .columns = list_columns, .examples = "  xionctl block list"},
    {.noun = "block", .verb = "remove", .summary = "Take an entry off the block list", .arguments = {listed, only_app},
     .examples = "  xionctl block remove +37499123456"},
    {.noun = "allow", .verb = "add", .summary = "Exempt a number, a prefix, a country or an app from the guard and from wider blocks",
     .arguments = {listed, only_app, why_listed, until_when},
     .examples = "  xionctl allow add '+37499*'\n  xionctl allow add '*' --app shop --reason load-test --expires 2h"},
    {.noun = "allow", .verb = "list", .summary = "List what is allowed", .arguments = {only_app}, .view = View::table,
     .columns = list_columns, .examples = "  xionctl allow list"},
    {.noun = "allow", .verb = "remove", .summary = "Take an entry off the allow list", .arguments = {listed, only_app},
     .examples = "  xionctl allow remove '+37499*'"},
    {.noun = "dashboard", .verb = "invite", .summary = "Print a link that opens the dashboard, once, within ten minutes",
     .arguments = {{"--app", "APP", Kind::word, false, "The app that is shown"},
                   {"--role", "ROLE", Kind::word, false, "viewer or owner, who also manages keys, templates and webhooks (default: viewer)"},
                   {"--operator", "", Kind::flag, false, "For an operator instead: every app, carriers, routes, queue"},
                   {"--for", "NAME", Kind::word, false, "Whose it is, for `xionctl dashboard sessions`"},
                   {"--url", "URL", Kind::word, false, "Where the dashboard is reached (default: [dashboard] url)"}},
     .examples = "  xionctl dashboard invite --app shop\n  xionctl dashboard invite --app shop --role owner --for ani@example.am\n"
                 "  xionctl dashboard invite --operator\n  xionctl --json dashboard invite --app shop | jq -r .link",
     .note = "The link is shown this once and works once. Send it to nobody but whom it is for."},
    {.noun = "dashboard", .verb = "sessions", .summary = "List who is signed in, and invitations that wait",
     .arguments = {only_app}, .view = View::table, .columns = pass_columns, .examples = "  xionctl dashboard sessions --app shop"},
    {.noun = "dashboard", .verb = "revoke", .summary = "End a session or an invitation at once, or all of an app",
     .arguments = {{"id", "ID", Kind::word, false, "Its id, ses_… or inv_…"}, {"--app", "APP", Kind::word, false, "All of this app"},
                   {"--operator", "", Kind::flag, false, "All of the operators"}},
     .examples = "  xionctl dashboard revoke ses_06f3c8m2k1\n  xionctl dashboard revoke --app shop"},
    {.noun = "webhook", .verb = "add", .summary = "Tell an app's backend what happens; the secret is shown once",
     .arguments = {{"app", "APP", Kind::word, true, "The app's name"},
                   {"url", "URL", Kind::word, true, "Where events are posted to, https://…"},
                   {"--type", "TYPE", Kind::words, false, "Only these events, such as otp.delivered (default: all)"}},
     .examples = "  xionctl webhook add shop https://example.com/hooks/otp\n"
                 "  xionctl webhook add shop https://example.com/hooks/otp --type otp.delivered otp.undelivered",
     .note = "The secret is shown this once. Receivers check `webhook-signature` with it (Standard Webhooks)."},
    {.noun = "webhook", .verb = "list", .summary = "List webhooks",
     .arguments = {{"app", "APP", Kind::word, false, "Only those of this app"}}, .view = View::table, .columns = webhook_columns,
     .examples = "  xionctl webhook list\n  xionctl webhook list shop"},
    {.noun = "webhook", .verb = "test", .summary = "Send a webhook an event of type webhook.test", .arguments = {id_of_webhook},
     .examples = "  xionctl webhook test wh_06f3c8"},
    {.noun = "webhook", .verb = "deliveries", .summary = "Show what was sent to a webhook, and how it went",
     .arguments = {id_of_webhook, limit}, .view = View::table, .columns = delivery_columns,
     .examples = "  xionctl webhook deliveries wh_06f3c8\n  xionctl --json webhook deliveries wh_06f3c8 | jq '.[] | select(.state != \"delivered\")'"},
    {.noun = "webhook", .verb = "replay", .summary = "Send a delivery again, at once",
     .arguments = {{"id", "ID", Kind::word, true, "The delivery's id, msg_…"}},
     .examples = "  xionctl webhook replay msg_0197a3c48d520000"},
    {.noun = "webhook", .verb = "rotate", .summary = "Make a webhook a new secret; the one before signs beside it for a day",
     .arguments = {id_of_webhook}, .examples = "  xionctl webhook rotate wh_06f3c8",
     .note = "The secret is shown this once."},
    {.noun = "webhook", .verb = "enable", .summary = "Use a webhook again that answered 410 Gone", .arguments = {id_of_webhook},
     .examples = "  xionctl webhook enable wh_06f3c8"},
    {.noun = "webhook", .verb = "remove", .summary = "Remove a webhook and what waits for it", .arguments = {id_of_webhook},
     .examples = "  xionctl webhook remove wh_06f3c8"},

    {.noun = "config", .verb = "check", .summary = "Say all that is wrong with a configuration file",
     .arguments = {{"file", "FILE", Kind::word, false, "The file (default: /etc/xionid/xionid.toml)"}},
     .examples = "  xionctl config check\n  xionctl config check ./xionid.toml && systemctl reload xiond", .run_here = check_config},
    {.noun = "config", .verb = "diff", .summary = "Say what the configuration file would change, and what only with the next start",
     .view = View::table, .columns = change_columns, .examples = "  xionctl config diff"},
    {.noun = "config", .verb = "apply", .summary = "Check the configuration file and take it over, whole or not at all",
     .view = View::table, .columns = change_columns, .examples = "  xionctl config diff && xionctl config apply"},
    {.noun = "config", .verb = "show", .summary = "Show the configuration that the daemon uses now",
     .examples = "  xionctl config show\n  xionctl --json config show | jq .limits"},

    {.noun = "send", .verb = "", .summary = "Send a real code, and tell what becomes of it until it is delivered or failed",
     .arguments = {{"phone", "PHONE", Kind::word, true, "The number, +374…"},
                   {"--app", "APP", Kind::word, false, "The app that sends (default: the only one there is)"},
                   {"--carrier", "CARRIER", Kind::word, false, "By this carrier first, whatever the routes say"},
                   {"--locale", "TAG", Kind::word, false, "Language of the text: en, hy"},
                   {"--timeout", "SECONDS", Kind::number, false, "How long to wait for its end (default: 60)"},
                   {"--watch", "", Kind::flag, false, "Show each event as it happens", "-w", true}, reveal},
     .view = View::story, .columns = {{"at", ""}, {"type", ""}, {"carrier", ""}},
     .examples = "  xionctl send +37499123456\n  xionctl send +37499123456 --app shop --carrier primary --watch\n"
                 "  xionctl --json send +37499123456 --app shop | jq -r .delivery.status",
     .note = "It counts like any other: limits, quota and block lists hold. The code is on the phone alone."},

    {.noun = "log", .verb = "", .summary = "Follow the log: what is sent, submitted, delivered, verified, and all else, until Ctrl-C",
     .arguments = {{"--level", "LEVEL", Kind::word, false, "This level and above (default: debug, for whoever follows)"},
                   {"--event", "EVENT", Kind::word, false, "This event, or those that begin with it: otp, smsc.link"},
                   {"--request", "REQUEST", Kind::word, false, "Only this request, OTP-…"},
                   {"--carrier", "CARRIER", Kind::word, false, "Only this carrier"},
                   {"--phone", "PHONE", Kind::word, false, "Only requests for this number"},
                   {"--lines", "N", Kind::number, false, "Show the last N lines, and end unless --follow is given", "-n"},
                   {"--follow", "", Kind::flag, false, "Go on after the last lines", "-f"}},
     .view = View::stream, .columns = {{"at", ""}, {"level", ""}, {"event", ""}},
     .examples = "  xionctl log\n  xionctl log --carrier primary --level warning\n  xionctl log -n 50\n"
                 "  xionctl log --phone +37499123456 -n 100 --follow\n  xionctl --json log --event otp | jq -r .request"},
    {.noun = "log", .verb = "trace", .summary = "Log everything about a phone for a while, whatever the level; or show which are traced",
     .arguments = {{"phone", "PHONE", Kind::word, false, "The number, +374…"},
                   {"--for", "TIME", Kind::word, false, "For how long, up to a day: 30m, 2h (default: 10m)"},
                   {"--off", "", Kind::flag, false, "End it now"}},
     .view = View::table, .columns = trace_columns,
     .examples = "  xionctl log trace +37499123456\n  xionctl log trace +37499123456 --for 2h\n  xionctl log trace\n"
                 "  xionctl log trace +37499123456 --off"},
    {.noun = "log", .verb = "level", .summary = "Show how much is logged, or change it until the next reload or start",
     .arguments = {{"level", "LEVEL", Kind::word, false, "debug, info, warning or error"}},
     .examples = "  xionctl log level\n  xionctl log level debug"},

    {.noun = "completion", .verb = "", .summary = "Print the completion script of a shell",
     .arguments = {{"shell", "SHELL", Kind::word, true, "bash, zsh or fish"}},
     .examples = "  xionctl completion bash\n  xionctl completion fish",
     .run_here = print_completion},

    {.noun = "backup", .verb = "", .summary = "Make a checked copy of the store while the daemon works",
     .arguments = {{"target", "FILE|DIR", Kind::word, true, "The file to make, or a directory for it"}, with_unreadable},
     .examples = "  xionctl backup /var/backups/xionid.backup\n  xionctl --json backup /var/backups | jq -r .path",
     .note = "It is of no use without the master key: keep a copy of that elsewhere.", .run_here = make_backup},
    {.noun = "restore", .verb = "", .summary = "Check a backup and make it the store of an empty data directory",
     .arguments = {{"backup", "BACKUP", Kind::word, true, "The file that `xionctl backup` made"},
                   {"--to", "DATA_DIR", Kind::word, true, "The data directory: [daemon] data_dir"},
                   {"--config", "FILE", Kind::word, false, "Make sure that this configuration's master key opens it"}, with_unreadable},
     .examples = "  xionctl restore /var/backups/xionid.backup --to /var/lib/xionid --config /etc/xionid/xionid.toml",
     .run_here = restore},

    {.noun = "init-key", .verb = "", .summary = "Make the master key's file, once",
     .arguments = {{"--config", "FILE", Kind::word, false, "Whose master_key_file it is (default: /etc/xionid/xionid.toml)"}},
     .examples = "  xionctl init-key\n  xionctl init-key --config ./xionid.toml",
     .note = "Keep a copy of it elsewhere: without it, nothing that was stored can be read.", .run_here = init_key},

    {.noun = "rotate-master-key", .verb = "", .summary = "Change the master key while everything goes on",
     .arguments = {{"--config", "FILE", Kind::word, false, "Whose master_key_file it is (default: /etc/xionid/xionid.toml)"}},
     .examples = "  xionctl rotate-master-key\n  xionctl rotate-master-key --config ./xionid.toml",
     .note = "Keep a copy of the new key elsewhere. The old one opens no later data: keep it as long as backups from before.",
     .run_here = rotate_master_key},
};

constexpr Noun noun_table[] = {
    {"status", "The daemon on one screen"},
    {"app", "Apps: the projects that keys, limits and quotas belong to"},
    {"key", "API keys"},
    {"carrier", "Carriers: the SMPP accounts"},
    {"route", "Which carrier a message goes by, and why"},
    {"otp", "Requests, and what happened to them"},
    {"queue", "Messages that wait for a carrier"},
    {"receipt", "Delivery reports"},
    {"template", "Texts of the apps"},
    {"fraud", "The pumping guard"},
    {"usage", "What apps used of their plans"},
    {"limit", "How a phone or an address stands with its limits"},
    {"block", "Who gets nothing"},
    {"allow", "Who is exempt from the guard and from wider blocks"},
    {"dashboard", "Who may look at the dashboard"},
    {"webhook", "Where apps' backends are told what happens"},
    {"config", "The configuration"},
    {"stats", "What became of requests"},
    {"send", "A real code from the shell"},
    {"log", "The log, followed live; one phone traced; how much is logged"},
    {"completion", "Completion for bash, zsh and fish"},
    {"backup", "A copy of the store"},
    {"restore", "A backup put back"},
    {"init-key", "The master key's file"},
    {"rotate-master-key", "A new master key, without a pause"},
};

}  // namespace

std::span<const Command> commands() { return table; }
std::span<const Noun> nouns() { return noun_table; }

}  // namespace xion::cli
