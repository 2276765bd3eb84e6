#include <fmt/format.h>

#include <deque>
#include <memory>
#include <utility>

#include "base/json_writer.h"
#include "control/verbs.h"
#include "core/phone.h"
#include "smpp/pdu_fields.h"

namespace xion::control {
namespace {

/// So many requests about a phone may wait for their responses; of older ones the response is not shown.
constexpr std::size_t awaited_limit = 4096;

std::string_view digits_of(std::string_view number) {
  const std::size_t first = number.find_first_not_of("+0");
  return first == std::string_view::npos ? std::string_view{} : number.substr(first);
}

/// The number that a PDU is about, without its plus; empty: none.
std::string_view phone_of(const smpp::Pdu& pdu) {
  if (const auto* submit = std::get_if<smpp::SubmitSm>(&pdu.body)) return digits_of(submit->destination.digits);
  if (const auto* deliver = std::get_if<smpp::DeliverSm>(&pdu.body)) return digits_of(deliver->source.digits);
  return {};
}

/// Which PDUs one trace shows: all of them, or those about one phone with the responses to them.
class PhoneFilter {
 public:
  explicit PhoneFilter(std::string e164) : digits_(digits_of(e164)) {}

  bool shows(const TracedPdu& traced) {
    if (digits_.empty()) return true;
    if (!traced.pdu) return false;
    const smpp::Pdu& pdu = *traced.pdu;
    const Asked asked{traced.bind, traced.is_sent != smpp::is_response(smpp::command_id(pdu)), pdu.sequence};
    if (smpp::is_response(smpp::command_id(pdu))) return std::erase(awaited_, asked) > 0;
    if (phone_of(pdu) != digits_) return false;
    if (awaited_.size() == awaited_limit) awaited_.pop_front();
    awaited_.push_back(asked);
    return true;
  }

 private:
  struct Asked {
    std::uint32_t bind;
    bool by_us;
    std::uint32_t sequence;
    bool operator==(const Asked&) const = default;
  };
  std::string digits_;
  std::deque<Asked> awaited_;
};

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
    if (!phone) return command.misuse("expected a phone number such as +37499123456", std::string(describe(phone.error())));
    e164 = phone->e164;
  }
  auto follower = std::make_shared<Follower>(command);
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
