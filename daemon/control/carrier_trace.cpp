#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/json_writer.h"
#include "control/carrier_view.h"
#include "control/phone_filter.h"
#include "core/phone.h"
#include "smpp/pdu_fields.h"

namespace xion::control {
namespace {

std::string line_of(const TracedPdu& traced, WallTime now, smpp::Phones phones) {
  JsonWriter json;
  json.begin_object().field("at", rfc3339_millis(now)).field("bind", traced.bind);
  json.field("direction", traced.is_sent ? "sent" : "received");
  if (traced.pdu) {
    for (const smpp::PduField& field : smpp::fields_of(*traced.pdu, phones)) json.field(field.name, field.value);
  } else {
    json.field("malformed", traced.malformed);
  }
  json.end_object();
  return std::move(json).str();
}

}  // namespace

void carrier_trace(Command command) {
  std::string e164;
  if (const auto text = command.request.text("phone")) {
    const auto phone = parse_phone(*text);
    if (!phone) return command.misuse("expected a phone number such as +37499123456", describe(phone.error(), *text));
    e164 = phone->e164;
  }
  auto follower = std::make_shared<Follower>(command.line);
  const auto phones = command.request.flag("reveal") ? smpp::Phones::shown : smpp::Phones::masked;
  const bool is_known = command.services.carriers->trace(
      command.required("name"),
      [follower, phones, filter = PhoneFilter(e164), &loop = command.services.loop](const TracedPdu& traced) mutable {
        if (!filter.shows(traced)) return follower->is_there();
        return follower->tell(line_of(traced, loop.wall_now(), phones));
      });
  if (!is_known) return refuse_unknown_carrier(command);
  follower->begin();
}

}  // namespace xion::control
