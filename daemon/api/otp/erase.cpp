#include "api/call/phone_field.h"
#include "api/call/query.h"
#include "api/call/verbs.h"
#include "app/codes/erase_phone.h"

namespace xion::verbs {
namespace {

struct EraseQuery {
  std::string country;
};
constexpr Parameter<EraseQuery> erase_parameters[] = {
    {"country", "a country as two letters, such as AM",
     [](const std::string& v, EraseQuery& q) { return read_country(v, q.country); }},
};

}  // namespace

void erase(CallPtr call) {
  EraseQuery query;
  if (auto problem = read_query<EraseQuery>(call->exchange->query(), erase_parameters, query))
    return call->refuse(std::move(*problem));
  auto phone = read_phone(call->parts->phones, call->resource, query.country);
  if (!phone) return call->refuse(std::move(phone.error()));
  Services& services = call->services();
  const World whose = call->caller.world();
  erase_phone(
      services, {whose.app, whose.is_test}, phone->e164,
      [call = std::move(call)](std::optional<std::uint64_t> requests) {
        if (!requests) return call->refuse(ErrorCode::store_unavailable, "Not all could be erased; try again");
        JsonWriter json;
        json.begin_object().field("ok", true).field("status", "erased").field("requests", *requests).end_object();
        call->answer(success(200, std::move(json).str()));
      });
}

}  // namespace xion::verbs
