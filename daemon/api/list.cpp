#include <algorithm>

#include "api/phone_field.h"
#include "api/query.h"
#include "api/verbs.h"
#include "app/describe_otp.h"
#include "app/search_otps.h"

namespace xion::verbs {
namespace {

struct ListQuery {
  OtpSearch search;
  std::string phone;
};

constexpr OtpStatus all_statuses[] = {OtpStatus::pending,  OtpStatus::verified, OtpStatus::expired, OtpStatus::locked,
                                      OtpStatus::canceled, OtpStatus::blocked,  OtpStatus::failed};
constexpr std::string_view all_deliveries[] = {"queued",  "submitted", "delivered", "undelivered",
                                               "expired", "rejected",  "unknown"};

bool read_status(const std::string& text, std::optional<OtpStatus>& out) {
  for (const OtpStatus status : all_statuses) {
    if (to_string(status) == text) out = status;
  }
  return out.has_value();
}

/// What follows `OTP-` in the id of the last request of a page.
std::optional<OtpId> read_cursor(const std::string& text) { return parse_otp_id("OTP-" + text); }
std::string cursor_of(const OtpId& id) { return to_string(id).substr(4); }

constexpr Parameter<ListQuery> list_parameters[] = {
    {"phone", "a phone number such as %2B37499123056",
     [](const std::string& v, ListQuery& q) {
       // A `+` that was not escaped came as a space.
       q.phone = v.starts_with(' ') ? "+" + v.substr(1) : v;
       return !v.empty();
     }},
    {"status", "one of pending, verified, expired, locked, canceled, blocked, failed",
     [](const std::string& v, ListQuery& q) { return read_status(v, q.search.status); }},
    {"delivery", "one of queued, submitted, delivered, undelivered, expired, rejected, unknown",
     [](const std::string& v, ListQuery& q) {
       q.search.delivery = v;
       return std::ranges::find(all_deliveries, v) != std::end(all_deliveries);
     }},
    {"country", "a country as two letters, such as AM",
     [](const std::string& v, ListQuery& q) { return read_country(v, q.search.country); }},
    {"reference", "1 to 128 characters",
     [](const std::string& v, ListQuery& q) {
       q.search.reference = v;
       return !v.empty() && v.size() <= 512;
     }},
    {"from", "a time such as 2026-02-12T12:00:00Z, or a date",
     [](const std::string& v, ListQuery& q) {
       q.search.from = parse_time(v);
       return q.search.from.has_value();
     }},
    {"to", "a time such as 2026-02-12T12:00:00Z, or a date",
     [](const std::string& v, ListQuery& q) {
       q.search.to = parse_time(v);
       return q.search.to.has_value();
     }},
    {"cursor", "the nextCursor of a page before",
     [](const std::string& v, ListQuery& q) {
       q.search.before = read_cursor(v);
       return q.search.before.has_value();
     }},
    {"limit", "a whole number from 1 to 100",
     [](const std::string& v, ListQuery& q) {
       const auto limit = parse_whole(v, 100);
       q.search.limit = limit.value_or(0);
       return q.search.limit > 0;
     }},
};

void answer_page(Call& call, OtpPage page) {
  const WallTime now = call.services().loop.wall_now();
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok").key("items").begin_array();
  for (const OtpView& view : page.found) {
    json.begin_object();
    describe_otp(json, view,
                 {.routes = call.services().settings->routes,
                  .app_name = call.caller.app->app.name,
                  .shows_phone = call.caller.may(Scope::pii_read),
                  .now = now});
    json.end_object();
  }
  json.end_array().key("nextCursor");
  if (page.next) json.value(cursor_of(*page.next));
  else json.null();
  json.end_object();
  call.answer(success(200, std::move(json).str()));
}

}  // namespace

void list(CallPtr call) {
  ListQuery query;
  if (auto problem = read_query<ListQuery>(call->exchange->query(), list_parameters, query)) {
    return call->refuse(std::move(*problem));
  }
  if (!query.phone.empty()) {
    auto phone = read_phone(call->parts->phones, query.phone, query.search.country);
    if (!phone) return call->refuse(std::move(phone.error()));
    query.search.phone = std::move(phone->e164);
  }
  query.search.app = call->caller.app->app.id;
  query.search.is_test = call->caller.is_test;
  Services& services = call->services();
  search_otps(services, std::move(query.search), [call = std::move(call)](OtpPage page, bool is_read) {
    if (!is_read) return call->refuse(ErrorCode::store_unavailable, "The store can't be read; try again");
    answer_page(*call, std::move(page));
  });
}

}  // namespace xion::verbs
