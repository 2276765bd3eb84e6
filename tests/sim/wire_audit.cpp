#include "sim/wire_audit.h"

#include <algorithm>
#include <ranges>

#include "smpp/command.h"
#include "smpp/decode.h"
#include "smpp/receipt.h"
#include "smpp/validity.h"

namespace xion::sim {
namespace {

/// A receipt without its response is kept so long; a little less, so that the edge is nobody's.
constexpr Millis parked_for{115'000};
/// So long after the last fault every bind is up again, and every queue is empty.
constexpr Millis recovers_in{25'000};

}  // namespace

void WireAudit::on_connect(std::uint64_t connection, const std::string& address, Agenda::Owner owner) {
  for (const CarrierSettings& carrier : settings_.carriers) {
    if (std::ranges::find(carrier.addresses, address) == carrier.addresses.end()) continue;
    connections_[connection].carrier = &carrier;
    connections_[connection].owner = owner;
    pace_.on_connect(connection, carrier, owner);
  }
}

void WireAudit::on_written(std::uint64_t number, std::string_view octets) {
  Connection& connection = connections_[number];
  connection.written.append(octets);
  while (const auto pdu = connection.written.next().value_or(std::nullopt)) {
    const auto decoded = smpp::decode(*pdu);
    if (!decoded)
      return chronicle_.broken("what we write is SMPP", "{} octets to {}", pdu->size(), connection.carrier->name);
    if (std::holds_alternative<smpp::SubmitSm>(decoded->body)) pace_.on_submit(number);
    written(connection, *decoded);
  }
}

void WireAudit::on_read(std::uint64_t number, std::string_view octets) {
  Connection& connection = connections_[number];
  connection.read.append(octets);
  while (const auto pdu = connection.read.next().value_or(std::nullopt)) {
    if (const auto decoded = smpp::decode(*pdu)) read(connection, *decoded);
  }
}

void WireAudit::written(Connection& connection, const smpp::Pdu& pdu) {
  if (const auto* sm = std::get_if<smpp::SubmitSm>(&pdu.body)) on_submit(connection, pdu.sequence, *sm);
  if (std::holds_alternative<smpp::DeliverSmResp>(pdu.body) || std::holds_alternative<smpp::DataSmResp>(pdu.body))
    on_deliver_answer(connection, pdu);
}

void WireAudit::read(Connection& connection, const smpp::Pdu& pdu) {
  if (std::holds_alternative<smpp::Unbind>(pdu.body)) connection.is_over = true;
  if (std::holds_alternative<smpp::BindResp>(pdu.body)) {
    connection.is_bound = pdu.status == 0;
    if (connection.is_bound) tell_binds(*connection.carrier);
  }
  if (const auto* answer = std::get_if<smpp::SubmitSmResp>(&pdu.body))
    on_submit_answer(connection, pdu, &answer->message_id);
  if (std::holds_alternative<smpp::GenericNack>(pdu.body)) on_submit_answer(connection, pdu, nullptr);
  if (const auto* sm = std::get_if<smpp::DeliverSm>(&pdu.body)) on_deliver(connection, pdu.sequence, *sm);
  if (const auto* sm = std::get_if<smpp::DataSm>(&pdu.body)) on_deliver(connection, pdu.sequence, *sm);
}

void WireAudit::tell_binds(const CarrierSettings& carrier) const {
  if (!was_bound) return;
  BindsOf binds;
  for (const auto& [number, each] : connections_)
    if (each.carrier == &carrier && each.is_bound && !each.is_over) ++binds[each.owner];
  was_bound(carrier, binds);
}

// --- submits --------------------------------------------------------------------------------------------------------

void WireAudit::on_submit(Connection& connection, std::uint32_t sequence, const smpp::SubmitSm& sm) {
  ++submits_;
  const std::string e164 = e164_of(sm.destination);
  Part part = part_of(sm, connection.carrier->default_alphabet);
  chronicle_.note("submit to {} for {}: part {}/{} {}", connection.carrier->name, e164, part.number, part.total,
                  code_in(part.text).value_or("-"));
  if (!connection.is_bound) chronicle_.broken("nothing is submitted before the bind", "{}", connection.carrier->name);
  check_window(connection, e164);
  PhoneTold& phone = ledger_.phone(e164);
  check_life(e164, phone, sm);
  if (part.number == 1) {
    const auto code = code_in(part.text);
    if (!code) return chronicle_.broken("every message has its code", "to {}: {}", e164, part.text);
    check_code(e164, phone, *code);
  }
  connection.in_flight[sequence] = agenda_.now();
  connection.submits[sequence] = submitted_.size();
  submitted_.push_back({e164, agenda_.now(), part.total});
  waits_.on_written(e164);
  check_copies(e164, phone);
  if (written_something) written_something(connection.owner);
}

/// A link waits no longer than its routes do, where they have another carrier.
Millis WireAudit::answer_awaited(const CarrierSettings& carrier) const {
  Millis awaited = carrier.response_timeout;
  for (const RouteSettings& route : settings_.routes) {
    if (route.carriers.size() > 1 &&
        std::ranges::find(route.carriers, carrier.name, &RouteCarrier::name) != route.carriers.end()) {
      awaited = std::min(awaited, Millis(route.failover_after));
    }
  }
  return awaited;
}

/// A place in the window is free again when the answer is read, or when its time limit has passed.
void WireAudit::check_window(Connection& connection, const std::string& phone) {
  const double awaited = static_cast<double>(answer_awaited(*connection.carrier).count()) / quickest_clock_;
  const MonoTime long_ago = agenda_.now() - Millis{static_cast<std::int64_t>(awaited)};
  std::erase_if(connection.in_flight, [&](const auto& each) { return each.second <= long_ago; });
  if (connection.in_flight.size() >= connection.carrier->window) {
    chronicle_.broken("the window is never exceeded", "{} of {} at {}, then one for {}", connection.in_flight.size(),
                      connection.carrier->window, connection.carrier->name, phone);
  }
}

/// Whether anything of this number can be worth sending, and for how long the carrier may keep it.
void WireAudit::check_life(const std::string& e164, const PhoneTold& phone, const smpp::SubmitSm& sm) {
  if (phone.app.empty()) return chronicle_.broken("only who was asked for gets a message", "{}", e164);
  if (ledger_.is_of_many()) return;  // It was claimed while it lived, and ended at another node.
  const WallTime now = agenda_.wall_now();
  const bool may_have_newer = phone.sends_under_way > 0 || phone.cut_send_since;
  const RequestTold* request = ledger_.request(phone.current);
  if (may_have_newer || request == nullptr) return;
  if (request->end != RequestTold::End::none)
    chronicle_.broken("nothing is submitted after an end", "{} for {}", request->id, e164);
  if (now >= request->expires_by)
    chronicle_.broken("nothing is submitted after its expiry", "{} for {}", request->id, e164);
  const auto valid_until = smpp::parse_time(sm.validity_period, now);
  if (valid_until && *valid_until > std::max(request->expires_by, now + Seconds{60}) + Seconds{1}) {
    chronicle_.broken("no carrier keeps a code for longer than it lives", "{}: {} beyond {}", request->id,
                      rfc3339(*valid_until), rfc3339(request->expires_by));
  }
}

void WireAudit::check_code(const std::string& e164, PhoneTold& phone, const std::string& code) {
  if (phone.is_dead(code) && !ledger_.is_of_many())
    chronicle_.broken("no dead code is submitted", "{} for {}", code, e164);
  phone.codes.push_back({code, agenda_.now()});
}

/// One click of a user costs at most two SMS, whatever goes wrong. Long texts, whose parts may be taken by halves, are
/// counted where they are whole again: at the handset.
void WireAudit::check_copies(const std::string& e164, const PhoneTold& phone) {
  const RequestTold* request = ledger_.request(phone.current);
  if (request == nullptr || ledger_.is_of_many()) return;
  const auto copies = std::ranges::count_if(submitted_, [&](const Submit& each) {
    return each.phone == e164 && !each.is_refused && each.parts == 1 && each.written >= request->asked;
  });
  const auto sends = request->sends + request->maybe_sends + phone.sends_under_way + phone.cut_sends;
  if (copies > 2 * static_cast<std::ptrdiff_t>(sends)) {
    chronicle_.broken("a message has one duplicate at most", "{} for {}: {} copies of {} sends", request->id, e164,
                      copies, sends);
  }
}

void WireAudit::on_handset(const std::string& e164, const std::string& text) {
  const auto code = code_in(text);
  if (!code || !PhoneTold::is_telling(*code)) return;
  const std::uint32_t copies = ++arrived_[{e164, *code}];
  const PhoneTold& phone = ledger_.phone(e164);
  if (ledger_.is_of_many()) return check_arrived(e164, copies);
  const RequestTold* request = ledger_.request(phone.current);
  const bool is_of_request = request != nullptr && std::ranges::any_of(phone.codes, [&](const PhoneTold::Code& each) {
                               return each.digits == *code && each.written >= request->asked;
                             });
  if (!is_of_request) return;
  const auto sends = request->sends + request->maybe_sends + phone.sends_under_way + phone.cut_sends;
  if (copies > 2 * sends) {
    chronicle_.broken("a message has one duplicate at most", "{} for {}: {} texts at the phone of {} sends",
                      request->id, e164, copies, sends);
  }
}

/// Of whichever of the phone's requests: another node may have begun the next.
void WireAudit::check_arrived(const std::string& e164, std::uint32_t copies) {
  const PhoneTold& phone = ledger_.phone(e164);
  std::uint32_t sends = 0;
  for (const auto& [id, request] : ledger_.requests())
    if (request.phone == e164) sends = std::max(sends, request.sends);
  sends += phone.sends_under_way + phone.cut_sends;
  if (copies > 2 * sends)
    chronicle_.broken("a message has one duplicate at most", "{}: {} texts at the phone of {} sends", e164, copies,
                      sends);
}

void WireAudit::on_submit_answer(Connection& connection, const smpp::Pdu& pdu, const std::string* message_id) {
  const auto submit = connection.submits.find(pdu.sequence);
  if (submit == connection.submits.end() || connection.is_over) return;
  connection.in_flight.erase(pdu.sequence);
  Submit& answered = submitted_[submit->second];
  chronicle_.note("answer of {} for {}: {:#x} {}", connection.carrier->name, answered.phone, pdu.status,
                  message_id ? *message_id : "nack");
  if (pdu.status != 0 || message_id == nullptr) {
    answered.is_refused = true;
    waits_.on_refused(answered.phone, connection.carrier->name);
    if (pdu.status == smpp::status::rinvdstadr) ledger_.no_such_number(answered.phone, connection.carrier->name);
    return;
  }
  waits_.on_taken(answered.phone, connection.carrier->name);
  const std::string id(smpp::trimmed_id(*message_id));
  if (id.empty() || id.size() > smpp::message_id_limit) return;  // No receipt can name it.
  given_[{connection.carrier->name, id}] = {answered.phone, agenda_.now(), answered.parts == 1};
}

// --- receipts -------------------------------------------------------------------------------------------------------

void WireAudit::on_deliver(Connection& connection, std::uint32_t sequence, const smpp::Sm& sm) {
  const auto receipt = smpp::parse_receipt(sm);
  if (!receipt || !receipt->final) return;
  chronicle_.note("receipt of {} for {}: {}", connection.carrier->name, e164_of(sm.source), receipt->message_id);
  // Where TLV and text disagree, the text names our message.
  const std::string& told_id = receipt->other_id.empty() ? receipt->message_id : receipt->other_id;
  connection.delivers[sequence] = {told_id, receipt->state == smpp::ReceiptState::delivered};
  const std::string& carrier = connection.carrier->name;
  told_of_[{carrier, spellings_[{carrier, told_id}]}] = {e164_of(sm.source), e164_of(sm.destination)};
}

void WireAudit::on_deliver_answer(Connection& connection, const smpp::Pdu& pdu) {
  const auto deliver = connection.delivers.extract(pdu.sequence);
  if (deliver.empty() || pdu.status != 0) return;
  ++receipts_acknowledged_;
  const std::string& carrier = connection.carrier->name;
  const std::string& id = spellings_[{carrier, deliver.mapped().first}];
  chronicle_.note("receipt {} of {} acknowledged", id, carrier);
  acknowledged_.try_emplace({carrier, id}, agenda_.now());
  if (written_something) written_something(connection.owner);
}

// --- at the end -----------------------------------------------------------------------------------------------------

namespace {

using Event = WireAudit::Event;

/// The objects of `"events":[…]`, which nest nothing.
std::vector<Event> events_of(std::string_view body) {
  std::vector<Event> events;
  std::string_view rest = body.substr(std::min(body.find("\"events\":["), body.size()));
  for (auto begin = rest.find('{'); begin != std::string_view::npos; begin = rest.find('{')) {
    const auto object = rest.substr(begin, rest.find('}', begin) - begin + 1);
    rest.remove_prefix(begin + object.size());
    Event event{member_of(object, "type").value_or(""), member_of(object, "carrier").value_or(""), {}};
    for (const auto id : std::views::split(member_of(object, "messageId").value_or(""), ' '))
      event.ids.emplace_back(id.begin(), id.end());
    events.push_back(std::move(event));
  }
  return events;
}

bool tells(const std::vector<Event>& events, std::string_view type, const std::string& carrier, const std::string& id) {
  return std::ranges::any_of(events, [&](const Event& event) {
    return event.type == type && event.carrier == carrier && std::ranges::find(event.ids, id) != event.ids.end();
  });
}

}  // namespace

bool WireAudit::was_troubled(MonoTime from, MonoTime until) const {
  return std::ranges::any_of(troubles_, [&](MonoTime at) { return at >= from && at <= until; });
}

void WireAudit::check_end(const RequestTold& request, const HttpAnswer& answer) {
  const std::string& body = answer.body;
  const std::string status = member_of(body, "status").value_or("");
  if (status == "pending") chronicle_.broken("every accepted request reaches an end", "{}: {}", request.id, body);
  const auto at = body.find("\"delivery\":");
  const std::string delivery =
      member_of(std::string_view(body).substr(std::min(at, body.size())), "status").value_or("");
  if (delivery == "queued" || delivery.empty())
    chronicle_.broken("every accepted message leaves the queue", "{}: {}", request.id, body);

  const auto events = events_of(body);
  check_went_out(request, status, events);
  check_receipts(request, events);
  const auto sends =
      std::ranges::count_if(events, [](const Event& e) { return e.type == "queued" || e.type == "resent"; });
  if (sends < request.sends || sends > request.sends + request.maybe_sends) {
    chronicle_.broken("each send is kept once", "{}: {} told, {} maybe, {} kept", request.id, request.sends,
                      request.maybe_sends, sends);
  }
  const auto attempts = std::ranges::count(events, "attempt", &Event::type);
  if (attempts < request.failed || attempts > request.failed + request.maybe_failed) {
    chronicle_.broken("each failed attempt is kept once", "{}: {} told, {} maybe, {} kept", request.id, request.failed,
                      request.maybe_failed, attempts);
  }
  for (const auto& [key, given] : given_) {
    const auto& [carrier, id] = key;
    if (given.phone != request.phone || !tells(events, "submitted", carrier, id)) continue;
    kept_.insert(key);
    const auto acknowledged = acknowledged_.find(key);
    const bool was_given_up = acknowledged != acknowledged_.end() && acknowledged->second + parked_for < given.read;
    if (acknowledged != acknowledged_.end() && !was_given_up && !tells(events, "receipt", carrier, id)) {
      chronicle_.broken("an acknowledged receipt is kept", "{}: {} of {}: {}", request.id, id, carrier, body);
    }
  }
}

/// The process died, or could not write, before what it had read was kept.
bool WireAudit::may_be_lost(const Given& given) const {
  return was_troubled(given.read - Millis{1'000}, given.read + Millis{5'000});
}

/// Whether a receipt for this phone was about a message whose id nobody knows, its answer being lost, and which in
/// another base is this one: there is nothing to tell them apart by.
bool WireAudit::is_of_lost_answer(const std::string& carrier, const std::string& id, const std::string& phone) const {
  return std::ranges::any_of(told_of_, [&](const auto& told) {
    const auto& [about, named] = told;
    const auto given = given_.find(about);
    const bool is_lost = given == given_.end() || may_be_lost(given->second);
    if (about.first != carrier || !is_lost || std::ranges::find(named, phone) == named.end()) return false;
    return std::ranges::any_of(smpp::id_bases,
                               [&](smpp::IdBase base) { return smpp::response_id_of(about.second, base) == id; });
  });
}

/// A receipt stands at no message that no receipt was about: not at another phone's.
void WireAudit::check_receipts(const RequestTold& request, const std::vector<Event>& events) {
  for (const Event& event : events) {
    const bool has_one = std::ranges::any_of(event.ids, [&](const std::string& id) {
      return told_of_.contains({event.carrier, id}) || is_of_lost_answer(event.carrier, id, request.phone);
    });
    if (event.type == "receipt" && !has_one) {
      chronicle_.broken("a receipt stands at the message that it is about", "{}: {} of {}", request.id,
                        fmt::join(event.ids, " "), event.carrier);
    }
  }
}

/// A request that lived on when all was well again, and that nobody ended, has been with a carrier.
void WireAudit::check_went_out(const RequestTold& request, const std::string& status,
                               const std::vector<Event>& events) {
  const MonoTime expired_at = agenda_.now() - (agenda_.wall_now() - request.expires_from);
  if (status != "expired" || expired_at < healed_at_ + recovers_in) return;
  if (ledger_.is_of_many() && !(promises.hands_over && promises.adopts)) return;
  if (std::ranges::all_of(events, &std::string::empty, &Event::carrier)) {
    chronicle_.broken("what was accepted goes out while it lives", "{}", request.id);
  }
}

/// What a carrier answered is kept, unless the process died before it could be.
void WireAudit::check_all_kept() {
  for (const auto& [key, given] : given_) {
    const bool is_lost = !given.is_whole || may_be_lost(given) || ledger_.phone(given.phone).cut_send_since.has_value();
    if (!is_lost && !kept_.contains(key)) {
      chronicle_.broken("what a carrier answered is kept", "{} of {} for {}, read at {}", key.second, key.first,
                        given.phone, given.read.time_since_epoch().count());
    }
  }
}

}  // namespace xion::sim
