#include "api/call/phone_field.h"
#include "api/call/query.h"
#include "api/call/verbs.h"
#include "app/codes/look_up.h"

namespace xion::verbs {
namespace {

struct LookupQuery {
  std::string country;
};
constexpr Parameter<LookupQuery> lookup_parameters[] = {
    {"country", "a country as two letters, such as AM",
     [](const std::string& v, LookupQuery& q) { return read_country(v, q.country); }},
};

void answer_lookup(Call& call, const Phone& phone, const Lookup& found) {
  const std::string_view refusal = found.refusal();
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok").field("phone", phone.e164).field("valid", phone.is_valid);
  json.field("possible", true).field("country", phone.country).field("callingCode", phone.country_code);
  json.field("numberType", to_string(phone.type)).key("policy").begin_object();
  json.field("allowed", refusal.empty()).key("reason");
  if (refusal.empty())
    json.null();
  else
    json.value(refusal);
  json.field("monitored", found.rights == RightsVerdict::monitored).end_object();
  json.key("route");
  if (found.decision.route == nullptr)
    json.null();
  else
    json.value(found.decision.route->name);
  json.end_object();
  call.answer(success(200, std::move(json).str()));
}

/// Told as an answer, not as a refusal: it is what was asked.
void answer_impossible(Call& call, PhoneError error) {
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok").key("phone").null();
  json.field("valid", false).field("possible", false).field("reason", describe(error)).end_object();
  call.answer(success(200, std::move(json).str()));
}

}  // namespace

void lookup(CallPtr call) {
  LookupQuery query;
  if (auto problem = read_query<LookupQuery>(call->exchange->query(), lookup_parameters, query)) {
    return call->refuse(std::move(*problem));
  }
  auto phone = call->parts->phones.parse(call->resource, query.country);
  if (!phone) return answer_impossible(*call, phone.error());
  Services& services = call->services();
  const Caller caller = call->caller;
  look_up(services, caller, *phone, [call = std::move(call), phone = *phone](const std::optional<Lookup>& found) {
    if (!found) return call->refuse(ErrorCode::store_unavailable, "The store can't be read; try again");
    answer_lookup(*call, phone, *found);
  });
}

}  // namespace xion::verbs
