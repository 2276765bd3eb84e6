#include "smpp/session.h"

#include <utility>

#include "smpp/match.h"
#include "smpp/message_id.h"

namespace xion::smpp {
namespace {

LinkSettings link_settings(const EsmeSettings& settings) {
  return {.window = settings.window,
          .enquire_link_idle = settings.enquire_link_idle,
          .enquire_link_timeout = settings.enquire_link_timeout,
          .bind_timeout = settings.bind_timeout,
          .response_timeout = settings.response_timeout,
          .unbind_timeout = settings.unbind_timeout,
          .answers_enquire_link = true,
          .trace = settings.trace};
}

/// A nack means refused, whatever number it carries.
std::uint32_t nack_status(std::uint32_t told) { return told == status::ok ? status::runknownerr : told; }

Body answer_to(CommandId asked) { return asked == CommandId::data_sm ? Body(DataSmResp{}) : Body(DeliverSmResp{}); }

}  // namespace

std::string_view submit_refusal_text(SubmitRefusal refusal) {
  switch (refusal) {
    case SubmitRefusal::not_bound: return "not_bound";
    case SubmitRefusal::receiver_bind: return "receiver_bind";
    case SubmitRefusal::window_full: return "window_full";
    case SubmitRefusal::not_encodable: return "not_encodable";
  }
  return "";
}

EsmeSession::EsmeSession(EsmeSettings settings) : settings_(std::move(settings)), link_(link_settings(settings_)) {}

void EsmeSession::on_open(MonoTime now, Actions& out) {
  lose_all(LossReason::link_closed, out);
  link_.open(now);
  const auto sent = link_.send_control(Bind{.type = settings_.bind_type,
                                            .system_id = settings_.system_id,
                                            .password = settings_.password,
                                            .system_type = settings_.system_type,
                                            .interface_version = settings_.interface_version,
                                            .address_range = settings_.address_range});
  if (!sent) return close(CloseReason::bind_unsendable, out);
  link_.flush_to(out);
}

void EsmeSession::on_octets(std::string_view octets, MonoTime now, Actions& out) {
  if (state() == SessionState::closed) return;
  const auto end = link_.read(octets, now, [&](Pdu& pdu) { on_pdu(pdu, now, out); });
  if (end) return close(*end, out);
  link_.flush_to(out);
}

void EsmeSession::on_pdu(Pdu& pdu, MonoTime now, Actions& out) {
  std::visit(Match{
                 [&](BindResp& resp) { on_bind_answer(pdu.status, std::move(resp.system_id), now, out); },
                 [&](SubmitSmResp& resp) { on_submit_answer(pdu, resp.message_id, false, now, out); },
                 [&](DeliverSm& sm) { on_deliver(pdu.sequence, CommandId::deliver_sm, std::move(sm), out); },
                 [&](DataSm& sm) { on_deliver(pdu.sequence, CommandId::data_sm, DeliverSm{std::move(sm)}, out); },
                 [&](GenericNack&) { on_nack(pdu, now, out); },
                 [&](auto&) { link_.refuse_unknown(pdu); },  // what only a carrier is asked, or answers nothing of ours
             },
             pdu.body);
}

void EsmeSession::on_bind_answer(std::uint32_t bind_status, std::string system_id, MonoTime now, Actions& out) {
  if (state() != SessionState::binding) {
    ++link_.counters().unmatched_responses;
    return;
  }
  if (bind_status != status::ok) {
    out.emplace_back(BindRefused{bind_status});
    return close(CloseReason::bind_refused, out);
  }
  link_.become_bound(now);
  out.emplace_back(Bound{std::move(system_id)});
}

void EsmeSession::on_submit_answer(const Pdu& pdu, std::string_view told_id, bool is_nack, MonoTime now, Actions& out) {
  const std::uint32_t answer = is_nack ? nack_status(pdu.status) : pdu.status;
  std::string message_id(trimmed_id(told_id));
  if (message_id.size() > message_id_limit) {
    // No receipt could name it: the message is accepted, as by a response without an id.
    ++link_.counters().ids_too_long;
    message_id.clear();
  }
  if (const auto entry = link_.window().take(pdu.sequence)) {
    out.emplace_back(SubmitAnswered{.token = entry->token,
                                    .status = answer,
                                    .message_id = std::move(message_id),
                                    .round_trip = now - entry->sent_at,
                                    .nack = is_nack});
  } else if (const auto token = link_.late().take(pdu.sequence)) {
    ++link_.counters().late_responses;
    out.emplace_back(
        LateAnswer{.token = *token, .status = answer, .message_id = std::move(message_id), .nack = is_nack});
  } else {
    ++link_.counters().unmatched_responses;
  }
}

void EsmeSession::on_deliver(std::uint32_t sequence, CommandId command, DeliverSm&& sm, Actions& out) {
  if (state() == SessionState::binding) {
    link_.send({.status = status::rinvbndsts, .sequence = sequence, .body = answer_to(command)});
    return;
  }
  out.emplace_back(Delivered{.sequence = sequence, .sm = std::move(sm), .command = command});
}

void EsmeSession::on_nack(const Pdu& pdu, MonoTime now, Actions& out) {
  if (state() == SessionState::binding) return on_bind_answer(nack_status(pdu.status), {}, now, out);
  on_submit_answer(pdu, {}, true, now, out);
}

void EsmeSession::on_tick(MonoTime now, Actions& out) {
  if (state() == SessionState::closed) return;
  while (const auto entry = link_.take_expired(now)) {
    link_.late().put(entry->sequence, entry->token);
    out.emplace_back(SubmitLost{entry->token, LossReason::response_timeout});
  }
  if (const auto end = link_.tick(now)) return close(*end, out);
  link_.flush_to(out);
}

void EsmeSession::on_close(MonoTime, Actions& out) {
  if (state() == SessionState::closed) return;
  lose_all(LossReason::link_closed, out);
  link_.become_closed();
}

bool EsmeSession::can_submit() const {
  return state() == SessionState::bound && settings_.bind_type != BindType::receiver && window_room() > 0;
}

std::expected<void, SubmitRefusal> EsmeSession::submit(Token token, const SubmitSm& sm, MonoTime now, Actions& out) {
  if (state() != SessionState::bound) return std::unexpected(SubmitRefusal::not_bound);
  if (settings_.bind_type == BindType::receiver) return std::unexpected(SubmitRefusal::receiver_bind);
  if (window_room() == 0) return std::unexpected(SubmitRefusal::window_full);
  if (!link_.send_request(token, sm, now)) return std::unexpected(SubmitRefusal::not_encodable);
  link_.flush_to(out);
  return {};
}

void EsmeSession::answer_deliver(std::uint32_t sequence, std::uint32_t answer, Actions& out, CommandId asked) {
  if (state() != SessionState::bound && state() != SessionState::unbinding) return;
  link_.send({.status = answer, .sequence = sequence, .body = answer_to(asked)});
  link_.flush_to(out);
}

void EsmeSession::unbind(MonoTime now, Actions& out) {
  if (state() != SessionState::bound) return;
  link_.send_unbind(now);
  link_.flush_to(out);
}

void EsmeSession::lose_all(LossReason why, Actions& out) {
  for (const Window::Entry& entry : link_.window().take_all()) out.emplace_back(SubmitLost{entry.token, why});
}

void EsmeSession::close(CloseReason reason, Actions& out) {
  link_.flush_to(out);
  lose_all(loss_of(reason), out);
  out.emplace_back(Close{reason});
  link_.become_closed();
}

}  // namespace xion::smpp
