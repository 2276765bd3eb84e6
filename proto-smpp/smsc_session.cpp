#include "smpp/smsc_session.h"

#include <utility>

#include "smpp/match.h"

namespace xion::smpp {
namespace {

LinkSettings link_settings(const SmscSettings& settings) {
  return {.window = settings.window,
          .enquire_link_idle = settings.enquire_link_idle,
          .enquire_link_timeout = settings.enquire_link_timeout,
          .bind_timeout = settings.bind_timeout,
          .response_timeout = settings.response_timeout,
          .unbind_timeout = settings.unbind_timeout,
          .answers_enquire_link = settings.answers_enquire_link,
          .trace = settings.trace};
}

/// Its text, for which a data_sm has no field, goes into message_payload.
DataSm as_data_sm(const DeliverSm& sm) {
  DataSm data{sm};
  if (!data.short_message.empty()) data.tlvs.push_back({tag::message_payload, std::move(data.short_message)});
  data.short_message.clear();
  return data;
}

}  // namespace

SmscSession::SmscSession(SmscSettings settings) : settings_(std::move(settings)), link_(link_settings(settings_)) {}

void SmscSession::on_open(MonoTime now, SmscActions& out) {
  lose_all(LossReason::link_closed, out);
  link_.open(now);
  bind_requested_ = false;
}

void SmscSession::on_octets(std::string_view octets, MonoTime now, SmscActions& out) {
  if (state() == SessionState::closed) return;
  const auto end = link_.read(octets, now, [&](Pdu& pdu) { on_pdu(pdu, now, out); });
  if (end) return close(*end, out);
  link_.flush_to(out);
}

void SmscSession::on_pdu(Pdu& pdu, MonoTime now, SmscActions& out) {
  std::visit(Match{
                 [&](Bind& bind) { on_bind(pdu, bind, out); }, [&](SubmitSm& sm) { on_submit(pdu, sm, out); },
                 [&](DeliverSmResp&) { on_deliver_answer(pdu, false, now, out); },
                 [&](DataSmResp&) { on_deliver_answer(pdu, false, now, out); },
                 [&](GenericNack&) { on_deliver_answer(pdu, true, now, out); },
                 [&](auto&) { link_.refuse_unknown(pdu); },  // what only an ESME is asked, or answers nothing of ours
             },
             pdu.body);
}

void SmscSession::on_bind(Pdu& pdu, Bind& bind, SmscActions& out) {
  if (bind_requested_) {
    link_.send({.status = status::ralybnd, .sequence = pdu.sequence, .body = BindResp{.type = bind.type}});
    return;
  }
  bind_requested_ = true;
  bind_type_ = bind.type;
  out.emplace_back(BindRequested{.sequence = pdu.sequence, .bind = std::move(bind)});
}

void SmscSession::on_submit(Pdu& pdu, SubmitSm& sm, SmscActions& out) {
  if (state() == SessionState::binding || bind_type_ == BindType::receiver) {
    link_.send({.status = status::rinvbndsts, .sequence = pdu.sequence, .body = SubmitSmResp{}});
    return;
  }
  out.emplace_back(Submitted{.sequence = pdu.sequence, .sm = std::move(sm)});
}

void SmscSession::on_deliver_answer(const Pdu& pdu, bool is_nack, MonoTime now, SmscActions& out) {
  if (const auto entry = link_.window().take(pdu.sequence)) {
    out.emplace_back(DeliverAnswered{
        .token = entry->token, .status = pdu.status, .round_trip = now - entry->sent_at, .nack = is_nack});
  } else if (link_.late().take(pdu.sequence)) {
    ++link_.counters().late_responses;
  } else {
    ++link_.counters().unmatched_responses;
  }
}

void SmscSession::on_tick(MonoTime now, SmscActions& out) {
  if (state() == SessionState::closed) return;
  while (const auto entry = link_.take_expired(now)) {
    link_.late().put(entry->sequence, entry->token);
    out.emplace_back(DeliverLost{entry->token, LossReason::response_timeout});
  }
  if (const auto end = link_.tick(now)) return close(*end, out);
  link_.flush_to(out);
}

void SmscSession::on_close(MonoTime, SmscActions& out) {
  if (state() == SessionState::closed) return;
  lose_all(LossReason::link_closed, out);
  link_.become_closed();
}

void SmscSession::accept_bind(std::uint32_t sequence, MonoTime now, SmscActions& out) {
  if (state() != SessionState::binding) return;
  BindResp resp{.type = bind_type_, .system_id = settings_.system_id};
  if (settings_.sc_interface_version) {
    resp.tlvs.push_back(octet_tlv(tag::sc_interface_version, *settings_.sc_interface_version));
  }
  link_.send({.sequence = sequence, .body = std::move(resp)});
  link_.become_bound(now);
  link_.flush_to(out);
}

void SmscSession::refuse_bind(std::uint32_t sequence, std::uint32_t answer, SmscActions& out) {
  if (state() != SessionState::binding) return;
  link_.send({.status = answer, .sequence = sequence, .body = BindResp{.type = bind_type_}});
  close(CloseReason::bind_refused, out);
}

bool SmscSession::answer_submit(std::uint32_t sequence, std::uint32_t answer, std::string_view message_id,
                                SmscActions& out, std::vector<Tlv> tlvs) {
  if (state() == SessionState::closed) return false;
  const Pdu pdu{.status = answer,
                .sequence = sequence,
                .body = SubmitSmResp{.message_id = std::string(message_id), .tlvs = std::move(tlvs)}};
  if (!link_.send(pdu)) return false;
  link_.flush_to(out);
  return true;
}

void SmscSession::nack(std::uint32_t sequence, std::uint32_t answer, SmscActions& out) {
  if (state() == SessionState::closed) return;
  link_.send({.status = answer, .sequence = sequence, .body = GenericNack{}});
  link_.flush_to(out);
}

bool SmscSession::deliver(Token token, const DeliverSm& sm, MonoTime now, SmscActions& out, CommandId command) {
  if (state() != SessionState::bound || window_room() == 0) return false;
  if (!link_.send_request(token, command == CommandId::data_sm ? Body(as_data_sm(sm)) : Body(sm), now)) return false;
  link_.flush_to(out);
  return true;
}

void SmscSession::send_raw(std::string_view octets, SmscActions& out) {
  if (state() == SessionState::closed) return;
  link_.send_raw(octets);
  link_.flush_to(out);
}

void SmscSession::enquire(MonoTime now, SmscActions& out) {
  if (state() == SessionState::closed) return;
  link_.send_enquire_link(now);
  link_.flush_to(out);
}

void SmscSession::unbind(MonoTime now, SmscActions& out) {
  if (state() != SessionState::bound) return;
  link_.send_unbind(now);
  link_.flush_to(out);
}

void SmscSession::lose_all(LossReason why, SmscActions& out) {
  for (const Window::Entry& entry : link_.window().take_all()) out.emplace_back(DeliverLost{entry.token, why});
}

void SmscSession::close(CloseReason reason, SmscActions& out) {
  link_.flush_to(out);
  lose_all(loss_of(reason), out);
  if (reason == CloseReason::peer_unbind) out.emplace_back(Unbound{});
  out.emplace_back(Close{reason});
  link_.become_closed();
}

}  // namespace xion::smpp
