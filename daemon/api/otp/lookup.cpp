#include <algorithm>

#include "api/call/phone_field.h"
#include "api/call/query.h"
#include "api/call/verbs.h"
#include "core/owners/send_rights.h"

namespace xion::verbs {
namespace {

struct LookupQuery {
  std::string country;
};
constexpr Parameter<LookupQuery> lookup_parameters[] = {
    {"country", "a country as two letters, such as AM",
     [](const std::string& v, LookupQuery& q) { return read_country(v, q.country); }},
};

/// A code of the error catalogue that a send to this number would meet before all limits; empty: none.
std::string_view refusal_by_policy(RightsVerdict rights, bool is_on_block_list) {
  if (is_on_block_list) return "phone_blocked";
  switch (rights) {
    case RightsVerdict::country_not_allowed: return "country_not_allowed";
    case RightsVerdict::number_type_not_allowed: return "number_type_not_allowed";
    case RightsVerdict::allowed:
    case RightsVerdict::monitored: break;
  }
  return {};
}

void answer_lookup(Call& call, const Phone& phone, bool is_on_block_list) {
  const RightsVerdict rights = check_rights(call.caller.app->policy.rights, phone);
  const std::string_view refusal = refusal_by_policy(rights, is_on_block_list);
  const RouteExplanation decision = call.services().carriers->explain({.e164 = phone.e164,
                                                                       .country = phone.country,
                                                                       .app = call.caller.app->app.name,
                                                                       .purpose = "default",
                                                                       .group = call.caller.app->policy.rights.route,
                                                                       .tried = {}});
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok").field("phone", phone.e164).field("valid", phone.is_valid);
  json.field("possible", true).field("country", phone.country).field("callingCode", phone.country_code);
  json.field("numberType", to_string(phone.type)).key("policy").begin_object();
  json.field("allowed", refusal.empty()).key("reason");
  if (refusal.empty())
    json.null();
  else
    json.value(refusal);
  json.field("monitored", rights == RightsVerdict::monitored).end_object();
  json.key("route");
  if (decision.route == nullptr)
    json.null();
  else
    json.value(decision.route->name);
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
  const AppId app = call->caller.app->app.id;
  const Fingerprint name = services.loop_vault.phone_fingerprint(phone->e164);
  run_task(
      services.store,
      [app, name, phone = *phone, now = services.loop.wall_now()](Txn& txn) {
        const ListedNumber number{name, phone.e164, phone.country};
        const auto block = txn.listed(ListKind::block, app, number, now);
        return block && is_blocked(block, txn.listed(ListKind::allow, app, number, now));
      },
      [call = std::move(call), phone = std::move(*phone)](Commit commit, bool& is_on_block_list) {
        if (commit == Commit::failed) {
          return call->refuse(ErrorCode::store_unavailable, "The store can't be read; try again");
        }
        answer_lookup(*call, phone, is_on_block_list);
      });
}

}  // namespace xion::verbs
